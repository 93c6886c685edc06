"""Measures progressive growing after each stage.

    python benchmarks/pictures/progan.py mnist [--examples 150000] [--seeds 1] [--out FOLDER] [name=value ...]

After each stage, samples of the EMA weights are upscaled to the full size and compared with as many test pictures in
the judge's features: a Fréchet distance, not a FID. They are upscaled by repeating pixels, as in the recipe's sample
grids, and by bicubic interpolation. In brackets: real pictures, shrunk to the stage's size and upscaled in the same
way. name=value are options of the recipe. Seconds are CPU time. `FOLDER/stages-DATA-SEED.png` shows samples of each
stage above real pictures.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import ganwright
from ganwright.config import data_source
from ganwright.domains.images import grid
from ganwright.judging.views import default_features
from ganwright.metrics.frechet import frechet
from ganwright.nets.growing import growing_sizes, shrunk
from ganwright.runs import checkpoint
from ganwright.runs.run import Run

DISPLAYED = 16
CHECKPOINTS = 50  # enough for one near the end of each stage


def measured(data: str, examples: int, seed: int, n: int, options: dict[str, str], out: Path) -> None:
    """Trains and prints a line for each stage."""
    start = time.process_time()
    run = ganwright.train(
        "progan",
        data,
        out / f"{data}-{seed}",
        examples=examples,
        seed=seed,
        quiet=True,
        keep_every=examples // CHECKPOINTS,
        **options,
    )
    seconds = time.process_time() - start
    print(
        f"{data}, seed {seed}: {examples:,} examples, {seconds:.0f} s of CPU time; {run.log()[-1]['verdict']['name']}"
    )
    real = data_source.find(data, {"split": "test"}).data
    features = default_features(real.domain, None)
    assert features is not None
    n = min(n, len(real) // 2)
    reference, half = features(real.samples[-n:]), real.samples[:n]
    rows = []
    for (seen, samples), size in zip(by_stage(run, n), growing_sizes(*half.shape[1:3]), strict=True):
        pixels = f"{size[0]}x{size[1]}"
        for upscale in (repeated, interpolated):
            ours, baseline = (
                frechet(features(upscale(at_size(part, size), half.shape)), reference) for part in (samples, half)
            )
            print(
                f"  {pixels}, {seen:,} examples, {upscale.__name__}: fd_{features.name} {ours:.2f} ({baseline:.2f})",
                flush=True,
            )
        rows.append(samples[:DISPLAYED])
    grid(np.concatenate([*rows, real.samples[:DISPLAYED]]), columns=DISPLAYED).save(out / f"stages-{data}-{seed}.png")


def by_stage(run: Run, n: int) -> list[tuple[int, np.ndarray]]:
    """The number of examples at the end of each stage, with samples at that point."""
    ends = {}
    for path in checkpoint.saved(run.checkpoints):  # the last one of each stage remains
        ends[checkpoint.load(path).state["clock"]["stage"]] = path
    stages = []
    for _, path in sorted(ends.items()):
        checkpoint.restore_weights(run.recipe.game, checkpoint.load(path), str(path))
        stages.append((int(path.name), run.stored_samples(n)))
    return stages


def at_size(pictures: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """uint8 [n, height, width, ...] shrunk to a stage's size, as the recipe shrinks real pictures."""
    small = torch.from_numpy(pictures.reshape(*pictures.shape[:3], -1)).permute(0, 3, 1, 2).float()
    while small.shape[2:] != size:
        small = shrunk(small)
    return small.round().byte().permute(0, 2, 3, 1).numpy()


def repeated(small: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Pictures upscaled to `shape` by repeating pixels."""
    factor = -(-shape[1] // small.shape[1])
    return small.repeat(factor, 1).repeat(factor, 2)[:, : shape[1], : shape[2]].reshape(len(small), *shape[1:])


def interpolated(small: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Pictures upscaled to `shape` by bicubic interpolation."""
    sizes = {"size": (shape[2], shape[1]), "resample": Image.Resampling.BICUBIC}
    planes = np.moveaxis(small, 3, 1).reshape(-1, *small.shape[1:3])
    large = np.stack([np.asarray(Image.fromarray(plane).resize(**sizes)) for plane in planes])
    return np.moveaxis(large.reshape(len(small), -1, *shape[1:3]), 1, 3).reshape(len(small), *shape[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", nargs="?", default="mnist")
    parser.add_argument("options", nargs="*", metavar="name=value")
    parser.add_argument("--examples", type=int, default=150_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--n", type=int, default=5_000)
    parser.add_argument("--out", type=Path, default=Path("runs/progan"))
    arguments = parser.parse_intermixed_args()
    options = dict(option.split("=", 1) for option in arguments.options)
    for seed in range(arguments.seeds):
        measured(arguments.data, arguments.examples, seed, arguments.n, options, arguments.out)


if __name__ == "__main__":
    main()
