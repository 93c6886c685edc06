"""The one exception that a user is meant to read: a sentence that says what is wrong, where, and what to do."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A mistake in what was asked for, or a state of the machine that only the user can mend.

    `code` is the program's exit code.
    """

    code = 1


class AlarmError(UserError):
    """A run was stopped because of the verdict on it, which has the name `verdict`."""

    code = 3

    def __init__(self, sentence: str, verdict: str) -> None:
        super().__init__(sentence)
        self.verdict = verdict


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean X?` for the closest of `known`, or the empty string when none is close."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""


class MissingExtraError(UserError):
    """An optional part of the installation is needed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs an optional part: pip install 'ganwright[{extra}]'")
        self.extra = extra
