"""Derives the parts (train, validation, test) and classes of pictures, or of other files, from their folders.

No file is read.

Folders with usual names, such as `train` and `val`, are parts if one of them is for training and another is not. They
are the top folders, or lie one below: `cats/train`. The other top folders are the classes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from ganwright.core.choices import Part
from ganwright.core.errors import MissingPartError, UserError
from ganwright.data._notes import counted, listed, printable, such_as

TOLERATED = 0.01  # share of pictures that may be left out
USUAL: dict[Part, tuple[str, ...]] = {
    "train": ("training", "train", "trn"),
    "validation": ("validation", "valid", "val", "development", "dev", "evaluation", "eval"),
    "test": ("testing", "test", "tst"),
}
PART = "|".join(word for words in USUAL.values() for word in words)
FOLDER = re.compile(rf"({PART})[ _.-]*(?:set|data|split|part|images?|pictures)?[ _.-]*\d*", re.IGNORECASE)

Classes = Literal["auto", "folders", "none"]
Path = tuple[str, ...]  # the folders above a picture


@dataclass(frozen=True)
class FolderPlan:
    """For each folder of pictures its class, 0 without classes, or -1 for one that is not read."""

    place: np.ndarray
    classes: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """Indices of the selected pictures in the list of names, and their classes if there are any."""

    chosen: list[int]
    labels: np.ndarray | None  # int64, one per selected picture
    classes: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class PictureFolder:
    """A folder with `count` pictures, one of which is `example`; `path` and `part` are what was understood so far."""

    path: Path
    count: int
    example: str
    part: Part | None = "train"


def part_of(folder: str) -> Part | None:
    """The part that a folder's name stands for: train, training_set, val2017, dev, test."""
    found = FOLDER.fullmatch(folder)
    return part_named(found[1]) if found else None


def part_named(word: str) -> Part:
    """The part of one of the words in `USUAL`."""
    return next(part for part, words in USUAL.items() if word.lower() in words)


def chosen_part(found: Iterable[Part], wanted: Part, where: str) -> tuple[Part | None, tuple[str, ...]]:
    """The part to read of those that were found, or None without parts, and notes.

    Without a test part the validation part stands in for it. Raises UserError if the wanted part is missing.
    """
    parts = {*found}
    if wanted in parts:
        return wanted, ()
    if not parts and wanted == "train":
        return None, ()
    if wanted == "test" and "validation" in parts:
        return "validation", ("There is no test part: the validation part stands in for it.",)
    known = f"has the parts {', '.join(sorted(parts))}" if parts else "has no folders train and test"
    raise MissingPartError(f"{where} has no {wanted} part", f"it {known}")


def layout(names: Sequence[str], part: Part, where: str, classes: Classes = "auto", noun: str = "picture") -> Layout:
    """The pictures of a part and their classes; `noun` is what messages call one of them.

    Raises MissingPartError if the part is missing, and UserError if over 1 % of the pictures lie beside the folders of
    classes or a part has two folders.
    """
    places: dict[str, int] = {}
    folder_of = np.array([places.setdefault(name.rpartition("/")[0], len(places)) for name in names], dtype=np.int64)
    counts = np.bincount(folder_of, minlength=len(places)).tolist()
    firsts = np.unique(folder_of, return_index=True)[1]
    found = plan([*places], counts, [names[index] for index in firsts], part, where, classes, noun)
    chosen = np.flatnonzero(found.place[folder_of] >= 0)
    labels = found.place[folder_of[chosen]] if found.classes else None
    return Layout(chosen.tolist(), labels, found.classes, found.notes)


def parted(names: Sequence[str], part: Part, where: str) -> tuple[list[int], tuple[str, ...]] | None:
    """Indices of the files in a part, and notes; None if no folders are parts.

    Raises MissingPartError if there are other parts only.
    """
    folders = [PictureFolder(components(name)[:-1], 1, name) for name in names]
    if _depth_of_parts(_below_common(folders)[1], where) is None:
        return None
    found = layout(names, part, where, "none", "file")
    return found.chosen, found.notes


def plan(
    names: Sequence[str],
    counts: Sequence[int],
    examples: Sequence[str],
    part: Part,
    where: str,
    classes: Classes,
    noun: str = "picture",
) -> FolderPlan:
    """The class of each folder of pictures, by its name, its number of pictures, and the name of one of them."""
    paths = [tuple(map(class_name, components(name))) for name in names]
    common, folders = _below_common([PictureFolder(*one) for one in zip(paths, counts, examples, strict=True)])
    depth = _depth_of_parts(folders, where)
    if depth is not None:
        folders = [_parted(one, depth) for one in folders]
    parts = {one.part for one in folders if one.part} if depth is not None else set[Part]()
    chosen, notes = chosen_part(parts, part, where)
    chosen = chosen or "train"
    if depth is not None:
        notes = (parts_note(_counts(folders), chosen, noun), *notes)
        notes += _left_out([one for one in folders if one.part is None], "outside the parts", noun)
    notes += tuple(
        f"All {noun}s lie in a folder {word}, which is read as the whole set: there is no train part."
        for word in common
        if part_of(word) not in (None, "train")
    )
    tops, known, more = _classes(_by_part(folders), chosen, where, classes, noun)
    place = [known.index(top) if top in known else -1 if top is None else 0 for top in tops]
    return FolderPlan(np.array(place, dtype=np.int64), known, (*notes, *more))


def components(folder: str) -> Path:
    return tuple(word for word in folder.split("/") if word not in ("", "."))


def parts_note(counts: Mapping[Part | None, int], chosen: Part, noun: str = "picture") -> str:
    """The part that is read, and the others, with their numbers of pictures."""
    others = [f"{part} {counts[part]:,}" for part in USUAL if part in counts and part != chosen]
    total = sum(counts.values())
    return f"Read is the {chosen} part: {counts[chosen]:,} of {total:,} {noun}s ({', '.join(others)})."


def refuse_twice(folders: Iterable[str], where: str) -> None:
    """A UserError if a part has two names among these folders."""
    named: dict[Part, str] = {}
    for folder in sorted({*folders}):
        part = part_of(folder)
        if part is not None and named.setdefault(part, folder) != folder:
            raise UserError(
                f"{printable(where)} has two folders of the {part} part, {named[part]} and {folder}: "
                "move one of them away, or give the path of one part."
            )


def _below_common(folders: list[PictureFolder]) -> tuple[Path, list[PictureFolder]]:
    """The leading components that all paths share, and the folders without them."""
    common: Path = ()
    while folders and all(one.path and one.path[0] == folders[0].path[0] for one in folders):
        common += folders[0].path[:1]
        folders = [replace(one, path=one.path[1:]) for one in folders]
    return common, folders


def _depth_of_parts(folders: Sequence[PictureFolder], where: str) -> int | None:
    """The place of the parts in the paths: 0 for `train/cats`, 1 for `cats/train`, None without parts."""
    for depth in (0, 1):
        words = {one.path[depth] for one in folders if len(one.path) > depth}
        parts = {part_of(word) for word in words}
        named = parts - {None}
        if len(named) > 1 and ("train" in named or parts == named) and (depth == 0 or parts == named):
            refuse_twice(words, where)
            return depth
    return None


def _parted(folder: PictureFolder, depth: int) -> PictureFolder:
    """The folder with its part, and the path without it."""
    path = folder.path
    part = part_of(path[depth]) if len(path) > depth else None
    return replace(folder, part=part, path=path if part is None else (*path[:depth], *path[depth + 1 :]))


def _by_part(folders: Sequence[PictureFolder]) -> list[PictureFolder]:
    """Strips the top folders that all paths share; or, where no two parts have one in common, those of each part.

    Where a part would have no folders left while another one has classes, its only folder is a class.
    """
    tops = [{one.path[:1] for one in folders if one.part == part} for part in USUAL]
    joint = _stripped(folders, [{*USUAL}])
    if any(one & other for one, other in combinations(tops, 2)):
        return joint
    apart = _stripped(folders, [{part} for part in USUAL])
    flat = [all(not one.path for one in apart if one.part == part) for part in {one.part for one in apart if one.part}]
    return joint if any(flat) and not all(flat) else apart


def _stripped(folders: Sequence[PictureFolder], groups: Sequence[set[Part]]) -> list[PictureFolder]:
    """The folders without the top ones that all of a group of parts share."""
    stripped = [*folders]
    for group in groups:
        places = [place for place, one in enumerate(folders) if one.part in group]
        for place, one in zip(places, _below_common([folders[place] for place in places])[1], strict=True):
            stripped[place] = one
    return stripped


def _classes(
    folders: Sequence[PictureFolder], chosen: Part, where: str, classes: Classes, noun: str
) -> tuple[list[str | None], tuple[str, ...], list[str]]:
    """The class of each folder, "" without classes and None for one that is not read; the classes; and notes."""
    known = _known_classes(folders, chosen) if classes != "none" else []
    read = [one for one in folders if one.part == chosen]
    if not known:
        if classes == "folders":
            raise UserError(f"{printable(where)} has no folders that could be classes: omit --classes folders.")
        return ["" if one.part == chosen else None for one in folders], (), []
    beside = [one for one in read if not one.path]
    _refuse_many(beside, sum(one.count for one in read), known, where, classes, noun)
    tops = [one.path[0] if one.part == chosen and one.path else None for one in folders]
    notes = _left_out(beside, "beside the folders of the classes", noun)
    deep = [one.example.rpartition("/")[0] for one in read if len(one.path) > 1]
    if deep:
        notes += (f"Classes are the upper folders; {counted(len(deep), 'folder')} below them: {listed(deep, 1)}.",)
    parts = [name for name in known if part_of(name)]
    if parts:
        notes += (f"Taken for classes, not for parts: {listed(parts)}.",)
    return tops, tuple(known), [*notes]


def _known_classes(folders: Sequence[PictureFolder], chosen: Part) -> list[str]:
    """The classes by name: those of the train part, then others of the part that is read; none if there is one only."""
    of_part = {
        part: sorted({one.path[0] for one in folders if one.part == part and one.path}) for part in ("train", chosen)
    }
    if len(of_part["train"] or of_part[chosen]) < 2:
        return []
    return list(dict.fromkeys((*of_part["train"], *of_part[chosen])))


def class_name(folder: str) -> str:
    """A folder's name as that of a class: printable, and equal for both ways to write an accented letter."""
    return unicodedata.normalize("NFC", printable(folder))


def _refuse_many(
    beside: Sequence[PictureFolder], total: int, known: Sequence[str], where: str, classes: Classes, noun: str
) -> None:
    count = sum(one.count for one in beside)
    if classes == "auto" and count > TOLERATED * total:
        raise UserError(
            f"{printable(where)} has {counted(count, noun)} beside the folders {listed(known, 3)}"
            f"{such_as([one.example for one in beside] * min(count, 2))}: --classes folders takes the folders for "
            "classes and leaves these out, --classes none reads all as one set."
        )


def _left_out(folders: Sequence[PictureFolder], place: str, noun: str) -> tuple[str, ...]:
    if not folders:
        return ()
    count = sum(one.count for one in folders)
    return (f"Left out: {counted(count, noun)} {place}{such_as([folders[0].example] * min(count, 2))}.",)


def _counts(folders: Iterable[PictureFolder]) -> Counter[Part | None]:
    counts: Counter[Part | None] = Counter()
    for one in folders:
        counts[one.part] += one.count
    return counts
