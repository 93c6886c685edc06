"""Samples from a trained run, in whatever form is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ganwright import disk
from ganwright.core.errors import UserError
from ganwright.run import Run, png


def sample(run: Run | Path | str, n: int, seed: int, out: Path, condition: str | None = None) -> str:
    """Writes `n` samples to `out`, by its suffix, and says what was written.

    .png is a grid; a path without suffix a folder of PNG; .npy holds pictures uint8 [n, H, W] or [n, H, W, C], or
    points float32 [n, D]; .npz the same as `samples`; .csv points.
    """
    run = run if isinstance(run, Run) else Run(run)
    if condition is not None:
        raise UserError(f"{run.path} was trained without conditions: leave --condition out.")
    kinds = {".png", ".npy", ".npz", *run.domain.writers}
    if out.suffix not in kinds:
        named = ", ".join(kind or "a folder" for kind in sorted(kinds))
        raise UserError(f"--out {out}: {run.domain.describe()} can be saved as {named}.")
    array = run.sample(n, seed)
    with disk.writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix == ".npy":
            np.save(out, array)
        elif out.suffix == ".npz":
            np.savez_compressed(out, samples=array)
        elif out.suffix == ".png":
            out.write_bytes(png(run.domain.preview(run.stored_form(array))))
        else:
            run.domain.writers[out.suffix](run.stored_form(array), None, out)
    return f"{n:,} samples (seed {seed}) of {run.path} are in {out}."
