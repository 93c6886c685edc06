"""Loads pictures from files of their own: in a folder, a zip, a folder of tar shards, or two folders of pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np

from ganwright.core.choices import Part, check
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.files import Listing, hidden, listing
from ganwright.core.system import expanded
from ganwright.data import _paired, _shards
from ganwright.data._kind import ZIP, Chosen, Kind
from ganwright.data._labels import FileLabels, encoded, labels
from ganwright.data._layout import Classes, Layout, layout
from ganwright.data._notes import counted, left_out, listed, printable, such_as
from ganwright.data._paired import Pairs
from ganwright.data._prepare import prepared
from ganwright.data._sources import Folder, PictureSource, Tree, empty_folders, folder_tree, open_zip, zip_tree
from ganwright.data._tiles import Tiles
from ganwright.domains._pictures import Fit, is_picture
from ganwright.domains.images import Images


@dataclass(frozen=True)
class PictureOptions:
    """How pictures in a folder or archive are read; `load` documents the options."""

    fit: Fit
    part: Part
    classes: str
    pairs: Pairs


def claims(chosen: Chosen) -> bool:
    """Whether it is a folder, whatever lies in it, or a zip."""
    return chosen.path.is_dir() or chosen.suffix == ZIP


def load_chosen(chosen: Chosen) -> Data:
    """The pictures in a folder or zip, or in the tar shards of a folder."""
    check("pairs", chosen.options["pairs"], Pairs)
    options = chosen.among(PictureOptions, fit=chosen.among(Fit), part=chosen.split)
    if options.pairs != "none" and options.fit.tiles is not None:
        raise UserError(f"{chosen.path}: --pairs and --tiles cannot be combined.")
    if options.pairs != "none" and options.classes != "auto":
        raise UserError(f"{chosen.path}: pairs have no classes; omit --classes.")
    return zipped(chosen.path, options) if chosen.suffix == ZIP else folder(chosen.path, chosen.below, options)


def is_shard(chosen: Chosen) -> bool:
    """Whether it is a tar shard."""
    return chosen.suffix == ".tar"


def load_shard(chosen: Chosen) -> Data:
    """The pictures in one shard."""
    path, classes = chosen.path, of_shards(chosen.options["classes"])
    return _shards.load([path], chosen.among(Fit), printable(path.stem), str(path), chosen.split, classes)


def of_shards(classes: str) -> Classes:
    """The option for shards, which have no metadata files."""
    check("classes (of tar shards)", classes, Classes)
    return cast(Classes, classes)


def folder(path: Path, found: Listing, options: PictureOptions) -> Data:
    """The pictures in a folder, or its shards; of the parts the selected one. `found` is what lies below it."""
    fit = options.fit
    names = [name for name, *_ in found.entries if not hidden(name.split("/"))]
    tars = [name for name in names if name.lower().endswith(".tar")]
    if not tars or fit.tiles is not None or options.pairs != "none" or any(map(is_picture, names)):
        return _pictures(folder_tree(path, found), options)
    others = [name for name in names if name not in {*tars}]
    notes = (*left_out(found.skipped), *_others(others))
    chosen, of_parts = _shards.parts(tars, options.part, str(path)) or (range(len(tars)), ())
    data = _shards.load(
        [path / tars[index] for index in chosen],
        fit,
        printable(path.absolute().name),
        str(path),
        "train" if of_parts else options.part,
        of_shards(options.classes),
    )
    return replace(data, notes=(*of_parts, *data.notes, *notes))


def zipped(path: Path, options: PictureOptions) -> Data:
    with ExitStack() as stack:
        archive = stack.enter_context(open_zip(path))
        return _pictures(zip_tree(path, archive), options)


def _pictures(tree: Tree, options: PictureOptions) -> Data:
    found = [entry for entry in tree.entries if is_picture(entry[0])]
    if not found:
        other = counted(len(tree.entries), "other file")
        tars = [name for name, *_ in tree.entries if name.lower().endswith((".zip", ".tar"))]
        hint = f" Give the path of one archive{such_as(tars)}." if tars else ""
        raise UserError(f"{printable(tree.where)} holds no pictures ({other}).{hint}")
    tree, others = replace(tree, entries=found), {name: size for name, size, _ in tree.entries if not is_picture(name)}
    if options.pairs != "none":
        kind = options.pairs
        of_kind = _paired.folders if kind == "folders" else partial(_paired.halves, pairs=kind)
        data = of_kind(tree, options.fit, options.part)
        return replace(data, notes=(*data.notes, *_notes(tree, others)))
    names, fit = [entry[0] for entry in found], options.fit
    known = labels(names, others, tree.read, options.classes, tree.where)
    by_folder = cast(Classes, "none" if known.files else options.classes)
    plan = _labelled(layout(names, options.part, tree.where, by_folder), names, known, tree.where)
    chosen = [found[index] for index in plan.chosen]
    pictures, of_pictures = tree.source([entry[0] for entry in chosen]), plan.labels
    if fit.tiles is not None:
        pictures = tiles = Tiles.of(pictures, fit.tiles)
        of_pictures = None if of_pictures is None else of_pictures[np.array(tiles.picture_of)]
    ready = prepared(pictures, fit, None, [tree.root, chosen], tree.where)
    of_pictures = None if of_pictures is None else np.delete(of_pictures, list(ready.left_out))
    height, width, channels = ready.samples.shape[1:]
    unused = {name: size for name, size in others.items() if name not in known.files}
    notes = (*plan.notes, *_few(of_pictures, plan.classes), *ready.notes, *_notes(tree, unused))
    return Data(tree.name, Images(height, width, channels), ready.samples, of_pictures, plan.classes, notes)


def _labelled(plan: Layout, names: Sequence[str], known: FileLabels, where: str) -> Layout:
    """The layout with the classes of a file of labels; pictures without one are left out."""
    chosen = [names[index] for index in plan.chosen]
    codes, without, classes = encoded([known.words.get(name, "") for name in chosen], chosen, where)
    notes = (*plan.notes, *known.notes)
    if not classes:
        return replace(plan, notes=notes)
    if without:
        examples = [chosen[index] for index in without]
        notes += (f"Left out: {counted(len(without), 'picture')} without a label{such_as(examples)}.",)
    return Layout([plan.chosen[row] for row in np.flatnonzero(codes >= 0)], codes[codes >= 0], classes, notes)


def _few(codes: np.ndarray | None, classes: Sequence[str]) -> Iterator[str]:
    """Sentences about classes with no picture, or only one."""
    if codes is None:
        return
    counts = np.bincount(codes, minlength=len(classes))
    for count, words in ((0, "no picture of it in this part"), (1, "only one picture")):
        few = [name for name, found in zip(classes, counts, strict=True) if found == count]
        if few:
            yield f"{len(few):,} of {len(classes):,} classes with {words}: {listed(few)}."


def load_pairs(path: str, other: str, fit: Fit, split: Part) -> Data:
    """Pictures in the folder `path` as conditions of those of the same names in the folder `other`.

    Raises UserError if either is not a folder; otherwise as `load`.
    """
    roots = {"A": expanded(path), "B": expanded(other)}
    for root in roots.values():
        if not root.is_dir():
            raise UserError(f"Pairs of two paths need two folders of pictures, and {root} is not a folder.")
    below = {side: listing(root) for side, root in roots.items()}
    entries = [(f"{side}/{name}", size, time) for side, found in below.items() for name, size, time in found.entries]
    skipped: dict[str, list[str]] = {}
    for side, found in below.items():
        for reason, names in found.skipped.items():
            skipped.setdefault(reason, []).extend(f"{side}/{name}" for name in names)

    def source(names: Sequence[str]) -> PictureSource:
        paths = (roots[name[0]].absolute() / name[2:] for name in names)
        return Folder(Path(), [str(one) for one in paths])

    def read(name: str) -> bytes:
        return (roots[name[0]] / name[2:]).read_bytes()

    where, both = f"{roots['A']} and {roots['B']}", " ".join(str(one.absolute()) for one in roots.values())
    tree = Tree(printable(roots["A"].absolute().name), where, both, entries, source, read, skipped=skipped)
    return _pictures(tree, PictureOptions(fit, split, "auto", "folders"))


def _notes(tree: Tree, others: Sequence[str] | Mapping[str, int]) -> tuple[str, ...]:
    """What was left out of a tree: what is no file, hidden pictures, folders without pictures, and other files."""
    empty = empty_folders(tree.folders, [name for name, *_ in tree.entries])
    return (
        *left_out(tree.skipped),
        *left_out({"a folder without pictures": empty}),
        *_others([*others]),
    )


def _others(names: Sequence[str]) -> Iterator[str]:
    """Sentences about hidden pictures, and about files that are no pictures."""
    concealed = [name for name in names if hidden(name.split("/"))]
    pictures = [name for name in concealed if is_picture(name.rpartition("/")[2].lstrip(".")) and not _is_fork(name)]
    yield from left_out({"a hidden picture": pictures})
    others = [name for name in names if not hidden(name.split("/"))]
    if others:
        are = "that is not a picture" if len(others) == 1 else "that are not pictures"
        yield f"Ignored {counted(len(others), 'file')} {are}{such_as(others)}."


def _is_fork(name: str) -> bool:
    """Whether a file holds macOS metadata of another one."""
    return "__MACOSX" in name.split("/") or name.rpartition("/")[2].startswith("._")


OF_SHARDS = ("size", "crop", "filter", "background", "grey", "split", "classes", "other")
PICTURES = Kind("pictures", "pictures in a folder or .zip", (*OF_SHARDS, "tiles", "pairs"), claims, load_chosen)
SHARDS = Kind("tar shards", "pictures in a .tar or a folder of such shards", OF_SHARDS, is_shard, load_shard)
