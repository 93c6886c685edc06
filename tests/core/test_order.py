"""The order of reading: every epoch contains every row once, and reading can start at any step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganwright.core.order import Epochs, Mixed, Order, Stream, scattered, some

sizes = st.integers(1, 60)


def read(order: Order, total: int, examples: int, seed: int = 0, stream: int = 0) -> np.ndarray:
    """The rows of the first steps, until `examples` are read."""
    seen, rows = 0, []
    while seen < examples:
        rows.append(order.rows(seen, total, seed, stream))
        assert len(rows[-1]) == order.size(seen, total)
        seen += order.size(seen, total)
    return np.concatenate(rows)


@given(batch=sizes, total=sizes, steps=st.integers(0, 40))
def test_the_examples_of_a_number_of_steps(batch: int, total: int, steps: int) -> None:
    for order in (Stream(batch), Epochs(batch), Mixed(batch, np.arange(total), batch // 2)):
        seen = 0
        for _ in range(steps):
            seen += order.size(seen, total)
        assert order.examples(steps, total) == seen


@given(batch=sizes, total=sizes, epochs=st.integers(1, 3))
def test_every_epoch_contains_every_row_once(batch: int, total: int, epochs: int) -> None:
    for order in (Stream(batch), Epochs(batch), Epochs(batch, reshuffle=False)):
        rows = read(order, total, epochs * total)
        for epoch in range(epochs):
            assert sorted(rows[epoch * total : (epoch + 1) * total]) == list(range(total))


@given(batch=sizes, total=sizes)
def test_a_stream_has_full_batches_and_epochs_a_smaller_last_one(batch: int, total: int) -> None:
    assert Stream(batch).size(total - 1, total) == batch
    assert Epochs(batch).size(total - 1, total) == 1
    assert Epochs(batch).fakes(total - 1, total) == 1
    assert Epochs(batch, full_fakes=True).fakes(total - 1, total) == batch


def test_without_reshuffling_every_epoch_has_the_same_batches() -> None:
    same, reshuffled = read(Epochs(32, reshuffle=False), 1000, 2000), read(Epochs(32), 1000, 2000)
    assert (same[:1000] == same[1000:]).all()
    assert not (reshuffled[:1000] == reshuffled[1000:]).all()
    assert [Epochs(32).size(examples, 1000) for examples in (0, 960, 992, 1000)] == [32, 32, 8, 32]


@pytest.mark.parametrize("order", [Stream(16), Epochs(16)])
def test_streams_and_seeds_shuffle_independently(order: Order) -> None:
    first = read(order, 500, 500)
    assert (first == read(order, 500, 500)).all()
    for seed, stream in ((1, 0), (0, 1)):
        assert not (first == read(order, 500, 500, seed, stream)).all()


@given(of_some=st.integers(1, 9), others=st.integers(1, 9), total=st.integers(20, 60))
def test_mixed_batches_are_two_streams(of_some: int, others: int, total: int) -> None:
    few = np.array([3, 5, 8])
    order = Mixed(of_some + others, few, of_some)
    places = np.diff(np.arange(order.batch + 1) * of_some // order.batch) > 0
    steps = [order.rows(place * order.batch, total, 0, 0) for place in range(total)]
    assert all(places.sum() == of_some and np.isin(rows[places], few).all() for rows in steps)
    whole = np.concatenate([rows[~places] for rows in steps])
    for epoch in range(len(whole) // total):
        assert sorted(whole[epoch * total : (epoch + 1) * total]) == list(range(total))
    labelled = np.concatenate([rows[places] for rows in steps])
    assert np.ptp(np.bincount(labelled)[few]) <= 1
    assert order.fakes(0, total) == others


def test_rows_of_the_subset_are_evenly_spaced_in_a_batch() -> None:
    few = np.array([1000])
    rows = Mixed(96, few, 32).rows(96, 999, 0, 0)
    assert all((rows[start : start + 3] == 1000).sum() == 1 for start in range(0, 96, 3))


@given(total=st.integers(1, 700), seed=st.integers(0, 50))
def test_scattered_places_are_a_permutation(total: int, seed: int) -> None:
    rows = scattered(np.arange(total), total, seed)
    assert sorted(rows) == list(range(total))
    assert np.array_equal(scattered(np.arange(total)[::3], total, seed), rows[::3])


def test_scattered_places_are_uniform_and_uncorrelated() -> None:
    total = 10**8
    rows = scattered(np.arange(20_000), total, 0)
    assert len(np.unique(rows)) == 20_000
    counts = np.bincount(rows * 20 // total)  # 20 cells of 1,000: chi-squared of 19 degrees, 43.8 in one of 1,000
    assert ((counts - 1000) ** 2 / 1000).sum() < 43.8
    assert abs(np.corrcoef(rows[:-1], rows[1:])[0, 1]) < 0.03
    others = scattered(np.arange(20_000), total, 1)
    assert abs(np.corrcoef(rows, others)[0, 1]) < 0.03


def test_a_large_set_is_read_without_a_stored_permutation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganwright.core.order.MAX_CACHED", 50)
    for order in (Stream(16), Epochs(16)):
        rows = read(order, 60, 120)
        assert sorted(rows[:60]) == sorted(rows[60:120]) == list(range(60))
        assert not np.array_equal(rows[:60], rows[60:120])


def test_random_rows_are_distinct(monkeypatch: pytest.MonkeyPatch) -> None:
    before = some(40, 10, "x")
    monkeypatch.setattr("ganwright.core.order.MAX_CACHED", 30)
    for rows in (before, some(40, 10, "x")):
        assert len(set(rows)) == 10
        assert set(rows) <= set(range(40))
    assert sorted(some(40, 50, "x")) == list(range(40))
