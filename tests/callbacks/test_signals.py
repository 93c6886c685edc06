"""Ctrl-C: once is a wish, twice is at once."""

import signal
import threading

import pytest
import torch

from ganwright.callbacks.signals import SignalHandler
from ganwright.core.clock import Clock
from ganwright.core.errors import Stopped


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_granted_after_the_round(number: int) -> None:
    before = signal.getsignal(number)
    with SignalHandler(torch.device("cpu")) as signals:
        signals(Clock(), None)
        signal.raise_signal(number)
        with pytest.raises(Stopped):
            signals(Clock(), None)
    assert signal.getsignal(number) == before


def test_a_second_ctrl_c_is_granted_at_once() -> None:
    with SignalHandler(torch.device("cpu")):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt) as caught:
            signal.raise_signal(signal.SIGINT)
    assert caught.type is KeyboardInterrupt


def test_outside_the_main_thread_nothing_is_changed() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def listen() -> None:
        with SignalHandler(torch.device("cpu")):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert seen == [before]
