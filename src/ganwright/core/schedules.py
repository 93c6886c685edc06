"""Learning-rate schedules as functions of a stage's progress, so that a longer horizon stretches them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Literal

from ganwright.core.player import Player
from ganwright.core.turn import Schedule

LrSchedule = Literal["constant", "linear", "late-linear", "cosine"]

FACTORS: dict[LrSchedule, Callable[[float], float]] = {
    "constant": lambda progress: 1.0,
    "linear": lambda progress: 1.0 - progress,
    "late-linear": lambda progress: min(2.0 * (1.0 - progress), 1.0),  # in the second half (pix2pix, CycleGAN)
    "cosine": lambda progress: (1.0 + math.cos(math.pi * progress)) / 2,
}


def lr_schedule(players: Iterable[Player], shape: LrSchedule, floor: float = 0.0, start: float = 1.0) -> Schedule:
    """Scales learning rates from `start` at the start of the stage to `floor` times it at its end.

    Loshchilov & Hutter 2017, for the cosine.
    """
    players, factor = list(players), FACTORS[shape]

    def schedule(progress: float) -> None:
        scale = start * (floor + (1 - floor) * factor(min(progress, 1.0)))
        for player in players:
            player.scale_lr(scale)

    return schedule


def cosine_between(begin: float, end: float, progress: float) -> float:
    """From `begin` to `end` along half a cosine; `end` for progress >= 1."""
    return end + (begin - end) * FACTORS["cosine"](min(progress, 1.0))
