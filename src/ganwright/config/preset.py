"""Presets: named values of a recipe's options, of its data's loader and of the horizon; the user's own stand above."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ganwright.config.data_source import file_options
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import as_words, options_of, refuse_unknown
from ganwright.config.recipe import RecipeSpec

HORIZON = options_of(RequestedHorizon()).keys()


@dataclass(frozen=True)
class Preset:
    """The values of a preset, by what they are for; `unused` are loader options that the data don't have."""

    name: str | None = None
    of_recipe: Mapping[str, Any] = field(default_factory=dict)
    of_data: Mapping[str, Any] = field(default_factory=dict)
    horizon: Mapping[str, Any] = field(default_factory=dict)
    unused: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: RecipeSpec, name: str | None, of_data: Collection[str]) -> Preset:
        """The recipe's preset of that name, empty without a name; `of_data` are the loader's options.

        A UserError for an unknown name, and for a value of neither the recipe, the data nor the horizon.
        """
        values = spec.preset(name)
        refuse_unknown(
            values, (*spec.options, *HORIZON, *of_data, *file_options()), f"The {spec}, with its preset {name},"
        )

        def part(names: Collection[str]) -> dict[str, Any]:
            return {option: value for option, value in values.items() if option in names}

        used = {*spec.options, *HORIZON, *of_data}
        return cls(name, part(spec.options), part(of_data), part(HORIZON), part(values.keys() - used))

    def notes(self, data: str) -> Iterator[str]:
        """A sentence about the values that are left out."""
        if self.unused:
            yield f"{as_words(self.unused)} of the preset {self.name} is left out: the data {data} have no such option."
