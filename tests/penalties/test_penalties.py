"""Tests of all penalties together, and of each one's known values."""

import pytest
import torch

from ganwright.core import discovery, ranks
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.penalties.dragan import Dragan
from ganwright.penalties.gradient_penalty import GradientPenalty
from ganwright.penalties.r1 import R1
from ganwright.penalties.r1_r2 import R1R2
from ganwright.penalties.r2 import R2

NAMES = discovery.names("penalties")
SHAPE = (2, 3, 4)
DRAWS = Draws(seed=1, step=2, start=0, stop=5)
WEIGHTS = torch.randn(SHAPE, generator=torch.Generator().manual_seed(3))
NORM = WEIGHTS.norm().item()


def linear(samples: torch.Tensor) -> torch.Tensor:
    return (samples * WEIGHTS).flatten(1).sum(1)


def square(samples: torch.Tensor) -> torch.Tensor:
    """|x|^2 / 2, whose gradient is x."""
    return samples.flatten(1).square().sum(1) / 2


def samples(seed: int) -> torch.Tensor:
    return torch.randn(5, *SHAPE, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (R1(0.3), 0.3 / 2 * NORM**2),
        (R2(0.3), 0.3 / 2 * NORM**2),
        (R1R2(0.3), 0.3 * NORM**2),
        (GradientPenalty(10), 10 * (NORM - 1) ** 2),
        (Dragan(10), 10 * (NORM - 1) ** 2),
    ],
)
def test_values_of_a_linear_discriminator(penalty, expected):
    assert penalty(linear, samples(0), samples(1), DRAWS).item() == pytest.approx(expected, rel=1e-5)


def test_r1_and_r2_take_the_gradient_at_real_and_fake_samples():
    real, fake = samples(0), samples(1)
    real_norm, fake_norm = (x.flatten(1).square().sum(1).mean().item() for x in (real, fake))
    assert R1(2)(square, real, fake, DRAWS).item() == pytest.approx(real_norm)
    assert R2(2)(square, real, fake, DRAWS).item() == pytest.approx(fake_norm)
    assert R1R2(2)(square, real, fake, DRAWS).item() == pytest.approx(real_norm + fake_norm)


def test_the_gradient_penalty_interpolates_between_real_and_fake_samples():
    """With D(x) = |x|^2 / 2 the gradient is x^; one share u is drawn per sample."""
    inputs = []
    GradientPenalty()(lambda x: (inputs.append(x.detach()), square(x))[1], samples(0), samples(1), DRAWS)
    share = (inputs[0] - samples(1)) / (samples(0) - samples(1))
    expected = DRAWS.at("interpolation").uniform(1, 1, 1)
    torch.testing.assert_close(share, expected.expand_as(share), atol=1e-4, rtol=1e-3)


def test_dragan_adds_bounded_noise_to_real_samples():
    inputs = []
    Dragan()(lambda x: (inputs.append(x.detach()), square(x))[1], samples(0), samples(1), DRAWS)
    noise = inputs[0] - samples(0)
    assert (noise >= -1e-6).all()
    assert (noise <= 0.5 * samples(0).std(correction=0) + 1e-6).all()


@pytest.mark.parametrize("name", NAMES)
def test_random_numbers_depend_on_the_draws_alone(name):
    penalty = discovery.load_component("penalties", name)()
    before = torch.get_rng_state()
    first, second = (penalty(square, samples(0), samples(1), DRAWS) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, second)
    if name in ("dragan", "gradient-penalty"):
        other = penalty(square, samples(0), samples(1), Draws(seed=1, step=3, start=0, stop=5))
        assert not torch.equal(first, other)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_reach_the_discriminator_alone(name):
    """They are finite also where the discriminator's own gradient is zero; none reach the samples."""
    penalty = discovery.load_component("penalties", name)()
    fake = samples(1).requires_grad_()
    for scale in (1.0, 0.0):
        weights = (WEIGHTS * scale).requires_grad_()
        term = penalty(lambda x, w=weights: (x * w).flatten(1).sum(1), samples(0), fake, DRAWS)
        assert term.shape == ()
        term.backward()
        assert weights.grad.isfinite().all()
        assert fake.grad is None
    with torch.no_grad():
        assert penalty(linear, samples(0), samples(1), DRAWS).isfinite()


@pytest.mark.parametrize("name", NAMES)
def test_the_penalty_is_proportional_to_its_weight(name):
    one, three = (
        discovery.load_component("penalties", name)(weight)(linear, samples(0), samples(1), DRAWS)
        for weight in (1.0, 3.0)
    )
    torch.testing.assert_close(3 * one, three)


def patches(count):
    """A discriminator of `count` patches, each of which sees the whole sample and has the score of `linear`."""
    return lambda samples: linear(samples)[:, None, None].expand(-1, count, 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [1, 4, 196])
def test_patches_are_penalised_by_their_mean_score(name, count):
    """With the sum, R1 of 196 patches would be 38,416 times as large."""
    penalty = discovery.load_component("penalties", name)()
    one, many = (penalty(score, samples(0), samples(1), DRAWS) for score in (linear, patches(count)))
    torch.testing.assert_close(many, one)


def test_dragans_noise_has_the_deviation_of_the_whole_batch():
    """The second half of the batch is a hundred times as large."""
    real = torch.cat([samples(0), 100 * samples(1)])
    draws, inputs = Draws(seed=1, step=2, start=0, stop=10), []

    def score(x):
        inputs.append(x.detach())
        return square(x)

    Dragan()(score, real, real, draws)
    for part in (slice(0, 5), slice(5, 10)):
        Dragan().of_batch(real)(score, real[part], real[part], draws.rows(part))
    torch.testing.assert_close(torch.cat(inputs[1:]), inputs[0])


def test_dragans_noise_has_the_deviation_of_all_processes(monkeypatch):
    real = torch.cat([samples(0), 3 + 2 * samples(1)])
    expected = Dragan().of_batch(real).std
    moments = torch.stack([torch.stack(torch.var_mean(part, correction=0)) for part in real.split(5)])
    monkeypatch.setattr(ranks, "size", lambda: 2)
    monkeypatch.setattr(ranks, "gathered", lambda value: moments)
    torch.testing.assert_close(Dragan().of_batch(real[:5]).std, expected)


def test_dragan_takes_one_row_of_draws_for_each_real_sample():
    inputs = []
    Dragan()(lambda x: (inputs.append(x), square(x))[1], samples(0), samples(1), Draws(seed=1, step=2, start=0, stop=8))
    assert inputs[0].shape == samples(0).shape


def test_a_gradient_penalty_between_unequal_numbers_is_refused():
    with pytest.raises(UserError, match="as many real samples as fakes, not 5 and 3: choose another penalty"):
        GradientPenalty()(linear, samples(0), samples(1)[:3], DRAWS)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"gradient-penalty"}))
def test_other_penalties_allow_fewer_fakes(name):
    """The last batch of an epoch has 96 real samples and 256 fakes, others fewer fakes than real ones."""
    penalty = discovery.load_component("penalties", name)()
    for draws in (DRAWS, Draws(seed=1, step=2, start=0, stop=3)):
        assert penalty(square, samples(0), samples(1)[:3], draws).isfinite()
