"""Moment matching: the means and mean squares of elements, and the gradient."""

import torch

from conftest import forward_pass
from ganwright.auxiliary_losses.moments import Moments


def test_the_loss_is_the_squared_distance_of_means_and_mean_squares() -> None:
    torch.manual_seed(0)
    real, fake = torch.randn(8, 3, 2), torch.randn(6, 3, 2)
    expected = (real.mean(0) - fake.mean(0)).square().sum()
    expected += (real.square().mean(0) - fake.square().mean(0)).square().sum()
    torch.testing.assert_close(Moments(3.0).generator(forward_pass(real, fake)), {"moments": 3 * expected})


def test_equal_moments_have_no_loss_whatever_the_samples() -> None:
    real = torch.randn(8, 3)
    assert Moments().generator(forward_pass(real, real.flip(0)))["moments"] < 1e-10


def test_only_chosen_elements_are_compared() -> None:
    real, fake = torch.randn(8, 3), torch.randn(8, 3)
    fake[:, 0] = real[:, 0]
    assert Moments(elements=lambda samples: samples[:, :1]).generator(forward_pass(real, fake))["moments"] == 0


def test_the_generator_learns_the_moments_of_the_real_samples() -> None:
    torch.manual_seed(0)
    real, fake = 1 + 2 * torch.randn(512, 1), torch.randn(512, 1)
    scale, shift = torch.ones(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adam([scale, shift], 0.02)
    for _ in range(500):
        optimizer.zero_grad()
        Moments().generator(forward_pass(real, scale * fake + shift))["moments"].backward()
        optimizer.step()
    learned = scale * fake + shift
    torch.testing.assert_close(learned.mean(), real.mean(), rtol=0, atol=0.01)
    torch.testing.assert_close(learned.std(), real.std(), rtol=0, atol=0.01)
