"""Subjects of a judgement: a run, sampled again for each repetition, or a fixed set of samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """Provides sets of samples, each measured separately, and combines their values into an estimate."""

    @property
    def name(self) -> str: ...

    @property
    def protocol(self) -> dict[str, Any]:
        """How the samples were made, as the card records it."""

    @property
    def notes(self) -> Sequence[str]:
        """What was converted, left out or ignored, as sentences."""

    @property
    def most(self) -> int | None:
        """The number of available samples; None if it is unlimited."""

    def whole(self, views: Views, n: int) -> ViewedSamples:
        """Returns the `n` samples whose values are reported."""

    def others(self, views: Views, n: int, count: int) -> Iterator[ViewedSamples]:
        """Yields further sets, from which the uncertainty is estimated."""

    def estimate(self, value: float, others: list[float]) -> Estimate:
        """Combines the value of `whole` with those of `others`."""


@dataclass(frozen=True)
class RunSamples:
    """Samples of a run: independent draws of `n` samples."""

    run: Run
    seed: int = 0
    classes: Array | None = None  # the real data's number of each of its classes; None where they have others
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return str(self.run.path)

    @property
    def protocol(self) -> dict[str, Any]:
        weights = "as trained" if self.run.raw else "EMA where available"
        uncertainty = "standard deviation over independent draws of n samples"
        sampling = {"weights": weights, "seed": self.seed, "uncertainty": uncertainty}
        return {"checkpoint": self._checkpoint, "verdict": self._verdict, **sampling}

    @property
    def _checkpoint(self) -> str:
        examples = f"{self.run.checkpoint_state['clock']['examples']:,} examples"
        if self.run.checkpoint_name != "best":
            return f"{self.run.checkpoint_name}, {examples}"
        chosen = self.run.checkpoint_state["callbacks"].get("early_stopping", {})
        by, split = chosen.get("by", "a metric that is not recorded"), chosen.get("split") or "the data"
        return f"best by {by} on real samples of {split}, {examples}"

    @property
    def _verdict(self) -> str:
        """The verdict in the last line of the run's log, whichever the checkpoint."""
        last = self.run.last_log_line()
        if last is None:
            return "none logged"
        return "at {examples:,} examples, {name}: {evidence}".format(examples=last["examples"], **last["verdict"])

    @property
    def most(self) -> int | None:
        return None

    def whole(self, views: Views, n: int) -> ViewedSamples:
        return self._draw(views, n, 0)

    def others(self, views: Views, n: int, count: int) -> Iterator[ViewedSamples]:
        for place in range(1, count):
            yield self._draw(views, n, place)

    def estimate(self, value: float, others: list[float]) -> Estimate:
        """Returns the mean over all draws and the standard deviation of one draw."""
        return Estimate.of([value, *others])

    def _draw(self, views: Views, n: int, place: int) -> ViewedSamples:
        seed = torch_seed("judge", self.seed, place)
        samples = self.run.sharded_samples(n, seed)
        conditions = None if self.classes is None else self.run.stored_conditions(n, seed)
        labels = None if self.classes is None or conditions is None else self.classes[conditions]
        under = None if views.condition is None else self.run.conditions(n, seed)
        shown = None if views.condition is None or under is None else views.condition.decode(under)
        return ViewedSamples(views, samples, labels, conditions=shown)


@dataclass(frozen=True)
class StoredSamples:
    """Samples from a file, folder or array; repetitions are disjoint parts of them.

    A bootstrap would bias nearest-neighbour distances and covariances by its duplicates.
    """

    name: str
    stored: Stored
    conditions: Array | None = None
    notes: tuple[str, ...] = ()

    @property
    def most(self) -> int | None:
        return len(self.stored)

    @property
    def protocol(self) -> dict[str, Any]:
        return {"uncertainty": "standard error over disjoint parts of the samples"}

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
        """Returns the value of all samples with the standard error over the parts."""
        deviation = Estimate.of(others).deviation if others else None
        return Estimate(value, None if deviation is None else deviation / len(others) ** 0.5, max(len(others), 1))
