"""Labels of which some are known: their choice, their encoding, means over some rows."""

import numpy as np
import pytest
import torch

from conftest import pictures
from ganwright.core.batch import Batch
from ganwright.core.partial_labels import SomeLabels, classes_of, hidden_rows, known_rows, mean_in_part, mean_over


def test_a_hidden_class_is_below_zero_and_can_be_read() -> None:
    labels = torch.tensor([0, ~0, 2, ~2])
    assert classes_of(labels).tolist() == [0, 0, 2, 2]
    assert hidden_rows(Batch(torch.zeros(4, 2), labels)).tolist() == [0, 1, 0, 1]
    assert known_rows(Batch(torch.zeros(4, 2), labels)).tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize("mean", [mean_over, mean_in_part])
def test_a_mean_over_no_rows_is_zero(mean) -> None:  # type: ignore[no-untyped-def]
    values = torch.arange(6.0).view(3, 2)
    some, none = (Batch(torch.zeros(3, 2), torch.tensor(labels)) for labels in ([0, ~0, 2], [~0, ~1, ~2]))
    assert torch.equal(mean(values, known_rows, some), torch.tensor([2.0, 3.0]))
    assert torch.equal(mean(values, known_rows, none), torch.zeros(2))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_shares_of_a_mean_over_some_rows_add_up_to_that_of_the_whole_batch(size: int) -> None:
    """In parts of two, [0] and [~1] alone have no hidden and no known row."""
    values, labels = torch.arange(16.0).view(8, 2).square(), torch.tensor([0, 1, ~1, ~2, 2, ~0, ~0, ~1])
    whole = Batch(torch.zeros(8, 2), labels)
    for rows, chosen in ((hidden_rows, labels < 0), (known_rows, labels >= 0)):
        parts = [slice(start, min(start + size, 8)) for start in range(0, 8, size)]
        shares = [mean_over(values[part], rows, whole.rows(part)) * len(whole.rows(part)) / 8 for part in parts]
        torch.testing.assert_close(torch.stack(shares).sum(0), values[chosen].mean(0))


@pytest.mark.parametrize("count", [10, 25, 60])
def test_labels_are_balanced_over_the_classes(count: int) -> None:
    data = pictures()
    some = SomeLabels.chosen(data, count, 0)
    counts = np.bincount(data.labels[some.known])
    assert counts.sum() == count
    assert np.ptp(counts) <= 1
    assert np.array_equal(some.known, SomeLabels.chosen(data, count, 0).known)
    assert not np.array_equal(some.known, SomeLabels.chosen(data, count, 1).known)
    labels = some.for_rows(data, np.arange(len(data))).numpy()
    assert np.array_equal(np.flatnonzero(labels >= 0), some.known)
    assert np.array_equal(np.where(labels < 0, ~labels, labels), data.labels)


def test_all_labels_of_a_small_class_are_known() -> None:
    data = pictures(12)  # two of each of the first two classes, one of each other
    assert np.array_equal(SomeLabels.chosen(data, 40, 0).known, np.arange(12))
