"""Measures the recipes for points with default options and several seeds: modes covered, distance to real points.

python benchmarks/points.py [RECIPE ...] [--seeds 5] [--out runs/points]

A point has high quality if it lies within 3 standard deviations of its mode; a mode is covered if at least one such
point exists (VEEGAN, PacGAN). The sliced Wasserstein distance compares 1,000 samples with 1,000 fresh real points. It
is divided by the distance between two such real sets (mean of 20 repetitions). Finished runs are not trained again.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import ganwright
from ganwright.core.discovery import load_module
from ganwright.metrics.modes import Mixture, found, place, widths
from ganwright.metrics.sliced_points import sliced_points

COUNT, REPETITIONS = 1000, 20
MODES = {
    "ring": np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1),
    "grid": np.stack(np.meshgrid(np.arange(-4, 5, 2), np.arange(-4, 5, 2)), axis=-1).reshape(-1, 2),
}
SIGMA = {"ring": 0.01, "grid": 0.05}


def distance_ratio(run: ganwright.Run, recipe: str) -> float:
    """Distance from generated to real points, divided by that between two real sets."""
    load = load_module("data", recipe).load
    distances, baseline = [], []
    for draw in range(REPETITIONS):
        first, second = (load(split="test", count=COUNT, data_seed=2 * draw + i).samples for i in (0, 1))
        distances.append(sliced_points(run.sample(COUNT, seed=draw), first))
        baseline.append(sliced_points(second, first))
    return float(np.mean(distances) / np.mean(baseline))


def modes(points: np.ndarray, recipe: str) -> str:
    """Modes covered, share of high-quality points, and the modes' standard deviations relative to the true one."""
    mixture = Mixture.even(MODES[recipe], SIGMA[recipe])
    placed = place(points, mixture)
    spread = widths(placed, mixture)
    deviations = f"{min(spread):.2f} to {max(spread):.2f}" if len(spread) else "none"
    count = f"{found(placed, mixture)} of {len(mixture.centres)} modes"
    return f"{count}, {placed.good.mean():.1%} high quality, deviation {deviations} of the true one"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipes", nargs="*", default=["curve", "ring", "grid"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/points"))
    arguments = parser.parse_args()
    for recipe in arguments.recipes:
        for seed in range(arguments.seeds):
            start = time.monotonic()
            run = ganwright.train(recipe, out=arguments.out / f"{recipe}-{seed}", seed=seed, quiet=True)
            covered = modes(run.sample(2500, seed=99), recipe) + "; " if recipe in MODES else ""
            ratio = distance_ratio(run, recipe)
            took = time.monotonic() - start
            print(f"{recipe} seed {seed}: {covered}sliced Wasserstein {ratio:.2f} x baseline; {took:.0f} s", flush=True)


if __name__ == "__main__":
    main()
