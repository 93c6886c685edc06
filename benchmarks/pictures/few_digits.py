"""Tests augmentation with few pictures: the first digits of MNIST, or 1,000 of the 8x8 digits.

    python benchmarks/pictures/few_digits.py [--data mnist] [--counts 100 300 1500] [--columns none diffaugment ada]

dcgan, judged by 5,000 samples (2,000 for the 8x8 digits) in the features grey28: the Fréchet distance to held-out
digits (MNIST's test part, or the other 797), and the share of memorised samples.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import ganwright
from ganwright.core.data import Data
from ganwright.core.discovery import load_module
from ganwright.core.metric import Array
from ganwright.features import grey28
from ganwright.metrics.frechet import frechet
from ganwright.metrics.memorisation import memorisation


def parts(name: str, count: int) -> tuple[Data, Array]:
    """The training data and the held-out pictures."""
    load = load_module("data", name).load
    if name == "digits":
        whole = load()
        order = np.random.default_rng(0).permutation(len(whole))
        train, held_out = order[:1_000], order[1_000:]
        return replace(whole, samples=whole.samples[train], labels=whole.labels[train]), whole.samples[held_out]
    whole = load()
    return replace(whole, samples=whole.samples[:count], labels=whole.labels[:count]), load(split="test").samples


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", choices=["mnist", "digits"], default="mnist")
    parser.add_argument("--counts", nargs="*", type=int, default=[100, 300, 1_500])
    parser.add_argument("--columns", nargs="*", default=["none", "diffaugment", "ada"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/few-digits"))
    options = parser.parse_args()
    features, mnist = grey28.load(), options.data == "mnist"
    examples, n = (32_000, 5_000) if mnist else (30_000, 2_000)
    settings: dict[str, Any] = {"examples": examples, "seed": options.seed, "threads": 1, "quiet": True}
    settings |= {"width": 32} if mnist else {}
    for count, augment in product(options.counts if mnist else [1_000], options.columns):
        data, held_out = parts(options.data, count)
        folder = options.out / f"{options.data}-{count}-{augment}-{options.seed}"
        run = ganwright.train("dcgan", data, folder, augment=augment, **settings)
        fake = np.asarray(run.sample(n)).reshape(n, *data.samples.shape[1:])
        generated, others, trained_on = (features(pictures) for pictures in (fake, held_out, np.asarray(data.samples)))
        share = memorisation(generated, others, trained_on)[1]
        print(
            f"{data.name} {count} {augment}: fd {frechet(generated, others):.2f}, memorised share {share:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
