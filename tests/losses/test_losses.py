"""Tests of all losses together, and of each one's known values."""

import math

import pytest
import torch

from ganwright.core import discovery, ranks
from ganwright.core.errors import UserError
from ganwright.losses.hinge import Hinge
from ganwright.losses.least_squares import LeastSquares
from ganwright.losses.least_squares_cyclegan import LeastSquaresCyclegan
from ganwright.losses.log_probability import LogProbability
from ganwright.losses.minimax import Minimax
from ganwright.losses.non_saturating import NonSaturating
from ganwright.losses.relativistic import Relativistic
from ganwright.losses.wasserstein import Wasserstein
from ganwright.losses.wasserstein_drift import WassersteinDrift

NAMES = discovery.names("losses")
UNPAIRED = [name for name in NAMES if name != "relativistic"]


def scores(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [0.0, 30.0, 1e4])
def test_values_and_gradients_are_finite_at_any_score(name, size):
    loss = discovery.load_component("losses", name)()
    for sign in (-1, 1):
        real, fake = (torch.full((4,), s * size, requires_grad=True) for s in (sign, -sign))
        term = loss.discriminator(real, fake) + loss.generator(real, fake)
        term.backward()
        assert term.shape == ()
        assert term.isfinite()
        assert fake.grad.isfinite().all()
        assert real.grad is None or real.grad.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_players_move_scores_in_opposite_directions(name):
    """The discriminator lowers fake scores and raises real ones, the generator raises fake ones."""
    loss = discovery.load_component("losses", name)()
    real, fake = torch.zeros(3, requires_grad=True), torch.full((3,), 0.5, requires_grad=True)
    real_slope, fake_slope = torch.autograd.grad(loss.discriminator(real, fake), (real, fake))
    (generator_slope,) = torch.autograd.grad(loss.generator(real, fake), fake)
    assert (real_slope < 0).all()
    assert (fake_slope > 0).all()
    assert (generator_slope < 0).all()


@pytest.mark.parametrize("name", UNPAIRED)
def test_real_and_fake_are_averaged_separately(name):
    loss = discovery.load_component("losses", name)()
    real, fake = scores(6), scores(10, 1)
    twice = loss.discriminator(real.repeat(2), fake)
    torch.testing.assert_close(twice, loss.discriminator(real, fake))
    assert loss.generator(real, fake).shape == ()


def test_the_minimax_value_is_minus_log_4_at_equal_scores():
    zero = torch.zeros(5, dtype=torch.float64)
    assert Minimax().value(zero, zero).item() == pytest.approx(-math.log(4))
    assert Minimax().probability(zero).tolist() == [0.5] * 5


def test_minimax_is_zero_sum_in_the_fake_scores():
    real, fake = scores(5), scores(5, 1)
    confident = torch.full((5,), 40.0, dtype=torch.float64)  # log D(x) = 0
    torch.testing.assert_close(Minimax().generator(real, fake), -Minimax().discriminator(confident, fake))


def test_minimax_and_non_saturating_differ_in_the_generator_alone():
    real, fake = scores(5), torch.full((5,), -20.0, requires_grad=True)
    for label in (1.0, 0.9):
        torch.testing.assert_close(
            Minimax(label).discriminator(real, fake), NonSaturating(label).discriminator(real, fake)
        )
    (saturated,) = torch.autograd.grad(Minimax().generator(real, fake), fake)
    (non_saturated,) = torch.autograd.grad(NonSaturating().generator(real, fake), fake)
    assert saturated.abs().max() < 1e-8
    torch.testing.assert_close(non_saturated, torch.full((5,), -0.2))


def test_label_smoothing_is_one_sided():
    """The optimal real score is where D(x) = .9; the term of the fakes is unchanged."""
    real = torch.linspace(-6, 6, 2001, dtype=torch.float64)
    loss = NonSaturating(real_label=0.9)
    terms = torch.stack([loss.discriminator(score[None], torch.zeros(1)) for score in real])
    assert real[terms.argmin()].sigmoid().item() == pytest.approx(0.9, abs=1e-3)
    fake = scores(7)
    change = loss.discriminator(real, fake) - NonSaturating().discriminator(real, fake)
    torch.testing.assert_close(change, loss.discriminator(real, -fake) - NonSaturating().discriminator(real, -fake))
    assert LeastSquares(0.9).discriminator(torch.full((2,), 0.9), torch.zeros(2)).item() == 0


def test_least_squares_values():
    loss = LeastSquares()
    assert loss.discriminator(torch.tensor([1.0, 3.0]), torch.tensor([2.0])).item() == (0 + 4) / 2 / 2 + 4 / 2
    assert loss.generator(torch.zeros(1), torch.tensor([3.0])).item() == 2


def test_hinge_values():
    loss = Hinge()
    assert loss.discriminator(torch.tensor([2.0, 0.0]), torch.tensor([-2.0, 1.0])).item() == 0.5 + 1
    assert loss.discriminator(torch.tensor([1.0, 5.0]), torch.tensor([-1.0, -7.0])).item() == 0
    assert loss.generator(torch.zeros(1), torch.tensor([3.0])).item() == -3


def test_wasserstein_ignores_a_shift_of_all_scores():
    real, fake = scores(6), scores(10, 1)
    torch.testing.assert_close(Wasserstein().discriminator(real + 7, fake + 7), fake.mean() - real.mean())


def test_the_drift_penalty_is_the_mean_square_of_the_real_scores():
    real, fake = scores(6), scores(10, 1)
    penalty = WassersteinDrift(drift=0.1).discriminator(real, fake) - Wasserstein().discriminator(real, fake)
    torch.testing.assert_close(penalty, 0.1 * (real**2).mean())
    torch.testing.assert_close(WassersteinDrift().generator(real, fake), Wasserstein().generator(real, fake))


def test_the_drift_penalty_fixes_the_shift_that_wasserstein_ignores():
    """With the penalty the best shift c of all scores has E[D(x) + c] = 0."""
    real, fake, shift = scores(6), scores(10, 1), torch.zeros((), dtype=torch.float64, requires_grad=True)
    loss = WassersteinDrift(drift=0.1)
    at_mean = -real.mean()
    for value, sign in ((at_mean, 0.0), (at_mean + 1, 1.0), (at_mean - 1, -1.0)):
        (slope,) = torch.autograd.grad(loss.discriminator(real + shift + value, fake + shift + value), shift)
        assert slope.item() == pytest.approx(0.2 * sign, abs=1e-12)


def test_relativistic_is_antisymmetric_and_invariant_to_shifts():
    real, fake = scores(6), scores(6, 1)
    loss = Relativistic()
    torch.testing.assert_close(loss.generator(real, fake), loss.discriminator(fake, real))
    torch.testing.assert_close(loss.discriminator(real + 7, fake + 7), loss.discriminator(real, fake))
    assert loss.discriminator(real, real).item() == pytest.approx(math.log(2))
    assert not hasattr(loss, "probability")


def test_relativistic_refuses_unequal_numbers_of_scores():
    with pytest.raises(UserError, match="as many real as fake scores, not 6 and 10: choose another loss"):
        Relativistic().discriminator(scores(6), scores(10))


def test_log_probability_equals_its_formula():
    real, fake = scores(6).float(), scores(9, 1).float()
    d_real, d_fake = 1 / (1 + (-real).exp()), 1 / (1 + (-fake).exp())
    loss = LogProbability()
    expected = -(d_real + 1e-12).log().mean() - (1 - d_fake + 1e-12).log().mean()
    torch.testing.assert_close(loss.discriminator(real, fake), expected)
    torch.testing.assert_close(loss.generator(real, fake), -(d_fake + 1e-12).log().mean())
    underflowed = torch.full((1,), -100.0)
    assert loss.generator(real, underflowed).item() == pytest.approx(-math.log(1e-12))


def test_cyclegan_halves_the_least_squares_of_the_discriminator_only():
    real, fake = scores(6), scores(9, 1)
    published, ours = LeastSquares(), LeastSquaresCyclegan()
    torch.testing.assert_close(ours.generator(real, fake), (fake - 1).square().mean())
    torch.testing.assert_close(ours.generator(real, fake), 2 * published.generator(real, fake))
    assert torch.equal(ours.discriminator(real, fake), published.discriminator(real, fake))
    assert LeastSquaresCyclegan(0.9).discriminator(torch.full((2,), 0.9), torch.zeros(2)).item() == 0


def test_the_margin_of_wasserstein_is_above_the_mean_fake_of_all_processes(monkeypatch):
    real, fake = scores(4), scores(8, 1)
    expected = Wasserstein().margin(real, fake)
    monkeypatch.setattr(ranks, "size", lambda: 2)
    monkeypatch.setattr(ranks, "gathered", lambda value: torch.stack([value, fake[4:].mean()]))
    torch.testing.assert_close(Wasserstein().margin(real[:2], fake[:4]), expected[:2])
