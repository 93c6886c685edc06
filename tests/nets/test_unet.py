"""The U-Net: image sizes, its masks as a latent, inpainting."""

import pytest
import torch

from ganwright.core.draws import Draws
from ganwright.nets.unet import Inpainting, UNet

SIZES = [(8, 8), (28, 28), (17, 5), (64, 32)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("depth", [None, 1, 2, 3])
def test_any_size_and_depth(size: tuple[int, int], depth: int | None) -> None:
    network = UNet((2, *size), 3, width=2, depth=depth)
    latent = network.latent(Draws(0, 0, 0, 4))
    assert network(latent, torch.randn(4, 2, *size)).shape == (4, 3, *size)


def test_the_output_depends_on_latent_and_condition_only_in_both_modes() -> None:
    network, condition = UNet((1, 16, 16), 1, width=4), torch.randn(1, 1, 16, 16).expand(2, -1, -1, -1)
    one, other = (network.latent(Draws(0, step, 0, 2)) for step in (0, 1))
    with torch.no_grad():
        trained, again, later = network(one, condition), network(one, condition), network.eval()(one, condition)
        others = network(other, condition)
    assert torch.equal(trained, again)
    assert torch.equal(trained, later)
    assert not torch.equal(trained, others)
    assert not torch.equal(trained[0], trained[1])  # two latents under one condition


def test_masks_have_their_dropout_rate_and_mean_one() -> None:
    latent = UNet((1, 32, 32), 1, width=8, dropout=0.25).latent
    masks = latent(Draws(0, 0, 0, 64))
    assert masks.unique().tolist() == pytest.approx([0, 4 / 3])
    assert masks.mean().item() == pytest.approx(1, abs=0.01)
    assert [part.shape[1:] for part in latent.split(masks)] == [torch.Size(shape) for shape in latent.shapes]


def test_without_dropout_there_is_no_noise() -> None:
    assert UNet((1, 16, 16), 1, width=2, dropout=0.0).latent(Draws(0, 0, 0, 3)).shape == (3, 0)


def test_known_pixels_are_copied_exactly() -> None:
    inner = UNet((2, 8, 8), 1, width=2)
    missing = torch.rand(3, 1, 8, 8) < 0.3
    known = torch.randn(3, 1, 8, 8)
    condition = torch.cat([known.masked_fill(missing, 0), missing.float()], 1)
    made = Inpainting(inner)(inner.latent(Draws(0, 0, 0, 3)), condition)
    assert torch.equal(made[~missing], known[~missing])
    assert made[missing].abs().mean() > 0
