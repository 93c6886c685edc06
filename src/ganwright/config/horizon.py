"""How long a run is asked to be: so many images, epochs, or minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import PositiveFloat, PositiveInt

from ganwright.core.errors import UserError


@dataclass(frozen=True)
class RequestedHorizon:
    """What the user asked for; at most one of the three."""

    examples: PositiveInt | None = None
    epochs: PositiveFloat | None = None
    minutes: PositiveFloat | None = None

    def __post_init__(self) -> None:
        given = [f"--{name}" for name, value in self.words().items() if value is not None]
        if len(given) > 1:
            raise UserError(f"Give one of --examples, --epochs and --minutes, not {' and '.join(given)}.")

    def words(self) -> dict[str, Any]:
        return {"examples": self.examples, "epochs": self.epochs, "minutes": self.minutes}

    @property
    def is_default(self) -> bool:
        return self == RequestedHorizon()

    def whole(self, usual: int, total: int) -> int:
        """In images, where it is no time; `usual` is the recipe's own horizon, `total` the size of the data set."""
        if self.epochs is not None:
            return max(round(self.epochs * total), 1)
        return self.examples or usual
