"""The command `sample`: writes samples of a trained run as pictures, sound, arrays, .csv or .parquet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from ganwright.config.serialization import is_object_marker
from ganwright.core import changes, ranks
from ganwright.core.domain import Domain, Stored, Writer
from ganwright.core.errors import UserError
from ganwright.core.system import expanded
from ganwright.runs import output_files, own_size, png, tiled_inference
from ganwright.runs.own_size import Made
from ganwright.runs.run import Run

GRID = ".png"
FOLDER = ""  # a path without suffix


class Request(NamedTuple):
    """What the user asked for."""

    n: int | None
    seed: int
    out: Path
    condition: str | None
    overwrite: bool

    @property
    def suffix(self) -> str:
        return self.out.suffix.lower()


def sample(
    run: Run | Path | str,
    n: int | None,
    seed: int,
    out: Path,
    condition: str | None = None,
    checkpoint: str = "newest",
    back: bool = False,
    trust: bool = False,
    overwrite: bool = False,
) -> str:
    """Writes `n` samples to `out`, whose suffix is the format; returns sentences about what was written.

    .png is a grid; a path without suffix is a folder of files, .png for pictures, .wav for sound; .npy holds pictures
    uint8 [n, H, W] or [n, H, W, C], points float32 [n, D], sound int16 [n, samples], series float32 [n, time, feature]
    or rows float64 [n, columns]; .npz holds the same as `samples`; .wav holds all clips of sound; .csv and .parquet
    hold all but pictures and sound. `condition` is a class, a file of conditions, such as a picture, a folder of such
    files, or values of static columns such as region=north,size=3; samples in a folder have the names of their
    conditions. By default conditions are drawn. Classes are saved beside the samples in .npz, .csv and .parquet, static
    columns in the last two; a grid has a row for each class and about `n` samples. By default `n` is 64. Of a file of
    conditions `n` samples, by default 1, are drawn under each, one after the other; pictures in a folder have one each.
    A forecast in .csv and .parquet has the keys and times of the series that it continues and, for `n` above 1, a
    column `draw`. `back` translates from B to A. `checkpoint` is newest, best or healthy. `trust` is that of `Run`.
    Several processes call this together: they share the work, and the first writes.

    A recipe that transforms pictures of any size, or makes samples of the size of a picture that is the condition,
    writes one picture for each: to a .png or .npy, or those of a folder to a folder.

    A file that exists is replaced in one step. A folder that is not empty is refused, unless `overwrite` is set and it
    holds earlier samples only, which are replaced.
    """
    run = run if isinstance(run, Run) else Run(run, checkpoint=checkpoint, back=back, trust=trust)
    if condition == "":
        raise UserError("--condition is empty: name a class, a picture or a folder.")
    request = Request(n, seed, expanded(out), condition, overwrite)
    _spare(request.out, run.settings["data"]["source"], f"the data of {run.path}")
    _spare(request.out, condition, "the --condition")
    if condition is not None and run.recipe.transform is not None:
        return _transformed(run, request, condition) if ranks.rank() == 0 else ""
    pictures, ignored = own_size.pictures(run.recipe, condition)
    if pictures:
        return _of_pictures(run, pictures, ignored, request) if ranks.rank() == 0 else ""
    return _drawn(run, request)


def _transformed(run: Run, request: Request, condition: str) -> str:
    """Writes transformed pictures, one for each; `seed` does not matter."""
    if request.n not in (None, 1):
        raise UserError(f"{run.path} makes one picture of each: leave -n {request.n} out.")
    return tiled_inference.apply(run.recipe, expanded(condition), request.out, request.overwrite)


def _drawn(run: Run, request: Request) -> str:
    """Writes samples of the domain's size."""
    out, seed, condition, is_grid = request.out, request.seed, request.condition, request.suffix == GRID
    wanted = run.wanted(request.n, condition)
    laid_out = run.recipe.condition.grid_layout(wanted.total) if wanted.conditions is None and is_grid else None
    conditions, columns = laid_out or (wanted.conditions, None)
    made = wanted.total if conditions is None else len(conditions)
    names = condition_names(run, condition, made)
    formats = {**writers(run.domain, columns), **folder_writer(run, names)}
    _check_out(request, formats, run, names)
    if request.suffix == ".npy":
        output_files.check_disk(out, made, run.domain)
    stored = run.sharded_samples(made, seed, conditions)
    classes = class_names(run, run.stored_conditions(made, seed, conditions))
    if ranks.rank() > 0:
        return ""
    write, notes = partial(formats[request.suffix], stored, classes), run.notes
    if request.suffix in run.domain.writers:
        domain, stored = run.beside(stored, seed, conditions)
        in_columns, said = domain.writers_after(wanted.origins, wanted.each)
        write, notes = partial(in_columns[request.suffix], stored, classes), [*notes, *said]
    where = _written(request, run, names, write)
    what, are = ("1 sample", "is") if made == 1 else (f"{made:,} samples", "are")
    whole_rows = f" A grid has whole rows, one for each class: {made:,} samples, not {wanted.total:,}."
    for_classes = whole_rows if laid_out and made != wanted.total else ""
    return " ".join([f"{what} (seed {seed}) of {run.path} {are} in {where}.{for_classes}", *notes])


def _of_pictures(run: Run, pictures: Sequence[Path], ignored: str, request: Request) -> str:
    """Writes samples under pictures, each of the size of its picture."""
    n, names = request.n or 1, [path.stem for path in pictures]
    if len(pictures) > 1 and request.n is not None:
        raise UserError(
            f"--condition {request.condition} holds {len(pictures):,} pictures, each for one sample: leave -n {n} out."
        )
    duplicates = {stem for stem in names if names.count(stem) > 1}
    if duplicates:
        raise UserError(f"--condition {request.condition}: several pictures are named {min(duplicates)}.")
    formats: dict[str, object] = dict.fromkeys((FOLDER, GRID, ".npy", ".npz"))
    alone = request.suffix == FOLDER and len(names) == n == 1  # a file like any other in that folder
    one = request._replace(out=request.out / f"{names[0]}.png") if alone else request
    _check_out(one, formats, run, names if len(names) > 1 else [])
    made = own_size.made(run, pictures, n, request.seed)
    changed: list[tuple[str, ...]] = []

    def write_folder(path: Path) -> None:
        for part in made:
            named = [part.source.stem] if n == 1 else None
            run.domain.write_folder(part.samples, None, path, named)
            changed.append(part.changes)

    def write_file(path: Path) -> None:
        parts = list(made)
        changed.extend(part.changes for part in parts)
        _write_pictures(run.domain, parts, path, one.suffix)

    where = _written(one, run, names, write_folder if request.suffix == FOLDER and not alone else write_file)
    count = len(pictures) * n
    what, are = ("1 sample", "is") if count == 1 else (f"{count:,} samples", "are")
    notes = [*([ignored] if ignored else []), *changes.of_files(pictures, changed, f"pictures in {request.condition}")]
    return " ".join([f"{what} (seed {request.seed}) of {run.path} {are} in {where}.", *notes])


def _write_pictures(domain: Domain, parts: Sequence[Made], path: Path, suffix: str) -> None:
    """One picture as it is, several of one size as a grid or an array."""
    stored = own_size.of_one_size(parts, f"A {suffix}")
    if suffix == GRID and len(stored) == 1:
        path.write_bytes(png.sample_grid(stored[0]))
    else:
        writers(domain)[suffix](stored, None, path)


def _check_out(request: Request, formats: Mapping[str, object], run: Run, names: Sequence[str]) -> None:
    """A UserError for an output that cannot be written, before anything is made."""
    out = request.out
    if request.suffix not in formats:
        named = ", ".join(suffix or "a folder" for suffix in sorted(formats))
        raise UserError(f"--out {out}: {run.domain.describe()} can be saved as {named}.")
    if request.suffix != FOLDER:
        return output_files.check_file(out)
    if out.exists() and not out.is_dir():
        raise UserError(f"--out {out} is a file: a folder needs another name, and a file a suffix.")
    return output_files.check_folder(out, _suffix(run), run.settings["data"]["classes"], names, request.overwrite)


def _spare(out: Path, source: str | None, what: str) -> None:
    """A UserError if the file `out` is a source of samples, or lies in one."""
    if source is None or is_object_marker(source) or not out.is_file():
        return
    place = expanded(source).resolve()
    if place in (out.resolve(), *out.resolve().parents):
        raise UserError(f"--out {out} would replace {what}: name another file.")


def _written(request: Request, run: Run, names: Sequence[str], write: Callable[[Path], None]) -> str:
    """Calls write(path) for a place beside the output, then puts the result there; returns where it is."""
    existed = request.out.is_file()
    with output_files.replacing(request.out) as beside:
        write(beside)
        if request.overwrite and request.suffix == FOLDER:
            output_files.empty_folder(request.out, _suffix(run), run.settings["data"]["classes"], names)
    return output_files.said(request.out, existed)


def _suffix(run: Run) -> str:
    """The suffix of samples in a folder."""
    return run.domain.file_format.suffix if run.domain.file_format is not None else ""


def condition_names(run: Run, condition: str | None, n: int) -> list[str]:
    """The names of the `n` files in a folder of conditions, for samples in a folder; empty if there is none."""
    if condition is None or not expanded(condition).is_dir():
        return []
    conditions = run.recipe.data.condition_domain or run.domain
    names = [path.stem for path in conditions.files(expanded(condition))]
    return names if len(names) == n else []


def folder_writer(run: Run, names: Sequence[str]) -> Mapping[str, Writer]:
    """The writer of a folder, if the domain has one; samples have these names or numbers."""
    if run.domain.file_format is None:
        return {}
    return {FOLDER: partial(run.domain.write_folder, names=names or None)}


def class_names(run: Run, conditions: Stored | None) -> Stored | None:
    """The names [n] of classes [n]."""
    return None if conditions is None else np.array(run.settings["data"]["classes"])[conditions]


def writers(domain: Domain, columns: int | None = None) -> Mapping[str, Writer]:
    """The writers of a domain's samples, by suffix; `columns` is the width of a grid with a row for each class."""

    def save_grid(stored: Stored, conditions: Stored | None, path: Path) -> None:
        path.write_bytes(png.sample_grid(np.atleast_3d(np.asarray(domain.preview(stored, columns)))))

    def save_array(stored: Stored, conditions: Stored | None, path: Path) -> None:
        with path.open("wb") as file:
            # NumPy gets the method alone: its own writing to a file loses the errno of a full disk
            np.save(SimpleNamespace(write=file.write), domain.to_array(stored))

    def save_arrays(stored: Stored, conditions: Stored | None, path: Path) -> None:
        named = {"samples": domain.to_array(stored)} | ({} if conditions is None else {"conditions": conditions})
        with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:  # NumPy's own takes three times as long
            for name, array in named.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, array, allow_pickle=False)

    return {GRID: save_grid, ".npy": save_array, ".npz": save_arrays, **domain.writers}
