"""Loads a data set by its name, path or Python object, and records how to load it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from ganwright.config.fingerprint import Fingerprint, fingerprint
from ganwright.config.options import Option, checked, options_of
from ganwright.config.serialization import domain_to_json, is_object_marker, object_marker, to_json
from ganwright.core import user_code
from ganwright.core.data import Data
from ganwright.core.discovery import names
from ganwright.core.domain import Domain, SavedSamples
from ganwright.core.errors import MissingPartError, UserError
from ganwright.core.system import expanded
from ganwright.data import _arrays, _files, _find

PLACES = ("other", "test", "of")  # options that are paths, relative to the working folder, or names of data sets
ARCHIVES = (".zip", ".tar")  # loaded as data sets, also by domains that don't read them
# options that choose among samples, and don't convert them
PARTS = ("split", "test", "test_share", "other", "pairs", "tiles")


@dataclass(frozen=True)
class DataSource:
    """A data set, its `name` or absolute path (a marker for a Python object), and its loader's options."""

    data: Data
    name: str
    options: Mapping[str, Any]

    @property
    def known_options(self) -> dict[str, Option]:
        """The options of the data set's loader."""
        return {} if is_object_marker(self.name) else loader_options(self.name)

    @property
    def own_options(self) -> dict[str, Option]:
        """Of these the options that the kind of data has which a path holds; of a data set all."""
        if is_object_marker(self.name) or _is_name(self.name):
            return self.known_options
        given = {name: value for name, value in self.options.items() if name in options_of(_files.load)}
        own = _files.options_at(self.name, given)
        return {name: option for name, option in self.known_options.items() if name in own}

    @property
    def own_domains(self) -> dict[str, Domain]:
        """The domains that recipe.json records as markers, under the names by which `ganwright.open` takes them."""
        domains = {"domain": self.data.domain, "condition_domain": self.data.condition_domain}
        found = {name: domain for name, domain in domains.items() if domain is not None}
        return {name: domain for name, domain in found.items() if is_object_marker(domain_to_json(domain))}

    def to_dict(self) -> dict[str, Any]:
        """As recipe.json stores it."""
        return {
            "source": self.name,
            "options": to_json(self.options),
            "name": self.data.name,
            "count": len(self.data),
            "domain": domain_to_json(self.data.domain),
            "classes": list(self.data.classes),
            "class_counts": self.data.class_counts,
            "fingerprint": self.fingerprint.digest,
            "fingerprint_covers": self.fingerprint.covers,
            **self._conditions,
        }

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """The hash of the data, computed once."""
        return fingerprint(self.data)

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence if changes of the data are not noticed everywhere."""
        if self.fingerprint.complete:
            return ()
        return (
            f"Resuming notices changed data by a hash of {self.fingerprint.covers}; changes elsewhere it does not.",
        )

    @property
    def _conditions(self) -> dict[str, Any]:
        domain = self.data.condition_domain
        return {} if domain is None else {"condition_domain": domain_to_json(domain), "paired": self.data.paired}

    @property
    def default_recipe(self) -> str:
        """The recipe that is used by default; a UserError if there is none."""
        return self.data.default_recipe


def find(name_or_object: Any, options: Mapping[str, Any]) -> DataSource:
    """Loads a data set with these options of its loader; a UserError names an unknown or wrong one."""
    known = loader_options(name_or_object)
    if not isinstance(name_or_object, str):
        checked(known, options, "Data from Python")
        return _checked(DataSource(from_object(name_or_object), object_marker(name_or_object), {}))
    if not name_or_object:
        raise UserError("--data is empty: give a data set or a path.")
    name = _absolute(name_or_object)
    values = checked(known, options, f"The data {name}")
    if values["other"] is not None:
        _find.loader(values["other"])  # a UserError suggests the nearest name
    values |= {option: _absolute(values[option]) for option in PLACES if values.get(option) is not None}
    return _checked(DataSource(_find.load(name, **values), name, values))


def _checked(source: DataSource) -> DataSource:
    with user_code.running(f"Checking the data {source.data.name}", only_own=True):
        source.data.check()
    return source


def the_test_part(source: DataSource) -> Data | None:
    """The part that was not trained on, where the loader has one; in the form and with the classes of the source.

    Raises UserError if there is one that cannot be read.
    """
    return other_part(source)[0]


def other_part(source: DataSource) -> tuple[Data | None, str]:
    """The part that was not trained on and its name, or None and a clause about why there is none."""
    if "split" not in source.options:
        return None, ""
    other = "test" if source.options["split"] == "train" else "train"
    alike = {name: value for name, value in source.data.domain.part_options.items() if name in source.options}
    options = source.options if _is_name(source.name) else {**source.options, **alike}
    try:
        part = find(source.name, {**options, "split": other}).data
    except MissingPartError as error:
        return None, error.fact
    return with_classes(_in_form(part, source.data.domain), source.data.classes), other


def with_classes(data: Data, classes: tuple[str, ...]) -> Data:
    """The data set with labels that count in `classes`, by name; classes that are not among them follow."""
    if data.labels is None or data.classes == classes:
        return data
    names = tuple(dict.fromkeys((*classes, *data.classes)))
    places = np.array([names.index(name) for name in data.classes], dtype=np.int64)
    return replace(data, labels=places[data.labels], classes=names)


def _in_form(data: Data, domain: Domain) -> Data:
    """The data set in a domain's form, where it fits; otherwise unchanged."""
    stored = domain.same_form(data.samples, data.domain)
    return data if stored is data.samples else replace(data, samples=stored, domain=domain)


def _absolute(name: str) -> str:
    """A data set's name unchanged, a path as an absolute one."""
    return name if _is_name(name) else str(expanded(name).absolute())


def _is_name(name: str) -> bool:
    """Whether it is a data set of this package, not a path."""
    return name.replace("_", "-") in names("data")


def loader_options(name_or_object: Any) -> dict[str, Option]:
    """The options of the data set's loader, with those that join two data sets; none for a Python object."""
    if not isinstance(name_or_object, str):
        return {}
    return options_of(_find.loader(name_or_object)) | options_of(_find.load)


def file_options() -> dict[str, Option]:
    """The options of the loader of a user's own files, with those that join two data sets."""
    return options_of(_files.load) | options_of(_find.load)


def from_object(data: Any) -> Data:
    """A data set from Python: a `Data`, a `torch.utils.data.Dataset`, or an array."""
    if isinstance(data, Data):
        return data
    items = hasattr(data, "__getitem__") and not (hasattr(data, "__array__") or isinstance(data, (Sequence, Mapping)))
    if isinstance(data, Dataset) or items:
        return _arrays.from_dataset(data)
    with user_code.running("Reading the data as an array"):
        array = np.asarray(data)
    return _arrays.from_array(array)


def samples_of(samples: Path | NDArray[Any], domain: Domain, options: Mapping[str, Any] | None = None) -> SavedSamples:
    """The samples in an array, a file or a folder, and their classes' names; a UserError if they are of another kind.

    `options` are those of the training data's loader, see `Domain.read`. What the domain does not read, such as a .zip,
    is loaded as a data set.
    """
    if isinstance(samples, np.ndarray):
        stored, notes = domain.converted(samples, "the array")
        return SavedSamples(stored, notes=tuple(f"The array: {note}" for note in notes))
    path = expanded(samples)
    if domain.files(path):
        return domain.read(path, options)
    known = loader_options(str(path))
    alike = {**(options or {}), **domain.loader_options}
    wanted = {name: value for name, value in alike.items() if name in known and name not in PARTS}
    _refuse_other_kinds(path, domain, wanted)
    loaded = find(str(path), wanted).data
    if not domain.comparable(loaded.domain):
        raise UserError(f"{path} holds {loaded.domain.describe()}, and expected are {domain.describe()}.")
    names = None if loaded.labels is None else np.array(loaded.classes)[loaded.labels]
    return SavedSamples(np.asarray(loaded.samples), names, notes=loaded.notes)


def _refuse_other_kinds(path: Path, domain: Domain, options: Iterable[str]) -> None:
    """A UserError about a file or folder that holds other samples; it says what is there, and what is expected.

    Any one file that a domain does not read does, but an archive; a folder or an archive does if what it holds has not
    all of these options.
    """
    if not path.exists():
        return
    what, known = _files.found_at(path)
    if (path.is_file() and path.suffix.lower() not in ARCHIVES) or not {*options} <= {*known}:
        raise UserError(f"{path} is {what}, and expected are {domain.describe()}.")
