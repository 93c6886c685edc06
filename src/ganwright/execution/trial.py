"""A trial: a copy of a run's recipe with a feed, which measurements use up."""

from __future__ import annotations

from collections.abc import Callable

from ganwright.core.feed import Feed
from ganwright.core.recipe import Recipe

MakeTrial = Callable[[], tuple[Recipe, Feed]]
