"""The loop that trains every game: stages, rounds, turns, and the observers that watch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.draws import torch_seed
from ganwright.core.feed import Feed, Feeding
from ganwright.core.game import Game, play
from ganwright.core.turn import Stage

Callback = Callable[[Clock, int, dict[str, Tensor]], None]
Played = tuple[int, dict[str, Tensor]]  # images, terms


class StepFunction(Protocol):
    """How rounds are played: one by one, or several a call."""

    def __call__(self, game: Game, stage: Stage, clock: Clock, feed: Feed, end: int) -> Played:
        """Plays from where the clock stands, which is put on; the stage is over at `end` images."""


def eager_step(game: Game, stage: Stage, clock: Clock, feed: Feed, end: int) -> Played:
    """The plain way: the knobs are turned, and the turns that are due are played."""
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
    """Plays from where the clock stands until `horizon` images are seen.

    After each round, or call of several, every observer is called with the clock, the number of images played, and the
    named terms: scalars of one round, or vectors [rounds].
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
        if clock.examples < horizon and clock.stage + 1 < len(stages):  # a larger horizon goes on where this one ended
            clock.next_stage()


def apply_schedules(stage: Stage, clock: Clock, end: int) -> None:
    """Turns them to the stage's progress at the begin of a round."""
    for schedule in stage.schedules:
        schedule((clock.examples - clock.stage_began) / (end - clock.stage_began))


def play_step(game: Game, stage: Stage, clock: Clock, feed: Feeding, examples: int) -> dict[str, Tensor]:
    """Every turn that is due, on one global batch; fresh and repeated draws come from streams of their own."""
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
    """For modules that draw by themselves; `torch.manual_seed` would take its time over devices that are not there."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
