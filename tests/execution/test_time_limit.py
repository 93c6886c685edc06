"""The time limit interrupts code and subprocesses, and restores signal handlers."""

import signal
import subprocess
import threading
import time
from contextlib import suppress

import pytest

from ganwright.execution.time_limit import TimeLimitExceeded, can_be_set, within


def test_a_body_is_interrupted() -> None:
    began = time.monotonic()
    with pytest.raises(TimeLimitExceeded), within(0.05):
        time.sleep(30)
    assert time.monotonic() - began < 10


def test_a_subprocess_is_interrupted() -> None:
    began = time.monotonic()
    with pytest.raises(TimeLimitExceeded), within(0.05):
        subprocess.run(["sleep", "30"], check=True)
    assert time.monotonic() - began < 10


def test_except_exception_does_not_swallow_it() -> None:
    with (
        pytest.raises(TimeLimitExceeded),
        within(0.05),
        suppress(Exception),
    ):  # as compilers do
        time.sleep(30)


def test_handler_and_timer_are_restored() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with within(60):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_other_threads_have_no_timer() -> None:
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(can_be_set()))
    thread.start()
    thread.join()
    assert results == [False]
    assert can_be_set()
