"""Rates over a stage, as knobs: each sets the rate from the stage's progress, so a longer horizon stretches them."""

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
    "late-linear": lambda progress: min(
        2.0 * (1.0 - progress), 1.0
    ),  # from the half on, as pix2pix and CycleGAN have it
    "cosine": lambda progress: (1.0 + math.cos(math.pi * progress)) / 2,
}


def lr_schedule(players: Iterable[Player], shape: LrSchedule, floor: float = 0.0) -> Schedule:
    """Scales every player's rate from 1 at the stage's begin to `floor` at its end (Loshchilov & Hutter 2017)."""
    players, factor = list(players), FACTORS[shape]

    def set_to(progress: float) -> None:
        scale = floor + (1 - floor) * factor(min(progress, 1.0))
        for player in players:
            player.scale_lr(scale)

    return set_to


def cosine_between(begin: float, end: float, progress: float) -> float:
    """From `begin` to `end` along half a cosine, and `end` from a progress of 1 on."""
    return end + (begin - end) * FACTORS["cosine"](min(progress, 1.0))
