"""A user's own code, such as a recipe or a network: what it raises, in one sentence with the user's own line."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ganwright.core.errors import UserError, ran_out_of_memory

PACKAGE = str(Path(__file__).parents[1])
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
LONGEST = 400  # characters of a message


@contextmanager
def running(what: str, *, only_own: bool = False) -> Iterator[None]:
    """Inside the context a user's own code runs: what it raises becomes a UserError that begins with `what`.

    With `only_own`, errors are passed on unchanged unless a line of the user's own was running. UserErrors and running
    out of memory are passed on always.
    """
    try:
        yield
    except SystemExit as error:
        raise UserError(f"{what} called sys.exit({error.code!r}){_at(error)}.") from error
    except Exception as error:
        if isinstance(error, UserError) or ran_out_of_memory(error) or (only_own and not own_line(error)):
            raise
        raise UserError(f"{what} failed: {described(error)}.") from error


def described(error: BaseException) -> str:
    """An error's type, message and place, without a full stop: `ValueError: no layers (./mine.py:12, in recipe)`."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    message = lines[0].rstrip(".") if lines else ""
    message = message if len(message) <= LONGEST else f"{message[:LONGEST]}..."
    return type(error).__name__ + (f": {message}" if message else "") + _at(error)


def own_line(error: BaseException) -> str:
    """The innermost line of the user's own code that raised the error: `./mine.py:12, in recipe`; "" if there is none.

    That is code which this package has called, and which belongs neither to it nor to an installed library.
    """
    called = False
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        called = called or file.startswith(PACKAGE)
        if called and not file.startswith((PACKAGE, *LIBRARIES, "<")):
            line = f"{_relative(file)}:{number}, in {frame.f_code.co_name}"
    return line


def _at(error: BaseException) -> str:
    line = own_line(error)
    return f" ({line})" if line else ""


def _relative(file: str) -> str:
    """Relative to the working folder, where the file lies in it."""
    try:
        return f"./{Path(file).relative_to(Path.cwd())}"
    except (ValueError, OSError):  # lies elsewhere, or the working folder is gone
        return file
