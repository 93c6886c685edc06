"""The losses of unpaired translation: cycle consistency and identity."""

import torch
from torch import Tensor, nn

from conftest import forward_pass
from ganwright.auxiliary_losses.cycle_consistency import CycleConsistency
from ganwright.auxiliary_losses.identity import Identity


class Scaled(nn.Module):
    """A translation that multiplies by `factor`."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        assert latent.shape == (len(condition), 0)
        return self.factor * condition


def test_cycle_consistency_is_the_distance_of_a_condition_and_its_translation_back() -> None:
    forward = forward_pass(torch.full((4, 2), 9.0), torch.full((4, 2), 3.0), torch.ones(4, 2))
    assert CycleConsistency(Scaled(0.5), 10.0).generator(forward)["cycle"] == 10 * (3 * 0.5 - 1)
    assert CycleConsistency(Scaled(1 / 3), 10.0).generator(forward)["cycle"] < 1e-5


def test_identity_is_the_distance_of_a_real_sample_and_its_translation() -> None:
    forward = forward_pass(torch.full((4, 2), 3.0))
    assert Identity(Scaled(2.0), 5.0).generator(forward)["identity"] == 5 * 3
    assert Identity(Scaled(1.0), 5.0).generator(forward)["identity"] == 0
