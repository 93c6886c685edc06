"""A game: the players, how to sample from them, and how one turn of it is played."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.batch import Batch
from ganwright.core.draws import Draws, supplying
from ganwright.core.machine import Machine
from ganwright.core.player import Player, frozen
from ganwright.core.turn import Terms, Turn


class Game(Protocol):
    """What the trainer knows of a game."""

    @property
    def players(self) -> Mapping[str, Player]:
        """By name, in the order in which they are reported."""

    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        """A sample for each row of `draws`, encoded, from the shown networks."""

    def score(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        """The discriminator's score of encoded samples, [n]."""

    def inputs(self, player: str, samples: Tensor, condition: Tensor | None, draws: Draws) -> tuple[Tensor, ...]:
        """What a player's network takes, for one sample for each row of `draws`."""

    def probability(self, score: Tensor) -> Tensor | None:
        """What the loss says a score means as a probability of being real, or None where it says nothing."""

    def state_dict(self) -> dict[str, Any]:
        """What the game itself remembers, as JSON can hold it."""

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


def play(game: Game, turn: Turn, batch: Batch, draws: Draws, examples: int, machine: Machine) -> dict[str, Tensor]:
    """Plays one turn: terms, backward to the movers only, a step for each mover. Returns the terms to report.

    `batch` and `draws` are this process's share; `examples` were seen, counting this round's.
    """
    movers = {name: game.players[name] for name in turn.players}
    others = [player for name, player in game.players.items() if name not in movers]
    for player in movers.values():
        player.zero_grad()
    parts = list(split(batch, draws, machine.micro_batch))
    report: dict[str, Tensor] = {}
    with frozen(others):
        for place, (part, part_draws) in enumerate(parts):
            if place == len(parts) - 1:
                for player in movers.values():
                    player.reducer.arm()
            weight = len(part) / len(batch)
            with supplying(part_draws), machine.casting():
                terms = turn.loss(part, part_draws)
            descend(terms, movers, weight)
            for name, value in terms.report.items():
                share = value.detach() if weight == 1 else value.detach() * weight
                report[name] = report[name] + share if name in report else share
    for player in movers.values():
        player.step(examples, len(batch) * ranks.size())
    return report


def descend(terms: Terms, movers: Mapping[str, Player], weight: float) -> None:
    """Adds the gradients of each mover's objective; movers that share one objective share its backward pass."""
    objectives: dict[int, tuple[Tensor, list[torch.nn.Parameter]]] = {}
    for name, player in movers.items():
        objective = terms.objectives[name]
        objectives.setdefault(id(objective), (objective, []))[1].extend(player.parameters)
    for place, (objective, parameters) in enumerate(objectives.values()):
        more = place < len(objectives) - 1
        scaled = objective if weight == 1 else objective * weight
        scaled.backward(inputs=parameters, retain_graph=more)


def split(batch: Batch, draws: Draws, micro_batch: int | None) -> Iterator[tuple[Batch, Draws]]:
    """The batch in parts of at most `micro_batch` real samples, the draws cut in the same proportion."""
    total = len(batch)
    if micro_batch is None or micro_batch >= total:
        yield batch, draws
        return
    for start in range(0, total, micro_batch):
        stop = min(start + micro_batch, total)
        cut = slice(start * len(draws) // total, stop * len(draws) // total)
        yield batch.rows(slice(start, stop)), draws.rows(cut)
