"""Fourier features: their wavelengths, their window, and their effect on a discriminator."""

import math

import pytest
import torch

from ganwright.nets.fourier import FourierDiscriminator, FourierFeatures
from ganwright.nets.mlp import MlpDiscriminator


@pytest.fixture
def features() -> FourierFeatures:
    torch.manual_seed(0)
    return FourierFeatures(2, 500, longest=8.0, shortest=0.05)


def test_wavelengths_are_log_uniform_between_the_longest_and_the_shortest(features: FourierFeatures) -> None:
    lengths = 2 * math.pi / features.frequencies.norm(dim=1)
    assert lengths.min() >= 0.05 - 1e-6
    assert lengths.max() <= 8.0 + 1e-5
    assert lengths.log().median().item() == pytest.approx(math.log(math.sqrt(8 * 0.05)), abs=0.3)


def test_a_feature_has_the_period_of_its_wavelength(features: FourierFeatures) -> None:
    frequency = features.frequencies[0]
    length = 2 * math.pi / frequency.norm()
    points = torch.randn(10, 2)
    moved = points + length * frequency / frequency.norm()
    assert torch.allclose(features(points)[:, [2, 502]], features(moved)[:, [2, 502]], atol=1e-4)


def test_the_window_starts_closed_and_opens_from_the_longest_wavelength_on(features: FourierFeatures) -> None:
    features.set_window(0.0)
    assert not features(torch.randn(4, 2))[:, 2:].any()
    sums = []
    for share in (0.25, 0.5, 0.75, 1.0):
        features.set_window(share)
        order = features.window[features.positions.argsort()]
        assert (order.diff() <= 0).all()  # never a shorter wavelength before a longer one
        sums.append(features.window.sum().item())
    assert sums == sorted(sums)
    assert features.window.min() == 1.0


def test_fourier_features_resolve_a_narrow_mode_that_dense_layers_do_not() -> None:
    """A discriminator has 200 steps to separate points within 0.01 of a centre from points within 0.03 of it."""
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


def test_with_a_closed_window_and_samples_first_scores_have_the_scale_of_a_dense_discriminator() -> None:
    torch.manual_seed(0)
    points = torch.randn(500, 2)
    networks = [MlpDiscriminator((2,), (512, 512), gain=1.4), FourierDiscriminator(2, 64, 8.0, 0.05, (512, 512), 1.4)]
    networks.append(FourierDiscriminator(2, 64, 8.0, 0.05, (512, 512), 1.4, samples_first=True))
    for network in networks[1:]:
        network.features.set_window(0.0)
    first = [next(layer for layer in network.modules() if isinstance(layer, torch.nn.Linear)) for network in networks]
    dense, shared, samples_first = (layer.weight[:, :2].std().item() for layer in first)
    assert samples_first == pytest.approx(dense, rel=0.1)
    assert shared < dense / 5
    assert networks[2](points).std() > 2 * networks[1](points).std()
