"""Errors for users: one sentence that says what is wrong, where, and what to do."""

import difflib
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


class MissingPartError(UserError):
    """Data without the part (`split`) that was asked for."""


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean X?` for the closest of `known`, or an empty string if none is close."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""


class MissingExtraError(UserError):
    """An optional dependency is not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs an optional dependency: pip install 'ganwright[{extra}]'")
        self.extra = extra
