"""Turns, and the stages that play them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.draws import Draws


@dataclass(frozen=True)
class Terms:
    """What a turn computes: for each moving player the scalar it descends, and named values to report."""

    objectives: dict[str, Tensor]
    report: dict[str, Tensor] = field(default_factory=dict)


TurnLoss = Callable[[Batch, Draws], Terms]
Schedule = Callable[[float], None]
StageView = Callable[[Batch, Draws], Batch]


@dataclass(frozen=True)
class Turn:
    """Which players move, by which loss, how many times, in every how-manieth round, and on which draw.

    A shared draw is the round's own batch and latents, the same for all its shared turns (the classic programs);
    a fresh draw is the turn's own (R3GAN). Repeats are always fresh.
    """

    players: tuple[str, ...]
    loss: TurnLoss
    updates: int = 1
    every: int = 1
    draw: Literal["shared", "fresh"] = "shared"


def nothing() -> None:
    """The stage hook that does nothing."""


def same(batch: Batch, draws: Draws) -> Batch:
    """The view that changes nothing."""
    return batch


@dataclass(frozen=True)
class Stage:
    """Turns played for so many images, or for a `share` of the horizon; with neither to the horizon.

    `begin` runs once, when the stage is entered for the first time; `enter` sets (never increments) and runs again
    in a resumed process; `schedules` are knobs turned before each round by the stage's progress in [0, 1]; `view` is how
    the stage shows real samples: cropped, shrunk, with a condition that it makes of them.
    """

    turns: tuple[Turn, ...]
    examples: int | None = None
    share: float | None = None
    schedules: tuple[Schedule, ...] = ()
    begin: Callable[[], None] = nothing
    enter: Callable[[], None] = nothing
    view: StageView = same

    def start(self, clock: Clock) -> None:
        """Runs `begin` where the stage is entered for the first time, and `enter` always."""
        if clock.examples == clock.stage_began:
            self.begin()
        self.enter()

    def end(self, began: int, horizon: int) -> int:
        """The number of images at which it is over, if it began at `began`."""
        examples = self.examples if self.share is None else round(self.share * horizon)
        return horizon if examples is None else min(began + examples, horizon)

    def turns_at(self, step: int) -> list[tuple[int, Turn]]:
        """The turns of this round, each with its place in the stage."""
        return [(place, turn) for place, turn in enumerate(self.turns) if step % turn.every == 0]
