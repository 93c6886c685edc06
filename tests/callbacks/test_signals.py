"""Ctrl-C, SIGTERM and SIGHUP: once is a wish; Ctrl-C twice is at once."""

import os
import signal
import threading

import pytest
import torch

from ganwright.callbacks.signals import SIGNALS, SignalHandler
from ganwright.core.clock import Clock
from ganwright.core.errors import Stopped


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_granted_after_the_round(number: int) -> None:
    before = signal.getsignal(number)
    with SignalHandler(torch.device("cpu")) as signals:
        signals(Clock(), None)
        signal.raise_signal(number)
        with pytest.raises(Stopped) as caught:
            signals(Clock(), None)
    assert caught.value.code == 128 + number
    assert signal.getsignal(number) == before


def test_a_second_ctrl_c_is_granted_at_once() -> None:
    with SignalHandler(torch.device("cpu")):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt) as caught:
            signal.raise_signal(signal.SIGINT)
    assert caught.type is KeyboardInterrupt


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGHUP")
def test_a_closed_terminal_that_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with SignalHandler(torch.device("cpu")) as signals:
            signal.raise_signal(signal.SIGHUP)
            signals(Clock(), None)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_signals_after_the_first_change_nothing() -> None:
    with SignalHandler(torch.device("cpu")) as signals:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(Stopped) as caught:
            signals(Clock(), None)
    assert caught.value.number == signal.SIGTERM


def test_outside_the_main_thread_nothing_is_changed() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def listen() -> None:
        with SignalHandler(torch.device("cpu")):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert seen == [before]
