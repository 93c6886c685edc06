"""Loads user files: folders or zips of pictures, tar shards, arrays in .npy or .npz, and delimited text."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from ganwright.core.choices import Split, at_least, check
from ganwright.core.data import Data
from ganwright.core.errors import UserError, nearest
from ganwright.core.files import Entry, hidden, walk
from ganwright.data import _arrays, _csv, _paired, _series, _shards, _table
from ganwright.data._layout import layout, printable
from ganwright.data._paired import Pairs
from ganwright.data._prepare import prepared
from ganwright.data._sources import Folder, PictureSource, Tree, Zip, members, open_zip
from ganwright.data._table import Reading
from ganwright.data._tiles import Tiles
from ganwright.domains._pictures import Crop, Filter, Fit, is_picture
from ganwright.domains._text import SUFFIXES, Header, number, opened
from ganwright.domains._text_points import label_column
from ganwright.domains._text_series import is_time
from ganwright.domains.images import Images

SUPPORTED = (
    "a folder or .zip of pictures, a .tar or a folder of such shards, an .npy or .npz array, "
    "or points, series or tables in a .csv or .tsv"
)
NO_SPLITS = "{} has no test part: give the path of the test file instead of split=test."


def load(
    path: str | Path,
    *,
    size: int | None = None,
    crop: Crop = "centre",
    filter: Filter = "lanczos",
    background: str = "white",
    grey: bool = False,
    tiles: int | None = None,
    split: Split = "train",
    window: int | None = None,
    table: bool = False,
    header: Header = "auto",
    categories: tuple[str, ...] = (),
    test: str | None = None,
    pairs: Pairs = "none",
) -> Data:
    """Loads the file or folder at `path`: pictures as uint8 [N, size, size, 1 or 3], points as float32 [N, dimensions].

    Delimited text holds points if all cells are numbers, a table as float64 [N, columns] if some are words, and series
    as float32 [N, window, features] if a window is given.

    Pictures in a folder or zip are prepared once, cached, and memory-mapped. If every picture lies in one of several
    subfolders, these are the classes; folders named `train` and `test` are the parts. Unreadable pictures are left out
    and listed in the notes. Pictures in .tar shards are decoded on access, in the order of the shards' names; their
    labels are .cls or .json members; an unreadable one raises on access. Arrays keep their size unless `size` is given;
    for their values see `_arrays.from_array`.

    size: pixels along each side (default: the largest power of two, 8 to 64, up to the median short side).
    crop: centre crops to a square, pad pads to a square, none resizes without keeping the aspect ratio.
    filter: resampling filter of resized pictures.
    background: colour behind transparent pixels and of the padding.
    grey: convert pictures to grey; by default only if all are grey.
    tiles: cut pictures of any size into tiles of N pixels a side, without resizing (super-resolution).
    split: train, or test if there is a test part.
    window: time steps (lines of the text) of a series; the last 20 % of the lines are the test part.
    table: read columns of numbers as a table, whose metrics are computed column by column.
    header: whether the first line of a text holds the names of the columns.
    categories: columns of a table whose numbers are categories.
    test: file with a table's test part (default: one row of five).
    pairs: left-right (the left half of each picture is the condition of its right half), right-left, or folders
        (pictures in folder A are the conditions of those of the same names in folder B).

    Raises UserError for missing, empty or unreadable files, or if over 1 % of the pictures are unusable.
    """
    check("split", split, Split)
    check("header", header, Header)
    at_least("window", 1 if window is None else window, 1)
    fit, path = Fit(size, crop, filter, background, grey, tiles), Path(path).expanduser()
    reading = Reading(window, table, header, categories, test)
    if path.suffix.lower() in SUFFIXES and path.is_file():
        return _columns(path, fit, reading, split)
    check("pairs", pairs, Pairs)
    if pairs != "none" and path.is_file() and path.suffix.lower() != ".zip":
        raise UserError(f"{path}: pairs are loaded from pictures in a folder or .zip.")
    if pairs != "none" and tiles is not None:
        raise UserError(f"{path}: pairs and tiles cannot be combined.")
    if reading != Reading():
        raise UserError(f"{path}: window, table, header, categories and test are for delimited text such as a .csv.")
    if path.is_dir():
        return _folder(path, fit, split, pairs)
    if not path.is_file():
        raise UserError(_missing(path))
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return _zip(path, fit, split, pairs)
    if fit.tiles is not None:
        raise UserError(f"Tiles are cut from pictures in a folder or zip, and {path} is neither.")
    if suffix == ".tar" and split == "train":
        return _shards.load([path], fit, path.stem, str(path))
    if split == "test" and suffix in (".npy", ".npz", ".tar"):
        raise UserError(NO_SPLITS.format(path))
    if suffix in (".npy", ".npz"):
        return _arrays.load(path, fit)
    hint = " One picture is not a data set: give its folder." if is_picture(path.name) else ""
    raise UserError(f"{path} cannot be read. Supported: {SUPPORTED}.{hint}")


def _folder(path: Path, fit: Fit, split: Split, pairs: Pairs) -> Data:
    """The pictures in a folder, or its shards; of folders `train` and `test` the one that `split` selects."""
    name, entries = path.absolute().name, walk(path)
    tars = [entry[0] for entry in entries if entry[0].lower().endswith(".tar") and not hidden(entry[0].split("/"))]
    if not tars or fit.tiles is not None or pairs != "none" or any(is_picture(entry[0]) for entry in entries):
        tree = Tree(name, str(path), str(path.absolute()), entries, lambda names: Folder(path, names))
        return _pictures(tree, fit, split, pairs)
    chosen = [tars[index] for index in layout(tars, split, str(path)).chosen]
    return _shards.load([path / tar for tar in chosen], fit, name, str(path))


def _zip(path: Path, fit: Fit, split: Split, pairs: Pairs) -> Data:
    with ExitStack() as stack:
        archive = stack.enter_context(open_zip(path))
        tree = Tree(path.stem, str(path), str(path.absolute()), members(archive), lambda names: Zip(archive, names))
        return _pictures(tree, fit, split, pairs)


def _columns(path: Path, fit: Fit, reading: Reading, split: Split) -> Data:
    """Series if a window is given, a table if requested or if there are words, otherwise points."""
    if fit != Fit():
        raise UserError(
            f"{path} is delimited text: size, crop, filter, background, grey and tiles are options of pictures."
        )
    tabular = reading.table or bool(reading.categories) or reading.test is not None
    if reading.window is not None:
        if tabular:
            raise UserError(f"{path}: window excludes table, categories and test.")
        return _series.load(path, reading.window, reading.header, split)
    if tabular or _holds_words(path, reading.header):
        return _table.load(path, reading, split)
    if split == "test":
        raise UserError(NO_SPLITS.format(path))
    return _csv.load(path, reading.header)


def _holds_words(path: Path, header: Header) -> bool:
    """Whether the first row has words besides labels; raises UserError if one is a time, which indicates series."""
    text = opened(path, header)
    _, cells = next(text.rows, (0, []))
    label = label_column(text.names)
    words = [index for index, cell in enumerate(cells) if index != label and cell.strip() and number(cell) is None]
    for index in words:
        if is_time(cells[index].strip()):
            hint = "use --window 24 for series of 24 lines, or --table for a table"
            raise UserError(f"{path} has times in column {text.names[index]}: {hint}.")
    return bool(words)


def _pictures(tree: Tree, fit: Fit, split: Split, pairs: Pairs) -> Data:
    found = [entry for entry in tree.entries if is_picture(entry[0])]
    if not found:
        raise UserError(f"{tree.where} holds no pictures ({len(tree.entries):,} other files).")
    others, tree = _others(tree.entries), replace(tree, entries=found)
    if pairs != "none":
        data = _paired.folders(tree, fit, split) if pairs == "folders" else _paired.halves(tree, fit, split, pairs)
        return replace(data, notes=(*data.notes, *others))
    plan = layout([entry[0] for entry in found], split, tree.where)
    chosen = [found[index] for index in plan.chosen]
    pictures, labels = tree.source([entry[0] for entry in chosen]), plan.labels
    if fit.tiles is not None:
        pictures = tiles = Tiles.of(pictures, fit.tiles)
        labels = None if labels is None else labels[np.array(tiles.picture_of)]
    ready = prepared(pictures, fit, None, [tree.root, chosen], tree.where)
    labels = None if labels is None else np.delete(labels, list(ready.left_out))
    height, width, channels = ready.samples.shape[1:]
    notes = (*plan.notes, *ready.notes, *others)
    return Data(tree.name, Images(height, width, channels), ready.samples, labels, plan.classes, notes)


def load_pairs(path: str, other: str, fit: Fit, split: Split) -> Data:
    """Pictures in the folder `path` as conditions of those of the same names in the folder `other`.

    Raises UserError if either is not a folder; otherwise as `load`.
    """
    roots = {"A": Path(path).expanduser(), "B": Path(other).expanduser()}
    for root in roots.values():
        if not root.is_dir():
            raise UserError(f"Pairs of two paths need two folders of pictures, and {root} is not a folder.")
    entries = [(f"{side}/{name}", size, time) for side, root in roots.items() for name, size, time in walk(root)]

    def source(names: Sequence[str]) -> PictureSource:
        paths = (roots[name[0]].absolute() / name[2:] for name in names)
        return Folder(Path(), [str(one) for one in paths])

    where, both = f"{roots['A']} and {roots['B']}", " ".join(str(one.absolute()) for one in roots.values())
    return _pictures(Tree(roots["A"].absolute().name, where, both, entries, source), fit, split, "folders")


def _others(entries: Sequence[Entry]) -> list[str]:
    others = [name for name, *_ in entries if not is_picture(name) and not hidden(name.split("/"))]
    return [f"Ignored {len(others):,} files that are not pictures, such as {printable(others[0])}."] if others else []


def _missing(path: Path) -> str:
    parent = path.absolute().parent
    if not parent.is_dir():
        return f"{path} does not exist, nor does its folder {parent}."
    known = [entry.name for entry in parent.iterdir() if not entry.name.startswith(".")]
    return f"{path} does not exist.{nearest(path.name, known)}"
