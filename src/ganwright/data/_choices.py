"""Checks what a loader was asked for; each refusal is one sentence."""

from __future__ import annotations

from typing import Any, Literal, get_args

from ganwright.core.errors import UserError, nearest

Split = Literal["train", "test"]


def check(option: str, value: object, choices: Any) -> None:
    """A UserError when `value` is not among the choices, a `Literal`."""
    known = get_args(choices)
    if value not in known:
        raise UserError(f"The {option} is one of {', '.join(known)}, not {value!r}.{nearest(str(value), known)}")


def at_least(option: str, value: float, least: float) -> None:
    """A UserError when `value` is below `least` (or not a number)."""
    if not value >= least:
        raise UserError(f"The {option} is at least {least:g}, not {value!r}.")
