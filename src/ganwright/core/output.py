"""Standard output and errors: characters they lack are replaced, and no training ends because its display is gone."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any

REPLACING = "ganwright.replacing"


def replaced(error: UnicodeError) -> tuple[str | bytes, int]:
    """An encoder's error handler: bytes of a file's name that were no text are written as they are, others as ?."""
    if not isinstance(error, UnicodeEncodeError):  # such a stream may be read as well
        return codecs.replace_errors(error)
    characters = error.object[error.start : error.end]
    content = (bytes([ord(one) - 0xDC00]) if 0xDC80 <= ord(one) <= 0xDCFF else b"?" for one in characters)
    return b"".join(content), error.end


codecs.register_error(REPLACING, replaced)


def prepare_standard_streams() -> None:
    """Opens standard streams that are closed, so that no file gets their place; none refuses a character any more."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - as long as the process
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=REPLACING)


def to_errors(sentence: str) -> None:
    """Prints a sentence to standard error, where it can be printed."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            print(printable(sentence), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """The text with ? for control characters, which a foreign file may hold; bytes of file names are kept."""
    return "".join(one if one.isprintable() or one in "\n\t" or "\ud800" <= one <= "\udfff" else "?" for one in text)


def flush() -> str:
    """Writes out what is held back of standard output; why it could not be, in a few words, and "" if it was."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError) as error:
        discard(sys.stdout)
        return reason(error)
    return ""


def discard(stream: Any) -> None:
    """What a stream still holds, and what is written to it from now on, goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def reason(error: Exception) -> str:
    """Why something could not be written."""
    return (getattr(error, "strerror", None) or str(error)).lower()


class Output:
    """Standard output, for what must not fail: when it is lost, that is said once, and nothing is written any more.

    It is the `sys.stdout` of each moment, or the given one, for those who put themselves in its place.
    """

    def __init__(self, stream: Any = None) -> None:
        self.given, self.lost = stream, False

    @property
    def stream(self) -> Any:
        return sys.stdout if self.given is None else self.given

    def write(self, text: str) -> int:
        self._attempt(lambda: _write(self.stream, text))
        return len(text)

    def flush(self) -> None:
        self._attempt(lambda: self.stream.flush())

    def isatty(self) -> bool:
        try:
            return self.stream is not None and bool(self.stream.isatty())
        except ValueError:  # it is closed
            return False

    @property
    def encoding(self) -> str:
        return getattr(self.stream, "encoding", None) or "utf-8"

    def fileno(self) -> int:
        return int(self.stream.fileno())

    def _attempt(self, act: Callable[[], object]) -> None:
        if self.lost or self.stream is None:
            return
        try:
            act()
        except (OSError, ValueError) as error:
            discard(self.stream)
            self.lost = True
            to_errors(f"ganwright: Progress can no longer be printed ({reason(error)}). The training goes on.")


def _write(stream: Any, text: str) -> None:
    """Writes a text, with ? for each character that the stream's encoding lacks."""
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.write(text.encode(stream.encoding, "replace").decode(stream.encoding))
