"""What is judged: a run, of which samples are drawn anew for each repetition, or samples that are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from ganwright.core.domain import Stored
from ganwright.core.draws import generator, torch_seed
from ganwright.core.errors import UserError
from ganwright.core.metric import Array
from ganwright.judging.card import Estimate
from ganwright.judging.views import ViewedSamples, Views
from ganwright.runs.run import Run


class Subject(Protocol):
    """Sets of samples, each measured by itself, and how their values become an estimate."""

    @property
    def name(self) -> str: ...

    @property
    def protocol(self) -> dict[str, Any]:
        """For the card's protocol."""

    @property
    def most(self) -> int | None:
        """How many samples there are, None where there is no end of them."""

    def whole(self, views: Views, n: int) -> ViewedSamples:
        """The samples that the values are of."""

    def others(self, views: Views, n: int, count: int) -> Iterator[ViewedSamples]:
        """Further sets, for the uncertainty."""

    def estimate(self, value: float, others: list[float]) -> Estimate:
        """From the whole's value and those of the others."""


@dataclass(frozen=True)
class RunSamples:
    """Samples of a run: independent draws of `n` each."""

    run: Run
    seed: int = 0
    labelled: bool = True  # whether its classes are those of the real data

    @property
    def name(self) -> str:
        return str(self.run.path)

    @property
    def protocol(self) -> dict[str, Any]:
        weights = "as trained" if self.run.raw else "averaged, where an average is kept"
        how = {"weights": weights, "seed": self.seed, "uncertainty": "independent draws of n samples"}
        return {"checkpoint": self._checkpoint, "verdict": self._verdict, **how}

    @property
    def _checkpoint(self) -> str:
        examples = f"{self.run.checkpoint_state['clock']['examples']:,} images"
        if self.run.checkpoint_name != "best":
            return f"{self.run.checkpoint_name}, {examples}"
        by = self.run.checkpoint_state["memory"]["selection"]["by"]
        return f"best by {by} on samples set aside from the reference (chosen at {examples})"

    @property
    def _verdict(self) -> str:
        """What the run's last report says of its health."""
        log = self.run.log()
        return "{name}: {evidence}".format(**log[-1]["verdict"]) if log and "verdict" in log[-1] else "none reported"

    @property
    def most(self) -> int | None:
        return None

    def whole(self, views: Views, n: int) -> ViewedSamples:
        return self._draw(views, n, 0)

    def others(self, views: Views, n: int, count: int) -> Iterator[ViewedSamples]:
        for place in range(1, count):
            yield self._draw(views, n, place)

    def estimate(self, value: float, others: list[float]) -> Estimate:
        """The mean of all draws, and the deviation of one."""
        return Estimate.of([value, *others])

    def _draw(self, views: Views, n: int, place: int) -> ViewedSamples:
        seed = torch_seed("judge", self.seed, place)
        conditions = self.run.stored_conditions(n, seed) if self.labelled else None
        return ViewedSamples(views, self.run.sharded_samples(n, seed), conditions)


@dataclass(frozen=True)
class StoredSamples:
    """Samples from a file or folder; parts of them stand for repetitions, drawn without replacement.

    A bootstrap's duplicates would bias distances to nearest neighbours and covariances.
    """

    name: str
    stored: Stored
    conditions: Array | None = None

    @property
    def most(self) -> int | None:
        return len(self.stored)

    @property
    def protocol(self) -> dict[str, Any]:
        return {"uncertainty": "disjoint parts of the samples, their deviation over the root of their number"}

    def whole(self, views: Views, n: int) -> ViewedSamples:
        if n > len(self.stored):
            raise UserError(f"{self.name} has {len(self.stored):,} samples, fewer than the {n:,} of -n.")
        rows = generator("given").permutation(len(self.stored))[:n]
        return ViewedSamples(views, self.stored[rows], None if self.conditions is None else self.conditions[rows])

    def others(self, views: Views, n: int, count: int) -> Iterator[ViewedSamples]:
        whole = self.whole(views, n)
        size = n // count
        for place in range(count if size else 0):
            yield whole.rows(generator("parts").permutation(n)[place * size : (place + 1) * size])

    def estimate(self, value: float, others: list[float]) -> Estimate:
        """The whole's value; its deviation is that of the parts over the root of their number."""
        spread = Estimate.of(others).deviation if others else None
        return Estimate(value, None if spread is None else spread / len(others) ** 0.5, max(len(others), 1))
