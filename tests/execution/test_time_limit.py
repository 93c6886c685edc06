"""What takes too long is broken off, and nothing else is."""

import signal
import subprocess
import threading
import time
from contextlib import suppress

import pytest

from ganwright.execution.time_limit import TimeLimitExceeded, can_be_set, within


def test_a_body_is_broken_off() -> None:
    began = time.monotonic()
    with pytest.raises(TimeLimitExceeded), within(0.05):
        time.sleep(30)
    assert time.monotonic() - began < 10


def test_so_is_a_program_that_it_waits_for() -> None:
    began = time.monotonic()
    with pytest.raises(TimeLimitExceeded), within(0.05):
        subprocess.run(["sleep", "30"], check=True)
    assert time.monotonic() - began < 10


def test_nobody_swallows_it() -> None:
    with (
        pytest.raises(TimeLimitExceeded),
        within(0.05),
        suppress(Exception),
    ):  # as compilers do with whatever goes wrong
        time.sleep(30)


def test_afterwards_all_is_as_before() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with within(60):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_other_threads_have_no_timer() -> None:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(can_be_set()))
    thread.start()
    thread.join()
    assert found == [False]
    assert can_be_set()
