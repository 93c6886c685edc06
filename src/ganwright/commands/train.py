"""The command `train`: trains a recipe on data into a run folder, or resumes the run there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ganwright.config.resolve import resolve
from ganwright.core.recipe import RecipeFunction
from ganwright.runs.run import Run
from ganwright.training.session import open_session


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

    `options` are those of the command line: `seed`, `as_source`, `preset`, `start_from`, one of `examples`, `steps`,
    `epochs` and `minutes`, the fields of `Hardware` (`threads=2`) and `CallbackOptions` (`quiet=True`), and the options
    of the recipe and of the data's loader. Networks, losses and penalties may be objects, which are copied. Minutes
    count from `started`, a `time.monotonic()`, by default from this call.

    Returns the run with its trained networks, `run.recipe.game.players`. Raises UserError, one sentence, for a mistake,
    and KeyboardInterrupt after Ctrl-C, when the run is saved.
    """
    with open_session(resolve({"recipe": recipe, "data": data, **options}), out) as trainer:
        return trainer.train()
