"""The networks of the classic programs: their sizes and their dropout."""

import pytest
import torch

from ganwright.core.draws import Draws, supplying
from ganwright.nets import source
from ganwright.planning.network_summary import summary, total

PICTURES = (1, 28, 28)
NETS = {  # input shape, output shape, trained numbers, statistics, multiply-adds
    source.vanilla_generator: ((100,), PICTURES, 130_576, 0, 129_536),
    source.vanilla_discriminator: (PICTURES, (), 117_121, 0, 116_864),
    source.dcgan_generator: ((100,), PICTURES, 2_330_944 - 25_472, 25_472, 51_744_000),
    source.dcgan_discriminator: (PICTURES, (), 212_865, 0, 10_355_072),
    source.curve_generator: ((2,), (2,), 162, 0, 140),
    source.curve_discriminator: ((2,), (), 151, 0, 130),
}


@pytest.mark.parametrize("make", NETS, ids=lambda make: make.__name__)
def test_sizes(make):
    inputs, outputs, trained, untrained, multiply_adds = NETS[make]
    sums = total(summary(make(), torch.randn(3, *inputs)))
    assert (sums.parameters, sums.untrained, sums.multiply_adds) == (trained, untrained, multiply_adds)
    assert sums.shape == outputs


def test_pictures_are_bounded():
    for make in (source.vanilla_generator, source.dcgan_generator):
        assert make()(torch.randn(4, 100) * 100).abs().max() <= 1


def test_dropout_masks_come_from_the_turns_draws():
    discriminator, pictures = source.dcgan_discriminator(), torch.randn(3, *PICTURES)
    draws = Draws(seed=0, step=0, start=0, stop=3)

    def score(draws: Draws) -> torch.Tensor:
        with supplying(draws):
            return discriminator(pictures[: len(draws)])

    assert torch.equal(score(draws), score(draws))
    assert not torch.equal(score(draws), score(draws.at("other")))
    torch.testing.assert_close(score(draws)[:2], score(draws.rows(slice(0, 2))))
    assert torch.equal(discriminator.eval()(pictures), discriminator(pictures))
