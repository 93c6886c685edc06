"""Compares a Laplacian pyramid with our dcgan on CIFAR-10 at equal compute.

    python benchmarks/pictures/lapgan.py [--recipes dcgan lapgan] [--seeds 1] [--n 10000] [name=value ...]

EXAMPLES are chosen so that both take about the same CPU time, which is printed. Samples are compared with equally many
test pictures in the features natural32: a Fréchet distance, not a FID. Each level of the pyramid is also measured
alone: details generated for real coarser pictures, upscaled to the full size, against real pictures of that level.
name=value are options of lapgan.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

import ganwright
from ganwright.config import data_source
from ganwright.core.batch import Batch
from ganwright.core.domain import Stored
from ganwright.core.draws import Draws
from ganwright.features import natural32
from ganwright.games.pyramid import Pyramid, enlarged, gaussian_pyramid
from ganwright.metrics.frechet import frechet

EXAMPLES = {"dcgan": 62_000, "lapgan": 14_000}
CHUNK = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("options", nargs="*", metavar="name=value")
    parser.add_argument("--recipes", nargs="*", default=list(EXAMPLES), choices=list(EXAMPLES))
    parser.add_argument("--examples", type=int, help="examples for lapgan")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=Path("runs/lapgan"))
    arguments = parser.parse_intermixed_args()
    options = dict(option.split("=", 1) for option in arguments.options)
    features, real = natural32.load(), np.array(data_source.find("cifar10", {"split": "test"}).data.samples)
    reference = features(real[: arguments.n])
    for seed in range(arguments.seeds):
        for recipe in arguments.recipes:
            recipe_options: dict[str, Any] = options if recipe == "lapgan" else {}
            examples = arguments.examples if recipe == "lapgan" and arguments.examples else EXAMPLES[recipe]
            start = time.process_time()
            out = arguments.out / f"{recipe}-{seed}"
            run = ganwright.train(
                recipe, "cifar10", out, examples=examples, seed=seed, quiet=True, flip="no", **recipe_options
            )
            seconds = time.process_time() - start
            distance = frechet(features(run.stored_samples(arguments.n)), reference)
            print(
                f"{recipe}, seed {seed}: {examples:,} examples, {seconds:.0f} s of CPU time, fd {distance:.2f}; "
                f"{run.log()[-1]['verdict']['name']}",
                flush=True,
            )
            if isinstance(run.recipe.game, Pyramid):
                for line in levels(run.recipe.game, real[: arguments.n], features):
                    print(line, flush=True)
    half = len(real) // 2
    print(f"real pictures (n = {half:,}): {frechet(features(real[:half]), features(real[half:])):.2f}")


def levels(game: Pyramid, real: Stored, features: Any) -> list[str]:
    """A line for each level: its distance, and that of its input."""
    half, lines = len(real) // 2, []
    inputs, others = pictures(real[:half]), pictures(real[half:])
    for level, (height, width) in enumerate(game.sizes):
        reference = features(stored(whole(game, level, gaussian_pyramid(others, game.sizes)[level])))
        batch = game.at(level, Batch(inputs))
        parts = []
        for start in range(0, half, CHUNK):
            draws = Draws(0, start, 0, min(CHUNK, half - start), "level")
            condition = None if batch.condition is None else batch.condition[start : start + CHUNK]
            parts.append(game.levels[level].sample(draws, condition))
        line = f"  level {height}x{width} on real coarser pictures (n = {half:,}): "
        line += f"{frechet(features(stored(whole(game, level, torch.cat(parts)))), reference):.2f}"
        if batch.condition is not None:
            coarse = stored(whole(game, level, batch.condition[:, : inputs.shape[1]]))
            line += f"; the coarser pictures alone, upscaled {frechet(features(coarse), reference):.2f}"
        lines.append(line)
    return lines


def pictures(samples: Stored) -> torch.Tensor:
    return data_source.find("cifar10", {"split": "test"}).data.domain.encode(torch.from_numpy(samples))


def stored(samples: torch.Tensor) -> Stored:
    return data_source.find("cifar10", {"split": "test"}).data.domain.decode(samples)


def whole(game: Pyramid, level: int, samples: torch.Tensor) -> torch.Tensor:
    """Pictures of a level, upscaled to the full size."""
    for size in game.sizes[level + 1 :]:
        samples = enlarged(samples, size)
    return samples


if __name__ == "__main__":
    main()
