"""Data sets from Python that are torch's `Dataset` or a user's own array: what fails names the item."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from ganwright.config import data_source
from ganwright.core.errors import UserError

PICTURE = np.zeros((8, 8), np.uint8)


class Bare:
    """`count` items, made by a function of their index."""

    def __init__(self, make: Callable[[int], Any], count: int = 120) -> None:
        self.make, self.count = make, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Any:
        return self.make(index)


class Items(Bare, Dataset[Any]):
    """The same of torch's class."""


def failing(index: int) -> Any:
    if index == 100:
        raise OSError("the disk is on fire")
    return PICTURE


def or_else(other: Any, at: int = 7, usual: Any = PICTURE) -> Callable[[int], Any]:
    """The usual item, and another one at an index."""
    return lambda index: other if index == at else usual


@pytest.mark.parametrize("kind", [Items, Bare])
@pytest.mark.parametrize(
    ("make", "count", "sentence"),
    [
        (
            failing,
            120,
            r"^Item 100 of dataset failed: OSError: the disk is on fire \(.*test_from_python.py:\d+, in fail",
        ),
        (or_else(None), 120, "^Item 7 of dataset has shape"),
        (or_else((PICTURE, 1, 2)), 120, "^Item 7 of dataset is a tuple of 3: expected a sample, or a pair"),
        (or_else({"image": PICTURE}, 0), 120, "^Item 0 of dataset is a dict of 1: expected a sample"),
        (or_else((PICTURE, 1)), 120, "^Item 7 of dataset has the label 1, the first item None"),
        (or_else((PICTURE, "cat"), 7, (PICTURE, 3)), 120, "^Item 7 of dataset has the label 'cat', the first item 3"),
        (or_else((PICTURE, [1, 2]), 7, (PICTURE, 3)), 120, r"^Item 7 of dataset has the label \[1, 2\]"),
        (or_else((PICTURE, 0.5), 7, (PICTURE, 3)), 120, "^Item 7 of dataset has the label 0.5: expected an integer"),
        (or_else((PICTURE, torch.zeros(2)), 7, (PICTURE, 3)), 120, "^Item 7 of dataset failed: RuntimeError"),
        (or_else(PICTURE[1:]), 120, r"^Item 7 of dataset has shape \[7, 8\], the first item \[8, 8\]"),
        (or_else([[1, 2], [3], [4]]), 120, "^Item 7 of dataset is a list of 3"),
        (or_else(PICTURE), -3, r"^The length of dataset failed: ValueError: __len__\(\) should return >= 0"),
        (or_else(PICTURE), 10**12, "^dataset has 1,000,000,000,000 items of 64 bytes, and this machine has"),
        (or_else(PICTURE), 10**30, "^The length of dataset failed: OverflowError"),
        (or_else(PICTURE), 0, "^dataset is empty"),
    ],
)
def test_items_that_do_not_fit(kind: type, make: Callable[[int], Any], count: int, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        data_source.from_object(kind(make, count))


def test_an_item_that_fails_keeps_its_cause() -> None:
    with pytest.raises(UserError) as caught:
        data_source.from_object(Items(failing))
    assert isinstance(caught.value.__cause__, OSError)


def test_a_data_set_without_torchs_class_is_read() -> None:
    data = data_source.from_object(Bare(lambda index: (np.full((8, 8), index, np.uint8), "ab"[index % 2])))
    assert data.samples[3, 0, 0, 0] == 3
    assert data.classes == ("a", "b")


def test_an_array_that_cannot_be_made() -> None:
    class Broken:
        def __array__(self, *_: Any, **__: Any) -> Any:
            raise ValueError("no")

    with pytest.raises(UserError, match=r"Reading the data as an array failed: ValueError: no .*in __array__"):
        data_source.from_object(Broken())
    with pytest.raises(UserError, match="Reading the data as an array failed: ValueError"):
        data_source.from_object([[1, 2], [3]])
