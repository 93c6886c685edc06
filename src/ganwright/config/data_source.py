"""Loads a data set by its name, path or Python object, and records how to load it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from ganwright.config.options import Option, checked, options_of
from ganwright.config.serialization import domain_to_dict, fingerprint, is_object_marker, object_marker, to_json
from ganwright.core.data import Data
from ganwright.core.discovery import names
from ganwright.core.domain import Domain, Stored
from ganwright.core.errors import UserError
from ganwright.data import _arrays, _files, _find

TRANSLATION = {True: "pix2pix", False: "cyclegan"}  # the default recipe of data with conditions, by `Data.paired`


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

    def to_dict(self) -> dict[str, Any]:
        """As recipe.json stores it."""
        return {
            "source": self.name,
            "options": to_json(self.options),
            "name": self.data.name,
            "count": len(self.data),
            "domain": domain_to_dict(self.data.domain),
            "classes": list(self.data.classes),
            "class_counts": self.data.class_counts,
            "fingerprint": fingerprint(self.data),
            **self._conditions,
        }

    @property
    def _conditions(self) -> dict[str, Any]:
        domain = self.data.condition_domain
        return {} if domain is None else {"condition_domain": domain_to_dict(domain), "paired": self.data.paired}

    @property
    def default_recipe(self) -> str:
        """The recipe with the data set's name, or else its domain's default; a UserError if there is neither."""
        known, domain = names("recipes"), self.data.domain
        usual = domain.default_recipe if self.data.conditions is None else TRANSLATION[self.data.paired]
        recipe = self.data.name if self.data.name in known else usual
        if recipe not in known:
            what = f"{self.data.name} has {domain.describe()}, and there is no recipe for such data yet"
            raise UserError(
                f"{what}: give a file of your own (ganwright train ./FILE.py; see docs/your-own-recipe.md)."
            )
        return recipe


def find(name_or_object: Any, options: Mapping[str, Any]) -> DataSource:
    """Loads a data set with these options of its loader; a UserError names an unknown or wrong one."""
    known = loader_options(name_or_object)
    if not isinstance(name_or_object, str):
        checked(known, options, "Data from Python")
        return DataSource(from_object(name_or_object), object_marker(name_or_object), {})
    if not name_or_object:
        raise UserError("--data is empty: give a data set or a path.")
    name = _absolute(name_or_object)
    values = checked(known, options, f"The data {name}")
    if values["other"] is not None:
        _find.loader(values["other"])  # a UserError suggests the nearest name
        values["other"] = _absolute(values["other"])
    return DataSource(_find.load(name, **values), name, values)


def the_test_part(source: DataSource) -> Data | None:
    """The part that was not trained on, where the loader has one."""
    if "split" not in source.options:
        return None
    other = "train" if source.options["split"] == "test" else "test"
    try:
        return find(source.name, {**source.options, "split": other}).data
    except UserError:
        return None


def _absolute(name: str) -> str:
    """A data set's name unchanged, a path as an absolute one."""
    return name if name.replace("_", "-") in names("data") else str(Path(name).expanduser().absolute())


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
    if isinstance(data, Dataset):
        return _arrays.from_dataset(data)
    return _arrays.from_array(np.asarray(data))


def samples_like(samples: Path | str | NDArray[Any], source: DataSource) -> Data:
    """Samples in a file, a folder or an array, read as the data of `source` are; a UserError if they differ in kind.

    Arrays other than pictures, [n, *stored shape], are in the data's units; a table's categories are those of the data.
    """
    domain, name = source.data.domain, "the array" if isinstance(samples, np.ndarray) else str(samples)
    if "features" not in domain.views and (isinstance(samples, np.ndarray) or name.endswith(".npy")):
        array = samples if isinstance(samples, np.ndarray) else np.load(name, allow_pickle=False)
        shape = source.data.samples.shape[1:]
        if array.shape[1:] != shape or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise UserError(f"{name} should hold finite numbers [n, {', '.join(map(str, shape))}], as {source.name}.")
        return replace(source.data, name=name, samples=array.astype(source.data.samples.dtype), labels=None)
    if "test" in source.options and domain.views == ("rows",):
        return find(source.name, {**source.options, "test": name, "split": "test"}).data
    found = find(samples if isinstance(samples, np.ndarray) else name, {}).data
    if found.domain.shape != domain.shape or found.domain.views != domain.views:
        raise UserError(f"{name} holds {found.domain.describe()}, and {source.name} has {domain.describe()}.")
    return found


def read_like(path: Path, settings: Mapping[str, Any], domain: Domain) -> Stored:
    """The samples in a file, [n, *stored shape], prepared as `settings` record it for the training data."""
    return _files.read(path, domain, settings["options"])
