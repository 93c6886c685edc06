"""Waves: their lengths, their opening from coarse to fine, and what they let a discriminator learn."""

import math

import pytest
import torch

from ganwright.nets.fourier import FourierDiscriminator, Waves
from ganwright.nets.mlp import MlpDiscriminator


@pytest.fixture
def waves() -> Waves:
    torch.manual_seed(0)
    return Waves(2, 500, longest=8.0, shortest=0.05)


def test_wavelengths_lie_between_the_longest_and_the_shortest_evenly_in_their_logarithm(waves: Waves) -> None:
    lengths = 2 * math.pi / waves.waves.norm(dim=1)
    assert lengths.min() >= 0.05 - 1e-6
    assert lengths.max() <= 8.0 + 1e-5
    assert lengths.log().median().item() == pytest.approx(math.log(math.sqrt(8 * 0.05)), abs=0.3)


def test_a_wave_repeats_after_its_length(waves: Waves) -> None:
    wave = waves.waves[0]
    length = 2 * math.pi / wave.norm()
    points = torch.randn(10, 2)
    moved = points + length * wave / wave.norm()
    assert torch.allclose(waves(points)[:, [2, 502]], waves(moved)[:, [2, 502]], atol=1e-4)


def test_closed_waves_say_nothing_and_open_from_the_longest_on(waves: Waves) -> None:
    waves.open(0.0)
    assert not waves(torch.randn(4, 2))[:, 2:].any()
    opened = []
    for share in (0.25, 0.5, 0.75, 1.0):
        waves.open(share)
        order = waves.window[waves.heights.argsort()]
        assert (order.diff() <= 0).all()  # never a shorter wave before a longer one
        opened.append(waves.window.sum().item())
    assert opened == sorted(opened)
    assert waves.window.min() == 1.0


def test_waves_show_a_narrow_mode_that_dense_layers_alone_do_not_see() -> None:
    """A discriminator has 200 steps to tell points within 0.01 of a centre from points within 0.03 of it."""
    losses = {}
    for kind in (lambda: MlpDiscriminator((2,), (64, 64)), lambda: FourierDiscriminator(2, 32, 8.0, 0.05, (64, 64))):
        torch.manual_seed(0)
        network = kind()
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
        centre = torch.tensor([0.6, -0.4])
        for _ in range(200):
            real, fake = (centre + sigma * torch.randn(256, 2) for sigma in (0.01, 0.03))
            loss = (
                torch.nn.functional.softplus(network(fake)).mean() + torch.nn.functional.softplus(-network(real)).mean()
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses[type(network)] = loss.item()
    assert losses[MlpDiscriminator] > 1.3  # 2 log 2 = 1.386 is chance
    assert losses[FourierDiscriminator] < 1.0


def test_with_closed_waves_and_samples_first_the_scores_are_as_large_as_a_dense_discriminator_s() -> None:
    torch.manual_seed(0)
    points = torch.randn(500, 2)
    networks = [MlpDiscriminator((2,), (512, 512), gain=1.4), FourierDiscriminator(2, 64, 8.0, 0.05, (512, 512), 1.4)]
    networks.append(FourierDiscriminator(2, 64, 8.0, 0.05, (512, 512), 1.4, samples_first=True))
    for network in networks[1:]:
        network.waves.open(0.0)
    first = [next(layer for layer in network.modules() if isinstance(layer, torch.nn.Linear)) for network in networks]
    dense, shared, alone = (layer.weight[:, :2].std().item() for layer in first)
    assert alone == pytest.approx(dense, rel=0.1)
    assert shared < dense / 5
    assert networks[2](points).std() > 2 * networks[1](points).std()
