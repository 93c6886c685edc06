"""Trains: finds recipe and data, opens the run folder where it stands, and plays to the horizon."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from ganwright.callbacks.early_stopping import SelectionMetric, selection_metric
from ganwright.config import data_source
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import Option, filled
from ganwright.config.recipe import check_networks, find_recipe, resolve_recipe
from ganwright.config.training_config import CallbackOptions, Hardware, TrainingConfig
from ganwright.core import ranks
from ganwright.core.machine import Machine, device_called
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.runs.run import Run
from ganwright.training import memory
from ganwright.training.trainer import Training


def train(
    recipe: str | Path | RecipeFunction | None = None,
    data: Any = None,
    out: str | Path | None = None,
    *,
    examples: int | None = None,
    epochs: float | None = None,
    minutes: float | None = None,
    seed: int = 0,
    as_source: bool = False,
    start_from: str | Path | None = None,
    callback_options: CallbackOptions | None = None,
    hardware: Hardware | None = None,
    began: float | None = None,
    **given: Any,
) -> Run:
    """Trains a recipe on data into a run folder, or goes on where that folder stands.

    `recipe` is a name, a path to a recipe file, or a function; `data` a name, a path, an array ([N, H, W],
    [N, H, W, C] or [N, D]), a `torch.utils.data.Dataset`, or a `Data`. `examples`, `epochs` or `minutes` is the
    horizon; `minutes` count from `began` (`time.monotonic()`), or from this call. Everything else is a field of
    `CallbackOptions` or `Hardware` (`threads=2`, `quiet=True`), or an option of the recipe or of the data's loader; networks,
    losses and penalties may be objects, which are copied.

    Returns the run, its networks trained (`run.recipe.game.players`). Raises UserError, one sentence, for whatever the
    user can mend, and KeyboardInterrupt after Ctrl-C, the run being saved.
    """
    config = resolve_config(
        recipe,
        data,
        {"examples": examples, "epochs": epochs, "minutes": minutes},
        seed=seed,
        as_source=as_source,
        start_from=start_from,
        callback_options=callback_options,
        hardware=hardware,
        began=began,
        **given,
    )
    with session(config, out) as training:
        return training.go()


def resolve_config(
    recipe: str | Path | RecipeFunction | None,
    data: Any,
    horizon: Mapping[str, Any],
    *,
    seed: int = 0,
    as_source: bool = False,
    start_from: str | Path | None = None,
    callback_options: CallbackOptions | None = None,
    hardware: Hardware | None = None,
    began: float | None = None,
    **given: Any,
) -> TrainingConfig:
    """What is asked for, found and checked, the arguments as those of `train`."""
    began = time.monotonic() if began is None else began
    asked = filled(RequestedHorizon(), dict(horizon))
    callback_options, hardware = (
        filled(callback_options or CallbackOptions(), given),
        filled(hardware or Hardware(), given),
    )
    seed = Option("seed", int, 0, "").check(seed)
    data, recipe = (str(one) if isinstance(one, Path) else one for one in (data, recipe))
    recipe = recipe or data_source.find("digits" if data is None else data, given).default_recipe
    spec = find_recipe(recipe, as_source)
    source = data_source.find(spec.data if data is None else data, given, spec.options)
    on_gpu = spec.on_gpu if device_called(hardware.device).type == "cuda" else {}
    request = resolve_recipe(recipe, as_source, seed, {**on_gpu, **source.left})
    start_from = None if start_from is None else str(Path(start_from).absolute())
    return TrainingConfig(request, source, asked, hardware, callback_options, start_from, began)


@contextmanager
def session(config: TrainingConfig, out: str | Path | None = None) -> Iterator[Training]:
    """A training session, put together and standing where its folder does; no other one may use the folder in it."""
    run = Run(out or default_folder(config))
    with memory.enough():
        machine, built, by = prepared(config)  # before the folder is touched
        with run.locked() if ranks.rank() == 0 else nullcontext():
            yield Training(run, config, built, machine, by)


def default_folder(config: TrainingConfig) -> Path:
    """Where a run goes that is not told where to."""
    return Path("runs") / f"{config.request.spec.short_name}-{config.source.data.name}"


def prepared(config: TrainingConfig) -> tuple[Machine, Recipe, SelectionMetric | None]:
    """What a session needs; a UserError for whatever can be known to be wrong beforehand."""
    hardware = config.hardware
    machine = Machine.chosen(hardware.device, hardware.precision, hardware.micro_batch)
    ranks.start(machine.device)
    built = config.build()
    check_networks(built)
    return machine, built, selection_metric(config.source, config.callbacks)
