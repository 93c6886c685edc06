"""Features: a frozen network that maps pictures to vectors, for comparing sets of pictures."""

from __future__ import annotations

from typing import Any, Protocol

from ganwright.core.metric import Array


class Features(Protocol):
    """A frozen network; each module of `features/` has `load() -> Features`."""

    @property
    def name(self) -> str:
        """The name in metric values, such as fd_<name>_10k."""

    @property
    def size(self) -> int:
        """The number of features per picture."""

    @property
    def protocol(self) -> dict[str, Any]:
        """Card entries: sha256 of the weights, training data, accuracy, input size, resize filter."""

    def __call__(self, pictures: Array) -> Array:
        """uint8 [n, height, width, channels] of any size, grey or RGB, to float32 [n, size]."""
