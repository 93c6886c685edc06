"""The one description of an option: its name, type, default and help, read from a signature or a dataclass."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt

from ganwright.core.errors import UserError

Group = TypeVar("Group")
PositiveInt = Annotated[int, Gt(0)]  # these three are pydantic's, which is slow to import: help does without it
PositiveFloat = Annotated[float, Gt(0)]
NonNegativeFloat = Annotated[float, Ge(0)]
SIMPLE = (str, int, float, bool, Any)  # types whose values can be written as one word
STRICT: Any = {"arbitrary_types_allowed": True, "allow_inf_nan": False}
YAML_SPELLINGS = {True: ("on", "yes", "true"), False: ("off", "no", "false")}  # of booleans, in YAML 1.1
LARGE = 2**63  # numbers are kept in 64 bits
SPELLED = {"start_from": "from"}  # options whose name on the command line is a keyword of Python


@dataclass(frozen=True)
class Option:
    """One option. `group` is the parameter that holds it, when that is a dataclass of options."""

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
    def choices(self) -> tuple[str, ...]:
        """The names that the option accepts, where its type lists them."""
        members = [get_args(member) for member in _members(self.type) if get_origin(member) is Literal]
        return tuple(str(choice) for literal in members for choice in literal)

    @property
    def on_command_line(self) -> bool:
        """Whether some value, other than `none`, can be written as a word."""
        return any(member in SIMPLE or get_origin(member) in (Literal, tuple) for member in _members(self.type))

    def takes(self, *types: type) -> bool:
        """Whether the option's type is one of these, or a union with one."""
        return any(member in types for member in _members(self.type))

    def check(self, value: Any) -> Any:
        """A word or a Python object as a value of the option's type; a UserError names the option if it doesn't fit."""
        from pydantic import TypeAdapter, ValidationError
        from pydantic.errors import PydanticUserError
        from pydantic_core import SchemaError

        members = _members(self.type)
        read = _read(_as_choice(value, self.choices), members)
        is_simple = self.on_command_line and Any not in members
        if isinstance(read, bool) and is_simple and bool not in members:
            raise UserError(f"{self.flag} needs a value.")
        if isinstance(value, list) and is_simple and not _has_tuple(members):
            raise UserError(f"{self.flag} takes one value, not {len(value)}.")
        if isinstance(read, str) and not self.on_command_line:
            raise UserError(f"{self.flag} takes an object from Python, not {value!r}.")
        try:
            valid = TypeAdapter(self.type, config=STRICT).validate_python(read)
        except ValidationError as error:
            reasons = dict.fromkeys(_reason(one["msg"]) for one in error.errors())
            raise UserError(f"{self.flag} cannot be {value!r}: it should be {' or '.join(reasons)}.") from None
        except (PydanticUserError, SchemaError):
            return value  # a type that pydantic cannot check: the recipe uses the value or fails
        if any(isinstance(number, int) and abs(number) >= LARGE for number in _flat(valid)):
            raise UserError(f"{self.flag} cannot be {value!r}: it should be below 2^63.")
        return valid


def flag(name: str) -> str:
    """An option's name as it is written on the command line: `--batch-size`."""
    return "--" + SPELLED.get(name, name).replace("_", "-")


def option_name(word: str) -> str:
    """The option that a word of the command line or a config file names: `batch-size` is `batch_size`."""
    plain = word.removeprefix("--").replace("-", "_")
    return next((name for name, spelled in SPELLED.items() if spelled == plain), plain)


def options_of(described: Any) -> dict[str, Option]:
    """The options that a function or a dataclass instance describes, by name.

    Those of a function are its parameters with a default; a default that is a dataclass stands for its fields.
    """
    found = _fields(described, None) if dataclasses.is_dataclass(described) else _parameters(described)
    return {option.name: option for option in found}


def _parameters(function: Callable[..., Any]) -> Iterator[Option]:
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


def _fields(default: Any, group: str | None) -> Iterator[Option]:
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
    """Lines such as `size: pixels a side` or `` `size`: ... `` of a docstring, by parameter, with continued lines."""
    pattern = r"^( *)[-*]? *`?(\w+)`?(?: \([^)]*\))?: +(\S.*(?:\n\1 +\S.*)*)$"
    found = re.findall(pattern, inspect.getdoc(function) or "", flags=re.M)
    return {name: " ".join(note.split()) for _, name, note in found}


def as_word(value: Any) -> str:
    """A value as it is written on the command line."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "none" if value is None else str(value)


def as_words(values: Mapping[str, Any]) -> str:
    """Options and their values as they are written on the command line: `--width 8 --ema-rampup --no-conditional`."""
    switches = {True: "--", False: "--no-"}
    return " ".join(
        switches[value] + flag(name)[2:] if isinstance(value, bool) else f"{flag(name)} {as_word(value)}"
        for name, value in values.items()
    )


def checked(known: Mapping[str, Option], values: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Every option's checked value, or its default; an unknown name is a UserError with the nearest one."""
    refuse_unknown(values, known, owner)
    return {name: option.check(values[name]) if name in values else option.default for name, option in known.items()}


def refuse_unknown(names: Iterable[str], known: Iterable[str], owner: str) -> None:
    """A UserError about the first name that is no known option of `owner`; it suggests the nearest one."""
    known = list(known)
    for name in names:
        if name not in known:
            close = get_close_matches(flag(name)[2:], [flag(other)[2:] for other in known], n=1)
            hint = f" Did you mean --{close[0]}?" if close else ""
            raise UserError(f"{owner} has no option {flag(name)}.{hint}")


def filled(group: Group, values: Mapping[str, Any]) -> Group:
    """The dataclass of options with those of `values` that are its fields; all fields are checked."""
    known = options_of(group)
    now = {name: values.get(name, option.default) for name, option in known.items()}
    return dataclasses.replace(group, **checked(known, now, ""))  # type: ignore[type-var]


def arguments(known: Mapping[str, Option], values: Mapping[str, Any], function: Callable[..., Any]) -> dict[str, Any]:
    """The keyword arguments of `function` for these option values; dataclasses are put together again."""
    parameters = inspect.signature(function).parameters
    plain = {name: values[name] for name, option in known.items() if option.group is None}
    groups = {option.group for option in known.values() if option.group is not None}
    for group in groups:
        fields = {name: values[name] for name, option in known.items() if option.group == group}
        plain[group] = dataclasses.replace(parameters[group].default, **fields)
    return plain


def _members(hint: Any) -> list[Any]:
    """The types of a union, or the type itself, without their limits."""
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return [get_args(kind)[0] if get_origin(kind) is Annotated else kind for kind in kinds]


def _read(value: Any, members: list[Any]) -> Any:
    """A word of the command line as the value that it stands for; other values unchanged."""
    if isinstance(value, str) and value.lower() in ("none", "null") and type(None) in members:
        return None
    if isinstance(value, str) and value.isdecimal() and int in members and str in members:
        return int(value)
    if isinstance(value, str) and _has_tuple(members):
        return [item for item in value.split(",") if item]
    return value


def _as_choice(value: Any, choices: tuple[str, ...]) -> Any:
    """What YAML reads of `on`, `yes`, `off` or `no` as that choice, where it is one; other values unchanged."""
    spellings = YAML_SPELLINGS[value] if isinstance(value, bool) else ()
    return next((word for word in spellings if word in choices), value)


def _flat(value: Any) -> Iterator[Any]:
    """The numbers of a value, or of the tuples in it."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _has_tuple(members: list[Any]) -> bool:
    return any(get_origin(member) is tuple for member in members)


def _reason(message: str) -> str:
    """Pydantic's "Input should be X, unable to parse ..." as X."""
    reason = message.removeprefix("Input should be ").partition(", unable to ")[0]
    reason = "a path" if reason.startswith("Input is not a valid path") else reason
    return "true or false" if reason == "a valid boolean" else reason
