"""Ctrl-C in the program: one KeyboardInterrupt at most; again, or while modules are imported, the process ends."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

INTERRUPTED = 130  # the shell's exit code for Ctrl-C
SENTENCE = "ganwright: Interrupted."


class Interruption:
    """The program's handler of SIGINT.

    A second KeyboardInterrupt could be raised while the first is answered, and one that is raised while an extension
    module is imported turns into other errors.
    """

    def __init__(self) -> None:
        self.raised = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.raised or any(one.f_code.co_filename.startswith("<frozen importlib") for one in _callers(frame)):
            leave()
        self.raised = True
        raise KeyboardInterrupt


def leave() -> None:
    """Says that the program was interrupted, and ends it without any further code of Python."""
    with contextlib.suppress(OSError):
        os.write(2, f"{SENTENCE}\n".encode())
    os._exit(INTERRUPTED)


def install() -> Interruption:
    """Handles Ctrl-C from now on, unless it is ignored, as in a shell's background."""
    handler = Interruption()
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, handler)
    return handler


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
