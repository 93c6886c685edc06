"""Features: a network that turns pictures into vectors, in which sets of pictures are compared."""

from __future__ import annotations

from typing import Any, Protocol

from ganwright.core.metric import Array


class Features(Protocol):
    """A frozen network; a file on the shelf `features/` has `load() -> Features`."""

    @property
    def name(self) -> str:
        """As it stands in the names of values: fd_<name>_10k."""

    @property
    def size(self) -> int:
        """How many features a picture has."""

    @property
    def protocol(self) -> dict[str, Any]:
        """For the card: sha256 of the weights, training data, accuracy, input size, resize filter."""

    def __call__(self, pictures: Array) -> Array:
        """uint8 [n, height, width, channels] of any size, grey or RGB, to float32 [n, size]."""
