"""Reproduces the tables of VEEGAN and PacGAN for the ring of 8 and the grid of 25 Gaussians.

    python benchmarks/papers/mixtures.py [ring grid] [--seeds 10] [--columns ours ...] [--out runs/papers]

Protocol (Srivastava et al. 2017, Lin et al. 2018): 2,500 samples; a sample has high quality if it lies within 3
standard deviations of the nearest mode; a mode is covered if at least one such sample exists; the reverse KL compares
the distribution over nearest modes with the uniform one. Modes that shrank to a point would score 100 %, so each
mode's standard deviation relative to the true one is printed too, from 25,000 further samples. Finished runs are not
trained again; interrupted runs are resumed.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

import ganwright
from ganwright.core.discovery import load_module
from ganwright.metrics.modes import Mixture, found, place, truncation
from ganwright.nets.mlp import MlpDiscriminator, MlpGenerator
from results import Results, markdown, mean

SAMPLES, MORE = 2_500, 25_000
MODES = {
    "ring": np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1),
    "grid": np.stack(np.meshgrid(np.arange(-4, 5, 2), np.arange(-4, 5, 2)), axis=-1).reshape(-1, 2),
}
SIGMA = {"ring": 0.01, "grid": 0.05}
PUBLISHED = {  # modes, high quality in percent, reverse KL
    "ring": {
        "VEEGAN's GAN": ("1", "99.3", ""),
        "ALI": ("2.8", "0.13", ""),
        "Unrolled GAN": ("7.6", "35.6", ""),
        "VEEGAN": ("8", "52.9", ""),
        "PacGAN's GAN": ("6.3", "98.2", "0.45"),
        "PacGAN's ALI": ("6.6", "97.6", "0.36"),
        "PacGAN2": ("7.9", "95.6", "0.07"),
        "PacGAN3": ("7.8", "97.7", "0.10"),
        "PacGAN4": ("7.8", "95.9", "0.07"),
    },
    "grid": {
        "VEEGAN's GAN": ("3.3", "0.5", ""),
        "ALI": ("15.8", "1.6", ""),
        "Unrolled GAN": ("23.6", "16", ""),
        "VEEGAN": ("24.6", "40", ""),
        "PacGAN's GAN": ("17.3", "94.8", "0.70"),
        "PacGAN's ALI": ("24.1", "95.7", "0.14"),
        "PacGAN2": ("23.8", "91.3", "0.13"),
        "PacGAN3": ("24.6", "94.2", "0.06"),
        "PacGAN4": ("24.8", "93.6", "0.04"),
    },
}
SOURCE_LOSS = {"loss": "non-saturating", "penalty": "none"}
NETWORKS = {
    "ours": "ours",
    "source-loss": "ours; non-saturating, no penalty, otherwise our defaults",
    "source-rates": "ours; non-saturating, no penalty, Adam 1e-4 (.8, .999), batch 100, constant learning rates",
    "pacgan-nets": "PacGAN's: 4x400 ReLU with batch norm, 3x200 maxout-5; our loss",
}


@dataclass(frozen=True)
class Quality:
    """`deviations`: standard deviations of the covered modes, relative to the true one."""

    modes: int
    high_quality: float
    reverse_kl: float
    deviations: tuple[float, ...]


def quality(points: np.ndarray, centres: np.ndarray, sigma: float) -> Quality:
    """The protocol's figures for points [n, 2]."""
    mixture = Mixture.even(centres, sigma)
    placed = place(points, mixture)
    shares = np.bincount(placed.mode, minlength=len(centres)) / len(points)
    kl = sum(share * np.log(share * len(centres)) for share in shares if share > 0)
    parts = [
        points[placed.good & (placed.mode == mode)] - centres[mode] for mode in np.unique(placed.mode[placed.good])
    ]
    spread = tuple(round(float(part.std() / (truncation(2) * sigma)), 3) for part in parts)
    return Quality(found(placed, mixture), float(placed.good.mean()), float(kl), spread)


def options(column: str, seed: int) -> dict[str, Any]:
    """The options in which a column differs from the recipe's defaults."""
    if column == "source-loss":
        return SOURCE_LOSS
    if column == "source-rates":
        rates = {"generator_lr": 1e-4, "discriminator_lr": 1e-4, "beta1": 0.8, "beta2": 0.999, "batch": 100}
        return SOURCE_LOSS | rates | {"lr_schedule": "constant"}
    if column == "pacgan-nets":
        torch.manual_seed(seed)
        generator = MlpGenerator(2, (2,), (400,) * 4, slope=0.0, batch_norm=True)
        return {"generator": generator, "discriminator": MlpDiscriminator((2,), (200,) * 3, maxout=5)}
    return {}


def measured(sample: Any, recipe: str) -> dict[str, Any]:
    """The figures of a sampler, a function from (count, seed) to points."""
    centres, sigma = MODES[recipe], SIGMA[recipe]
    figures, more = (quality(sample(count, seed), centres, sigma) for count, seed in ((SAMPLES, 99), (MORE, 100)))
    return asdict(figures) | {"deviations": more.deviations, "high_quality_of_25000": more.high_quality}


def real(recipe: str) -> dict[str, Any]:
    """The baseline: the figures of fresh real points."""
    load = load_module("data", recipe).load
    return measured(lambda count, seed: load(split="test", count=count, data_seed=seed).samples, recipe)


def trained(recipe: str, column: str, seed: int, examples: int | None, folder: Path) -> dict[str, Any]:
    """Trains or resumes one run; returns its figures."""
    run = ganwright.train(recipe, out=folder, seed=seed, examples=examples, quiet=True, **options(column, seed))
    figures = measured(lambda count, draw: run.sample(count, seed=draw), recipe)
    return {"seconds": round(run.log()[-1]["seconds"]), **figures}


def table(recipe: str, results: Results) -> str:
    """Published rows, then ours, then real data."""
    header = [
        "",
        "networks",
        "seeds",
        "modes",
        "high quality, %",
        "reverse KL",
        "deviation of the modes, lowest to highest",
    ]
    lines = [[name, "the paper's", "10 or 5", *figures, ""] for name, figures in PUBLISHED[recipe].items()]
    for column in NETWORKS:
        if rows := results.of(recipe=recipe, column=column):
            lines.append([f"ours: {column}", NETWORKS[column], str(len(rows)), *figures(rows)])
    lines.append(["real points", "", "", *figures([real(recipe)])])
    return f"**{recipe}**\n\n" + markdown(header, lines)


def figures(rows: list[Any]) -> list[str]:
    """Means over the seeds, and the range of deviations over all modes of all seeds."""
    deviations = [value for row in rows for value in row["deviations"]]
    return [
        mean([row["modes"] for row in rows]),
        mean([row["high_quality"] for row in rows], percent=True),
        mean([row["reverse_kl"] for row in rows], digits=3),
        f"{min(deviations):.2f} to {max(deviations):.2f}" if deviations else "none covered",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("recipes", nargs="*", default=["ring", "grid"])
    parser.add_argument("--columns", nargs="*", default=["ours"], choices=list(NETWORKS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--examples", type=int, help="training points (default: the recipe's horizon)")
    parser.add_argument("--out", type=Path, default=Path("runs/papers"))
    arguments = parser.parse_args()
    results = Results(arguments.out / "mixtures.jsonl", ["recipe", "column", "seed"])
    for recipe in arguments.recipes:
        for column, seed in product(arguments.columns, range(arguments.seeds)):
            key: dict[str, Any] = {"recipe": recipe, "column": column, "seed": seed}
            if not results.has(**key):
                folder = arguments.out / f"{recipe}-{column}-{seed}"
                results.add({**key, **trained(recipe, column, seed, arguments.examples, folder)})
    for recipe in arguments.recipes:
        print(table(recipe, results), end="\n\n")


if __name__ == "__main__":
    main()
