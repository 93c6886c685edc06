"""Keeps --minutes: while a run trains, its horizon is corrected by how fast it really is, and that is written down."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.planning.cost_model import CostModel
from ganwright.planning.schedule_plan import Revision, SchedulePlan

# Shares of the horizon at which it is corrected. The early ones make up for a measurement of a few seconds before the
# first step, the late ones for a speed that changes: what is then wrong is wrong for a thirty-second of the run only.
REVISION_POINTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 7 / 8, 15 / 16, 31 / 32)


class HorizonRevised(Exception):  # noqa: N818 - news, not an error
    """Another horizon is in force from now on."""


class TimeBudget:
    """An observer that raises Corrected; where `cost_model` is None, never.

    Which horizon is in force is a function of (attempt, images seen) and of the corrections, which `record` writes down
    before anything is played by them. So a run that goes on repeats the unbroken one: it looks corrections up that lie
    before it, and measures only those that are new.
    """

    def __init__(
        self,
        plan: SchedulePlan,
        cost_model: CostModel | None,
        feed: Feed,
        stopwatch: Stopwatch,
        record: Callable[[SchedulePlan], None],
    ) -> None:
        self.plan, self.cost_model, self.feed, self.stopwatch, self.record = plan, cost_model, feed, stopwatch, record
        self.horizon = plan.examples  # in force
        self.factor = 1.0  # seconds that pass over those expected
        self.moments: list[tuple[int, float]] = []  # images and seconds when it was measured

    def begin(self, clock: Clock) -> None:
        """To be called when training begins, goes on, or was taken back."""
        self.moments = [(clock.examples, self.stopwatch.seconds)]
        if self.feed.attempt and not self.plan.is_known(self.feed.attempt, clock.examples):
            self._correct(clock)  # what the attempt before took is no longer there

    def __call__(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        if self.cost_model is None:
            return
        if not self.plan.is_known(self.feed.attempt, clock.examples) and self._due(clock, size):
            self._measure(self.cost_model, clock)
            self._correct(clock)
        if self.plan.horizon(self.feed.attempt, clock.examples) != self.horizon:
            raise HorizonRevised

    def next(self, examples: int) -> int:
        """How many images will have been seen when the horizon may be corrected next."""
        marks = [math.ceil(mark * self.horizon) for mark in REVISION_POINTS]
        return min((mark for mark in marks if mark > examples), default=self.horizon)

    def _due(self, clock: Clock, size: int) -> bool:
        return any(clock.examples - size < mark * self.horizon <= clock.examples for mark in REVISION_POINTS)

    def _measure(self, cost_model: CostModel, clock: Clock) -> None:
        """Over the later half of what this session trained, so that neither a moment nor the past decides."""
        middle = (self.moments[0][0] + clock.examples) / 2
        examples, seconds = [moment for moment in self.moments if moment[0] <= middle][-1]
        self.moments.append((clock.examples, self.stopwatch.seconds))
        expected = sum(cost_model.seconds(examples, clock.examples, self.horizon).values())
        self.factor = (self.stopwatch.seconds - seconds) / expected

    def _correct(self, clock: Clock) -> None:
        """The first process decides."""
        if self.cost_model is None:
            return
        left = 60 * (self.plan.requested.minutes or 0) - self.stopwatch.seconds
        examples = self.cost_model.within(left / self.factor, clock.examples)
        examples = int(ranks.broadcast_first(torch.tensor(examples, device=self.feed.machine.device)).item())
        revision = Revision(self.feed.attempt, clock.examples, examples)
        self.plan = replace(self.plan, revisions=(*self.plan.revisions, revision))
        self.record(self.plan)
