"""Keeps --minutes: while a run trains, its horizon is corrected by how fast it really is, and that is written down."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.costs import Costs
from ganwright.course import Correction, Course
from ganwright.observers import Stopwatch

# Shares of the horizon at which it is corrected. The early ones make up for a measurement of a few seconds before the
# first step, the late ones for a speed that changes: what is then wrong is wrong for a thirty-second of the run only.
MARKS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 7 / 8, 15 / 16, 31 / 32)


class Corrected(Exception):  # noqa: N818 - news, not an error
    """Another horizon is in force from now on."""


class Pace:
    """An observer that raises Corrected; where `costs` is None, never.

    Which horizon is in force is a function of (attempt, images seen) and of the corrections, which `record` writes down
    before anything is played by them. So a run that goes on repeats the unbroken one: it looks corrections up that lie
    before it, and measures only those that are new.
    """

    def __init__(
        self, course: Course, costs: Costs | None, feed: Feed, stopwatch: Stopwatch, record: Callable[[Course], None]
    ) -> None:
        self.course, self.costs, self.feed, self.stopwatch, self.record = course, costs, feed, stopwatch, record
        self.horizon = course.images  # in force
        self.factor = 1.0  # seconds that pass over those expected
        self.moments: list[tuple[int, float]] = []  # images and seconds when it was measured

    def begin(self, clock: Clock) -> None:
        """To be called when training begins, goes on, or was taken back."""
        self.moments = [(clock.images, self.stopwatch.seconds)]
        if self.feed.attempt and not self.course.is_known(self.feed.attempt, clock.images):
            self._correct(clock)  # what the attempt before took is no longer there

    def __call__(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        if self.costs is None:
            return
        if not self.course.is_known(self.feed.attempt, clock.images) and self._due(clock, size):
            self._measure(self.costs, clock)
            self._correct(clock)
        if self.course.horizon(self.feed.attempt, clock.images) != self.horizon:
            raise Corrected

    def next(self, images: int) -> int:
        """How many images will have been seen when the horizon may be corrected next."""
        marks = [math.ceil(mark * self.horizon) for mark in MARKS]
        return min((mark for mark in marks if mark > images), default=self.horizon)

    def _due(self, clock: Clock, size: int) -> bool:
        return any(clock.images - size < mark * self.horizon <= clock.images for mark in MARKS)

    def _measure(self, costs: Costs, clock: Clock) -> None:
        """Over the later half of what this session trained, so that neither a moment nor the past decides."""
        middle = (self.moments[0][0] + clock.images) / 2
        images, seconds = [moment for moment in self.moments if moment[0] <= middle][-1]
        self.moments.append((clock.images, self.stopwatch.seconds))
        expected = sum(costs.seconds(images, clock.images, self.horizon).values())
        self.factor = (self.stopwatch.seconds - seconds) / expected

    def _correct(self, clock: Clock) -> None:
        """The first process decides."""
        if self.costs is None:
            return
        left = 60 * (self.course.asked.minutes or 0) - self.stopwatch.seconds
        images = self.costs.within(left / self.factor, clock.images)
        images = int(ranks.of_first(torch.tensor(images, device=self.feed.machine.device)).item())
        correction = Correction(self.feed.attempt, clock.images, images)
        self.course = replace(self.course, corrections=(*self.course.corrections, correction))
        self.record(self.course)
