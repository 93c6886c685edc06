"""Two inverse translations (CycleGAN, Zhu et al. 2017): two two-player games that are trained together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.turn import Terms
from ganwright.games.two_player import TwoPlayer

REVERSE = " back"  # suffix of the player names and terms of `b_to_a`


class Cycle:
    """Unpaired translation: `a_to_b` generates samples (B) from conditions (A), `b_to_a` conditions from samples.

    Each game has the auxiliary losses of its direction: cycle consistency through the other's generator, and identity.
    A batch's conditions are drawn independently of its samples.
    """

    def __init__(self, a_to_b: TwoPlayer, b_to_a: TwoPlayer) -> None:
        self.a_to_b, self.b_to_a = a_to_b, b_to_a
        self.players = dict(a_to_b.players) | {name + REVERSE: player for name, player in b_to_a.players.items()}

    @property
    def penalty_scale(self) -> float:
        """The factor of the penalties' weight in both games."""
        return self.a_to_b.penalty_scale

    @penalty_scale.setter
    def penalty_scale(self, share: float) -> None:
        self.a_to_b.penalty_scale = self.b_to_a.penalty_scale = share

    # -- turns ---------------------------------------------------------------------------------------------------

    def discriminator_terms(self, batch: Batch, draws: Draws) -> Terms:
        """Both discriminators' losses."""
        return self._both(TwoPlayer.discriminator_terms, batch, draws)

    def penalty_terms(self, batch: Batch, draws: Draws) -> Terms:
        """Both discriminators' penalties only, for a lazy turn."""
        return self._both(TwoPlayer.penalty_terms, batch, draws)

    def generator_terms(self, batch: Batch, draws: Draws) -> Terms:
        """One objective for both generators, because each cycle loss depends on both."""
        terms = self._both(TwoPlayer.generator_terms, batch, draws)
        objective = torch.stack([*terms.objectives.values()]).sum()
        return Terms(dict.fromkeys(terms.objectives, objective), terms.report)

    def _both(self, terms: Callable[[TwoPlayer, Batch, Draws], Terms], batch: Batch, draws: Draws) -> Terms:
        a_to_b, b_to_a = (
            terms(self.a_to_b, batch, draws),
            terms(self.b_to_a, batch.mapped(reversed_batch), draws.at("back")),
        )
        return Terms(
            a_to_b.objectives | {name + REVERSE: value for name, value in b_to_a.objectives.items()},
            a_to_b.report | {name + REVERSE: value for name, value in b_to_a.report.items()},
        )

    # -- use -----------------------------------------------------------------------------------------------------

    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        return self.a_to_b.sample(draws, condition)

    def score(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        return self.a_to_b.score(samples, condition)

    def classify(self, samples: Tensor, condition: Tensor | None = None) -> None:
        """The discriminators have no classifier."""

    def inputs(self, player: str, samples: Tensor, condition: Tensor | None, draws: Draws) -> tuple[Tensor, ...]:
        assert condition is not None
        if player.endswith(REVERSE):
            return self.b_to_a.inputs(player.removesuffix(REVERSE), condition, samples, draws)
        return self.a_to_b.inputs(player, samples, condition, draws)

    def probability(self, score: Tensor) -> Tensor | None:
        return self.a_to_b.probability(score)

    def over_parts(self, size: int) -> set[str]:
        return self.a_to_b.over_parts(size) | self.b_to_a.over_parts(size)

    def state_dict(self) -> dict[str, Any]:
        """Empty: the pools are buffers of the discriminators."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The game has no state beyond the weights."""


def reversed_batch(batch: Batch) -> Batch:
    """The batch of the reverse translation, with samples and conditions exchanged."""
    assert batch.condition is not None
    return Batch(batch.condition, batch.real)
