"""Reproduces the papers' tables for stacked MNIST (Unrolled GAN, R3GAN's ablation) beside the published rows.

    python benchmarks/papers/stacked_mnist.py [--shares 0.5 0.25] [--columns ours ...]
        [--seeds 3] [--steps 2000] [--out runs/papers]

Protocol (Metz et al. 2017): stacks drawn on the fly, batch 128, the small networks of nets/stacked.py; 25,600 samples
as uint8 pictures; the LeNet of benchmarks/lenet_distance.py (99.2 % on its test set) classifies each channel; a mode is
one of the 1,000 classes with at least one sample; KL(generated || uniform) in nats. Every column trains for the same
number of steps. Finished runs are not trained again; interrupted runs are resumed.
"""

from __future__ import annotations

import argparse
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

from results import Results, markdown, mean

sys.path.insert(0, str(Path(__file__).parents[1]))

import ganwright
import lenet_distance
from ganwright.core.discovery import load_module

SAMPLES, BATCH = 25_600, 128
STACKS = 1_000_000  # more than a run reads: every stack is new, as if generated on the fly
PUBLISHED = {  # modes, KL
    0.5: {
        "DCGAN (Metz et al.)": ("628.0", "2.58"),
        "DCGAN (Lin et al.)": ("487.7", "2.24"),
        "Unrolled, 1 step": ("523.6", "2.44"),
        "Unrolled, 5 steps": ("732.0", "1.66"),
        "Unrolled, 10 steps": ("817.4", "1.43"),
        "PacDCGAN2": ("840.7", "1.00"),
        "PacDCGAN3": ("866.6", "0.90"),
        "PacDCGAN4": ("820.2", "1.15"),
    },
    0.25: {
        "DCGAN (Metz et al.)": ("30.6", "5.99"),
        "DCGAN (Lin et al.)": ("78.5", "5.21"),
        "Unrolled, 1 step": ("65.4", "5.91"),
        "Unrolled, 5 steps": ("236.4", "4.67"),
        "Unrolled, 10 steps": ("327.2", "4.66"),
        "PacDCGAN2": ("484.5", "2.61"),
        "PacDCGAN3": ("601.3", "2.00"),
        "PacDCGAN4": ("667.4", "1.81"),
    },
}
SOURCE: dict[str, Any] = {"loss": "non-saturating", "penalty": "none", "discriminator_batch_norm": True}
RATES: dict[str, Any] = {
    "generator_lr": 1e-4,
    "discriminator_lr": 2e-4,
    "beta1": 0.5,
    "beta2": 0.99,
    "lr_schedule": "constant",
    "ema_half_life": 0,
}
COLUMNS: dict[
    str, tuple[str, dict[str, Any]]
] = {  # description, and the options that differ from the recipe's defaults
    "source": ("non-saturating, batch norm in D, the paper's learning rates, no EMA", SOURCE | RATES),
    "source-tuned": ("non-saturating, batch norm in D, our learning rates and EMA", SOURCE),
    "ns-r1": ("non-saturating + R1", {"loss": "non-saturating", "penalty": "r1"}),
    "ns-r1-r2": ("non-saturating + R1 + R2", {"loss": "non-saturating"}),
    "ours": ("relativistic + R1 + R2, the default", {}),
}


def modes_and_kl(classes: np.ndarray, count: int = 1000) -> tuple[int, float]:
    """The number of classes that occur, and KL(class shares || uniform) in nats."""
    shares = np.bincount(classes, minlength=count) / len(classes)
    shares = shares[shares > 0]
    return len(shares), float((shares * np.log(shares * count)).sum())


def classes_of(pictures: np.ndarray, net: lenet_distance.LeNet) -> np.ndarray:
    """uint8 [n, 28, 28, 3] to 100 red + 10 green + blue digit, [n]."""
    digits = [lenet_distance.classify(net, torch.from_numpy(pictures[..., channel].copy()))[1] for channel in range(3)]
    return 100 * digits[0] + 10 * digits[1] + digits[2]


def trained(
    column: str, share: float, seed: int, steps: int, folder: Path, net: lenet_distance.LeNet
) -> dict[str, Any]:
    """Trains or resumes one run; returns its figures."""
    run = ganwright.train(
        "stacked-mnist",
        "stacked-mnist",
        folder,
        examples=steps * BATCH,
        seed=seed,
        quiet=True,
        count=STACKS,
        discriminator_share=share,
        **COLUMNS[column][1],
    )
    modes, kl = modes_and_kl(classes_of(run.sample(SAMPLES, seed=99), net))
    return {"seconds": round(run.log()[-1]["seconds"]), "modes": modes, "kl": round(kl, 4)}


def real(net: lenet_distance.LeNet) -> tuple[int, float]:
    """The baseline: the figures of stacks of test digits."""
    return modes_and_kl(classes_of(load_module("data", "stacked-mnist").load("test", count=SAMPLES).samples[:], net))


def table(share: float, steps: int, results: Results, baseline: tuple[int, float]) -> str:
    """Published rows, then ours, then real data."""
    lines = [[name, "as published", "", *figures] for name, figures in PUBLISHED[share].items()]
    for column, (description, _) in COLUMNS.items():
        if rows := results.of(share=share, steps=steps, column=column):
            figures = mean([row["modes"] for row in rows]), mean([row["kl"] for row in rows], digits=2)
            lines.append([description, f"{steps:,}", str(len(rows)), *figures])
    lines.append(["real stacks of test digits", "", "", str(baseline[0]), f"{baseline[1]:.4f}"])
    title = f"**Discriminator of {share:g} of the generator's channels, {SAMPLES:,} samples**"
    return title + "\n\n" + markdown(["", "steps", "seeds", "modes of 1,000", "KL"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--shares", type=float, nargs="*", default=[0.5, 0.25], choices=list(PUBLISHED))
    parser.add_argument("--columns", nargs="*", default=list(COLUMNS), choices=list(COLUMNS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=2_000)
    parser.add_argument("--out", type=Path, default=Path("runs/papers"))
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ganwright").expanduser())
    arguments = parser.parse_args()
    results = Results(arguments.out / "stacked_mnist.jsonl", ["share", "column", "seed", "steps"])
    net = lenet_distance.lenet("mnist", arguments.cache)
    for column, share, seed in product(arguments.columns, arguments.shares, range(arguments.seeds)):
        key: dict[str, Any] = {"share": share, "column": column, "seed": seed, "steps": arguments.steps}
        if not results.has(**key):
            folder = arguments.out / f"stacked-{column}-{share}-{seed}-{arguments.steps}"
            figures = trained(column, share, seed, arguments.steps, folder, net)
            results.add({**key, **figures})
    baseline = real(net)
    for share in arguments.shares:
        print(table(share, arguments.steps, results, baseline), end="\n\n")


if __name__ == "__main__":
    main()
