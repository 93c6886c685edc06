"""Trains: finds recipe and data, opens the run folder where it stands, and plays to the horizon."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganwright.config import data_source, recipe_assembly
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import Option, filled
from ganwright.config.training_config import CallbackOptions, Hardware, TrainingConfig
from ganwright.core.machine import device_called
from ganwright.core.recipe import RecipeFunction
from ganwright.runs.run import Run
from ganwright.training.session import open_session


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
    with open_session(config, out) as trainer:
        return trainer.train()


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
    spec = recipe_assembly.find_recipe(recipe, as_source)
    source = data_source.find(spec.data if data is None else data, given, spec.options)
    on_gpu = spec.on_gpu if device_called(hardware.device).type == "cuda" else {}
    request = recipe_assembly.resolve_recipe(recipe, as_source, seed, {**on_gpu, **source.left})
    start_from = None if start_from is None else str(Path(start_from).absolute())
    return TrainingConfig(request, source, asked, hardware, callback_options, start_from, began)
