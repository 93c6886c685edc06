"""Ctrl-C and SIGTERM as a wish that is granted after the round: the run is saved, then stops."""

from __future__ import annotations

import signal
import threading
from typing import Any

import torch

from ganwright.core import ranks
from ganwright.core.clock import Clock


class Stopped(KeyboardInterrupt):
    """The wish is granted: the round is over, and everything may be saved."""


class SignalHandler:
    """A context that listens for the signals, and an observer that raises Stopped between two rounds.

    A second Ctrl-C interrupts at once, within a round, when nothing may be saved. Outside the main thread signals
    cannot be heard, and nothing is changed.
    """

    def __init__(self, device: torch.device) -> None:
        self.device, self.wished = device, False
        self.old: dict[int, Any] = {}

    def __enter__(self) -> SignalHandler:
        if threading.current_thread() is threading.main_thread():
            self.old = {number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self.old.items():
            signal.signal(number, handler)

    def __call__(self, clock: Clock, size: int, terms: object) -> None:
        if ranks.any_rank(self.wished, clock.step, self.device):
            raise Stopped

    def _hear(self, number: int, frame: object) -> None:
        if self.wished and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.wished = True
