"""Loads user files: pictures, tar shards, sound, arrays in .npy or .npz, delimited text, strings and Parquet."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from pathlib import Path

from ganwright.core.choices import Part, Split, check
from ganwright.core.data import Data
from ganwright.core.errors import MissingPartError, UserError, nearest
from ganwright.core.files import listing
from ganwright.core.system import expanded
from ganwright.data import _arrays, _columns, _picture_files, _shards, _sounds, _strings
from ganwright.data._notes import printable
from ganwright.data._paired import Pairs
from ganwright.data._series_options import Scaling, SeriesOptions
from ganwright.data._sounds import SoundOptions
from ganwright.data._string_options import TEST_SHARE, StringOptions, holds_strings
from ganwright.data._table import Reading
from ganwright.domains._clips import Cut
from ganwright.domains._numbers import Decimal
from ganwright.domains._pictures import Crop, Filter, Fit, is_picture
from ganwright.domains._symbols import Symbols
from ganwright.domains._tabular import SUFFIXES
from ganwright.domains._text import Header

SYSTEM = ("/proc", "/sys", "/dev")  # without end, by links to themselves
SUPPORTED = (
    "a folder or .zip of pictures, a .tar or a folder of such shards, a .wav or a folder of them, an .npy or .npz "
    "array, points, series or tables in a .csv, .tsv or .parquet, or strings in a .txt or .fasta"
)


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

    Sound in a .wav, or in a folder that has more of them than pictures, is int16 [N, window]; folders are classes.

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
    sampling_rate: sampling rate of sound in Hz, to which other files are resampled (default: that of most files).
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
    check("split", split, Part)
    check("header", header, Header)
    check("decimal", decimal or "point", Decimal)
    fit, path = Fit(size, crop, filter, background, grey, tiles), expanded(path)
    if range is not None and path.suffix.lower() not in (".npy", ".npz"):
        raise UserError(f"{path}: range is for arrays, .npy or .npz.")
    options = _picture_files.PictureOptions(fit, split, classes, pairs)
    series = SeriesOptions(window, key, time, static, conditions, given, scaling, test_share)
    reading = Reading(series, table, header, categories, test, missing, decimal)
    if any(path.resolve().is_relative_to(root) for root in SYSTEM):
        raise UserError(f"{path} lies in a folder of the operating system, which holds no data.")
    strings = StringOptions(text, symbols, alphabet, max_length)
    strings.check()
    if holds_strings(path, strings, replace(reading, series=replace(series, test_share=None)) != Reading()):
        if sampling_rate is not None or cut is not None:
            raise UserError(f"{path} holds strings: sampling_rate and cut are options of sound.")
        if fit != Fit() or pairs != "none" or range is not None or classes not in ("auto", "none"):
            raise UserError(
                f"{path} holds strings: size, crop, filter, background, grey, tiles, pairs, range, and classes besides "
                "none, are options of pictures."
            )
        share = TEST_SHARE if test_share is None else test_share
        return _strings.load(path, strings, share, _two(split, str(path)), classes != "none")
    if strings != StringOptions():
        if not path.exists():
            raise UserError(_missing(path))
        raise UserError(
            f"{path}: text, symbols, alphabet and max_length are options of strings, in a .txt, .fasta, .csv or .tsv."
        )
    if path.suffix.lower() in SUFFIXES and path.is_file():
        if classes != "auto":
            raise UserError(f"{path} holds columns: classes is an option of pictures and sound.")
        if sampling_rate is not None or cut is not None:
            raise UserError(f"{path} holds columns: sampling_rate and cut are options of sound.")
        return _columns.load(path, fit, reading, _two(split, str(path)))
    check("pairs", pairs, Pairs)
    found = listing(path) if path.is_dir() else None
    sound = SoundOptions(sampling_rate, window, cut, classes, test_share)
    if _sounds.is_sound(path, found, sound):
        rest = replace(reading, series=replace(series, window=None, test_share=None))
        if fit != Fit() or rest != Reading() or pairs != "none":
            raise UserError(
                f"{path} holds sound, whose options are sampling_rate, window, cut, split, classes and test_share."
            )
        return _sounds.load(path, found, sound, split)
    if sound.chosen:
        raise UserError(f"{path}: sampling_rate and cut are options of sound, a .wav or a folder of them.")
    if pairs != "none" and path.is_file() and path.suffix.lower() != ".zip":
        raise UserError(f"{path}: pairs are loaded from pictures in a folder or .zip.")
    if pairs != "none" and tiles is not None:
        raise UserError(f"{path}: pairs and tiles cannot be combined.")
    if pairs != "none" and classes != "auto":
        raise UserError(f"{path}: pairs have no classes; omit --classes.")
    if reading != Reading():
        if not path.exists():
            raise UserError(_missing(path))
        raise UserError(
            f"{path}: window, key, time, static, conditions, given, scaling, test_share, table, header, categories, "
            "test, missing and decimal are options of delimited text such as a .csv, or of a .parquet."
        )
    if found is not None:
        return _picture_files.folder(path, found, options)
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
        return _arrays.load(path, fit, range)
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
        raise MissingPartError(f"{where} has no test part", "give the path of the test file instead of split=test")
    raise MissingPartError(f"{where} has no {split} part", f"its parts are {' and '.join(known)}")


def _missing(path: Path) -> str:
    if path.exists():
        return f"{path} is neither a file nor a folder."
    parent = path.absolute().parent
    if not parent.is_dir():
        return f"{path} does not exist, nor does its folder {parent}."
    known = [entry.name for entry in parent.iterdir() if not entry.name.startswith(".")]
    return f"{path} does not exist.{nearest(path.name, known)}"
