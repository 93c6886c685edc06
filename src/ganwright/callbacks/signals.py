"""Ctrl-C, SIGTERM and a closed terminal (SIGHUP): the step is finished, the run is saved, then it stops."""

from __future__ import annotations

import signal
import threading
from typing import Any

import torch

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.errors import Stopped

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class SignalHandler:
    """A context that handles the signals, and a callback that raises Stopped after the step.

    A second Ctrl-C interrupts within the step, as the handler before does; nothing is saved then. A SIGHUP that is
    ignored, as by nohup, stays ignored. Outside the main thread no handler can be installed, and nothing is changed.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.received: int | None = None  # the signal's number
        self.old: dict[int, Any] = {}

    def __enter__(self) -> SignalHandler:
        if threading.current_thread() is threading.main_thread():
            self.old = {number: signal.signal(number, self._handle) for number in SIGNALS if not _by_nohup(number)}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self.old.items():
            signal.signal(number, handler)

    def __call__(self, clock: Clock, played: object) -> None:
        if ranks.any_rank(self.received is not None, clock.step, self.device):
            raise Stopped(self.received or signal.SIGINT)

    def _handle(self, number: int, frame: Any) -> None:
        if self.received is None or number != signal.SIGINT:
            self.received = self.received or number
            return
        before = self.old[number]
        (before if callable(before) else signal.default_int_handler)(number, frame)


def _by_nohup(number: int) -> bool:
    return number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) == signal.SIG_IGN
