"""Samples from a trained run, in whatever form is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from PIL import Image

from ganwright.core import ranks
from ganwright.core.domain import Domain, Stored, Writer
from ganwright.core.errors import UserError
from ganwright.data._files import pictures_in
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
) -> str:
    """Writes `n` samples to `out`, by its suffix, and says what was written.

    .png is a grid; a path without suffix a folder of PNG; .npy holds pictures uint8 [n, H, W] or [n, H, W, C], or
    points float32 [n, D], series float32 [n, time, feature] or rows float64 [n, columns]; .npz the same as `samples`;
    .csv all of these but pictures. A `condition` is a class, or a picture in a file; of a folder each picture is one,
    and samples that go into a folder have its names. Without it conditions are drawn, and saved beside the samples
    where the form has room for them; a grid has a row for each class, and about `n` samples. Without `n` there are 64,
    or one for a picture. `back` goes the other way round, where a recipe goes both. `checkpoint` is newest, best or
    healthy. Of several processes, which call this together, each makes its part, and the first writes.

    Where a recipe makes one picture of another, of any size, that picture is written to a .png or .npy, and those of a
    folder to a folder; there is one for each, and `n` and `seed` mean nothing.
    """
    run = run if isinstance(run, Run) else Run(run, checkpoint=checkpoint, back=back)
    if condition is not None and run.recipe.transform is not None:
        return tiled_inference.apply(run.recipe, Path(condition).expanduser(), out) if ranks.rank() == 0 else ""
    n = run.count(n, condition)
    given = run.parse_condition(condition, n)
    laid_out = run.recipe.condition.grid_layout(n) if given is None and out.suffix.lower() == GRID else None
    given, columns = laid_out or (given, None)
    n = n if given is None else len(given)
    kinds = {**writers(run.domain, columns), **named_writer(condition)}
    if out.suffix.lower() not in kinds:
        named = ", ".join(kind or "a folder" for kind in sorted(kinds))
        raise UserError(f"--out {out}: {run.domain.describe()} can be saved as {named}.")
    stored, conditions = run.sharded_samples(n, seed, given), in_words(run, run.stored_conditions(n, seed, given))
    if ranks.rank() == 0:
        with atomic_files.writing(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            kinds[out.suffix.lower()](stored, conditions, out)
    return f"{n:,} samples (seed {seed}) of {run.path} are in {out}."


def named_writer(condition: str | None) -> Mapping[str, Writer]:
    """How samples go into a folder where their conditions are pictures in one: under the same names."""
    if condition is None or not Path(condition).is_dir():
        return {}

    def save_named(stored: Stored, conditions: Stored | None, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for picture, path in zip(stored, pictures_in(Path(condition)), strict=True):
            Image.fromarray(picture.squeeze(-1) if picture.shape[-1] == 1 else picture).save(
                folder / f"{path.stem}.png"
            )

    return {"": save_named}


def in_words(run: Run, conditions: Stored | None) -> Stored | None:
    """Classes by their names."""
    return None if conditions is None else np.array(run.settings["data"]["classes"])[conditions]


def writers(domain: Domain, columns: int | None = None) -> Mapping[str, Writer]:
    """How samples of a domain can be saved, by suffix; `columns` are those of a grid that conditions lay out."""

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
