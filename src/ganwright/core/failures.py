"""An error that ends the program: its sentence, and where its traceback is kept."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
import traceback
from pathlib import Path

from ganwright.core.errors import UserError, ran_out_of_memory
from ganwright.core.user_code import described, own_line

SECONDS = 3.0  # for the first process of a machine to speak and to be ended by torchrun, which then ends the others
LOST_PEER = ("Connection closed by peer", "Connection reset by peer", "Broken pipe", "Timed out waiting")


def sentence(error: Exception, traceback_printed: bool) -> str:
    """What is printed: a UserError's own sentence, or another error's, and where the traceback of others' code is."""
    if isinstance(error, UserError):
        said, kept = str(error), error.__cause__ is not None and bool(own_line(error.__cause__))
    else:
        said, kept = _unforeseen(error)
    return said if traceback_printed or not kept else f"{said} {_where_kept(error)}"


def _unforeseen(error: Exception) -> tuple[str, bool]:
    """A sentence about an error that is no UserError, and whether its traceback matters."""
    if ran_out_of_memory(error):
        return "Out of memory: choose less at once, such as a smaller -n or --batch.", False
    if isinstance(error, OSError) and error.filename is not None and not own_line(error):
        return f"{os.fspath(error.filename)}: {(error.strerror or str(error)).lower()}.", False
    if lost_a_peer(error):
        return "Another process of this run has ended. What was saved is intact; the same command resumes.", False
    if own_line(error):
        return f"{described(error)}.", True
    return f"An error that was not foreseen: {described(error)}. Please report it.", True


def _where_kept(error: Exception) -> str:
    """Writes the traceback to a temporary file; a sentence that says where."""
    lines = "".join(traceback.format_exception(error)).encode(errors="backslashreplace")
    try:
        with tempfile.NamedTemporaryFile("wb", prefix="ganwright-", suffix="-traceback.txt", delete=False) as file:
            file.write(lines)
    except OSError:
        return "GANWRIGHT_TRACEBACK=1 prints the traceback."
    return f"The traceback is in {file.name}; GANWRIGHT_TRACEBACK=1 prints it."


def tell_torchrun(said: str) -> None:
    """Leaves the sentence for the report that torchrun prints about a process that has failed."""
    path = os.environ.get("TORCHELASTIC_ERROR_FILE")
    if path:
        details = {"py_callstack": said, "timestamp": str(int(time.time()))}
        with contextlib.suppress(OSError):
            Path(path).write_text(json.dumps({"message": {"message": said, "extraInfo": details}}))


def lost_a_peer(error: Exception) -> bool:
    """Whether an error says that another process can no longer be reached."""
    return isinstance(error, RuntimeError) and any(word in str(error) for word in LOST_PEER)


def let_the_first_process_speak(error: Exception) -> None:
    """Waits in all other processes of a machine, so that a mistake that all of them make is reported once.

    The second does not wait if the first may be the one that was lost.
    """
    at_once = ("0", "1") if lost_a_peer(error) else ("0",)
    if os.environ.get("LOCAL_RANK", "0") not in at_once:
        time.sleep(SECONDS)
