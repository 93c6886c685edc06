"""A function's parameters as options: what they are called, what they take, what they are for."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError

from ganwright.core.errors import UserError, nearest


@dataclass(frozen=True)
class Option:
    """One option. `group` is the parameter it belongs to, when that is a dataclass of options."""

    name: str
    type: Any
    default: Any
    help: str
    group: str | None = None

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def is_switch(self) -> bool:
        return self.type is bool

    @property
    def on_command_line(self) -> bool:
        """Whether its value can be written as a word."""
        return all(kind in (str, int, float, bool, type(None)) or _is_words(kind) for kind in _members(self.type))

    def check(self, value: Any) -> Any:
        """The value as the option's type; a UserError that names the option when it doesn't fit."""
        if isinstance(value, str) and _is_words(self.type) and get_origin(self.type) is tuple:
            value = [word for word in value.split(",") if word]
        if isinstance(value, str) and value.lower() in ("none", "null") and type(None) in _members(self.type):
            return None
        try:
            return TypeAdapter(self.type).validate_python(value)
        except ValidationError as error:
            reason = error.errors()[-1]["msg"].removeprefix("Input should be ")
            raise UserError(f"{self.flag} cannot be {value!r}: it should be {reason}.") from None
        except PydanticSchemaGenerationError:
            return value  # a type of ours or of the user's: the recipe will use it or fail


def options(function: Callable[..., Any]) -> dict[str, Option]:
    """The options of a recipe function, or of a loader: every parameter that has a default, dataclasses flattened."""
    return {option.name: option for option in _options(function)}


def _options(function: Callable[..., Any]) -> Iterator[Option]:
    hints = get_type_hints(function, include_extras=True)
    notes = docstring_notes(function)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is inspect.Parameter.empty:
            continue
        if dataclasses.is_dataclass(parameter.default):
            yield from _fields(parameter.default, name)
        else:
            kind, note = unwrapped(hints.get(name, str))
            yield Option(name, kind, parameter.default, note or notes.get(name, ""))


def _fields(default: Any, group: str) -> Iterator[Option]:
    hints = get_type_hints(type(default), include_extras=True)
    for field in dataclasses.fields(default):
        kind, note = unwrapped(hints[field.name])
        yield Option(field.name, kind, getattr(default, field.name), note, group)


def unwrapped(hint: Any) -> tuple[Any, str]:
    """`Annotated[int, "note"]` as its type and its note; a type that may be a name is taken as `str`."""
    note = ""
    if get_origin(hint) is Annotated:
        hint, note = get_args(hint)[:2]
    members = _members(hint)
    if str in members and any(not isinstance(kind, type) or kind not in (str, type(None)) for kind in members):
        plain = all(kind in (str, int, float, bool, type(None)) for kind in members)
        hint = hint if plain else NameOrObject
    return hint, note


NameOrObject = Annotated[Any, "a name on a shelf or, from Python, an object"]


def docstring_notes(function: Callable[..., Any]) -> dict[str, str]:
    """Lines such as `size: pixels a side` or `` `size`: ... `` of a docstring, by parameter."""
    found = re.findall(r"^\s*[-*]?\s*`?(\w+)`?(?: \([^)]*\))?:\s+(\S.*)$", inspect.getdoc(function) or "", flags=re.M)
    return dict(found)


def checked(known: Mapping[str, Option], given: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Every option's value: the one given, checked, or the default; unknown names are refused with the nearest."""
    for name in given:
        if name not in known:
            flags = [option.flag for option in known.values()]
            flag = "--" + name.replace("_", "-")
            raise UserError(f"{owner} has no option {flag}.{nearest(flag, flags)}")
    return {name: option.check(given[name]) if name in given else option.default for name, option in known.items()}


def arguments(known: Mapping[str, Option], values: Mapping[str, Any], function: Callable[..., Any]) -> dict[str, Any]:
    """The keyword arguments for `function`, dataclasses put together again."""
    parameters = inspect.signature(function).parameters
    plain = {name: values[name] for name, option in known.items() if option.group is None}
    groups = {option.group for option in known.values() if option.group is not None}
    for group in groups:
        mine = {name: values[name] for name, option in known.items() if option.group == group}
        plain[group] = dataclasses.replace(parameters[group].default, **mine)
    return plain


def _members(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return get_args(hint)
    return (hint,)


def _is_words(hint: Any) -> bool:
    """A choice of words, a list of numbers, or a name."""
    return hint is NameOrObject or get_origin(hint) in (Literal, tuple)
