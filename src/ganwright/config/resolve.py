"""The one way from option names and values, on the command line or in Python, to a TrainingConfig."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ganwright.config.data_source import find, loader_options
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import filled, options_of, refuse_unknown
from ganwright.config.recipe import RecipeSpec, find_recipe
from ganwright.config.serialization import object_marker
from ganwright.config.training_config import CallbackOptions, Hardware, RunOptions, TrainingConfig
from ganwright.core.machine import device_called

GROUPS = (RunOptions(), RequestedHorizon(), Hardware(), CallbackOptions())
TRAINING_OPTIONS = {name: option for group in GROUPS for name, option in options_of(group).items()}
PLACES = ("recipe", "data", "out")


def resolve(request: Mapping[str, Any]) -> TrainingConfig:
    """Loads the data, then finds the recipe, then checks the options; a UserError is one sentence about a mistake.

    `request` maps names to values, each a word of the command line or a Python object:

    - `recipe`: a name, a path to a recipe file, or a function; by default the data's recipe
    - `data`: a name, a path, an array, a torch `Dataset` or a `Data`; by default the recipe's data
    - the fields of `RunOptions`, `RequestedHorizon`, `Hardware` and `CallbackOptions`, the last two also as objects,
      `hardware` and `callback_options`
    - `started`: the `time.monotonic()` from which minutes count; by default now
    - the options of the recipe and of the data's loader
    """
    values = dict(request)
    started = values.pop("started", None)
    started = time.monotonic() if started is None else started
    recipe, data = (_plain(values.pop(name, None)) for name in ("recipe", "data"))
    callbacks = filled(values.pop("callback_options", None) or CallbackOptions(), values)
    hardware = filled(values.pop("hardware", None) or Hardware(), values)
    run, horizon = filled(RunOptions(), values), filled(RequestedHorizon(), values)
    values = {name: value for name, value in values.items() if name not in TRAINING_OPTIONS}

    spec = None if recipe is None else find_recipe(recipe, run.as_source)
    if data is None:
        data = "digits" if spec is None else spec.data
    of_data = set(loader_options(data))
    if spec is not None:
        of_data -= spec.options.keys()
        _refuse_unknown(values, spec, data, of_data)  # before the data are loaded, which may take minutes
    source = find(data, {name: value for name, value in values.items() if name in of_data})
    if spec is None:
        spec = find_recipe(source.default_recipe, run.as_source)
        _refuse_unknown(values, spec, data, of_data)

    on_gpu = spec.on_gpu if device_called(hardware.device).type == "cuda" else {}
    of_recipe = {name: value for name, value in values.items() if name not in of_data}
    resolved = spec.resolve(run.seed, {**on_gpu, **of_recipe})
    start_from = None if run.start_from is None else str(Path(run.start_from).absolute())
    return TrainingConfig(resolved, source, horizon, hardware, callbacks, start_from, started)


def _refuse_unknown(names: Iterable[str], spec: RecipeSpec, data: Any, of_data: Iterable[str]) -> None:
    """A UserError about the first name that is no option of the loader, the recipe or training."""
    known = (*of_data, *spec.options, *TRAINING_OPTIONS, *PLACES)
    refuse_unknown(names, known, f"The {spec} on the data {data if isinstance(data, str) else object_marker(data)}")


def _plain(value: Any) -> Any:
    """A path as a string, anything else unchanged."""
    return str(value) if isinstance(value, Path) else value
