"""CycleGAN's game: its terms, its objective, sampling in both directions."""

import torch
from torch import Tensor, nn

from ganwright.auxiliary_losses.cycle_consistency import CycleConsistency
from ganwright.auxiliary_losses.identity import Identity
from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.latent import Latent
from ganwright.core.player import Player
from ganwright.games.cycle import Cycle
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.least_squares import LeastSquares


class Scaling(nn.Module):
    """A translation that multiplies by a weight."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        assert latent.shape == (len(condition), 0)
        return self.factor * condition


class Mean(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(()))

    def forward(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        return samples.mean(1) + self.shift


def cycle(a_to_b: float, b_to_a: float, weight: float = 10.0, identity: float = 5.0) -> Cycle:
    def player(network: nn.Module) -> Player:
        return Player(network, lambda p: torch.optim.SGD(p, lr=0.1))

    def translation(translator: Scaling, inverse: Scaling) -> TwoPlayer:
        losses = CycleConsistency(inverse, weight), Identity(translator, identity)
        return TwoPlayer(player(translator), player(Mean()), LeastSquares(), Latent(0), auxiliary_losses=losses)

    forth, back = Scaling(a_to_b), Scaling(b_to_a)
    return Cycle(translation(forth, back), translation(back, forth))


BATCH, DRAWS = Batch(torch.full((4, 2), 3.0), torch.full((4, 2), 1.0)), Draws(0, 0, 0, 4)


def test_auxiliary_losses_are_those_of_the_paper() -> None:
    report = cycle(3.0, 0.5).generator_terms(BATCH, DRAWS).report
    assert report["cycle"].item() == 10 * (3 * 0.5 - 1)  # |b_to_a(a_to_b(a)) - a|, a = 1
    assert report["cycle back"].item() == 10 * 3 * (3 * 0.5 - 1)  # |a_to_b(b_to_a(b)) - b|, b = 3
    assert report["identity"].item() == 5 * 3 * (3 - 1)  # |a_to_b(b) - b|
    assert report["identity back"].item() == 5 * (1 - 0.5)  # |b_to_a(a) - a|


def test_inverse_translations_have_no_cycle_loss() -> None:
    report = cycle(3.0, 1 / 3.0).generator_terms(BATCH, DRAWS).report
    assert report["cycle"].abs() < 1e-6
    assert report["cycle back"].abs() < 1e-6


def test_both_generators_have_one_objective() -> None:
    game = cycle(3.0, 0.5)
    objectives = game.generator_terms(BATCH, DRAWS).objectives
    assert objectives.keys() == {"generator", "generator back"}
    one, other = objectives.values()
    assert one is other
    assert game.discriminator_terms(BATCH, DRAWS).objectives.keys() == {"discriminator", "discriminator back"}


def test_each_translation_samples_its_own_domain() -> None:
    game = cycle(3.0, 0.5)
    assert torch.equal(game.sample(DRAWS, BATCH.condition), BATCH.real)
    assert torch.equal(game.b_to_a.sample(DRAWS, BATCH.real), BATCH.real / 2)


def test_there_is_no_classifier() -> None:
    assert cycle(3.0, 0.5).classify(BATCH.real, BATCH.condition) is None


def test_the_penalty_scale_applies_to_both_games() -> None:
    game = cycle(1.0, 1.0)
    game.penalty_scale = 0.25
    assert game.a_to_b.penalty_scale == game.b_to_a.penalty_scale == game.penalty_scale == 0.25
