"""The training loop of all games: stages, steps, turns and callbacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.draws import torch_seed
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed, StepFeed
from ganwright.core.game import Game, play
from ganwright.core.horizon import Horizon
from ganwright.core.turn import Stage, TurnLoss


class Played(NamedTuple):
    """What a call of a step function has played: one step or several."""

    examples: int
    terms: dict[str, Tensor]  # by name: scalars of one step, or vectors [steps]


Callback = Callable[[Clock, Played], None]


class StepFunction(Protocol):
    """How steps are executed (execution/): one by one, or several per call."""

    def __call__(self, game: Game, stage: Stage, clock: Clock, feed: Feed, end: int) -> Played:
        """Plays from where the clock stands and advances it; the stage ends at `end` examples."""


def loop(
    game: Game,
    stages: Sequence[Stage],
    clock: Clock,
    feed: Feed,
    horizon: Horizon,
    callbacks: Sequence[Callback],
    step: StepFunction,
) -> None:
    """Trains from where the clock stands to the horizon, which callbacks may revise meanwhile.

    After each step, or call of several, every callback is called with the clock and with what was played.
    """
    while not horizon.reached(clock):
        stage = stages[clock.stage]
        stage.start(clock)
        while clock.examples < (end := stage.end(clock.stage_began, horizon.examples)) and not horizon.stopped:
            played = step(game, stage, clock, feed, end)
            for callback in callbacks:
                callback(clock, played)
        if not horizon.reached(clock) and clock.stage + 1 < len(
            stages
        ):  # a larger horizon resumes where this one ended
            clock.next_stage()


def apply_schedules(stage: Stage, clock: Clock, end: int) -> None:
    """Applies the stage's schedules at its progress in [0, 1), before a step."""
    for schedule in stage.schedules:
        schedule((clock.examples - clock.stage_began) / (end - clock.stage_began))


def play_step(game: Game, stage: Stage, clock: Clock, feed: StepFeed, examples: int) -> dict[str, Tensor]:
    """Plays every turn that is due, on one global batch; fresh and repeated draws have their own streams.

    `examples` counts this step's batch. The EMAs of all players that the stage trains are updated at the end of every
    step, so that their half-life is in examples for any number and interval of updates.
    """
    seed_global_generator(torch_seed(feed.draws_seed, clock.step, ranks.rank()), feed.machine.device)
    terms: dict[str, Tensor] = {}
    losses: dict[str, TurnLoss] = {}  # by the names of their terms
    shared = None
    for place, turn in stage.turns_at(clock.step):
        for repeat in range(turn.updates):
            if turn.draw == "shared" and repeat == 0:
                shared = shared or feed.draw(clock, 0)
                batch, draws = shared
            else:
                batch, draws = feed.draw(clock, 1 + place + len(stage.turns) * repeat)
            played = play(game, turn, stage.view(batch, draws.at("view")), draws, feed.machine)
            for name in played:
                if losses.setdefault(name, turn.loss) != turn.loss:
                    raise UserError(f"Two turns of a step have a term of the name {name!r}: rename one of them.")
            terms |= played
    for name in {name: None for turn in stage.turns for name in turn.players}:
        game.players[name].average(examples, examples - clock.examples)
    return terms


def seed_global_generator(seed: int, device: torch.device) -> None:
    """For modules that use torch's global generator. Faster than `torch.manual_seed`, which visits every backend."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
