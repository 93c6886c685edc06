"""The order of reading: each epoch shows every row once, and any round can be sought."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganwright.core.order import Epochs, Order, Stream

sizes = st.integers(1, 60)


def read(order: Order, total: int, images: int, seed: int = 0, stream: int = 0) -> np.ndarray:
    """The rows of the first rounds, until `images` are seen."""
    seen, rows = 0, []
    while seen < images:
        rows.append(order.rows(seen, total, seed, stream))
        assert len(rows[-1]) == order.size(seen, total)
        seen += order.size(seen, total)
    return np.concatenate(rows)


@given(batch=sizes, total=sizes, epochs=st.integers(1, 3))
def test_every_epoch_shows_every_row_once(batch: int, total: int, epochs: int) -> None:
    for order in (Stream(batch), Epochs(batch), Epochs(batch, reshuffle=False)):
        rows = read(order, total, epochs * total)
        for epoch in range(epochs):
            assert sorted(rows[epoch * total : (epoch + 1) * total]) == list(range(total))


@given(batch=sizes, total=sizes)
def test_a_stream_has_full_batches_and_epochs_end_with_the_rest(batch: int, total: int) -> None:
    assert Stream(batch).size(total - 1, total) == batch
    assert Epochs(batch).size(total - 1, total) == 1
    assert Epochs(batch).fakes(total - 1, total) == 1
    assert Epochs(batch, full_fakes=True).fakes(total - 1, total) == batch


def test_cut_once_plays_the_same_batches_every_epoch() -> None:
    same, anew = read(Epochs(32, reshuffle=False), 1000, 2000), read(Epochs(32), 1000, 2000)
    assert (same[:1000] == same[1000:]).all()
    assert not (anew[:1000] == anew[1000:]).all()
    assert [Epochs(32).size(images, 1000) for images in (0, 960, 992, 1000)] == [32, 32, 8, 32]


@pytest.mark.parametrize("order", [Stream(16), Epochs(16)])
def test_streams_and_seeds_shuffle_independently(order: Order) -> None:
    first = read(order, 500, 500)
    assert (first == read(order, 500, 500)).all()
    for seed, stream in ((1, 0), (0, 1)):
        assert not (first == read(order, 500, 500, seed, stream)).all()
