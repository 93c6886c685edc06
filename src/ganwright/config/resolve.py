"""The one way from option names and values, on the command line or in Python, to a TrainingConfig."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ganwright.config.data_source import DataSource, find, loader_options
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import Group, as_words, filled, options_of, refuse_unknown
from ganwright.config.preset import Preset
from ganwright.config.recipe import RecipeSpec, find_recipe
from ganwright.config.serialization import object_marker
from ganwright.config.training_config import CallbackOptions, Hardware, RunOptions, TrainingConfig
from ganwright.core.errors import UserError
from ganwright.core.system import expanded

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

    The values of the recipe's `preset` stand below those of the request. Nothing here depends on the device.
    """
    values = dict(request)
    started = values.pop("started", None)
    started = time.monotonic() if started is None else started
    recipe, data = (_plain(values.pop(name, None)) for name in ("recipe", "data"))
    callbacks = filled(_group(values, "callback_options", CallbackOptions()), values)
    hardware = filled(_group(values, "hardware", Hardware()), values)
    run, horizon = filled(RunOptions(), values), filled(RequestedHorizon(), values)
    values = {name: value for name, value in values.items() if name not in TRAINING_OPTIONS}

    spec, preset = None if recipe is None else find_recipe(recipe, run.as_source), Preset()
    if data is None:
        data = "digits" if spec is None else spec.data
    of_data = set(loader_options(data))
    if spec is not None:
        of_data -= spec.options.keys()
        _refuse_unknown(values, spec, data, of_data)  # before the data are loaded, which may take minutes
        spec.resolve(run.seed, {name: value for name, value in values.items() if name not in of_data})
        preset = Preset.of(spec, run.preset, of_data)
    source = _load(data, {name: value for name, value in values.items() if name in of_data}, preset)
    if spec is None:
        spec = find_recipe(source.default_recipe, run.as_source)
        _refuse_unknown(values, spec, data, of_data)
        preset = Preset.of(spec, run.preset, of_data)
        _refuse_late(preset, values, spec)

    of_recipe = {name: value for name, value in values.items() if name not in of_data}
    resolved = spec.resolve(run.seed, {**preset.of_recipe, **of_recipe})
    horizon = filled(RequestedHorizon(), preset.horizon) if horizon.is_default else horizon
    start_from = None if run.start_from is None else str(expanded(run.start_from).absolute())
    notes = (*preset.notes(source.data.name), *source.notes)
    return TrainingConfig(resolved, source, horizon, hardware, callbacks, start_from, notes, started)


def _load(data: Any, options: Mapping[str, Any], preset: Preset) -> DataSource:
    """Loads the data; an error says which of the loader's options the preset set."""
    added = {name: value for name, value in preset.of_data.items() if name not in options}
    try:
        return find(data, {**added, **options})
    except UserError as error:
        if not added:
            raise
        raise UserError(
            f"{error} The preset {preset.name} sets {as_words(added)}: choose other data, or set your own value."
        ) from None


def _refuse_late(preset: Preset, values: Mapping[str, Any], spec: RecipeSpec) -> None:
    """A UserError if a preset should have prepared data that have chosen its recipe, and so are loaded already."""
    added = {name: value for name, value in preset.of_data.items() if name not in values}
    if added:
        raise UserError(
            f"The preset {preset.name} of the {spec} sets {as_words(added)} of the data: name the recipe, as in "
            f"ganwright train {spec.name} --preset {preset.name}."
        )


def _refuse_unknown(names: Iterable[str], spec: RecipeSpec, data: Any, of_data: Iterable[str]) -> None:
    """A UserError about the first name that is no option of the loader, the recipe or training."""
    known = (*of_data, *spec.options, *TRAINING_OPTIONS, *PLACES)
    refuse_unknown(names, known, f"The {spec} on the data {data if isinstance(data, str) else object_marker(data)}")


def _group(values: dict[str, Any], name: str, default: Group) -> Group:
    """Options that are given as an object, or the default ones; a UserError for an object of another class."""
    given = values.pop(name, None)
    if given is not None and type(given) is not type(default):
        kind = type(default).__name__
        raise UserError(f"{name} takes an object of the class {kind}, not {given!r}.")
    return default if given is None else given


def _plain(value: Any) -> Any:
    """A path as a string, anything else unchanged."""
    return str(value) if isinstance(value, Path) else value
