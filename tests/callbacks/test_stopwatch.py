"""The stopwatch: seconds of training over all commands of a run."""

import time

import pytest

from ganwright.callbacks.stopwatch import Stopwatch


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which a test sets."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_seconds_count_from_the_start_of_the_command(now: list[float]) -> None:
    stopwatch = Stopwatch(began=90.0)
    assert stopwatch.seconds == 10
    now[0] = 105
    assert stopwatch.seconds == 15


def test_a_resumed_run_adds_the_seconds_up_to_the_last_checkpoint(now: list[float]) -> None:
    first = Stopwatch(began=100.0)
    now[0] = 107
    saved = first.state_dict()
    now[0] = 1000  # killed after it was saved
    second = Stopwatch(began=1000.0)
    second.load_state_dict(saved)
    assert second.seconds == 7
    now[0] = 1002
    assert second.seconds == 9
    third = Stopwatch(began=1002.0)
    third.load_state_dict(second.state_dict())
    assert third.seconds == 9
