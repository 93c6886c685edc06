"""Functions that are handed to this package: trials to measure, the callbacks' next event, and messages."""

from __future__ import annotations

from collections.abc import Callable

from ganwright.core.feed import Feed
from ganwright.core.recipe import Recipe

MakeTrial = Callable[[], tuple[Recipe, Feed]]  # a copy of a run's recipe with a feed, which measurements use up
NextEvent = Callable[[int], int]  # from the examples read to those at which a callback is due next
Say = Callable[[str], None]  # shows a sentence to the user


def never(examples: int) -> int:
    """No event is ever due."""
    return 2**62


def silent(sentence: str) -> None:
    """Shows nothing."""
