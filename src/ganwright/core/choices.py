"""Validates the options of loaders."""

from __future__ import annotations

from typing import Any, Literal, get_args

from ganwright.core.errors import UserError, nearest

Split = Literal["train", "test"]
MAX_COUNT = 10_000_000  # of generated samples: more need gigabytes
Part = Literal["train", "validation", "test"]  # of a user's own files


def flagged(option: str) -> str:
    """An option as messages name it: `test_share` is --test-share; other phrases, such as `count x length`, unchanged.

    A remark in brackets may follow the name.
    """
    name, bracket, remark = option.partition(" (")
    return ("--" + name.replace("_", "-") if name.isidentifier() else name) + bracket + remark


def check(option: str, value: object, choices: Any) -> None:
    """Raises UserError unless `value` is one of `choices`, a `Literal` type."""
    known = get_args(choices)
    if value not in known:
        raise UserError(
            f"{flagged(option)} must be one of {', '.join(known)}, not {value!r}.{nearest(str(value), known)}"
        )


def at_least(option: str, value: float, minimum: float) -> None:
    """Raises UserError if `value` is below `minimum` or NaN."""
    if not value >= minimum:
        raise UserError(f"{flagged(option)} must be at least {minimum:g}, not {value!r}.")


def at_most(option: str, value: float, maximum: float) -> None:
    """Raises UserError if `value` is above `maximum` or NaN."""
    if not value <= maximum:
        raise UserError(f"{flagged(option)} must be at most {maximum:,}, not {value!r}.")
