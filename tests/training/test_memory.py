"""Memory that runs out: one sentence that says what fits."""

import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from conftest import points
from ganwright.core import game
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError, ran_out_of_memory
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.training import memory
from training.sessions import configured, go


def refusing_above(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose memory holds batches up to `limit`."""
    split = game.split

    def tight(batch: Any, draws: Any, micro_batch: int | None) -> Any:
        if min(micro_batch or len(batch), len(batch)) > limit:
            raise torch.OutOfMemoryError("too much")
        return split(batch, draws, micro_batch)

    monkeypatch.setattr(game, "split", tight)


@pytest.mark.parametrize(
    ("limit", "sentence"), [(8, "8 fit: add --micro-batch 8 "), (0, "even with one sample at once")]
)
def test_out_of_memory_says_what_fits(
    limit: int, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing_above(limit, monkeypatch)
    with pytest.raises(UserError, match=sentence):
        go(tmp_path)


def test_networks_that_do_not_fit_into_memory_are_reported() -> None:
    def refused() -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    with pytest.raises(UserError, match="choose smaller networks"), memory.enough():
        refused()


@pytest.mark.parametrize(
    ("error", "memory_ran_out"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), True),
        (MemoryError(), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError(), False),
    ],
)
def test_errors_of_memory_are_told_from_others(error: Exception, memory_ran_out: bool) -> None:
    assert ran_out_of_memory(error) == memory_ran_out
    with pytest.raises(UserError if memory_ran_out else type(error)) as raised, memory.enough():
        raise error
    assert (raised.value is error) != memory_ran_out


@pytest.mark.parametrize(
    ("limit", "micro_batch", "whole", "fits"), [(31, None, 32, 16), (5, None, 32, 4), (1, None, 32, 1), (5, 12, 12, 3)]
)
def test_the_batch_is_halved_until_it_fits(
    limit: int, micro_batch: int | None, whole: int, fits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = configured("ring", points()).build()
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu"), micro_batch=micro_batch))
    refusing_above(limit, monkeypatch)
    sentence = memory.what_fits(recipe, Clock(), feed)
    assert sentence.startswith(f"Out of memory on cpu with {whole} samples at once; {fits} fit: ")
    assert f"add --micro-batch {fits} " in sentence


def test_a_part_with_one_sample_does_not_fit_batch_norm(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_batch_norm(game: object, stage: object, clock: object, feed: Feed, horizon: int) -> None:
        if 27 % (feed.machine.micro_batch or 27) == 1:  # 27 = 13 + 13 + 1
            nn.BatchNorm1d(2)(torch.zeros(1, 2))

    recipe = configured("ring", points(), batch=27).build()
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")))
    monkeypatch.setattr(memory, "play_step", with_batch_norm)
    assert "add --micro-batch 6 " in memory.what_fits(recipe, Clock(), feed)


def test_errors_other_than_those_of_memory_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("a bug")

    recipe = configured("ring", points()).build()
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")))
    monkeypatch.setattr(memory, "play_step", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        memory.what_fits(recipe, Clock(), feed)


def test_frames_of_an_error_let_their_tensors_go() -> None:
    held: list[weakref.ref[torch.Tensor]] = []

    def refused() -> None:
        large = torch.zeros(4)
        held.append(weakref.ref(large))
        raise MemoryError

    with pytest.raises(MemoryError) as raised:
        refused()
    assert held[0]() is not None
    memory.let_go(raised.value)
    gc.collect()
    assert held[0]() is None


def test_peak_memory_is_in_bytes() -> None:
    array = np.ones(2**22, dtype=np.uint8)
    peak = memory.peak(torch.device("cpu"))
    assert peak is not None
    assert len(array) < peak < 2**42
