"""Values, domains and data sets as recipe.json stores them, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass, replace
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from ganwright.core.data import Data
from ganwright.core.discovery import load_component, names
from ganwright.core.domain import Domain
from ganwright.core.errors import DamagedError, UserError


def to_json(value: Any) -> Any:
    """An option's value, or a mapping or sequence of them, as JSON; a Python object becomes a marker."""
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    if isinstance(value, Mapping):
        return {name: to_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return object_marker(value)


def object_marker(value: Any) -> str:
    """A Python object as recipe.json stores it: the name of the function or class, in angle brackets."""
    return f"<{getattr(value, '__name__', None) or type(value).__name__}>"


def is_object_marker(value: Any) -> bool:
    """Whether a recorded value stands for a Python object."""
    return isinstance(value, str) and value.startswith("<") and value.endswith(">")


def domain_to_json(domain: Domain) -> dict[str, Any] | str:
    """A domain of this package as its kind and its fields, any other Python object as a marker.

    A UserError for a class of this package that cannot be found again by the name of its file.
    """
    package, _, kind = type(domain).__module__.rpartition(".")
    if package != "ganwright.domains":
        return object_marker(domain)
    if load_component("domains", kind) is not type(domain) or not is_dataclass(domain):
        raise UserError(f"domains/{kind}.py should hold a frozen dataclass of the file's name in CamelCase.")
    return {"kind": kind.replace("_", "-"), **asdict(domain)}


def domain_from_json(recorded: Any, where: str) -> Domain:
    """The domain that `domain_to_json` recorded; lists become tuples again, and columns their classes.

    A UserError, which begins with `where`, for an unknown kind or other fields.
    """
    if not isinstance(recorded, Mapping) or not isinstance(recorded.get("kind"), str):
        raise DamagedError(where, "its domain is no object with a kind")
    fields = dict(recorded)
    kind = fields.pop("kind")
    if kind not in names("domains"):
        raise UserError(f"{where} has the domain {kind!r}, which is unknown: use the version of ganwright it names.")
    try:
        domain: Domain = TypeAdapter(load_component("domains", kind)).validate_python(fields)
    except ValidationError as error:
        raise DamagedError(where, f"its domain {kind!r} has wrong fields: {error.errors()[0]['msg']}") from None
    return domain


def shape_only_data(name: str, domain: Domain, count: int, classes: tuple[str, ...], counts: Sequence[int]) -> Data:
    """A data set of `count` zeros; a trained recipe's networks are built from it without the real data."""
    labels = np.repeat(np.arange(len(counts)), counts) if counts else None
    return Data(name, domain, _zeros(domain, count), labels, classes)


def with_conditions(data: Data, domain: Domain, paired: bool) -> Data:
    """The same data set with zeros as conditions."""
    return replace(data, conditions=_zeros(domain, len(data)), condition_domain=domain, paired=paired)


def _zeros(domain: Domain, count: int) -> np.ndarray:
    """`count` stored samples as a broadcast view of a single zero."""
    return np.broadcast_to(np.zeros((), domain.dtype), (count, *domain.stored_shape))
