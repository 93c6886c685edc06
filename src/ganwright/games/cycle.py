"""Two translations that undo each other (CycleGAN, Zhu et al. 2017): two games of two players, guided by each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.turn import Terms
from ganwright.games.two_player import AuxiliaryLoss, TwoPlayer, call

BACK = " back"  # the names of the way back end in it


class Cycle:
    """`forth` makes samples of conditions, `back` conditions of samples, where no sample belongs to any condition.

    Each generator's loss has the weighted guides `cycle`, |back(forth(c)) - c|, and `identity`, |forth(x) - x|
    (equation 2 and section 5.2 of the paper). A batch's conditions are a draw of their own from the other domain.
    """

    def __init__(self, forth: TwoPlayer, back: TwoPlayer, cycle: float = 10.0, identity: float = 5.0) -> None:
        self.forth, self.back = forth, back
        self.players = dict(forth.players) | {name + BACK: player for name, player in back.players.items()}
        for way, other in ((forth, back), (back, forth)):
            way.auxiliary_losses["cycle"] = round_trip(other, cycle)
            if identity:
                way.auxiliary_losses["identity"] = identity_of(way, identity)

    @property
    def penalty_scale(self) -> float:
        """What counts of the penalties' weight, of both ways."""
        return self.forth.penalty_scale

    @penalty_scale.setter
    def penalty_scale(self, share: float) -> None:
        self.forth.penalty_scale = self.back.penalty_scale = share

    # -- turns ---------------------------------------------------------------------------------------------------

    def discriminator_terms(self, batch: Batch, draws: Draws) -> Terms:
        """Both discriminators' losses."""
        return self._both(TwoPlayer.discriminator_terms, batch, draws)

    def penalty_terms(self, batch: Batch, draws: Draws) -> Terms:
        """Both discriminators' penalties alone, for a lazy turn."""
        return self._both(TwoPlayer.penalty_terms, batch, draws)

    def generator_terms(self, batch: Batch, draws: Draws) -> Terms:
        """One objective for both generators: each is guided through the other."""
        terms = self._both(TwoPlayer.generator_terms, batch, draws)
        objective = torch.stack([*terms.objectives.values()]).sum()
        return Terms(dict.fromkeys(terms.objectives, objective), terms.report)

    def _both(self, terms: Callable[[TwoPlayer, Batch, Draws], Terms], batch: Batch, draws: Draws) -> Terms:
        forth, back = terms(self.forth, batch, draws), terms(self.back, turned(batch), draws.at("back"))
        return Terms(
            forth.objectives | {name + BACK: value for name, value in back.objectives.items()},
            forth.report | {name + BACK: value for name, value in back.report.items()},
        )

    # -- use -----------------------------------------------------------------------------------------------------

    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        return self.forth.sample(draws, condition)

    def score(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        return self.forth.score(samples, condition)

    def inputs(self, player: str, samples: Tensor, condition: Tensor | None, draws: Draws) -> tuple[Tensor, ...]:
        assert condition is not None
        if player.endswith(BACK):
            return self.back.inputs(player.removesuffix(BACK), condition, samples, draws)
        return self.forth.inputs(player, samples, condition, draws)

    def probability(self, score: Tensor) -> Tensor | None:
        return self.forth.probability(score)

    def state_dict(self) -> dict[str, Any]:
        """The histories are buffers of the discriminators."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing is remembered beyond the weights."""


def turned(batch: Batch) -> Batch:
    """The batch of the way back: samples are its conditions."""
    assert batch.condition is not None
    return Batch(batch.condition, batch.real)


def translated(way: TwoPlayer, condition: Tensor) -> Tensor:
    """What a way's generator, which has no noise, makes of encoded conditions."""
    return call(way.players["generator"].network, condition.new_empty(len(condition), 0), condition)


def round_trip(other: TwoPlayer, weight: float) -> AuxiliaryLoss:
    """How far the other way back from a fake ends from where it began."""
    return lambda fake, batch: weight * (translated(other, fake) - turned(batch).real).abs().mean()


def identity_of(way: TwoPlayer, weight: float) -> AuxiliaryLoss:
    """How far a sample is from its own translation to where it is already."""
    return lambda fake, batch: weight * (translated(way, batch.real) - batch.real).abs().mean()
