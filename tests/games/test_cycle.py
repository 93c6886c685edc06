"""Two translations guide each other, and one turn moves both."""

import torch
from torch import Tensor, nn

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


def cycle(forth: float, back: float, **weights: float) -> Cycle:
    def player(network: nn.Module) -> Player:
        return Player(network, lambda p: torch.optim.SGD(p, lr=0.1))

    def way(factor: float) -> TwoPlayer:
        return TwoPlayer(player(Scaling(factor)), player(Mean()), LeastSquares(), Latent(0))

    return Cycle(way(forth), way(back), **weights)


BATCH, DRAWS = Batch(torch.full((4, 2), 3.0), torch.full((4, 2), 1.0)), Draws(0, 0, 0, 4)


def test_guides_are_what_the_paper_says() -> None:
    report = cycle(3.0, 0.5, cycle=10.0, identity=5.0).generator_terms(BATCH, DRAWS).report
    assert report["cycle"].item() == 10 * (3 * 0.5 - 1)  # |back(forth(c)) - c|, c = 1
    assert report["cycle back"].item() == 10 * 3 * (3 * 0.5 - 1)  # |forth(back(x)) - x|, x = 3
    assert report["identity"].item() == 5 * 3 * (3 - 1)  # |forth(x) - x|
    assert report["identity back"].item() == 5 * (1 - 0.5)  # |back(c) - c|


def test_translations_that_undo_each_other_have_no_cycle_loss() -> None:
    report = cycle(3.0, 1 / 3.0, identity=0.0).generator_terms(BATCH, DRAWS).report
    assert report["cycle"].abs() < 1e-6
    assert report["cycle back"].abs() < 1e-6
    assert "identity" not in report


def test_one_objective_moves_both_generators() -> None:
    game = cycle(3.0, 0.5)
    objectives = game.generator_terms(BATCH, DRAWS).objectives
    assert objectives.keys() == {"generator", "generator back"}
    one, other = objectives.values()
    assert one is other
    assert game.discriminator_terms(BATCH, DRAWS).objectives.keys() == {"discriminator", "discriminator back"}


def test_each_way_samples_from_its_own_side() -> None:
    game = cycle(3.0, 0.5)
    assert torch.equal(game.sample(DRAWS, BATCH.condition), BATCH.real)
    assert torch.equal(game.back.sample(DRAWS, BATCH.real), BATCH.real / 2)


def test_the_share_of_a_penalty_is_that_of_both() -> None:
    game = cycle(1.0, 1.0)
    game.penalty_scale = 0.25
    assert game.forth.penalty_scale == game.back.penalty_scale == game.penalty_scale == 0.25
