"""The feed: for each draw a batch of real data and its random numbers, as a function of the clock."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.condition import Condition, Unconditional
from ganwright.core.data import Data
from ganwright.core.draws import Draws, torch_seed
from ganwright.core.machine import Machine
from ganwright.core.order import Order, Rows
from ganwright.core.prefetch import prefetcher

MAX_ENCODED_BYTES = 64 * 2**20  # data sets up to this size, in float32, are encoded once
MAX_DEVICE_SHARE = 0.25  # of the device's memory, for the stored data set


class StepFeed(Protocol):
    """The part of a feed that `play_step` uses."""

    @property
    def machine(self) -> Machine: ...

    @property
    def draws_seed(self) -> int:
        """The seed of all random numbers of training."""

    def draw(self, clock: Clock, stream: int) -> tuple[Batch, Draws]:
        """This process's share of one draw; stream 0 is the step's shared draw."""


class Feed:
    """Batches and draws as a pure function of (seed, attempt, clock, stream).

    `attempt` counts how often the run was rewound to a healthy checkpoint; each attempt has new random numbers.
    """

    def __init__(
        self, data: Data, order: Order, seed: int, machine: Machine, condition: Condition | None = None
    ) -> None:
        self.order, self.seed, self.machine, self.attempt = order, seed, machine, 0
        self.data, self.domain, self.total = data, data.domain, len(data)
        self.condition = condition or Unconditional()
        self.samples = data.samples
        self.resident = self._resident()
        self.prefetcher = prefetcher(self.samples)

    @property
    def draws_seed(self) -> int:
        """The seed of all random numbers of training."""
        return torch_seed(self.seed, "attempt", self.attempt) if self.attempt else self.seed

    def size(self, clock: Clock) -> int:
        """The number of real samples in this step's global batch."""
        return self.order.size(clock.examples, self.total)

    def draw(self, clock: Clock, stream: int) -> tuple[Batch, Draws]:
        """This process's share of one draw; stream 0 is the step's shared draw."""
        rows = self._rows(clock.examples, stream)
        fakes = ranks.rows(self.order.fakes(clock.examples, self.total))
        seed, name, machine = self.draws_seed, f"stream{stream}", self.machine
        draws = Draws(seed, clock.step, fakes.start, fakes.stop, name, machine.device, machine.dtype)
        real, condition = self._encoded(rows), self._condition(rows)
        if self.resident is None:
            self.prefetcher.prefetch(self._rows(clock.examples + self.size(clock), stream))  # of the next step
        return Batch(real, condition), draws

    def _rows(self, examples: int, stream: int) -> Rows:
        """This process's rows of the step that begins at `examples`."""
        rows = self.order.rows(examples, self.total, self.draws_seed, stream)
        return rows[ranks.rows(len(rows))]

    def batches(self, starts: Sequence[int], stream: int) -> list[Batch]:
        """The batches of the steps that begin at `starts` examples, gathered at once; for a single process only."""
        rows = [self.order.rows(examples, self.total, self.draws_seed, stream) for examples in starts]
        together, sizes = np.concatenate(rows), [len(one) for one in rows]
        real = aligned(self._encoded(together).split(sizes))
        if self.resident is None:
            self.prefetcher.prefetch(self._rows(starts[-1] + self.order.size(starts[-1], self.total), stream))
        condition = self._condition(together)
        if condition is None:
            return [Batch(one) for one in real]
        return [Batch(*pair) for pair in zip(real, aligned(condition.split(sizes)), strict=True)]

    def _condition(self, rows: Rows) -> Tensor | None:
        condition = self.condition.for_rows(self.data, rows)
        if condition is None:
            return None
        return condition.to(self.machine.device, self.machine.dtype if condition.is_floating_point() else None)

    def _encoded(self, rows: np.ndarray) -> Tensor:
        if self.resident is None:
            stored = torch.from_numpy(np.asarray(self.samples[rows])).to(self.machine.device)
        else:
            stored = self.resident[torch.from_numpy(rows).to(self.machine.device)]
        encoded = stored if self.encoded_once else self.domain.encode(stored)
        return encoded.to(self.machine.dtype)

    def _resident(self) -> Tensor | None:
        """The whole data set on the device if it fits, encoded if it is small; otherwise None."""
        self.encoded_once = 4 * self.total * math.prod(self.domain.shape) <= MAX_ENCODED_BYTES
        if not self.encoded_once and not self._fits_on_gpu():
            return None
        stored = torch.from_numpy(np.array(self.samples)).to(self.machine.device)
        return self.domain.encode(stored).to(self.machine.dtype) if self.encoded_once else stored

    def _fits_on_gpu(self) -> bool:
        if self.machine.device.type != "cuda":
            return False
        return (
            self.samples.nbytes <= MAX_DEVICE_SHARE * torch.cuda.get_device_properties(self.machine.device).total_memory
        )


def aligned(tensors: Iterable[Tensor]) -> list[Tensor]:
    """Copies tensors that are not aligned to a cache line, as tensors allocated by torch are."""
    return [tensor if tensor.data_ptr() % 64 == 0 else tensor.clone() for tensor in tensors]
