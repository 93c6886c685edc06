"""The requested end of a run: N examples, steps, epochs or minutes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from ganwright.config.options import PositiveFloat, PositiveInt, flag
from ganwright.core.errors import UserError


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
    def nothing(self) -> bool:
        return self == RequestedHorizon()

    def whole(self, usual: int, total: int) -> int:
        """In examples, unless minutes are requested; `usual` is the recipe's horizon, `total` the data set's size."""
        if self.epochs is not None:
            return max(round(self.epochs * total), 1)
        return self.examples or usual
