"""Trains: finds recipe and data, opens the run folder where it stands, and plays to the horizon."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ganwright import assemble, sources
from ganwright.core import ranks
from ganwright.core.machine import Machine
from ganwright.core.recipe import RecipeFunction
from ganwright.horizon import Asked
from ganwright.run import Run
from ganwright.training import Hardware, Order, Reporting, Training


def train(
    recipe: str | RecipeFunction | None = None,
    data: Any = None,
    out: str | Path | None = None,
    *,
    images: int | None = None,
    epochs: float | None = None,
    minutes: float | None = None,
    seed: int = 0,
    as_source: bool = False,
    start_from: str | Path | None = None,
    reporting: Reporting | None = None,
    hardware: Hardware | None = None,
    **given: Any,
) -> Run:
    """Trains a recipe on data into a run folder, or goes on where that folder stands.

    `recipe` is a name, a path to a recipe file, or a function; `data` a name, a path, an array ([N, H, W],
    [N, H, W, C] or [N, D]), a `torch.utils.data.Dataset`, or a `Data`. `images`, `epochs` or `minutes` is the
    horizon. Everything else is an option of the recipe or of the data's loader. Raises UserError, one sentence, for
    whatever the user can mend, and KeyboardInterrupt after Ctrl-C, the run being saved.
    """
    hardware = hardware or Hardware()
    asked = Asked(images, epochs, minutes)
    data = str(data) if isinstance(data, Path) else data
    if recipe is None:
        recipe = sources.find("digits" if data is None else data, given).usual_recipe
    family = assemble.family(recipe, as_source)
    source = sources.find(family.data if data is None else data, given, family.options)
    order = Order(
        assemble.request(recipe, as_source, seed, source.left),
        source,
        asked,
        hardware,
        reporting or Reporting(),
        None if start_from is None else str(start_from),
    )
    machine = Machine.chosen(hardware.device, hardware.precision, hardware.micro_batch)
    ranks.start(machine.device)
    run = Run(out or Path("runs") / f"{Path(family.name).stem}-{source.data.name}")
    with run.locked() if ranks.rank() == 0 else nullcontext():
        return Training(run, order, machine).go()
