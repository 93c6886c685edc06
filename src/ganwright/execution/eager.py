"""Eager execution: one step per call, operation by operation."""

from __future__ import annotations

from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.game import Game
from ganwright.core.loop import Played, apply_schedules, play_step
from ganwright.core.turn import Stage


def eager_step(game: Game, stage: Stage, clock: Clock, feed: Feed, end: int) -> Played:
    """Applies the schedules, then plays the turns that are due."""
    apply_schedules(stage, clock, end)
    examples = feed.size(clock)
    terms = play_step(game, stage, clock, feed, clock.examples + examples)
    clock.tick(examples)
    return Played(examples, terms)
