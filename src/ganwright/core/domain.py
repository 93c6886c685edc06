"""A domain: everything that depends on what a sample is."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ganwright.core import changes
from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.core.files import hidden, read_arrays, walk
from ganwright.core.metric import Samples

Stored = np.ndarray[Any, Any]
Field = Callable[[Stored], Stored]
Writer = Callable[[Stored, Stored | None, Path], None]
"""writer(samples [n, *stored_shape], the names [n] of their classes or None, path)"""


class FileFormat(NamedTuple):
    """A file suffix, and a function that writes one sample [*stored_shape] to a path."""

    suffix: str
    write: Callable[[Stored, Path], None]


class Origin(NamedTuple):
    """What a file says of a series besides its values: its key, None without a column of keys; the times of its steps
    as they are written there, none without a column of times; and the format of all dates of that column, which the
    domain understands, or "" where they are no dates."""

    key: str | None
    times: tuple[str, ...]
    form: str


class SavedSamples(NamedTuple):
    """The content of a file: samples [n, *stored_shape], and the names [n] of their classes, if it holds any.

    `changes` are phrases, such as `converted to grey`, for what was done to all of a file's samples; `Domain.read`
    turns them into `notes`, sentences about how the file was read, and what was left out or ignored. `origins` are
    those of the samples, or empty where the file says no more of them.
    """

    samples: Stored
    conditions: Stored | None = None
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()


Reader = Callable[[Path, Mapping[str, Any] | None], SavedSamples]
"""reader(path, options): see `Domain.read`"""


class Domain(ABC):
    """Converts between three forms of a sample: *stored* (on disk), *encoded* (for the networks), and rendered.

    A domain of this package is a frozen dataclass in a file of its name in domains/; recipe.json records the file's
    name and the fields. A user's own domain is any subclass, and a run that was trained on it is opened with it:
    `ganwright.open(run, domain=...)`. Stored and encoded samples may have different shapes. Networks, losses and
    health checks get encoded samples only, which are finite; stored ones need not be. What ends a sample of variable
    length belongs to its encoding, for example a flag for each time step.
    """

    noun: ClassVar[str] = "samples"  # the samples in the plural, in messages
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)  # of stored samples
    may_be_nan: ClassVar[bool] = False  # whether NaN is a stored value
    bounded: ClassVar[bool] = False  # whether encoded values lie in [-1, 1]
    augmentable: ClassVar[bool] = False  # whether augmentations/ apply, and mirroring
    views: ClassVar[tuple[str, ...]] = ()  # the views (core/metric.py) in which metrics can compare samples
    plotted: ClassVar[bool] = False  # whether `render` plots samples, and does not show each of them
    grid_size: ClassVar[int] = 64  # the default number of samples in a sample grid
    default_recipe: ClassVar[str] = ""  # a file in recipes/; "" if there is none yet
    paired_recipe: ClassVar[str] = ""  # the default for data with conditions, one for each sample
    unpaired_recipe: ClassVar[str] = ""  # the default for data with conditions, as an independent set

    # -- forms of a sample

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """The shape of one encoded sample."""

    @property
    @abstractmethod
    def stored_shape(self) -> tuple[int, ...]:
        """The shape of one stored sample."""

    @abstractmethod
    def encode(self, stored: Tensor) -> Tensor:
        """[n, *stored_shape] to float [n, *shape]."""

    @abstractmethod
    def decode(self, encoded: Tensor) -> Stored:
        """[n, *shape] to [n, *stored_shape]."""

    def to_array(self, stored: Stored) -> Stored:
        """The array [n, ...] that users see and .npy files hold; by default the stored form."""
        return stored

    def from_array(self, array: Any, where: str) -> Stored:
        """The stored form of a user's array, that of `to_array` or the stored one; a single sample gets an axis.

        Raises UserError, which begins with `where`, for other shapes, values that are not finite (NaN is allowed if
        `may_be_nan`), and values that `dtype` cannot hold.
        """
        array = np.asarray(array)
        seen = self.to_array(np.empty((1, *self.stored_shape), self.dtype)).shape[1:]
        shapes = {seen, self.stored_shape}
        if array.shape in shapes:
            array = array[None]
        if array.dtype.kind not in "biuf" or array.shape[1:] not in shapes:
            expected, found = ", ".join(map(str, ("n", *seen))), list(array.shape)
            raise UserError(
                f"{where} should hold numbers [{expected}], {self.describe()}, but holds {array.dtype} {found}."
            )
        if not len(array):
            raise UserError(f"{where} holds no samples.")
        if array.dtype.kind == "f" and not (np.isfinite(array) | (self.may_be_nan & np.isnan(array))).all():
            raise UserError(f"{where} holds values that are not finite (NaN or infinity).")
        with np.errstate(all="ignore"):
            stored: Stored = array.astype(self.dtype, copy=False).reshape(-1, *self.stored_shape)
            exact = self.dtype.kind == "f" or (stored == array.reshape(stored.shape)).all()
        if not exact:
            raise UserError(f"{where} holds values that {self.dtype} does not: expected {self.describe()}.")
        return stored

    def converted(
        self, array: Stored, where: str, options: Mapping[str, Any] | None = None
    ) -> tuple[Stored, tuple[str, ...]]:
        """The stored form of an array in a file, by the options of a loader, and notes; otherwise as `from_array`."""
        return self.from_array(array, where), ()

    def described(self, words: str) -> Stored | None:
        """The samples [n, *stored_shape] that words on the command line describe; None if they are no description.

        Raises UserError for a description of samples that there are none of.
        """
        return None

    def example(self, source: str) -> str:
        """A `--condition` as an example: words that are `described`, or a file. `source` is the name or path of the
        data, which by default are a file of such samples too if they are a file of a kind that is read."""
        suffix = Path(source).suffix.lower()
        return source if suffix in self.readers else f"file{next(iter(self.readers))}"

    @property
    def static_columns(self) -> tuple[Column, ...]:
        """The columns of a stored sample that may stand beside another kind of sample, as static features do."""
        return ()

    def with_static(self, columns: tuple[Column, ...], values: Stored, stored: Stored) -> tuple[Domain, Stored]:
        """The domain and the stored samples of files in columns, with the values [n, columns] of static columns beside
        each; by default without them."""
        return self, stored

    @abstractmethod
    def describe(self) -> str:
        """A phrase for messages, such as `points of 2 dimensions`."""

    def comparable(self, other: Domain) -> bool:
        """Whether stored samples of both domains can be compared; their encodings may differ."""
        mine, theirs = ((one.shape, one.stored_shape) for one in (self, other))
        return type(self) is type(other) and mine == theirs

    # -- pictures of samples

    @abstractmethod
    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        """One picture of fakes and real samples.

        `field` maps stored samples to values that are plotted as colours. `columns` is the width of a grid of fakes.
        """

    @abstractmethod
    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        """One picture of stored samples, for inspecting a data set."""

    def audio(self, stored: Stored) -> bytes | None:
        """A playable WAV file of stored samples, written beside a sample grid; None if samples make no sound."""
        return None

    @property
    def given(self) -> int:
        """The number of first time steps under which samples are drawn, as forecasts; 0 if samples are no such."""
        return 0

    def render_forecasts(self, real: Stored, drawn: Stored) -> Image.Image:
        """One picture of real samples [n, *stored_shape] and continuations of their given steps, [n, m, *stored_shape].

        Only for domains with `given` steps.
        """
        return self.render(drawn[:, 0], real)

    # -- metrics

    def viewed(self, view: str, stored: Stored, labels: Stored | None = None) -> Samples:
        """Samples in one of `views`; in "features", the pictures or spectrograms that a feature network gets."""
        return Samples(stored, labels)

    @property
    def default_features(self) -> str | None:
        """The default feature network, a file in features/; None if no network fits."""
        return None

    # -- health checks

    def compared(self, encoded: Tensor) -> Tensor:
        """What health checks compare of encoded samples, [n, ...]; by default all of them."""
        return encoded

    def traits(self, encoded: Tensor) -> Mapping[str, Tensor]:
        """Named groups of numbers [n, k] of encoded samples, whose distributions health checks compare one by one.

        They show what principal axes of samples do not, such as how rough a curve is. Names are plural phrases; a share
        or an indicator is 0 where a sample has none of it.
        """
        return {}

    def spectra(self, stored: Stored) -> Mapping[str, NDArray[np.float64]]:
        """Named mean power spectra of stored samples, whose ratios to real ones show patterns and missing detail."""
        return {}

    # -- files

    @property
    def loader_options(self) -> Mapping[str, Any]:
        """The loader options by which a second data set is loaded like this one."""
        return {}

    @property
    def part_options(self) -> Mapping[str, Any]:
        """The loader options by which another part of the same data set is loaded like this one."""
        return self.loader_options

    def same_form(self, stored: Stored, domain: Domain) -> Stored:
        """Stored samples of a domain in this one's stored form, where that loses nothing; else unchanged."""
        return stored

    @property
    def readers(self) -> dict[str, Reader]:
        """The formats of `read`, by file suffix."""
        return {".npy": self._read_arrays, ".npz": self._read_arrays}

    @property
    def writers(self) -> Mapping[str, Writer]:
        """Output formats of a set of samples, by file suffix; besides pictures and arrays, which all domains have."""
        return {}

    def writers_after(self, origins: Sequence[Origin], draws: int) -> tuple[Mapping[str, Writer], tuple[str, ...]]:
        """The writers of samples that continue those of a file, `draws` of each, one after the other; and notes on what
        they write. By default `writers`, also without origins."""
        return self.writers, ()

    @property
    def file_format(self) -> FileFormat | None:
        """The format of files with one sample each; None if samples are not saved one by one."""
        return None

    def files(self, path: Path) -> list[Path]:
        """The files in a folder that `read` can read, sorted by name; for a file, the file itself or nothing."""
        if not path.is_dir():
            return [path] if path.suffix.lower() in self.readers and path.is_file() else []
        names = [name for name, *_ in walk(path) if not hidden(name.split("/"))]
        return [path / name for name in names if Path(name).suffix.lower() in self.readers]

    def read(self, path: Path, options: Mapping[str, Any] | None = None) -> SavedSamples:
        """The samples in a file, or those in all files of a folder, whose subfolders are the classes if it has any.

        With `options`, those of the training data's loader, other samples are converted as it would; without them the
        samples must be those of this domain. Raises UserError if they are not, or if a file cannot be read.
        """
        files = self.files(path)
        if not files:
            problem = "does not exist" if not path.exists() else f"holds no {self.noun} ({', '.join(self.readers)})"
            raise UserError(f"{path} {problem}.")
        if not path.is_dir():
            read = self.readers[path.suffix.lower()](path, options)
            return read._replace(notes=(*(f"{path} was {change}." for change in read.changes), *read.notes), changes=())
        parts = [self.readers[file.suffix.lower()](file, options) for file in files]
        read = joined([file.relative_to(path) for file in files], parts, str(path))
        others = sorted({path / name for name, *_ in walk(path) if not hidden(name.split("/"))} - {*files})
        if not others:
            return read
        ignored = f"Ignored {len(others):,} other files in {path} that hold no {self.noun}, such as {others[0].name}."
        return read._replace(notes=(*read.notes, ignored))

    def write_folder(
        self, stored: Stored, conditions: Stored | None, folder: Path, names: Sequence[str] | None = None
    ) -> None:
        """A file for each sample, with these `names` or numbers; with conditions, a subfolder for each of them.

        Only for domains with a `file_format`.
        """
        assert self.file_format is not None
        suffix, write = self.file_format
        for place, sample in enumerate(stored):
            parent = folder if conditions is None else folder / _folder_name(str(conditions[place]))
            parent.mkdir(parents=True, exist_ok=True)
            name = f"{place:06d}" if names is None else names[place]
            write(sample, parent / f"{name}{suffix}")

    def _read_arrays(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        array, conditions, notes = read_arrays(path)
        samples, more = self.converted(array, str(path), options)
        if conditions is not None and conditions.shape != (len(samples),):
            raise UserError(f"{path} holds {len(samples):,} samples, but {list(conditions.shape)} labels.")
        return SavedSamples(samples, conditions, notes=tuple(f"{path}: {note}" for note in (*notes, *more)))


def _folder_name(name: str) -> str:
    """The name of a class as that of a folder; a UserError for one that would be another place."""
    if name in ("", ".", "..") or "/" in name or os.sep in name or "\0" in name:
        raise UserError(f"The class {name!r} cannot be the name of a folder: save the samples as .npz instead.")
    return name


def joined(files: Sequence[Path], parts: Sequence[SavedSamples], where: str) -> SavedSamples:
    """The samples in the files of a folder, whose subfolders are the classes if every file lies in one.

    Files beside one another keep the labels that they hold, if all of them do.
    """
    samples, sizes = np.concatenate([part.samples for part in parts]), [len(part.samples) for part in parts]
    known = tuple(origin for part in parts for origin in part.origins)
    origins = known if len(known) == len(samples) else ()
    beside = [file for file in files if len(file.parts) == 1]
    labels = [part.conditions for part in parts if part.conditions is not None]
    kept = len(labels) == len(parts) and len(beside) == len(files)
    notes = (*_notes(files, parts, where), *dict.fromkeys(note for part in parts for note in part.notes))
    if labels and not kept:
        notes += (f"Labels are left out: {len(labels):,} of the {len(parts):,} files in {where} have them.",)
    if len(beside) == len(files):
        return SavedSamples(samples, np.concatenate(labels) if kept else None, notes=notes, origins=origins)
    if beside:
        ignored = f"{len(beside):,} of {len(files):,} files lie in {where} itself, such as {beside[0].name}"
        notes = (*notes, f"{ignored}: its subfolders are not taken as classes.")
        return SavedSamples(samples, notes=notes, origins=origins)
    return SavedSamples(samples, np.repeat([file.parts[0] for file in files], sizes), notes=notes, origins=origins)


def _notes(files: Sequence[Path], parts: Sequence[SavedSamples], where: str) -> Iterator[str]:
    """What was changed in some of the files of a folder, and what is mixed there."""
    yield from changes.counted((part.changes for part in parts), f"{len(files):,} files in {where}")
    kinds = Counter(file.suffix.lower() for file in files)
    if len(kinds) > 1 and any(len(part.samples) > 1 for part in parts):
        listed = ", ".join(f"{count:,} {suffix}" for suffix, count in kinds.items())
        yield f"{where} holds files of several kinds ({listed}): all of them are read as samples."
