"""Standard output that is lost, or lacks characters."""

import io
import sys
from typing import Any

import pytest

from ganwright.core import output


class Full(io.TextIOBase):
    """A stream on a full disk."""

    def __init__(self, fails: Exception) -> None:
        self.fails, self.attempts = fails, 0

    def write(self, text: str) -> int:
        self.attempts += 1
        raise self.fails


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left on device"), "no space left on device"),
        (BrokenPipeError(32, "Broken pipe"), "broken pipe"),
        (OSError(5, "Input/output error"), "input/output error"),
        (ValueError("I/O operation on closed file."), "i/o operation on closed file."),
    ],
)
def test_output_that_is_lost_is_said_once(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = Full(error)
    monkeypatch.setattr(sys, "stdout", full)
    display = output.Output()
    for _ in range(3):
        print("a line", file=display, flush=True)  # type: ignore[call-overload]
    assert full.attempts == 1
    assert (
        capsys.readouterr().err == f"ganwright: Progress can no longer be printed ({reason}). The training goes on.\n"
    )


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_closed_streams_are_no_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, name, None)
    display = output.Output()
    display.write("x")
    display.flush()
    output.to_errors("x")
    assert output.flush() == ""
    assert name == "stderr" or not display.isatty()


def written(encoding: str, text: str, **given: Any) -> bytes:
    content = io.BytesIO()
    stream = io.TextIOWrapper(content, encoding=encoding, **given)
    output.Output(stream).write(text)
    stream.flush()
    return content.getvalue()


def test_characters_that_the_encoding_lacks_are_replaced() -> None:
    name = b"caf\xe9".decode(errors="surrogateescape")
    assert written("ascii", "± ü 日本") == b"? ? ??"
    assert written("utf-8", name) == b"caf?"
    assert written("utf-8", f"{name} ü", errors=output.REPLACING) == b"caf\xe9 \xc3\xbc"
    assert written("ascii", f"{name} ü", errors=output.REPLACING) == b"caf\xe9 ?"
    assert written("latin-1", f"{name} ü 日", errors=output.REPLACING) == b"caf\xe9 \xfc ?"
    assert written("utf-8", "\ud800", errors=output.REPLACING) == b"?"


def test_control_characters_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.to_errors("a\x1b]0;title\x07b\tc\nd é")
    assert capsys.readouterr().err == "a?]0;title?b\tc\nd é\n"
