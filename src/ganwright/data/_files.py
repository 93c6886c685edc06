"""Loads a user's file or folder as the first kind of data that claims it, with the options of this kind."""

from __future__ import annotations

import inspect
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from ganwright.core.choices import Part, check
from ganwright.core.data import Data
from ganwright.core.errors import UserError, nearest
from ganwright.core.system import expanded
from ganwright.data._arrays import ARRAYS
from ganwright.data._columns import COLUMNS
from ganwright.data._kind import Chosen, Kind, refuse_others
from ganwright.data._paired import Pairs
from ganwright.data._picture_files import PICTURES, SHARDS
from ganwright.data._series_options import Scaling
from ganwright.data._sound_arrays import SOUND_ARRAYS
from ganwright.data._sounds import SOUND
from ganwright.data._strings import STRINGS
from ganwright.domains._clips import Cut
from ganwright.domains._numbers import Decimal
from ganwright.domains._pictures import Crop, Filter, is_picture
from ganwright.domains._symbols import Symbols
from ganwright.domains._text import Header

SYSTEM = ("/proc", "/sys", "/dev")  # without end, by links to themselves
KINDS = (STRINGS, COLUMNS, SOUND, SOUND_ARRAYS, PICTURES, SHARDS, ARRAYS)  # the first that claims a path


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
    key: str | None = None,
    time: str | None = None,
    static: tuple[str, ...] | None = None,
    conditions: tuple[str, ...] = (),
    given: int | None = None,
    scaling: Scaling = "auto",
    test_share: float | None = None,
    table: bool = False,
    header: Header = "auto",
    categories: tuple[str, ...] = (),
    test: str | None = None,
    missing: tuple[str, ...] | None = None,
    decimal: Decimal | None = None,
    range: str | None = None,
    pairs: Pairs = "none",
    sampling_rate: int | None = None,
    cut: Cut | None = None,
    text: str = "auto",
    symbols: Symbols | None = None,
    alphabet: str | None = None,
    max_length: int | None = None,
) -> Data:
    """Loads the file or folder at `path`: pictures as uint8 [N, size, size, 1 or 3], points as float32 [N, dimensions].

    Delimited text and Parquet hold points if all cells are numbers, a table as float64 [N, columns] if some are words,
    and series as float32 [N, steps, features] if a window or a key is given. A .txt whose lines hold no numbers, FASTA,
    and what is read with `text` hold strings, int16 [N, length]; see `_string_options.holds_strings`.

    Sound in a .wav, or in a folder or zip that has more of them than pictures, is int16 [N, window]; folders are
    classes. Arrays int16 [N, samples], or floats in [-1, 1], are sound if `sampling_rate` is given.

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
    window: time steps (lines of the text) of a series; all windows of each series are samples. Or samples of a clip of
        sound (default for a folder: the power of two, 1,024 to 16,384, from the median length on).
    key: column that tells several series apart; without a window whole series are the samples.
    time: column of the times of a series (default: the first of dates, or called date, time, timestamp or step).
    static: columns with one value for each key (default: those that are so and differ between keys).
    conditions: static columns under which series are drawn, instead of being generated with them.
    given: time steps at the beginning of a series that are given; the others are drawn (a forecast).
    scaling: global by the range of the training part, own by the range of each series, auto by how narrow these are.
    test_share: share of the time steps of series, of whole series, of one recording of sound, or of different strings,
        that is the test part (default: 0.2; 0: none).
    table: read columns of numbers as a table, whose metrics are computed column by column.
    header: whether the first line of a text holds the names of the columns.
    categories: columns of a table or of series whose numbers are categories.
    test: file with a table's test part (default: one row of five).
    missing: words of a text that stand for a missing value, besides empty cells (default: NA, N/A, NaN, null, None, ?,
        -, --, . in any case).
    decimal: point or comma, where a text's numbers do not show which it is.
    range: values of black and white in an array of pictures, such as 0:1 or -1:1 (default: by the values).
    pairs: left-right (the left half of each picture is the condition of its right half), right-left, or folders
        (pictures in folder A are the conditions of those of the same names in folder B).
    sampling_rate: sampling rate of sound in Hz, to which other files are resampled (default: that of most files); an
        array has it.
    cut: first (a file of sound is one clip, the first `window` samples of it) or all (it is cut into clips, one after
        the other); by default first for a folder and all for one file.
    text: what a string is: each of the lines of a .txt, of the paragraphs between its empty lines (default: by these),
        or a cell of this column of a .csv or .tsv.
    symbols: characters (default), or words between white space.
    alphabet: the symbols of strings, such as ACGT, or words with spaces between them; strings with others are left out
        (default: all that occur).
    max_length: symbols of a string; longer ones are left out (default: 256).

    Raises UserError for missing, empty or unreadable files, or if over 1 % of the pictures are unusable.
    """
    chosen = _chosen(locals())
    kind = kind_of(chosen)
    refuse_others(kind, chosen, KINDS)
    return kind.load(chosen)


def found_at(path: Path) -> tuple[str, tuple[str, ...]]:
    """What a file or folder is by its name and content, in words that follow `is`, and the options that this has."""
    chosen = _chosen({**_defaults(), "path": path})
    if path.is_file() and is_picture(path.name):
        return "a picture", PICTURES.options
    try:
        kind = next((kind for kind in KINDS if kind.claims(chosen)), None)
    except UserError:  # of a .txt that may hold lines or columns
        return "a text", ()
    return ("of no kind that is read", ()) if kind is None else (f"read as {kind.name}", kind.options)


def options_at(path: str | Path, options: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the options of what the path holds, where these `options` are given."""
    return kind_of(_chosen({**_defaults(), **options, "path": path})).options


def kind_of(chosen: Chosen) -> Kind:
    """The first kind that claims a path; raises UserError if there is none, or nothing at this path."""
    path = chosen.path
    check("split", chosen.split, Part)
    if any(path.resolve().is_relative_to(root) for root in SYSTEM):
        raise UserError(f"{path} lies in a folder of the operating system, which holds no data.")
    if not (path.is_dir() or path.is_file()):
        raise UserError(_missing(path))
    found = next((kind for kind in KINDS if kind.claims(chosen)), None)
    return found or _refuse(path)


def _chosen(arguments: Mapping[str, Any]) -> Chosen:
    """The arguments of `load`."""
    defaults = _defaults()
    options = {name: arguments[name] for name in defaults}
    return Chosen(expanded(arguments["path"]), options, defaults)


@cache
def _defaults() -> Mapping[str, Any]:
    parameters = inspect.signature(load).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not one.empty}


def _refuse(path: Path) -> NoReturn:
    """Raises UserError for a file of another kind."""
    hint = " One picture is not a data set: give its folder." if is_picture(path.name) else ""
    if tarfile.is_tarfile(path):
        hint = " Compressed tars are not read in place: unpack it to a .tar or a folder."
    supported = "; ".join(kind.files for kind in KINDS)
    raise UserError(f"{path} cannot be read. Supported: {supported}.{hint}")


def _missing(path: Path) -> str:
    if path.exists():
        return f"{path} is neither a file nor a folder."
    parent = path.absolute().parent
    if not parent.is_dir():
        return f"{path} does not exist, nor does its folder {parent}."
    known = [entry.name for entry in parent.iterdir() if not entry.name.startswith(".")]
    return f"{path} does not exist.{nearest(path.name, known)}"
