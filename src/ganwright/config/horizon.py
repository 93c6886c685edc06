"""The requested end of a run: N examples, steps, epochs or minutes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

from ganwright.config.options import PositiveFloat, PositiveInt, as_words, flag
from ganwright.core.errors import UserError

if TYPE_CHECKING:  # they import torch, which the command line's help does without
    from ganwright.core.recipe import Recipe

LONGEST = 10**15  # examples


@dataclass(frozen=True)
class RequestedHorizon:
    """The horizon that the user requested, in one of four units; the recipe's own by default."""

    examples: Annotated[PositiveInt | None, "Train on N examples."] = None
    steps: Annotated[PositiveInt | None, "Train for N steps, each one global batch."] = None
    epochs: Annotated[PositiveFloat | None, "Train for N passes over the data."] = None
    minutes: Annotated[PositiveFloat | None, "Train for N minutes, start-up and final files included."] = None

    def __post_init__(self) -> None:
        given = [flag(name) for name, value in self.to_dict().items() if value is not None]
        if len(given) > 1:
            raise UserError(f"Give one of --examples, --steps, --epochs and --minutes, not {' and '.join(given)}.")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_default(self) -> bool:
        return self == RequestedHorizon()

    def in_examples(self, recipe: Recipe) -> int:
        """The horizon in examples; the recipe's own by default, and where minutes are requested.

        A UserError if it is more than LONGEST.
        """
        examples = self._in_examples(recipe)
        if examples > LONGEST:
            given = as_words({name: value for name, value in self.to_dict().items() if value is not None})
            raise UserError(f"{given} is more than {LONGEST:,} examples, the longest training there is: choose less.")
        return round(examples)

    def _in_examples(self, recipe: Recipe) -> float:
        if self.steps is not None:
            return recipe.order.examples(self.steps, len(recipe.data))
        if self.epochs is not None:
            return max(self.epochs * len(recipe.data), 1)
        return self.examples or recipe.examples
