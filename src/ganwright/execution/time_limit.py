"""A bound on time: whatever takes longer is broken off where it stands."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

AGAIN = 5.0  # seconds after which it is broken off once more, where somebody swallowed the first time


class TimeLimitExceeded(BaseException):
    """The time is over."""


def can_be_set() -> bool:
    """Whether there is a timer to break something off by: in the main thread of a system that has its signal."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises OutOfTime wherever its body is after so many seconds; programs that the body waits for are killed.

    A timer that was set before is put back with what is left of its time.
    """

    def ring(number: int, frame: FrameType | None) -> NoReturn:
        raise TimeLimitExceeded

    before = signal.signal(signal.SIGALRM, ring)
    left, every = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, every)
        signal.signal(signal.SIGALRM, before)
