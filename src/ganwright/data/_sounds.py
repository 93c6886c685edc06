"""Loads sound from WAV files: a folder or .zip of clips, whose folders may be parts and classes, or one recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from ganwright.core import changes
from ganwright.core.choices import Part, at_least, at_most, check
from ganwright.core.data import Data
from ganwright.core.domain import Stored
from ganwright.core.errors import MissingPartError, UserError
from ganwright.core.files import hidden
from ganwright.core.system import physical_memory
from ganwright.data._kind import ZIP, Chosen, Kind
from ganwright.data._layout import TOLERATED, Classes, layout
from ganwright.data._notes import counted, left_out, listed, printable, such_as
from ganwright.data._progress import bar
from ganwright.data._sources import Tree, empty_folders, folder_tree, open_zip, zip_tree
from ganwright.domains._clips import Cut, clips, length_at, of_format, quantised, windowed
from ganwright.domains._pictures import is_picture
from ganwright.domains._resampling import resampled
from ganwright.domains._wav import LOWEST_RATE, SUFFIX, Format, WavError, format_of, mixed, why
from ganwright.domains.waveforms import Waveforms

OWN = ("sampling_rate", "cut")  # options that files of no other kind have
SHORTEST, LONGEST = 1_024, 16_384  # samples: the limits of the default window
MIN_WINDOW, MAX_WINDOW = 16, 2**24
MAX_RATE = 384_000  # Hz
TEST_SHARE = 0.2


@dataclass(frozen=True)
class SoundOptions:
    """See `_files.load`."""

    sampling_rate: int | None = None
    window: int | None = None
    cut: Cut | None = None
    classes: str = "auto"
    test_share: float | None = None

    @property
    def share(self) -> float:
        return TEST_SHARE if self.test_share is None else self.test_share

    def check(self) -> None:
        """Raises UserError for values out of range."""
        check("cut", self.cut or "first", Cut)
        check("classes (of sound)", self.classes, Classes)
        at_least("sampling_rate", LOWEST_RATE if self.sampling_rate is None else self.sampling_rate, LOWEST_RATE)
        at_most("sampling_rate", self.sampling_rate or 0, MAX_RATE)
        at_least("window", MIN_WINDOW if self.window is None else self.window, MIN_WINDOW)
        at_most("window", self.window or 0, MAX_WINDOW)
        if not 0 <= self.share < 1:
            raise UserError(f"--test-share must be from 0 to below 1, not {self.test_share!r}.")


@dataclass(frozen=True)
class Sound:
    """A usable file."""

    name: str
    form: Format


def claims(chosen: Chosen) -> bool:
    """Whether it is a WAV file, or a folder or .zip with more of them than pictures, or any and options of sound."""
    sounds = sum(map(_is_wav, chosen.files))
    own = not chosen.names.isdisjoint(OWN)
    return chosen.suffix == SUFFIX or (sounds > 0 and (own or sounds > sum(map(is_picture, chosen.files))))


def load_chosen(chosen: Chosen) -> Data:
    """The clips of a file, a folder or a .zip, int16 [N, window].

    Raises UserError, which names the file, if over 1 % of the files cannot be read, and MissingPartError without the
    part.
    """
    path, options, part = chosen.path, chosen.among(SoundOptions), chosen.split
    options.check()
    if chosen.suffix == SUFFIX:
        return _recording(path, options, part)
    if chosen.suffix == ZIP:
        with open_zip(path) as archive:
            return _files(zip_tree(path, archive), options, part)
    return _files(folder_tree(path, chosen.below), options, part)


def _is_wav(name: str) -> bool:
    return name.lower().endswith(SUFFIX)


# -- a folder or .zip


def _files(tree: Tree, options: SoundOptions, part: Part) -> Data:
    where = tree.where
    if options.test_share is not None:
        raise UserError(
            f"{where}: --test-share divides one recording; the parts of a folder are folders train and test."
        )
    names = [name for name, *_ in tree.entries if _is_wav(name) and not hidden(name.split("/"))]
    plan = layout(names, part, where, cast(Classes, options.classes), "file")
    chosen = [names[index] for index in plan.chosen]
    usable, unusable = _surveyed(tree, chosen)
    _check_unusable(unusable, len(chosen), where)
    rate = options.sampling_rate or _usual_rate(usable)
    window = options.window or default_window([length_at(one.form, rate) for one in usable])
    samples, rows, said, broken = _read(tree, usable, window, rate, options.cut or "first")
    _check_unusable(unusable | broken, len(chosen), where)
    places = {name: place for place, name in enumerate(chosen)}
    labels = None if plan.labels is None else plan.labels[[places[usable[row].name] for row in rows]]
    others = [name for name, *_ in tree.entries if not _is_wav(name) and not hidden(name.split("/"))]
    notes = (
        *plan.notes,
        *_unusable(unusable | broken, len(chosen)),
        *changes.counted(said, counted(len(usable) - len(broken), "file")),
        *silent(samples, [usable[row].name for row in rows], where),
        *left_out(tree.skipped),
        *left_out({"a folder without .wav files": empty_folders(tree.folders, names)}),
        *_ignored(others),
    )
    return Data(tree.name, Waveforms(window, rate), samples, labels, plan.classes, notes)


def _surveyed(tree: Tree, names: Sequence[str]) -> tuple[list[Sound], dict[str, str]]:
    """The files whose headers are in order, and the reasons against the others by name."""
    usable: list[Sound] = []
    unusable: dict[str, str] = {}
    with bar(f"{tree.where}: headers") as report:
        for place, name in enumerate(names):
            try:
                usable.append(Sound(name, format_of(tree.read(name))))
            except (WavError, OSError) as error:
                unusable[name] = why(error)
            report(place + 1, len(names))
    return usable, unusable


def _read(
    tree: Tree, usable: Sequence[Sound], window: int, rate: int, cut: Cut
) -> tuple[Stored, list[int], list[tuple[str, ...]], dict[str, str]]:
    """The clips; for each the index of its file; what was changed in each file; and files whose samples are broken."""
    counts = [1 if cut == "first" else max(-(-length_at(one.form, rate) // window), 1) for one in usable]
    _check_memory(sum(counts), window, tree.where)
    samples = np.empty((sum(counts), window), np.int16)
    rows: list[int] = []
    said: list[tuple[str, ...]] = []
    broken: dict[str, str] = {}
    with bar(f"{tree.where}: sound") as report:
        for place, one in enumerate(usable):
            try:
                made = clips(tree.read(one.name), window, rate, cut)
            except (WavError, OSError) as error:
                broken[one.name] = why(error)
                continue
            samples[len(rows) : len(rows) + len(made.values)] = made.values
            rows += [place] * len(made.values)
            said.append(made.changes)
            report(place + 1, len(usable))
    return samples[: len(rows)], rows, said, broken


def _usual_rate(usable: Sequence[Sound]) -> int:
    """The sampling rate of most files; of two equally frequent ones the lower."""
    counts = Counter(one.form.rate for one in usable)
    return min(counts, key=lambda rate: (-counts[rate], rate))


def default_window(lengths: Sequence[int]) -> int:
    """The smallest power of two, 1,024 to 16,384, that the median length does not exceed."""
    median = int(np.median(lengths))
    return min(max(1 << max(median - 1, 0).bit_length(), SHORTEST), LONGEST)


def _check_unusable(unusable: dict[str, str], total: int, where: str) -> None:
    if len(unusable) > TOLERATED * total or len(unusable) == total:
        raise UserError(f"{where} cannot be used: {_listed(unusable, total)}")


def _unusable(unusable: dict[str, str], total: int) -> Iterator[str]:
    if unusable:
        yield f"Left out: {_listed(unusable, total)}"


def _listed(unusable: dict[str, str], total: int) -> str:
    named = [f"{name} ({reason})" for name, reason in unusable.items()]
    return f"{len(unusable):,} of {total:,} files cannot be read, {listed(named)}."


def silent(samples: Stored, names: Sequence[str], where: str) -> Iterator[str]:
    """A note on clips that are silent throughout; a UserError if all are."""
    found = np.flatnonzero(~samples.any(axis=1)).tolist()
    if len(found) == len(samples):
        raise UserError(f"{where} holds silence only: {counted(len(samples), 'clip')} without a single sample but 0.")
    if found:
        are = "is" if len(found) == 1 else "are"
        yield f"{len(found):,} of {counted(len(samples), 'clip')} {are} silent{such_as([names[row] for row in found])}."


def _ignored(others: Sequence[str]) -> Iterator[str]:
    if others:
        are = "that is not a .wav" if len(others) == 1 else "that are not .wav"
        yield f"Ignored {counted(len(others), 'file')} {are}{such_as(others)}."


def _check_memory(count: int, window: int, where: str) -> None:
    memory, needed = physical_memory(), 2 * count * window
    if memory is not None and needed > memory:
        raise UserError(
            f"{where} has {count:,} clips of {window:,} samples, {needed / 1e9:,.1f} GB, and this machine has "
            f"{memory / 1e9:,.1f} GB of memory: choose a smaller --window."
        )


# -- one recording


def _recording(path: Path, options: SoundOptions, part: Part) -> Data:
    """A recording's clips, one after the other; the last share of it is the test part."""
    if options.classes != "auto":
        raise UserError(f"{path} is one recording: classes are folders of WAV files.")
    try:
        content = path.read_bytes()
        form = format_of(content)
        rate = options.sampling_rate or form.rate
        sound, clipped = quantised(resampled(mixed(content, form), form.rate, rate))
    except (WavError, OSError) as error:
        raise UserError(f"{path} cannot be read: {why(error)}.") from None
    if options.window is None:
        raise UserError(f"{path} is one recording of {len(sound):,} samples: say --window W to cut it into clips of W.")
    window, length = options.window, len(sound)
    said = [f"{path.name} was {change}." for change in (*of_format(form, rate), *clipped)]
    if options.cut == "first" or length < window:
        if part != "train":
            raise MissingPartError(f"{path} has no {part} part", "it is read as a single clip")
        samples = np.pad(sound[:window], (0, max(window - length, 0)))[None]
        how = f"cut to the first {window:,}" if length > window else f"padded with silence to {window:,}"
        notes = [*said, f"{path.name} was {how} samples (from {length:,})."] if length != window else said
    else:
        samples, more = _part(sound, window, options.share, part, path)
        notes = [*said, more]
    notes += silent(samples, [path.name] * len(samples), str(path))
    return Data(printable(path.stem), Waveforms(window, rate), samples, notes=tuple(notes))


def _part(sound: Stored, window: int, share: float, part: Part, path: Path) -> tuple[Stored, str]:
    """The clips of a part, and a note; no clip spans both parts."""
    if part == "validation":
        raise MissingPartError(f"{path} has no validation part", "its parts are train and test")
    begins = len(sound) - int(share * len(sound))
    divided = len(sound) - begins >= window and begins >= window
    if part == "test" and not divided:
        raise MissingPartError(
            f"{path} has no test part",
            f"the last {share:.0%} of its {len(sound):,} samples, or the rest, are no clip of {window:,}",
        )
    train = windowed(sound[:begins] if divided else sound, window)
    test = windowed(sound[begins:], window) if divided else train[:0]
    cut = f"{path.name} was cut into clips of {window:,} samples, the last of each part moved to end with it"
    parts = (
        f"{len(train):,} for training and {len(test):,} for the test, the last {share:.0%}"
        if divided
        else (f"{len(train):,}, none for the test")
    )
    return (test if part == "test" else train), f"{cut}: {parts}."


SOUND = Kind(
    "sound",
    "sound in a .wav, or in a folder or .zip of them",
    (*OWN, "window", "split", "classes", "test_share"),
    claims,
    load_chosen,
)
