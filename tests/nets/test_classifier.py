"""The classifier for few labels, and its input noise."""

import pytest
import torch

from ganwright.core.draws import Draws, supplying
from ganwright.nets.classifier import ConvClassifier
from ganwright.nets.noise import Noise


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 64, 48)])
def test_images_of_any_size_give_logits_of_moderate_scale(shape: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    network = ConvClassifier(shape, classes=5, width=8, features=32).eval()
    pictures = torch.randn(64, *shape)
    outputs = network(pictures)
    assert outputs["features"].shape == (64, 32)
    torch.testing.assert_close(outputs["classes"], network.head(outputs["features"]))
    assert 0.1 < float(outputs["classes"].detach().square().mean().sqrt()) < 2


def test_noise_comes_from_the_turns_draws_and_only_in_training() -> None:
    layer, zeros = Noise(0.5), torch.zeros(6, 1, 4, 4)
    with supplying(Draws(0, 0, 0, 4)):  # more samples than rows of the draws
        drawn = layer(zeros)
    assert torch.equal(drawn, 0.5 * Draws(0, 0, 0, 4).at("layer0").sized(6).normal(1, 4, 4))
    assert torch.equal(layer.eval()(zeros), zeros)


def test_outside_of_a_turn_noise_comes_from_torch() -> None:
    torch.manual_seed(0)
    drawn = Noise(0.5)(torch.zeros(1000, 10))
    assert abs(float(drawn.std()) - 0.5) < 0.01
