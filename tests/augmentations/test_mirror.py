"""Tests of mirror images, and of the decision whether data are mirror-symmetric."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from conftest import pictures
from ganwright.augmentations._mirror import asymmetry, harmless, mirrored
from ganwright.core.batch import Batch
from ganwright.core.data import Data
from ganwright.core.discovery import load_module
from ganwright.core.draws import Draws
from ganwright.domains.images import Images


def blots(count: int, left_share: float) -> Data:
    """Colour pictures of 24x20, each with one dark blot, left of the centre with probability `left_share`."""
    source = np.random.default_rng(0)
    left = source.random(count) < left_share
    middle = np.where(left, 5, 14) + source.integers(-2, 3, count)
    columns, rows = np.arange(20), np.arange(24)
    near = (columns - middle[:, None])[:, None, :] ** 2 + (rows - source.integers(6, 18, count)[:, None])[
        :, :, None
    ] ** 2
    shades = 200 - 150 * np.exp(-near / 12) + source.normal(0, 10, near.shape)
    samples = np.repeat(shades.clip(0, 255).astype(np.uint8)[..., None], 3, axis=3)
    return Data("blots", Images(24, 20, 3), samples)


def test_digits_are_not_symmetric() -> None:
    digits = load_module("data", "digits").load()
    assert not harmless(digits)
    few = replace(digits, samples=digits.samples[:80], labels=None)
    assert not harmless(few)


@pytest.mark.parametrize("count", [80, 600])
def test_symmetric_data_are_accepted_and_asymmetric_data_are_not(count: int) -> None:
    assert harmless(blots(count, 0.5))
    assert not harmless(blots(count, 1.0))


def test_too_few_pictures_are_not_accepted() -> None:
    assert not harmless(blots(4, 0.5))
    assert not harmless(blots(1, 0.5))
    assert not harmless(blots(0, 0.5))


def test_classes_that_mirror_into_each_other_are_not_accepted() -> None:
    some = blots(200, 0.5)
    right = (some.samples[:, :, 10:].mean((1, 2, 3)) < some.samples[:, :, :10].mean((1, 2, 3))).astype(np.int64)
    assert not harmless(replace(some, labels=right, classes=("left", "right")))


def test_the_asymmetry_equals_its_definition() -> None:
    some = torch.rand(7, 2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    flat, mirror = some.flatten(1), some.flip(3).flatten(1)
    pairs = [(i, j) for i in range(7) for j in range(7) if i != j]
    distances = sum((flat[i] - flat[j]).norm() for i, j in pairs)
    differences = sum((flat[i] - mirror[j]).norm() for i, j in pairs) - distances
    distance, error = asymmetry(some, torch.zeros(7))
    assert distance == pytest.approx((differences / distances).item())
    assert error > 0
    both = torch.cat([some, some.flip(3)])
    assert asymmetry(both, torch.zeros(14))[0] < 0  # a picture and its mirror image are a pair at distance 0


def test_each_real_picture_is_mirrored_by_its_own_draw() -> None:
    domain = pictures().domain
    real = domain.encode(torch.from_numpy(pictures(64).samples))
    whole = mirrored(Batch(real, torch.arange(64)), Draws(0, 0, 0, 64))
    flipped = (whole.real == real.flip(3)).flatten(1).all(1)
    assert 20 < flipped.sum() < 44
    assert torch.equal(whole.real[~flipped], real[~flipped])
    assert torch.equal(whole.condition, torch.arange(64))  # type: ignore[arg-type]
    part = mirrored(Batch(real[8:24]), Draws(0, 0, 8, 24))
    assert torch.equal(part.real, whole.real[8:24])
