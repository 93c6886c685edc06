"""Progressive growing, stage by stage: is each stage nearer to real pictures than the one before?

    python benchmarks/pictures/progan.py mnist [--images 150000] [--seeds 1] [--n 10000] [--out FOLDER] [name=value ...]

After each stage samples of the averaged weights, in their full size, are compared with as many of the test part in the
features that the judge uses: a Fréchet distance, which is no FID. name=value are options of the recipe. Seconds are
processor time. `FOLDER/stages-DATA-SEED.png` shows eight samples of each stage, and real pictures below them.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import ganwright
from ganwright import checkpoint, sources
from ganwright.core.images import grid
from ganwright.judging.views import usual_features
from ganwright.metrics.frechet import frechet
from ganwright.run import Run

SHOWN = 16
KEPT = 50  # checkpoints, so that one lies near the end of each stage


def measured(data: str, images: int, seed: int, n: int, options: dict[str, str], out: Path) -> list[float]:
    """Trains, prints a line for each stage, and returns their distances."""
    began = time.process_time()
    run = ganwright.train(
        "progan",
        data,
        out / f"{data}-{seed}",
        images=images,
        seed=seed,
        quiet=True,
        keep_every=images // KEPT,
        **options,
    )
    seconds = time.process_time() - began
    print(
        f"{data}, seed {seed}: {images:,} images, {seconds:.0f} s of processor time; {run.log()[-1]['verdict']['name']}"
    )
    real = sources.find(data, {"split": "test"}).data
    features = usual_features(real.domain, None)
    assert features is not None
    n = min(n, len(real) // 2)
    reference, half = features(real.samples[-n:]), features(real.samples[:n])
    rows, found = [], []
    for stage, (seen, samples) in enumerate(by_stage(run, n)):
        found.append(frechet(features(samples), reference))
        print(f"  stage {stage}, {seen:,} images: fd_{features.name} {found[-1]:.2f} (n = {n:,})", flush=True)
        rows.append(samples[:SHOWN])
    print(f"  real pictures: {frechet(half, reference):.2f}")
    grid(np.concatenate([*rows, real.samples[:SHOWN]]), columns=SHOWN).save(out / f"stages-{data}-{seed}.png")
    return found


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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", nargs="?", default="mnist")
    parser.add_argument("options", nargs="*", metavar="name=value")
    parser.add_argument("--images", type=int, default=150_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--n", type=int, default=5_000)
    parser.add_argument("--out", type=Path, default=Path("runs/progan"))
    arguments = parser.parse_intermixed_args()
    options = dict(option.split("=", 1) for option in arguments.options)
    for seed in range(arguments.seeds):
        measured(arguments.data, arguments.images, seed, arguments.n, options, arguments.out)


if __name__ == "__main__":
    main()
