"""The user's own data: a folder or zip of pictures, an array in .npy or .npz, or text in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from ganwright.core.data import Data
from ganwright.core.domain import Domain
from ganwright.core.errors import UserError, nearest
from ganwright.data import _arrays, _csv, _paired, _series, _shards, _table, _text
from ganwright.data._choices import Split, at_least, check
from ganwright.data._layout import hidden, is_picture, layout, printable
from ganwright.data._paired import Pairs
from ganwright.data._pictures import Crop, Filter, Fit, Frame, fitted, opened
from ganwright.data._prepare import prepared, why
from ganwright.data._sources import Entry, Folder, PictureSource, Tree, Zip, members, open_zip, walk
from ganwright.data._text import Header, Reading
from ganwright.data._tiles import Tiles
from ganwright.domains.images import Images
from ganwright.domains.series import Series
from ganwright.domains.table import Table

TEXT = (".csv", ".tsv", ".txt", ".data", ".test")  # the last two as the UCI collection has them
KINDS = (
    "a folder or .zip of pictures, a .tar or a folder of such shards, an .npy or .npz array, "
    "or points, series or tables in a .csv or .tsv"
)
FIT = frozenset(field.name for field in fields(Fit))  # the options for pictures
ONE_PART = "{} is one part by itself: give the path of the test file instead of split=test."


def load(
    path: str | Path,
    *,
    size: int | None = None,
    crop: Crop = "centre",
    filter: Filter = "lanczos",
    ground: str = "white",
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
    """Whatever lies at `path`: pictures as uint8 [N, size, size, 1 or 3], or points as float32 [N, dimensions].

    Text in columns is points where it has numbers only, a table as float64 [N, columns] where it has words, and series
    as float32 [N, window, features] where a window is given.

    Pictures in a folder or zip are prepared once, into the cache, and memory-mapped from then on. Where every picture
    lies in a subfolder, and there are several, these are the classes; folders `train` and `test` are the parts.
    Unreadable pictures are left out and named in the notes. Pictures in .tar shards are read in place, in the order of
    the shards' names, their labels from members .cls or .json; one that is unreadable is named when it is met. Arrays
    keep their size unless `size` is given; for the values that they may have see `_arrays.from_array`.

    size: pixels along each side; by default the largest power of two, 8 to 64, within the median short side.
    crop: centre cuts to a square, pad adds ground to a square, none resizes without keeping the ratio.
    filter: how pixels are averaged when a picture is resized.
    ground: the colour behind transparent parts and beside padded pictures.
    grey: make coloured pictures grey; without it they stay grey only where all are.
    tiles: cut pictures of any size into tiles of so many pixels a side, at their native resolution (super-resolution).
    split: train, or test where there is such a part.
    window: lines of a text in columns that make a series; the last 20 % of the lines are the test part.
    table: read numbers as a table too, whose numbers and categories are judged column by column.
    header: yes or no, where auto mistakes the first line of a text in columns.
    categories: columns of a table whose numbers are names of kinds.
    test: a table's test part, a file beside it; without it one row of five is kept for that.
    pairs: left-right, where the left half of each picture is the condition of its right half, right-left, or folders,
        where pictures in the folder A are the conditions of those of the same names in the folder B beside it.

    A UserError says what is missing, empty, or unreadable: over 1 % of the pictures, for one.
    """
    check("split", split, Split)
    check("header", header, Header)
    at_least("window", 1 if window is None else window, 1)
    fit, path = Fit(size, crop, filter, ground, grey, tiles), Path(path).expanduser()
    reading = Reading(window, table, header, categories, test)
    if path.suffix.lower() in TEXT and path.is_file():
        return _columns(path, fit, reading, split)
    check("pairs", pairs, Pairs)
    if pairs != "none" and path.is_file() and path.suffix.lower() != ".zip":
        raise UserError(f"{path}: pairs are pictures in a folder or a .zip.")
    if pairs != "none" and tiles is not None:
        raise UserError(f"{path}: pairs are not cut into tiles: leave one of the two out.")
    if reading != Reading():
        raise UserError(f"{path}: window, table, header, categories and test are for text in columns, such as a .csv.")
    if path.is_dir():
        return _folder(path, fit, split, pairs)
    if not path.is_file():
        raise UserError(_missing(path))
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return _zip(path, fit, split, pairs)
    if fit.tiles is not None:
        raise UserError(f"Tiles are cut from the pictures in a folder or zip, and {path} is neither.")
    if suffix == ".tar" and split == "train":
        return _shards.load([path], fit, path.stem, str(path))
    if split == "test" and suffix in (".npy", ".npz", ".tar"):
        raise UserError(ONE_PART.format(path))
    if suffix in (".npy", ".npz"):
        return _arrays.load(path, fit)
    one = " One picture is not a data set: give its folder." if is_picture(path.name) else ""
    raise UserError(f"{path} is none of what can be read: {KINDS}.{one}")


def _folder(path: Path, fit: Fit, split: Split, pairs: Pairs) -> Data:
    """The pictures in a folder, or the shards in it, or in its subfolder of the part where there are two."""
    name, entries = path.absolute().name, walk(path)
    tars = [entry[0] for entry in entries if entry[0].lower().endswith(".tar") and not hidden(entry[0].split("/"))]
    if not tars or fit.tiles is not None or pairs != "none" or any(is_picture(entry[0]) for entry in entries):
        tree = Tree(name, str(path), str(path.absolute()), entries, lambda names: Folder(path, names))
        return _pictures(tree, fit, split, pairs)
    chosen = [tars[place] for place in layout(tars, split, str(path)).chosen]
    return _shards.load([path / tar for tar in chosen], fit, name, str(path))


def _zip(path: Path, fit: Fit, split: Split, pairs: Pairs) -> Data:
    with ExitStack() as stack:
        archive = stack.enter_context(open_zip(path))
        tree = Tree(path.stem, str(path), str(path.absolute()), members(archive), lambda names: Zip(archive, names))
        return _pictures(tree, fit, split, pairs)


def _columns(path: Path, fit: Fit, reading: Reading, split: Split) -> Data:
    """Series where a window is given, a table where it is asked for or there are words, else points."""
    if fit != Fit():
        raise UserError(f"{path} holds text in columns: size, crop, filter, ground, grey and tiles are for pictures.")
    tabular = reading.table or bool(reading.categories) or reading.test is not None
    if reading.window is not None:
        if tabular:
            raise UserError(f"{path} is read as series or as a table, not both: leave --window or the others out.")
        return _series.load(path, reading.window, reading.header, split)
    if tabular or _holds_words(path, reading.header):
        return _table.load(path, reading, split)
    if split == "test":
        raise UserError(ONE_PART.format(path))
    return _csv.load(path, reading.header)


def _holds_words(path: Path, header: Header) -> bool:
    """Whether the first row has words beside labels; a UserError where they are times, which make a series."""
    text = _text.opened(path, header)
    _, cells = next(text.rows, (0, []))
    label = _csv.label_column(text.names)
    words = [
        place for place, cell in enumerate(cells) if place != label and cell.strip() and _text.number(cell) is None
    ]
    for place in words:
        if _series.is_time(cells[place].strip()):
            ways = "--window 24 reads series of 24 lines, --table a table"
            raise UserError(f"{path} has times in its column {text.names[place]}: {ways}.")
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
    chosen = [found[place] for place in plan.chosen]
    pictures, labels = tree.source([entry[0] for entry in chosen]), plan.labels
    if fit.tiles is not None:
        pictures = tiles = Tiles.of(pictures, fit.tiles)
        labels = None if labels is None else labels[np.array(tiles.places)]
    ready = prepared(pictures, fit, None, [tree.root, chosen], tree.where)
    labels = None if labels is None else np.delete(labels, list(ready.left_out))
    height, width, channels = ready.samples.shape[1:]
    notes = (*plan.notes, *ready.notes, *others)
    return Data(tree.name, Images(height, width, channels), ready.samples, labels, plan.classes, notes)


def load_pairs(path: str, other: str, fit: Fit, split: Split) -> Data:
    """Pictures in one folder as the conditions of those of the same names in another; for the errors see `load`."""
    roots = {"A": Path(path).expanduser(), "B": Path(other).expanduser()}
    for root in roots.values():
        if not root.is_dir():
            raise UserError(f"Pairs of two paths are pictures in two folders, and {root} is none.")
    entries = [(f"{side}/{name}", size, time) for side, root in roots.items() for name, size, time in walk(root)]

    def source(names: Sequence[str]) -> PictureSource:
        paths = (roots[name[0]].absolute() / name[2:] for name in names)
        return Folder(Path(), [str(one) for one in paths])

    where, both = f"{roots['A']} and {roots['B']}", " ".join(str(one.absolute()) for one in roots.values())
    return _pictures(Tree(roots["A"].absolute().name, where, both, entries, source), fit, split, "folders")


def _others(entries: Sequence[Entry]) -> list[str]:
    others = [name for name, *_ in entries if not is_picture(name) and not hidden(name.split("/"))]
    return [f"Not pictures, by their names: {len(others):,} files such as {printable(others[0])}."] if others else []


def _missing(path: Path) -> str:
    parent = path.absolute().parent
    if not parent.is_dir():
        return f"There is no {path}: its folder {parent} does not exist either."
    known = [entry.name for entry in parent.iterdir() if not entry.name.startswith(".")]
    return f"There is no {path}.{nearest(path.name, known)}"


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in a folder, by name; a UserError where there are none."""
    found = [folder / name for name, *_ in walk(folder) if is_picture(name)]
    if not found:
        raise UserError(f"There are no pictures in {folder}.")
    return found


def read(path: Path, domain: Domain, options: Mapping[str, Any]) -> np.ndarray:
    """The samples in one file, or the pictures in a folder, [n, *stored shape], brought to `domain` by the loader's
    `options`."""
    if path.is_dir():
        return np.concatenate([read(one, domain, options) for one in pictures_in(path)])
    if is_picture(path.name) and len(domain.shape) == 3:
        channels, height, width = domain.shape
        fit = Fit(**{name: value for name, value in options.items() if name in FIT})
        try:
            with opened(str(path)) as image:
                return fitted(image, Frame(height, width, "L" if channels == 1 else "RGB"), fit)[None]
        except Exception as error:  # a decoder may raise anything
            raise UserError(f"The picture {path} cannot be read: {why(error)}.") from None
    if isinstance(domain, Table):
        return _table.read(path, domain.columns, options.get("header", "auto"))[0]
    if isinstance(domain, Series):
        return _series.read(path, domain, options.get("header", "auto"))
    found = load(path, header=options.get("header", "auto"))
    if found.domain.shape != domain.shape:
        raise UserError(f"{path} holds {found.domain.describe()}, this run makes {domain.describe()}.")
    return np.asarray(found.samples)
