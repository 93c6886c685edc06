"""The vanilla GAN's classic program: its epochs, and the part of MNIST that it trains on."""

from dataclasses import replace

import numpy as np
import pytest

from ganwright.core.data import Data
from ganwright.domains.images import Images
from ganwright.recipes import vanilla


def digits(count: int, labelled: bool = True) -> Data:
    samples = np.broadcast_to((np.arange(count) % 251).astype(np.uint8)[:, None, None, None], (count, 28, 28, 1))
    data = Data("digits", Images(28, 28, 1), samples, np.arange(count) % 10, tuple("0123456789"))
    return data if labelled else replace(data, labels=None, classes=())


@pytest.mark.parametrize(("count", "trained"), [(60_000, 55_000), (10_000, 10_000), (500, 500)])
def test_the_classic_program_has_a_hundred_epochs_of_its_data(count: int, trained: int) -> None:
    recipe = vanilla.as_source(digits(count))
    assert len(recipe.data) == trained
    assert recipe.examples == 100 * trained
    assert recipe.display.every == trained


@pytest.mark.parametrize("labelled", [True, False])
def test_without_mnists_first_five_thousand_labels_belong_to_their_samples(labelled: bool) -> None:
    part = vanilla.as_source(digits(60_000, labelled)).data
    assert part.samples[0, 0, 0, 0] == 5_000 % 251
    assert (part.labels is None) != labelled
    if part.labels is not None:
        part.check()
        assert part.labels[:3].tolist() == [0, 1, 2]
