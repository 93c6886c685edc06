"""A game: players, sampling, and playing a turn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws, supplying
from ganwright.core.errors import UserError
from ganwright.core.machine import Machine
from ganwright.core.player import Player, frozen
from ganwright.core.turn import Terms, Turn


class Game(Protocol):
    """The interface of all games."""

    @property
    def players(self) -> Mapping[str, Player]:
        """The players by name, in the order in which they are logged."""

    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        """Encoded samples, one for each row of `draws`, from the sampling networks."""

    def score(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        """The discriminator's score of encoded samples, [n]."""

    def classify(self, samples: Tensor, condition: Tensor | None = None) -> Tensor | None:
        """The discriminator's probability of each class, [n, classes]; None if it has no classifier."""

    def inputs(self, player: str, samples: Tensor, condition: Tensor | None, draws: Draws) -> tuple[Tensor, ...]:
        """The inputs of a player's network, with one row for each row of `draws`."""

    def probability(self, score: Tensor) -> Tensor | None:
        """Scores as probabilities of being real, or None if the loss does not define them."""

    def state_dict(self) -> dict[str, Any]:
        """The game's own state, apart from its players; JSON-serialisable."""

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


def play(game: Game, turn: Turn, batch: Batch, draws: Draws, machine: Machine) -> dict[str, Tensor]:
    """Plays one turn: computes terms and the gradients of its players, and updates them. Returns the terms to log.

    `batch` and `draws` are this process's share. Terms are means over a micro-batch, weighted by its size: equal to
    those of the whole batch for terms that are means over rows (`AuxiliaryLoss.over_parts` for others).
    """
    trained = {name: game.players[name] for name in turn.players}
    others = [player for name, player in game.players.items() if name not in trained]
    for player in trained.values():
        player.zero_grad()
    parts = list(split(batch, draws, machine.micro_batch))
    report: dict[str, Tensor] = {}
    with frozen(others):
        for place, (part, part_draws) in enumerate(parts):
            if place == len(parts) - 1:
                for player in trained.values():
                    player.reducer.arm()
            weight = len(part) / len(batch)
            with supplying(part_draws), machine.casting():
                terms = turn.loss(part, part_draws)
            descend(terms, trained, weight)
            for name, value in terms.report.items():
                share = value.detach() if weight == 1 else value.detach() * weight
                report[name] = report[name] + share if name in report else share
    for name, player in trained.items():
        if all(parameter.grad is None for parameter in player.parameters):
            raise UserError(f"No weight of the {name} has a gradient: its network, or the loss, detaches it.")
        player.step()
    return report


def descend(terms: Terms, trained: Mapping[str, Player], weight: float) -> None:
    """Accumulates gradients of each objective; players with the same objective share its backward pass."""
    objectives: dict[int, tuple[Tensor, list[torch.nn.Parameter]]] = {}
    for name, player in trained.items():
        objective = terms.objectives[name]
        _check(name, objective)
        objectives.setdefault(id(objective), (objective, []))[1].extend(player.parameters)
    for place, (objective, parameters) in enumerate(objectives.values()):
        more = place < len(objectives) - 1
        scaled = objective if weight == 1 else objective * weight
        scaled.backward(inputs=parameters, retain_graph=more)


def _check(player: str, objective: Any) -> None:
    """A UserError unless a player's loss is a single number with a gradient."""
    if not isinstance(objective, Tensor) or objective.numel() != 1:
        found = list(objective.shape) if isinstance(objective, Tensor) else type(objective).__name__
        raise UserError(f"The loss of the {player} is a {found}: return a tensor of a single number, such as a mean.")
    if not objective.requires_grad:
        raise UserError(f"The loss of the {player} has no gradient: its network, or the loss, detaches it.")


def split(batch: Batch, draws: Draws, micro_batch: int | None) -> Iterator[tuple[Batch, Draws]]:
    """Splits a batch into parts of at most `micro_batch` real samples, and the draws in proportion.

    Where there are more or fewer fakes than real samples, parts end where the proportion is exact, so that a fake has
    the same weight in every part; if no part of that size fits, the weights differ by less than a fake.
    """
    total = len(batch)
    if micro_batch is None or micro_batch >= total:
        yield batch, draws
        return
    exact = total // math.gcd(total, len(draws))  # the fewest real samples that a whole number of fakes belongs to
    size = micro_batch // exact * exact or micro_batch
    for start in range(0, total, size):
        stop = min(start + size, total)
        cut = slice(start * len(draws) // total, stop * len(draws) // total)
        yield batch.rows(slice(start, stop)), draws.rows(cut)
