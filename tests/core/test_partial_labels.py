"""Labels of which some are known: their choice, their encoding, means over some rows."""

import numpy as np
import pytest
import torch

from conftest import forward_pass, pictures
from ganwright.core.partial_labels import SomeLabels, classes_of, hidden_rows, weighted_mean


def test_a_hidden_class_is_below_zero_and_can_be_read() -> None:
    labels = torch.tensor([0, ~0, 2, ~2])
    assert classes_of(labels).tolist() == [0, 0, 2, 2]
    assert hidden_rows(forward_pass(torch.zeros(4, 2), condition=labels)).tolist() == [0, 1, 0, 1]


def test_a_mean_of_zero_weight_is_zero() -> None:
    values = torch.arange(6.0).view(3, 2)
    assert torch.equal(weighted_mean(values, torch.tensor([1.0, 0.0, 1.0])), torch.tensor([2.0, 3.0]))
    assert torch.equal(weighted_mean(values, torch.zeros(3)), torch.zeros(2))


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
