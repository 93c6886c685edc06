"""A kind of data in files: which paths hold it, which options of `_files.load` it has, and how it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from ganwright.core.choices import Part, Split, flagged
from ganwright.core.data import Data
from ganwright.core.errors import MissingPartError, UserError
from ganwright.core.files import Listing, hidden, listing
from ganwright.data._sources import open_zip, zip_tree

Group = TypeVar("Group")
ZIP = ".zip"


@dataclass(frozen=True)
class Chosen:
    """A file or folder, the options of `_files.load` with which it is loaded, and their defaults."""

    path: Path
    options: Mapping[str, Any]
    defaults: Mapping[str, Any]

    @cached_property
    def names(self) -> frozenset[str]:
        """The options that differ from their defaults."""
        return frozenset(name for name, value in self.options.items() if value != self.defaults[name])

    def among(self, group: type[Group], **others: Any) -> Group:
        """A dataclass of options with those of its fields, besides `others`."""
        of_group = {field.name for field in fields(group)} & self.options.keys()  # type: ignore[arg-type]
        return group(**{name: self.options[name] for name in of_group}, **others)

    @property
    def split(self) -> Part:
        part: Part = self.options["split"]
        return part

    def one_of_parts(self, *known: Split) -> Split:
        """The part of what has only these; raises MissingPartError for another."""
        for one in known:
            if self.split == one:
                return one
        if self.split == "test":
            hint = "give the path of the test file as --data"
            raise MissingPartError(f"{self.path} has no test part", hint)
        raise MissingPartError(f"{self.path} has no {self.split} part", f"its parts are {' and '.join(known)}")

    @property
    def suffix(self) -> str:
        """That of a file, in lower case; "" for a folder."""
        return "" if self.path.is_dir() else self.path.suffix.lower()

    @cached_property
    def below(self) -> Listing:
        """What lies below a folder."""
        return listing(self.path)

    @cached_property
    def files(self) -> Sequence[str]:
        """The names of the files in a folder or .zip that are not hidden; of another file none."""
        if self.path.is_dir():
            entries: Sequence[tuple[str, int, int]] = self.below.entries
        elif self.suffix == ZIP:
            with open_zip(self.path) as archive:
                entries = zip_tree(self.path, archive).entries
        else:
            return []
        return [name for name, *_ in entries if not hidden(name.split("/"))]


@dataclass(frozen=True)
class Kind:
    """One kind: its name and the files that hold it, in messages; its options; whether a path is read as this kind,
    with these options; and its loader, which raises UserError for values that do not fit."""

    name: str
    files: str
    options: tuple[str, ...]
    claims: Callable[[Chosen], bool]
    load: Callable[[Chosen], Data]


def refuse_others(kind: Kind, chosen: Chosen, kinds: Sequence[Kind]) -> None:
    """Raises UserError for an option of other kinds, which it names."""
    others = [name for name in chosen.options if name in chosen.names and name not in kind.options]
    if not others:
        return
    owners = [one for one in kinds if others[0] in one.options]
    alike = [name for name in others if [one for one in kinds if name in one.options] == owners]
    are = "is an option" if len(alike) == 1 else "are options"
    theirs, own = (_listed([*map(flagged, names)]) for names in (alike, kind.options))
    raise UserError(
        f"{chosen.path} is read as {kind.name}: {theirs} {are} of {_listed([one.name for one in owners])}; "
        f"those of {kind.name} are {own}."
    )


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
