"""Random numbers are a pure function of (seed, step, name, row)."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganwright.core.draws import BLOCK, Draws, generator, supplied, supplying, torch_seed

small = st.integers(0, 50)


@given(seed=small, step=small, start=small, count=st.integers(1, 40), size=st.integers(1, 5))
def test_a_row_does_not_depend_on_the_rows_drawn_with_it(
    seed: int, step: int, start: int, count: int, size: int
) -> None:
    part = Draws(seed, step, start, start + count, "z")
    whole = Draws(seed, step, 0, 100, "z")
    assert torch.equal(part.normal(size), whole.normal(size)[start : start + count])
    assert torch.equal(part.uniform(size), whole.uniform(size)[start : start + count])
    assert torch.equal(part.bernoulli(0.5, size), whole.bernoulli(0.5, size)[start : start + count])


@given(start=st.integers(0, 3 * BLOCK), count=st.integers(1, 2 * BLOCK))
def test_rows_do_not_depend_on_block_boundaries(start: int, count: int) -> None:
    part, whole = Draws(0, 0, start, start + count), Draws(0, 0, 0, 5 * BLOCK)
    assert torch.equal(part.normal(3), whole.normal(3)[start : start + count])
    assert torch.equal(part.uniform(3), whole.uniform(3)[start : start + count])


def test_the_last_rows_of_a_large_batch_cost_no_more_than_the_first() -> None:
    far = 10**12  # too many rows to draw them all
    assert Draws(0, 0, far, far + 4).normal(2).shape == (4, 2)
    assert Draws(0, 0, far, far + 4).uniform(2).shape == (4, 2)


@given(start=small, count=st.integers(2, 40), data=st.data())
def test_a_slice_of_draws_is_a_slice_of_their_rows(start: int, count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first + 1, count))
    draws = Draws(0, 0, start, start + count)
    assert torch.equal(draws.rows(slice(first, last)).normal(2), draws.normal(2)[first:last])


def test_other_seeds_steps_and_names_are_independent() -> None:
    draws = Draws(0, 0, 0, 1000)
    others = [Draws(1, 0, 0, 1000), Draws(0, 1, 0, 1000), draws.at("x")]
    for other in others:
        correlation = np.corrcoef(draws.normal(), other.normal())[0, 1]
        assert abs(correlation) < 0.15


def test_distributions() -> None:
    draws = Draws(0, 0, 0, 20_000)
    normal, uniform = draws.normal(), draws.uniform()
    assert abs(normal.mean()) < 0.03
    assert abs(normal.std() - 1) < 0.03
    assert uniform.min() >= 0
    assert uniform.max() < 1
    assert abs(draws.bernoulli(0.7, 3).double().mean() - 0.7) < 0.01
    assert draws.bernoulli(1.0).all()
    assert not draws.bernoulli(0.0).any()
    assert abs(uniform.mean() - 0.5) < 0.01


def test_sized_keeps_each_processes_share() -> None:
    whole = Draws(0, 0, 0, 256).sized(96).uniform(3)
    parts = [Draws(0, 0, start, start + 128).sized(48).uniform(3) for start in (0, 128)]
    assert torch.equal(torch.cat(parts), whole)


def test_layers_get_streams_in_order_and_only_inside_the_context() -> None:
    assert supplied() is None
    with supplying(Draws(0, 0, 0, 4)):
        first, second = supplied(), supplied()
    assert first is not None
    assert second is not None
    assert not torch.equal(first.normal(), second.normal())
    assert supplied() is None


def test_generators_and_seeds_depend_on_the_whole_key() -> None:
    assert generator("a", 1).random() == generator("a", 1).random()
    assert len({torch_seed(*key) for key in [("a", 1), ("a", 2), ("b", 1)]}) == 3
