"""How long a run is to be: so many images, epochs, or minutes; minutes are turned into images before the first step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import PositiveFloat, PositiveInt

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.loop import play_round
from ganwright.core.recipe import Recipe
from ganwright.core.turn import Stage

WARM_UP_SECONDS = 0.5
MEASURED_SECONDS = 2.0
MARGIN = 0.97  # of the minutes asked for is spent on rounds, the rest on sheets, checkpoints and the end


@dataclass(frozen=True)
class Asked:
    """What the user asked for; at most one of the three."""

    images: PositiveInt | None = None
    epochs: PositiveFloat | None = None
    minutes: PositiveFloat | None = None

    def __post_init__(self) -> None:
        given = [f"--{name}" for name, value in self.words().items() if value is not None]
        if len(given) > 1:
            raise UserError(f"Give one of --images, --epochs and --minutes, not {' and '.join(given)}.")

    def words(self) -> dict[str, Any]:
        return {"images": self.images, "epochs": self.epochs, "minutes": self.minutes}

    @property
    def nothing(self) -> bool:
        return self == Asked()


@dataclass(frozen=True)
class Seen:
    """What lies behind a run that goes on."""

    images: int = 0
    seconds: float = 0.0


def planned(
    asked: Asked, recorded: Mapping[str, Any] | None, usual: int, total: int, speed: Callable[[], float], seen: Seen
) -> int:
    """The horizon in images.

    A horizon planned before is reused when nothing else is asked for, or less than was seen already; `usual` is the
    recipe's own, `total` the size of the data set, and `speed` measures images per second.
    """
    if recorded is None:
        return _wanted(asked, usual, total, speed, seen)
    if asked.nothing or asked.words() == recorded["asked"]:
        return int(recorded["images"])
    wanted = _wanted(asked, usual, total, speed, seen)
    return wanted if wanted > seen.images else int(recorded["images"])


def _wanted(asked: Asked, usual: int, total: int, speed: Callable[[], float], seen: Seen) -> int:
    if asked.images is not None:
        return asked.images
    if asked.epochs is not None:
        return max(round(asked.epochs * total), 1)
    if asked.minutes is not None:
        return max(seen.images + int(speed() * (asked.minutes * 60 * MARGIN - seen.seconds)), 1)
    return usual


def speed(recipe: Recipe, feed: Feed) -> float:
    """Images per second of a recipe that is built for this measurement and thrown away."""
    stage, clock = recipe.stages[-1], Clock()
    _play_for(WARM_UP_SECONDS, recipe, stage, clock, feed)
    began, images = time.perf_counter(), clock.images
    _play_for(MEASURED_SECONDS, recipe, stage, clock, feed)
    return (clock.images - images) / (time.perf_counter() - began)


def _play_for(seconds: float, recipe: Recipe, stage: Stage, clock: Clock, feed: Feed) -> None:
    end = time.perf_counter() + seconds
    while not ranks.anyone(time.perf_counter() >= end, clock.step, feed.machine.device):
        size = feed.size(clock)
        play_round(recipe.game, stage, clock, feed, clock.images + size)
        clock.tick(size)
