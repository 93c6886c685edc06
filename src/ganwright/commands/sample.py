"""The command `sample`: writes samples of a trained run as pictures, arrays or .csv."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from ganwright.core import ranks
from ganwright.core.domain import Domain, Stored, Writer
from ganwright.core.errors import UserError
from ganwright.core.system import expanded
from ganwright.runs import atomic_files, png, tiled_inference
from ganwright.runs.run import Run

GRID = ".png"


def sample(
    run: Run | Path | str,
    n: int | None,
    seed: int,
    out: Path,
    condition: str | None = None,
    checkpoint: str = "newest",
    back: bool = False,
    trust: bool = False,
) -> str:
    """Writes `n` samples to `out`, whose suffix is the format; returns a sentence about what was written.

    .png is a grid; a path without suffix is a folder of files, .png for pictures; .npy holds pictures uint8 [n, H, W]
    or [n, H, W, C], points float32 [n, D], series float32 [n, time, feature] or rows float64 [n, columns]; .npz holds
    the same as `samples`; .csv holds all but pictures. `condition` is a class, a file of conditions, such as a picture,
    or a folder of such files; samples in a folder have their names. By default conditions are drawn, and classes are
    saved beside the samples in .npz and .csv; a grid has a row for each class and about `n` samples. By default `n` is
    64, or 1 for a file. `back` translates from B to A. `checkpoint` is newest, best or healthy. `trust` is that of
    `Run`. Several processes call this together: they share the work, and the first writes.

    A recipe that transforms pictures of any size writes the transformed picture to a .png or .npy, or those of a folder
    to a folder; `n` and `seed` are ignored.
    """
    run = run if isinstance(run, Run) else Run(run, checkpoint=checkpoint, back=back, trust=trust)
    if condition is not None and run.recipe.transform is not None:
        return tiled_inference.apply(run.recipe, expanded(condition), out) if ranks.rank() == 0 else ""
    n = run.count(n, condition)
    conditions = run.parse_condition(condition, n)
    laid_out = run.recipe.condition.grid_layout(n) if conditions is None and out.suffix.lower() == GRID else None
    conditions, columns = laid_out or (conditions, None)
    n = n if conditions is None else len(conditions)
    formats = {**writers(run.domain, columns), **folder_writer(run, condition, n)}
    if out.suffix.lower() not in formats:
        named = ", ".join(suffix or "a folder" for suffix in sorted(formats))
        raise UserError(f"--out {out}: {run.domain.describe()} can be saved as {named}.")
    stored = run.sharded_samples(n, seed, conditions)
    names = class_names(run, run.stored_conditions(n, seed, conditions))
    if ranks.rank() == 0:
        with atomic_files.writing(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            formats[out.suffix.lower()](stored, names, out)
    what, are = ("1 sample", "is") if n == 1 else (f"{n:,} samples", "are")
    return f"{what} (seed {seed}) of {run.path} {are} in {out}."


def folder_writer(run: Run, condition: str | None, n: int) -> Mapping[str, Writer]:
    """The writer of a folder, if the domain has one; samples get the names of the `n` files of their conditions."""
    if run.domain.file_format is None:
        return {}
    names = None
    if condition is not None and Path(condition).is_dir():
        conditions = run.recipe.data.condition_domain or run.domain
        names = [path.stem for path in conditions.files(Path(condition))]
    return {"": partial(run.domain.write_folder, names=names if names and len(names) == n else None)}


def class_names(run: Run, conditions: Stored | None) -> Stored | None:
    """The names [n] of classes [n]."""
    return None if conditions is None else np.array(run.settings["data"]["classes"])[conditions]


def writers(domain: Domain, columns: int | None = None) -> Mapping[str, Writer]:
    """The writers of a domain's samples, by suffix; `columns` is the width of a grid with a row for each class."""

    def save_grid(stored: Stored, conditions: Stored | None, path: Path) -> None:
        path.write_bytes(png.sample_grid(np.atleast_3d(np.asarray(domain.preview(stored, columns)))))

    def save_array(stored: Stored, conditions: Stored | None, path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, domain.to_array(stored))

    def save_arrays(stored: Stored, conditions: Stored | None, path: Path) -> None:
        named = {"samples": domain.to_array(stored)} | ({} if conditions is None else {"conditions": conditions})
        with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:  # NumPy's own takes three times as long
            for name, array in named.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, array, allow_pickle=False)

    return {GRID: save_grid, ".npy": save_array, ".npz": save_arrays, **domain.writers}
