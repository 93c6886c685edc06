"""When something is due: at every multiple of a number of examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Due(Protocol):
    """Moments of a run, counted in examples. Callbacks, step functions and the cost model ask the same object."""

    def due(self, before: int, after: int) -> bool:
        """Whether a step from `before` to `after` examples reaches or crosses such a moment."""

    def next(self, now: int) -> int:
        """The first such moment after `now` examples."""


@dataclass(frozen=True)
class Every(Due):
    """Every `n` examples: at `first`, `first` + n, ...; a `first` of 0 is the untrained state and never due."""

    n: int
    first: int = 0

    def due(self, before: int, after: int) -> bool:
        return self.count(before, after) > 0

    def next(self, now: int) -> int:
        return self.first + max((now - self.first) // self.n + 1, 0) * self.n

    def count(self, start: int, stop: int) -> int:
        """How many moments lie after `start` examples and up to `stop`."""
        return self._until(stop) - self._until(start)

    def falls_on(self, now: int) -> bool:
        """Whether `now` is exactly such a moment."""
        return now >= self.first and (now - self.first) % self.n == 0

    def _until(self, examples: int) -> int:
        return max((examples - self.first) // self.n + 1, 0)
