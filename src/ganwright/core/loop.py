"""The training loop of all games: stages, steps, turns and callbacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.draws import torch_seed
from ganwright.core.feed import Feed, StepFeed
from ganwright.core.game import Game, play
from ganwright.core.turn import Stage

Callback = Callable[[Clock, int, dict[str, Tensor]], None]
Played = tuple[int, dict[str, Tensor]]  # examples, terms


class StepFunction(Protocol):
    """Plays one or several steps per call."""

    def __call__(self, game: Game, stage: Stage, clock: Clock, feed: Feed, end: int) -> Played:
        """Plays from the clock's position and advances the clock; the stage ends at `end` examples."""


def eager_step(game: Game, stage: Stage, clock: Clock, feed: Feed, end: int) -> Played:
    """Plays one step eagerly: applies the schedules, then plays the turns that are due."""
    apply_schedules(stage, clock, end)
    size = feed.size(clock)
    terms = play_step(game, stage, clock, feed, clock.examples + size)
    clock.tick(size)
    return size, terms


def loop(
    game: Game,
    stages: Sequence[Stage],
    clock: Clock,
    feed: Feed,
    horizon: int,
    callbacks: Sequence[Callback],
    step: StepFunction = eager_step,
) -> None:
    """Trains from the clock's position until `horizon` examples are read.

    After each call of `step` every callback is called with the clock, the number of examples read, and the named
    terms: scalars of one step, or vectors [steps].
    """
    while clock.examples < horizon:
        stage = stages[clock.stage]
        end = stage.end(clock.stage_began, horizon)
        if clock.examples == clock.stage_began:
            stage.begin()
        stage.enter()
        while clock.examples < end:
            size, terms = step(game, stage, clock, feed, end)
            for callback in callbacks:
                callback(clock, size, terms)
        if clock.examples < horizon and clock.stage + 1 < len(
            stages
        ):  # at the horizon a run may resume later with a larger one
            clock.next_stage()


def apply_schedules(stage: Stage, clock: Clock, end: int) -> None:
    """Applies the stage's schedules at its progress in [0, 1), before a step."""
    for schedule in stage.schedules:
        schedule((clock.examples - clock.stage_began) / (end - clock.stage_began))


def play_step(game: Game, stage: Stage, clock: Clock, feed: StepFeed, examples: int) -> dict[str, Tensor]:
    """Plays every turn that is due, on one global batch; fresh and repeated draws have their own streams."""
    seed_global_generator(torch_seed(feed.draws_seed, clock.step, ranks.rank()), feed.machine.device)
    terms: dict[str, Tensor] = {}
    shared = None
    for place, turn in stage.turns_at(clock.step):
        for repeat in range(turn.updates):
            if turn.draw == "shared" and repeat == 0:
                shared = shared or feed.draw(clock, 0)
                batch, draws = shared
            else:
                batch, draws = feed.draw(clock, 1 + place + len(stage.turns) * repeat)
            terms |= play(game, turn, stage.view(batch, draws.at("view")), draws, examples, feed.machine)
    return terms


def seed_global_generator(seed: int, device: torch.device) -> None:
    """For modules that use torch's global generator. Faster than `torch.manual_seed`, which visits every backend."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
