"""SRResNet: scales, receptive field, initial output; the discriminator's patches."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from ganwright.nets.srresnet import SrganDiscriminator, SRResNet, prime_factors

PAPER: dict[str, Any] = {"norm": "batch", "base": "none", "upsampling": "steps", "kernel_size": 9}
NONE = torch.zeros(1, 0)  # the latent


@pytest.mark.parametrize("options", [{}, {"base": "bilinear"}, {"upsampling": "steps"}, PAPER], ids=str)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_it_upscales_images_of_any_size(scale: int, options: dict[str, Any]) -> None:
    network = SRResNet(scale, channels=1, width=4, blocks=1, **options).eval()
    assert network(NONE, torch.zeros(1, 1, 5, 9)).shape == (1, 1, 5 * scale, 9 * scale)


@pytest.mark.parametrize(
    "options", [{"blocks": 0}, {"blocks": 2}, {"blocks": 2, "upsampling": "steps"}, PAPER], ids=str
)
def test_the_receptive_field_is_at_most_reach(options: dict[str, Any]) -> None:
    network = SRResNet(2, channels=1, width=3, **{"blocks": 1, **options}).eval()
    picture = torch.zeros(1, 1, 1, 61, requires_grad=True)
    network(NONE, picture)[..., 60:62].sum().backward()  # the two output pixels of the middle input pixel
    assert picture.grad is not None
    offsets = picture.grad[0, 0, 0].nonzero().flatten() - 30
    assert 0 < offsets.abs().max() <= network.reach


def test_the_initial_output_is_near_the_interpolation() -> None:
    torch.manual_seed(0)
    small = torch.rand(2, 3, 8, 8) * 2 - 1
    bicubic = F.interpolate(small, scale_factor=4, mode="bicubic")
    assert (SRResNet(4)(NONE, small) - bicubic).square().mean() < 0.1 * bicubic.square().mean()


@pytest.mark.parametrize("size", [(16, 16), (24, 40), (96, 96), (5, 5)])
def test_the_discriminator_scores_patches_of_images_of_any_size(size: tuple[int, int]) -> None:
    scores = SrganDiscriminator(3, 2)(torch.zeros(2, 3, *size), torch.zeros(2, 3, 1, 1))
    assert scores.shape == (2, *(-(-side // 16) for side in size))


def test_prime_factors() -> None:
    assert [prime_factors(number) for number in (1, 2, 3, 4, 6, 8, 12)] == [
        [],
        [2],
        [3],
        [2, 2],
        [2, 3],
        [2, 2, 2],
        [2, 2, 3],
    ]
