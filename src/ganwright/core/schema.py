"""Checks values that were read from files against the types that ganwright writes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

from annotated_types import Ge, Le
from pydantic import AllowInfNan, ConfigDict, TypeAdapter, ValidationError

from ganwright.core.errors import DamagedError

EXACT = ConfigDict(strict=True, extra="forbid")  # for `pydantic.with_config`: no conversions, no other keys
Finite = Annotated[float, AllowInfNan(False)]
Count = Annotated[int, Ge(0), Le(2**53)]  # 2^53: the largest integer up to which float64 holds all


def check(kind: Any, value: Any, path: object, part: str = "") -> None:
    """Raises a DamagedError about `path` that names the first `part` of `value` which is not of type `kind`.

    Integers pass as floats; nothing else is converted.
    """
    if found := mismatch(kind, value, part):
        raise DamagedError(path, found)


def load(load_state_dict: Callable[[Any], None], state: Any, part: str = "") -> None:
    """Calls `load_state_dict(state)`; raises a ValueError if the state is not of the type of its parameter."""
    _, kind = next(iter(get_type_hints(load_state_dict, include_extras=True).items()))
    if found := mismatch(kind, state, part):
        raise ValueError(found)
    load_state_dict(state)


def restore(load_state_dict: Callable[[Any], None], state: Any, path: object, part: str) -> None:
    """Like `load`, for the `part` of the file `path`: a DamagedError, whatever fails."""
    try:
        load(load_state_dict, state, part)
    except ValueError as error:
        raise DamagedError(path, str(error)) from error
    except Exception as error:
        raise DamagedError(path, f"{part} cannot be restored: {type(error).__name__}: {error}") from error


def mismatch(kind: Any, value: Any, part: str = "") -> str:
    """What is wrong with the first part of `value` that is not of type `kind`; an empty string if nothing is."""
    try:
        _adapter(kind).validate_python(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return _words(".".join([part, *map(str, first["loc"])]).strip("."), first)
    except RecursionError:
        return f"{part or 'its content'} is nested too deeply"
    return ""


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _words(place: str, error: Any) -> str:
    """Pydantic's message about a place, such as "data.count should be a valid integer"."""
    place = place or "its content"
    if error["type"] == "missing":
        return f"{place} is missing"
    if error["type"] == "extra_forbidden":
        return f"{place} is unknown"
    return f"{place} {error['msg'].removeprefix('Input ')}".replace("Value error, ", "")
