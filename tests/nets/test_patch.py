"""PatchGAN: the receptive fields of its scores, and the translator's output sizes."""

import pytest
import torch

from ganwright.core.errors import UserError
from ganwright.nets.patch import PatchDiscriminator, halvings, receptive_field
from ganwright.nets.translator import Translator


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_score_depends_on_its_patch_only(count: int) -> None:
    network = PatchDiscriminator(1, width=2, halvings=count, norm=False)
    pictures = torch.randn(1, 1, 160, 160, requires_grad=True)
    scores = network(pictures)
    middle = scores.shape[2] // 2
    scores[0, 0, middle, middle].backward()
    assert pictures.grad is not None
    rows, columns = pictures.grad[0, 0].nonzero(as_tuple=True)
    size = int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1
    assert size == (receptive_field(count), receptive_field(count))


def test_receptive_fields_are_the_published_ones() -> None:
    assert [receptive_field(count) for count in (1, 2, 3)] == [16, 34, 70]
    assert [halvings(None, side) for side in (8, 16, 28, 64, 128, 256)] == [1, 1, 1, 2, 3, 3]
    assert halvings(70, 64) == 3
    with pytest.raises(UserError, match="patches of 16, 34, 70, 142 pixels, not 50"):
        halvings(50, 64)


def test_every_supported_patch_size_gives_scores() -> None:
    for side in (8, 11, 28, 64):
        for count in range(1, 5):
            if side >> count > 2:
                network, pictures = PatchDiscriminator(3, 2, count), torch.zeros(2, 3, side, side)
                assert network(pictures[:, 1:], pictures[:, :1]).numel()


@pytest.mark.parametrize("size", [(8, 8), (28, 28), (17, 30)], ids=str)
def test_the_translator_preserves_the_size(size: tuple[int, int]) -> None:
    network = Translator((1, *size), 3, width=2, blocks=1)
    assert network(torch.zeros(2, 0), torch.randn(2, 1, *size)).shape == (2, 3, *size)
