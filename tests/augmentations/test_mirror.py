"""Mirror images: harmless for sets that cannot be told from their own, and for these alone."""

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


def blots(count: int, lean: float) -> Data:
    """Colour pictures of 24x20, each with one dark blot, left of the middle with probability `lean`."""
    source = np.random.default_rng(0)
    left = source.random(count) < lean
    middle = np.where(left, 5, 14) + source.integers(-2, 3, count)
    columns, rows = np.arange(20), np.arange(24)
    near = (columns - middle[:, None])[:, None, :] ** 2 + (rows - source.integers(6, 18, count)[:, None])[
        :, :, None
    ] ** 2
    shades = 200 - 150 * np.exp(-near / 12) + source.normal(0, 10, near.shape)
    samples = np.repeat(shades.clip(0, 255).astype(np.uint8)[..., None], 3, axis=3)
    return Data("blots", Images(24, 20, 3), samples)


def test_digits_are_told_from_their_mirror_images() -> None:
    digits = load_module("data", "digits").load()
    assert not harmless(digits)
    few = replace(digits, samples=digits.samples[:80], labels=None)
    assert not harmless(few)


@pytest.mark.parametrize("count", [80, 600])
def test_a_set_that_leans_to_one_side_is_told_and_one_that_does_not_is_not(count: int) -> None:
    assert harmless(blots(count, 0.5))
    assert not harmless(blots(count, 1.0))


def test_too_few_pictures_are_not_trusted() -> None:
    assert not harmless(blots(4, 0.5))
    assert not harmless(blots(1, 0.5))
    assert not harmless(blots(0, 0.5))


def test_a_mirror_image_must_be_one_of_its_own_class() -> None:
    some = blots(200, 0.5)
    right = (some.samples[:, :, 10:].mean((1, 2, 3)) < some.samples[:, :, :10].mean((1, 2, 3))).astype(np.int64)
    assert not harmless(replace(some, labels=right, classes=("left", "right")))


def test_the_distance_is_that_of_a_set_and_its_mirror_image() -> None:
    some = torch.rand(7, 2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    flat, turned = some.flatten(1), some.flip(3).flatten(1)
    pairs = [(i, j) for i in range(7) for j in range(7) if i != j]
    apart = sum((flat[i] - flat[j]).norm() for i, j in pairs)
    further = sum((flat[i] - turned[j]).norm() for i, j in pairs) - apart
    distance, error = asymmetry(some, torch.zeros(7))
    assert distance == pytest.approx((further / apart).item())
    assert error > 0
    both = torch.cat([some, some.flip(3)])
    assert asymmetry(both, torch.zeros(14))[0] < 0  # a picture and its own mirror image are a pair that costs nothing


def test_half_of_the_real_pictures_are_mirrored_each_by_its_own_coin() -> None:
    domain = pictures().domain
    real = domain.encode(torch.from_numpy(pictures(64).samples))
    whole = mirrored(Batch(real, torch.arange(64)), Draws(0, 0, 0, 64))
    turned = (whole.real == real.flip(3)).flatten(1).all(1)
    assert 20 < turned.sum() < 44
    assert torch.equal(whole.real[~turned], real[~turned])
    assert torch.equal(whole.condition, torch.arange(64))  # type: ignore[arg-type]
    part = mirrored(Batch(real[8:24]), Draws(0, 0, 8, 24))
    assert torch.equal(part.real, whole.real[8:24])
