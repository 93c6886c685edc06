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
    """The result of a turn: the scalar loss of each trained player, and named values to log."""

    objectives: dict[str, Tensor]
    report: dict[str, Tensor] = field(default_factory=dict)


TurnLoss = Callable[[Batch, Draws], Terms]
Schedule = Callable[[float], None]
StageView = Callable[[Batch, Draws], Batch]


@dataclass(frozen=True)
class Turn:
    """Trains `players` by `loss`, with `updates` per step, in every `every`-th step.

    A shared draw is the step's batch and latents, the same for all its shared turns (the classic programs); a fresh
    draw belongs to the turn alone (R3GAN). Repeated updates always have fresh draws.
    """

    players: tuple[str, ...]
    loss: TurnLoss
    updates: int = 1
    every: int = 1
    draw: Literal["shared", "fresh"] = "shared"


def nothing() -> None:
    """A stage hook that does nothing."""


def same(batch: Batch, draws: Draws) -> Batch:
    """The identity view."""
    return batch


@dataclass(frozen=True)
class Stage:
    """Turns that are played for `examples`, or for a `share` of the horizon; by default up to the horizon.

    `begin` is called once, when the stage starts; `enter` is called when it starts and again when a run resumes, and
    must be idempotent; `schedules` are called before each step with the stage's progress in [0, 1]; `view` transforms
    real samples: crops or downsamples them, or derives conditions from them.
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
        """The number of examples at which the stage ends, if it began at `began`."""
        examples = self.examples if self.share is None else round(self.share * horizon)
        return horizon if examples is None else min(began + examples, horizon)

    def turns_at(self, step: int) -> list[tuple[int, Turn]]:
        """The turns of a step, each with its place in the stage."""
        return [(place, turn) for place, turn in enumerate(self.turns) if step % turn.every == 0]
