"""Errors for users: one sentence that says what is wrong, where, and what to do."""

import difflib
import signal
from collections.abc import Iterable


class UserError(Exception):
    """Invalid input, or a state of the machine that the user must change.

    `code` is the exit code of the command line.
    """

    code = 1


class AlarmError(UserError):
    """A run was stopped because of the verdict named `verdict`."""

    code = 3

    def __init__(self, sentence: str, verdict: str) -> None:
        super().__init__(sentence)
        self.verdict = verdict


class DamagedError(UserError):
    """A file is not as ganwright writes it, whether by accident or on purpose."""

    def __init__(self, path: object, reason: str) -> None:
        self.reason, self.damage = reason, f"{path} is damaged ({reason})"
        super().__init__(f"{self.damage}: restore it from a copy, or train again with another --out.")


class Notice(UserWarning):
    """A sentence for the user about what was left out, assumed, or taken in place of something else."""


class MissingPartError(UserError):
    """Data without the part (`split`) that was asked for: the fact, and what else to say or do about it."""

    def __init__(self, fact: str, more: str) -> None:
        self.fact = fact
        super().__init__(f"{fact}: {more}.")


class Stopped(KeyboardInterrupt):
    """A signal has ended a training, and the user was told what is saved. `number` is the signal's."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__()
        self.number = number

    @property
    def code(self) -> int:
        """The exit code that shells give to a program which this signal ended."""
        return 128 + self.number


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the device or the system is out of memory."""
    kinds = {kind.__name__ for kind in type(error).__mro__}  # torch's is not imported for this
    return bool(kinds & {"MemoryError", "OutOfMemoryError"}) or "can't allocate memory" in str(error)


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean X?` for the closest of `known`, or an empty string if none is close."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""


class MissingExtraError(UserError):
    """An optional dependency is not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs an optional dependency: pip install 'ganwright[{extra}]'")
        self.extra = extra
