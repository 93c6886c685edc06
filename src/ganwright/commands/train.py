"""The command `train`: trains a recipe on data into a run folder, or resumes the run there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from ganwright.callbacks.early_stopping import SelectionMetric, selection_metric
from ganwright.config.recipe import check_networks
from ganwright.config.resolve import resolve
from ganwright.config.training_config import TrainingConfig
from ganwright.core import ranks
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.runs.run import Run
from ganwright.training import memory
from ganwright.training.trainer import Training


def train(
    recipe: str | Path | RecipeFunction | None = None,
    data: Any = None,
    out: str | Path | None = None,
    **options: Any,
) -> Run:
    """Trains a recipe on data into a run folder, or resumes the run in that folder.

    `recipe` is a name, a path to a recipe file, or a function; by default the data's recipe. `data` is a name, a path,
    an array ([N, H, W], [N, H, W, C] or [N, D]), a `torch.utils.data.Dataset`, or a `Data`; by default the recipe's.
    `out` is runs/RECIPE-DATA by default.

    `options` are those of the command line: `seed`, `as_source`, `start_from`, one of `examples`, `steps`, `epochs` and
    `minutes`, the fields of `Hardware` (`threads=2`) and `CallbackOptions` (`quiet=True`), and the options of the
    recipe and of the data's loader. Networks, losses and penalties may be objects, which are copied. Minutes count from
    `started`, a `time.monotonic()`, by default from this call.

    Returns the run with its trained networks, `run.recipe.game.players`. Raises UserError, one sentence, for a mistake,
    and KeyboardInterrupt after Ctrl-C, when the run is saved.
    """
    with session(resolve({"recipe": recipe, "data": data, **options}), out) as training:
        return training.go()


@contextmanager
def session(config: TrainingConfig, out: str | Path | None = None) -> Iterator[Training]:
    """A training session, resumed where its folder ends; the folder is locked meanwhile."""
    run = Run(out or default_folder(config))
    with memory.enough():
        machine, built, by = prepared(config)  # before the folder is touched
        with run.locked() if ranks.rank() == 0 else nullcontext():
            yield Training(run, config, built, machine, by)


def default_folder(config: TrainingConfig) -> Path:
    """The run folder without --out."""
    return Path("runs") / f"{config.recipe.spec.short_name}-{config.data.data.name}"


def prepared(config: TrainingConfig) -> tuple[Machine, Recipe, SelectionMetric | None]:
    """What a session needs; a UserError for every mistake that can be detected before training."""
    hardware = config.hardware
    machine = Machine.chosen(hardware.device, hardware.precision, hardware.micro_batch)
    ranks.start(machine.device)
    built = config.build()
    check_networks(built)
    return machine, built, selection_metric(config.data, config.callbacks)
