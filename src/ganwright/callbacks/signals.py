"""Ctrl-C and SIGTERM: the step is finished, the run is saved, then it stops."""

from __future__ import annotations

import signal
import threading
from typing import Any

import torch

from ganwright.core import ranks
from ganwright.core.clock import Clock


class Stopped(KeyboardInterrupt):
    """A signal was received and the step is over: the run can be saved."""


class SignalHandler:
    """A context that handles the signals, and a callback that raises Stopped after the step.

    A second Ctrl-C interrupts within the step; nothing is saved then. Outside the main thread no handler can be
    installed, and nothing is changed.
    """

    def __init__(self, device: torch.device) -> None:
        self.device, self.received = device, False
        self.old: dict[int, Any] = {}

    def __enter__(self) -> SignalHandler:
        if threading.current_thread() is threading.main_thread():
            self.old = {number: signal.signal(number, self._handle) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self.old.items():
            signal.signal(number, handler)

    def __call__(self, clock: Clock, played: object) -> None:
        if ranks.any_rank(self.received, clock.step, self.device):
            raise Stopped

    def _handle(self, number: int, frame: object) -> None:
        if self.received and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = True
