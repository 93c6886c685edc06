"""Progressive growing, stage by stage: is each stage nearer to real pictures than the one before?

    python benchmarks/pictures/progan.py mnist [--examples 150000] [--seeds 1] [--n 10000] [--out FOLDER] [name=value ...]

After each stage samples of the averaged weights, enlarged to the full size, are compared with as many of the test part
in the features that the judge uses: a Fréchet distance, which is no FID. They are enlarged by repeating pixels, as the
recipe shows them, and by bicubic interpolation; in brackets are real pictures, shrunk to the stage's size and enlarged
alike. name=value are options of the recipe. Seconds are processor time. `FOLDER/stages-DATA-SEED.png` shows samples of
each stage, and real pictures below them.
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

SHOWN = 16
KEPT = 50  # checkpoints, so that one lies near the end of each stage


def measured(data: str, examples: int, seed: int, n: int, options: dict[str, str], out: Path) -> None:
    """Trains, and prints a line for each stage."""
    began = time.process_time()
    run = ganwright.train(
        "progan",
        data,
        out / f"{data}-{seed}",
        examples=examples,
        seed=seed,
        quiet=True,
        keep_every=examples // KEPT,
        **options,
    )
    seconds = time.process_time() - began
    print(
        f"{data}, seed {seed}: {examples:,} images, {seconds:.0f} s of processor time; {run.log()[-1]['verdict']['name']}"
    )
    real = data_source.find(data, {"split": "test"}).data
    features = default_features(real.domain, None)
    assert features is not None
    n = min(n, len(real) // 2)
    reference, half = features(real.samples[-n:]), real.samples[:n]
    rows = []
    for (seen, samples), size in zip(by_stage(run, n), growing_sizes(*half.shape[1:3]), strict=True):
        pixels = f"{size[0]}x{size[1]}"
        for way in (repeated, interpolated):
            samples, floor = (
                frechet(features(way(at_size(given, size), half.shape)), reference) for given in (samples, half)
            )
            print(
                f"  {pixels}, {seen:,} images, {way.__name__}: fd_{features.name} {samples:.2f} ({floor:.2f})",
                flush=True,
            )
        rows.append(samples[:SHOWN])
    grid(np.concatenate([*rows, real.samples[:SHOWN]]), columns=SHOWN).save(out / f"stages-{data}-{seed}.png")


def by_stage(run: Run, n: int) -> list[tuple[int, np.ndarray]]:
    """The images seen at the end of each stage, and samples then."""
    ends = {}
    for path in checkpoint.saved(run.checkpoints):  # the last one of each stage stays
        ends[checkpoint.load(path).state["clock"]["stage"]] = path
    found = []
    for _, path in sorted(ends.items()):
        checkpoint.restore_weights(run.recipe.game, checkpoint.load(path), str(path))
        found.append((int(path.name), run.stored_samples(n)))
    return found


def at_size(pictures: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """uint8 [n, height, width, ...] shrunk to a stage's size, as the recipe shrinks real pictures."""
    small = torch.from_numpy(pictures.reshape(*pictures.shape[:3], -1)).permute(0, 3, 1, 2).float()
    while small.shape[2:] != size:
        small = shrunk(small)
    return small.round().byte().permute(0, 2, 3, 1).numpy()


def repeated(small: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Enlarged to `shape` by repeating pixels."""
    times = -(-shape[1] // small.shape[1])
    return small.repeat(times, 1).repeat(times, 2)[:, : shape[1], : shape[2]].reshape(len(small), *shape[1:])


def interpolated(small: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Enlarged to `shape` by bicubic interpolation."""
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
