"""Tests of Stacked MNIST: its labels, and lazy access equal to the whole array."""

import numpy as np
import pytest

from conftest import pictures
from ganwright.core.draws import generator
from ganwright.core.errors import UserError
from ganwright.data import _idx, mnist, stacked_mnist
from ganwright.data.stacked_mnist import stacked

SINGLE = pictures(size=28)


def stacks(count: int = 200, seed: int = 0):  # type: ignore[no-untyped-def]
    return stacked(SINGLE, count, generator("test", seed))


def test_the_label_is_made_of_the_digits_of_the_channels() -> None:
    data = stacks()
    for stack, label in zip(data.samples, data.labels, strict=True):
        for channel, digit in enumerate(data.classes[label]):
            same = (SINGLE.samples[..., 0] == stack[..., channel]).all(axis=(1, 2))
            assert SINGLE.labels[same] == int(digit)


def test_lazy_access_equals_the_whole_array() -> None:
    samples = stacks().samples
    whole = np.array(samples)
    assert (whole.shape, whole.dtype, whole.nbytes, len(whole)) == (
        samples.shape,
        samples.dtype,
        samples.nbytes,
        len(samples),
    )
    for key in (7, -1, slice(3, 50, 4), np.array([5, 0, 5]), np.int64(9)):
        assert np.array_equal(samples[key], whole[key])


def test_stacks_depend_on_the_seed_alone() -> None:
    first, same, other = stacks(seed=0), stacks(seed=0), stacks(seed=1)
    assert np.array_equal(first.samples[:], same.samples[:])
    assert np.array_equal(first.labels, same.labels)
    assert not np.array_equal(first.labels, other.labels)


def test_a_million_stacks_take_twelve_megabytes() -> None:
    assert stacks(1_000_000).samples.rows.nbytes == 12_000_000


def test_every_class_occurs() -> None:
    assert len(np.unique(stacks(20_000).labels)) == 1000


def test_a_count_below_one_is_refused() -> None:
    with pytest.raises(UserError, match="at least 1"):
        stacked_mnist.load(count=0)


def test_the_test_part_consists_of_test_digits(own_data: None) -> None:
    if _idx.local(("mnist",), ("t10k-images-idx3-ubyte.gz",)) is None:
        pytest.skip("GANWRIGHT_DATA has no mnist")
    data = stacked_mnist.load("test", count=50)
    known = {digit.tobytes() for digit in mnist.load("test").samples}
    assert all(np.ascontiguousarray(stack[..., 0]).tobytes() in known for stack in data.samples)
    assert len(stacked_mnist.load(count=3)) == 3
