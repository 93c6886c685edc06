"""Likelihood: its value, and a generator that learns frequencies by it."""

import torch
from torch import Tensor

from conftest import forward_pass
from ganwright.auxiliary_losses.likelihood import Likelihood


def test_the_loss_is_minus_the_mean_log_likelihood_of_the_real_samples() -> None:
    real, fake = torch.rand(8, 3), torch.rand(6, 3)
    found = Likelihood(lambda samples, condition: samples.sum(1).log(), 3.0).generator(forward_pass(real, fake))
    torch.testing.assert_close(found, {"likelihood": -3 * real.sum(1).log().mean()})


def test_a_distribution_learns_the_frequencies_of_the_real_samples() -> None:
    scores = torch.zeros(3, requires_grad=True)

    def log_likelihood(samples: Tensor, condition: Tensor | None) -> Tensor:
        return (samples * scores.log_softmax(0)).sum(1)

    real = torch.eye(3)[[0, 0, 0, 1, 1, 2]]
    optimizer = torch.optim.SGD([scores], 1.0)
    for _ in range(300):
        optimizer.zero_grad()
        Likelihood(log_likelihood).generator(forward_pass(real, real[:1]))["likelihood"].backward()
        optimizer.step()
    torch.testing.assert_close(scores.softmax(0), torch.tensor([3, 2, 1]) / 6, rtol=0, atol=1e-3)
