"""From what the user calls data to a data set, and the words that find it again."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from ganwright.config.options import Option, checked, options
from ganwright.config.serialization import domain_to_dict, fingerprint, to_json
from ganwright.core.data import Data
from ganwright.core.discovery import names
from ganwright.core.domain import Domain, Stored
from ganwright.core.errors import UserError
from ganwright.data import _arrays, _files, _find

TRANSLATING = {True: "pix2pix", False: "cyclegan"}  # the usual recipe of conditions beside samples, by `Data.paired`


@dataclass(frozen=True)
class DataSource:
    """A data set, how it was asked for, and the options that were none of the loader's."""

    data: Data
    asked: str
    options: Mapping[str, Any]
    left: Mapping[str, Any]

    @property
    def settings(self) -> dict[str, Any]:
        """What recipe.json says of the data."""
        return {
            "source": self.asked,
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
        """The recipe to take when nobody names one: the data's namesake, or the domain's usual one.

        A UserError where that is not on the shelf.
        """
        known, domain = names("recipes"), self.data.domain
        usual = domain.default_recipe if self.data.conditions is None else TRANSLATING[self.data.paired]
        recipe = self.data.name if self.data.name in known else usual
        if recipe not in known:
            what = f"{self.data.name} has {domain.describe()}, and there is no recipe for such data yet"
            raise UserError(f"{what}: give a file of your own (ganwright train ./FILE.py; see docs/own.md).")
        return recipe


def find(asked: Any, given: Mapping[str, Any], taken: Container[str] = ()) -> DataSource:
    """Loads what was asked for, with those of the options `given` that its loader knows and that are not `taken`."""
    if not isinstance(asked, str):
        return DataSource(from_object(asked), f"<{type(asked).__name__}>", {}, given)
    known = loader_options(asked)
    asked = lasting(asked)
    mine = {name: value for name, value in given.items() if name in known and name not in taken}
    values = checked(known, mine, f"The data {asked}")
    if values["other"] is not None:
        _find.loader(values["other"])  # names what is near to a name that isn't there
        values["other"] = lasting(values["other"])
    left = {name: value for name, value in given.items() if name not in mine}
    return DataSource(_find.load(asked, **values), asked, values, left)


def the_test_part(source: DataSource) -> Data | None:
    """The part that was not trained on, where the loader has one."""
    if "split" not in source.options:
        return None
    other = "train" if source.options["split"] == "test" else "test"
    try:
        return find(source.asked, {**source.options, "split": other}).data
    except UserError:
        return None


def lasting(asked: str) -> str:
    """A name as it is, and a path so that it is found from any folder."""
    return asked if asked.replace("_", "-") in names("data") else str(Path(asked).expanduser().absolute())


def loader_options(asked: str) -> dict[str, Option]:
    """The options of the loader that `asked` leads to, and those of any two data sets together."""
    return options(_find.loader(asked)) | options(_find.load)


def from_object(asked: Any) -> Data:
    """A data set handed over from Python."""
    if isinstance(asked, Data):
        return asked
    if isinstance(asked, Dataset):
        return _arrays.from_dataset(asked)
    return _arrays.from_array(np.asarray(asked))


def samples_like(asked: Path | str | NDArray[Any], source: DataSource) -> Data:
    """Samples in a file, a folder or an array, read as the data of `source` are; a UserError for other ones.

    Arrays of anything but pictures, [n, *stored shape], are in the data's units; a table's words are those of the data.
    """
    domain, name = source.data.domain, "the array" if isinstance(asked, np.ndarray) else str(asked)
    if "features" not in domain.views and (isinstance(asked, np.ndarray) or name.endswith(".npy")):
        array = asked if isinstance(asked, np.ndarray) else np.load(name, allow_pickle=False)
        shape = source.data.samples.shape[1:]
        if array.shape[1:] != shape or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise UserError(f"{name} should hold finite numbers [n, {', '.join(map(str, shape))}], as {source.asked}.")
        return replace(source.data, name=name, samples=array.astype(source.data.samples.dtype), labels=None)
    if "test" in source.options and domain.views == ("rows",):
        return find(source.asked, {**source.options, "test": name, "split": "test"}).data
    found = find(asked if isinstance(asked, np.ndarray) else name, {}).data
    if found.domain.shape != domain.shape or found.domain.views != domain.views:
        raise UserError(f"{name} holds {found.domain.describe()}, and {source.asked} has {domain.describe()}.")
    return found


def read_like(path: Path, settings: Mapping[str, Any], domain: Domain) -> Stored:
    """The samples in a file, [n, *stored shape], prepared as `settings` say that the training data was."""
    return _files.read(path, domain, settings["options"])
