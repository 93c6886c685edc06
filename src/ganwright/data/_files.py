"""Loads user files: folders or zips of pictures, tar shards, arrays in .npy or .npz, and delimited text."""

from __future__ import annotations

import tarfile
from pathlib import Path

from ganwright.core.choices import Part, Split, at_least, check
from ganwright.core.data import Data
from ganwright.core.errors import MissingPartError, UserError, nearest
from ganwright.data import _arrays, _csv, _picture_files, _series, _shards, _table
from ganwright.data._notes import printable
from ganwright.data._paired import Pairs
from ganwright.data._table import Reading
from ganwright.domains._pictures import Crop, Filter, Fit, is_picture
from ganwright.domains._text import SUFFIXES, Header, number, opened
from ganwright.domains._text_points import label_column
from ganwright.domains._text_series import is_time

SUPPORTED = (
    "a folder or .zip of pictures, a .tar or a folder of such shards, an .npy or .npz array, "
    "or points, series or tables in a .csv or .tsv"
)
NO_SPLITS = "{} has no test part: give the path of the test file instead of split=test."


def load(
    path: str | Path,
    *,
    size: int | str | None = None,
    crop: Crop = "centre",
    filter: Filter = "lanczos",
    background: str = "white",
    grey: bool = False,
    tiles: int | None = None,
    split: Part = "train",
    classes: str = "auto",
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
    subfolders, these are the classes; folders such as `train`, `val` and `test` are the parts. Pictures in .tar shards
    are decoded on access, in the order of the shards' names; their labels are .cls or .json members, or their folders;
    an unreadable one raises on access. Arrays keep their size unless `size` is given; for their values see
    `_arrays.from_array`. What is left out or converted is listed in the notes.

    size: pixels along each side, or HEIGHTxWIDTH such as 64x192 (default: the largest power of two, 8 to 64, up to the
        median short side).
    crop: centre crops to a square or the proportions of `size`, keep to the pictures' median proportions (`size` is
        then the shorter side), pad pads, none resizes without keeping the proportions.
    filter: resampling filter of resized pictures.
    background: colour behind transparent pixels and of the padding.
    grey: convert pictures to grey; by default only if all are grey.
    tiles: cut pictures of any size into tiles of N pixels a side, without resizing (super-resolution).
    split: train, test, or validation, which is also the test part if there is no other.
    classes: where pictures have their classes from: folders, none, or a column of metadata.csv; auto reads dataset.json
        or the column `label` of metadata.csv or .jsonl if there is one, else folders.
    window: time steps (lines of the text) of a series; the last 20 % of the lines are the test part.
    table: read columns of numbers as a table, whose metrics are computed column by column.
    header: whether the first line of a text holds the names of the columns.
    categories: columns of a table whose numbers are categories.
    test: file with a table's test part, relative to the table's folder (default: one row of five).
    pairs: left-right (the left half of each picture is the condition of its right half), right-left, or folders
        (pictures in folder A are the conditions of those of the same names in folder B).

    Raises UserError for missing, empty or unreadable files, or if over 1 % of the pictures are unusable.
    """
    check("split", split, Part)
    check("header", header, Header)
    at_least("window", 1 if window is None else window, 1)
    fit, path = Fit(size, crop, filter, background, grey, tiles), Path(path).expanduser()
    options = _picture_files.PictureOptions(fit, split, classes, pairs)
    reading = Reading(window, table, header, categories, test)
    if path.suffix.lower() in SUFFIXES and path.is_file():
        if classes != "auto":
            raise UserError(f"{path} is delimited text: classes is an option of pictures.")
        return _columns(path, fit, reading, _two(split, str(path)))
    check("pairs", pairs, Pairs)
    if pairs != "none" and path.is_file() and path.suffix.lower() != ".zip":
        raise UserError(f"{path}: pairs are loaded from pictures in a folder or .zip.")
    if pairs != "none" and tiles is not None:
        raise UserError(f"{path}: pairs and tiles cannot be combined.")
    if pairs != "none" and classes != "auto":
        raise UserError(f"{path}: pairs have no classes; omit --classes.")
    if reading != Reading():
        raise UserError(f"{path}: window, table, header, categories and test are for delimited text such as a .csv.")
    if path.is_dir():
        return _picture_files.folder(path, options)
    if not path.is_file():
        raise UserError(_missing(path))
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return _picture_files.zipped(path, options)
    if fit.tiles is not None:
        raise UserError(f"Tiles are cut from pictures in a folder or zip, and {path} is neither.")
    if suffix == ".tar":
        return _shards.load([path], fit, printable(path.stem), str(path), split, _picture_files.of_shards(classes))
    if suffix in (".npy", ".npz"):
        _two(split, str(path), known=("train",))
        if classes != "auto":
            raise UserError(f"{path} is an array: classes is an option of pictures in files of their own.")
        return _arrays.load(path, fit)
    hint = " One picture is not a data set: give its folder." if is_picture(path.name) else ""
    if tarfile.is_tarfile(path):
        hint = " Compressed tars are not read in place: unpack it to a .tar or a folder."
    raise UserError(f"{path} cannot be read. Supported: {SUPPORTED}.{hint}")


def _two(split: Part, where: str, known: tuple[Split, ...] = ("train", "test")) -> Split:
    """The part of a file that has only these; raises MissingPartError for another."""
    for one in known:
        if split == one:
            return one
    if split == "test":
        raise MissingPartError(NO_SPLITS.format(where))
    raise MissingPartError(f"{where} has no {split} part: its parts are {' and '.join(known)}.")


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
        raise MissingPartError(NO_SPLITS.format(path))
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


def _missing(path: Path) -> str:
    parent = path.absolute().parent
    if not parent.is_dir():
        return f"{path} does not exist, nor does its folder {parent}."
    known = [entry.name for entry in parent.iterdir() if not entry.name.startswith(".")]
    return f"{path} does not exist.{nearest(path.name, known)}"
