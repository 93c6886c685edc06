"""The time budget: keeps --minutes by revising the horizon to the speed that is measured while a run trains."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.every import Due
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.planning.cost_model import CostModel
from ganwright.planning.schedule_plan import Revision, SchedulePlan

# Shares of the horizon at which it is revised. The early ones make up for a profile of a few seconds before the first
# step, the late ones for a speed that changes: an error is then one of a thirty-second of the run only.
REVISION_POINTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 7 / 8, 15 / 16, 31 / 32)


@dataclass(frozen=True)
class AtShares(Due):
    """The revision points of a shared horizon, in examples."""

    horizon: Horizon

    def due(self, before: int, after: int) -> bool:
        return any(before < share * self.horizon.examples <= after for share in REVISION_POINTS)

    def next(self, now: int) -> int:
        points = [math.ceil(share * self.horizon.examples) for share in REVISION_POINTS]
        return min((point for point in points if point > now), default=self.horizon.examples)


class TimeBudget:
    """A callback that revises the shared horizon; without a `cost_model` it does nothing.

    The horizon in force is a function of (attempt, examples seen) and of the recorded revisions; `record` writes each
    revision down before a step is played by it. So a resumed run is bit for bit the uninterrupted one: it looks up the
    revisions that lie ahead of it, and measures new ones only.
    """

    def __init__(
        self,
        plan: SchedulePlan,
        cost_model: CostModel | None,
        feed: Feed,
        horizon: Horizon,
        stopwatch: Stopwatch,
        record: Callable[[SchedulePlan], None],
    ) -> None:
        self.plan, self.cost_model, self.feed, self.horizon = plan, cost_model, feed, horizon
        self.stopwatch, self.record = stopwatch, record
        self.every = AtShares(horizon)
        self.factor = 1.0  # seconds that pass, over those expected
        self.measurements: list[tuple[int, float]] = []  # examples and seconds

    def begin(self, clock: Clock) -> None:
        """Called when training starts, resumes, or was rewound: a new attempt plans for the time that is left."""
        self.measurements = [(clock.examples, self.stopwatch.seconds)]
        if self.feed.attempt and not self.plan.is_known(self.feed.attempt, clock.examples):
            self._revise(clock)
        self.follow(clock)

    def follow(self, clock: Clock) -> None:
        """Puts the horizon in force at this moment into the shared one."""
        self.horizon.examples = self.plan.horizon(self.feed.attempt, clock.examples)

    def __call__(self, clock: Clock, played: Played) -> None:
        if self.cost_model is None:
            return
        known = self.plan.is_known(self.feed.attempt, clock.examples)
        if not known and self.every.due(clock.examples - played.examples, clock.examples):
            self._measure(self.cost_model, clock)
            self._revise(clock)
        self.follow(clock)

    def _measure(self, cost_model: CostModel, clock: Clock) -> None:
        """The speed over the later half of what this process trained."""
        middle = (self.measurements[0][0] + clock.examples) / 2
        examples, seconds = [one for one in self.measurements if one[0] <= middle][-1]
        self.measurements.append((clock.examples, self.stopwatch.seconds))
        expected = sum(cost_model.seconds(examples, clock.examples, self.horizon.examples).values())
        self.factor = (self.stopwatch.seconds - seconds) / expected

    def _revise(self, clock: Clock) -> None:
        """Rank 0 decides for all processes."""
        if self.cost_model is None:
            return
        left = 60 * (self.plan.requested.minutes or 0) - self.stopwatch.seconds
        examples = self.cost_model.within(left / self.factor, clock.examples)
        examples = int(ranks.broadcast_first(torch.tensor(examples, device=self.feed.machine.device)).item())
        revision = Revision(self.feed.attempt, clock.examples, examples)
        self.plan = replace(self.plan, revisions=(*self.plan.revisions, revision))
        self.record(self.plan)
