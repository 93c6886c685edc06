"""A time limit that interrupts a block of code."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

REPEAT = 5.0  # seconds between interrupts, in case an exception is swallowed


class TimeLimitExceeded(BaseException):
    """The time limit is exceeded. A BaseException, so that `except Exception` does not swallow it."""


def can_be_set() -> bool:
    """Whether a timer is available: in the main thread, on systems with SIGALRM."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises TimeLimitExceeded in the body after `seconds`; subprocesses that it waits for are killed.

    A timer that was set before is restored with its remaining time.
    """

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise TimeLimitExceeded

    before = signal.signal(signal.SIGALRM, interrupt)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), REPEAT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, remaining, interval)
        signal.signal(signal.SIGALRM, before)
