"""A function's parameters as options: what they are called, what they take, what they are for."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from ganwright.core.errors import UserError, nearest

Group = TypeVar("Group")
STRICTLY = ConfigDict(arbitrary_types_allowed=True, allow_inf_nan=False)
WORDS = (str, int, float, bool)


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
        return flag(self.name)

    @property
    def is_switch(self) -> bool:
        return self.type is bool

    @property
    def on_command_line(self) -> bool:
        """Whether a value can be written as a word: some value, not only `none`."""
        return any(kind in WORDS or get_origin(kind) in (Literal, tuple) for kind in _members(self.type))

    def check(self, value: Any) -> Any:
        """The value as the option's type; a UserError that names the option when it doesn't fit."""
        try:
            return TypeAdapter(self.type, config=STRICTLY).validate_python(self._read(value))
        except ValidationError as error:
            reasons = dict.fromkeys(_reason(one["msg"]) for one in error.errors())
            raise UserError(f"{self.flag} cannot be {value!r}: it should be {' or '.join(reasons)}.") from None
        except (PydanticUserError, SchemaError):
            return value  # a type that cannot be checked: the recipe will use it or fail

    def _read(self, value: Any) -> Any:
        """A word of the command line, where it stands for something else than itself."""
        kinds = _members(self.type)
        if isinstance(value, str) and value.lower() in ("none", "null") and type(None) in kinds:
            return None
        if isinstance(value, str) and any(get_origin(kind) is tuple for kind in kinds):
            return [word for word in value.split(",") if word]
        return value


def flag(name: str) -> str:
    """A name as it is written on the command line."""
    return "--" + name.replace("_", "-")


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
    """`Annotated[int, Gt(0), "note"]` as the type `Annotated[int, Gt(0)]` and the note."""
    if get_origin(hint) is not Annotated:
        return hint, ""
    kind, *extras = get_args(hint)
    notes = [extra for extra in extras if isinstance(extra, str)]
    limits = [extra for extra in extras if not isinstance(extra, str)]
    return Annotated[kind, *limits] if limits else kind, " ".join(notes)


def docstring_notes(function: Callable[..., Any]) -> dict[str, str]:
    """Lines such as `size: pixels a side` or `` `size`: ... `` of a docstring, by parameter."""
    found = re.findall(r"^\s*[-*]?\s*`?(\w+)`?(?: \([^)]*\))?:\s+(\S.*)$", inspect.getdoc(function) or "", flags=re.M)
    return dict(found)


def checked(known: Mapping[str, Option], given: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Every option's value: the one given, checked, or the default; unknown names are refused with the nearest."""
    for name in given:
        if name not in known:
            raise unknown(name, known, owner)
    return {name: option.check(given[name]) if name in given else option.default for name, option in known.items()}


def unknown(name: str, known: Mapping[str, Option], owner: str) -> UserError:
    """The sentence about an option that there isn't."""
    return UserError(f"{owner} has no option {flag(name)}.{nearest(flag(name), map(flag, known))}")


def fields(group: object) -> dict[str, Option]:
    """The options that a dataclass of them holds."""
    return {option.name: option for option in _fields(group, "")}


def filled(group: Group, given: dict[str, Any]) -> Group:
    """The dataclass of options with those of `given` that are its fields, which are taken out; all are checked."""
    known = fields(group)
    values = {name: given.pop(name, option.default) for name, option in known.items()}
    return dataclasses.replace(group, **checked(known, values, ""))  # type: ignore[type-var]


def arguments(known: Mapping[str, Option], values: Mapping[str, Any], function: Callable[..., Any]) -> dict[str, Any]:
    """The keyword arguments for `function`, dataclasses put together again."""
    parameters = inspect.signature(function).parameters
    plain = {name: values[name] for name, option in known.items() if option.group is None}
    groups = {option.group for option in known.values() if option.group is not None}
    for group in groups:
        mine = {name: values[name] for name, option in known.items() if option.group == group}
        plain[group] = dataclasses.replace(parameters[group].default, **mine)
    return plain


def _members(hint: Any) -> list[Any]:
    """The types that a value may have, without their limits."""
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return [get_args(kind)[0] if get_origin(kind) is Annotated else kind for kind in kinds]


def _reason(message: str) -> str:
    """What pydantic says a value should be, without how it tried to read it."""
    return message.removeprefix("Input should be ").partition(", unable to parse")[0]
