"""Measures pix2pix on the test part of paired data, beside two simple predictors.

    python benchmarks/pictures/pairs.py FOLDER --pairs right-left [--size 64] [--examples 10000] [--seeds 1]
    python benchmarks/pictures/pairs.py mnist --mask square [--examples 20000]

The simple predictors are the mean of the training pictures and the condition itself; with a mask, the mean fills only
the hole, and the condition is grey there. The L1 distance is the mean absolute pixel difference (of 255). The feature
distance (metrics/feature_distance.py) is in natural32 or grey28, on tiles of 32x32 if pictures are that large. Further
options are those of `ganwright train pix2pix`. A finished run is measured again, not trained.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

import ganwright
from ganwright.commands.command_line import parsed
from ganwright.config import data_source
from ganwright.config.recipe import find_recipe
from ganwright.core.batch import Batch
from ganwright.core.data import Data
from ganwright.core.discovery import load_module
from ganwright.core.draws import Draws
from ganwright.core.features import Features
from ganwright.domains.images import grid
from ganwright.judging.pairs import TILE, tiles
from ganwright.judging.views import USUAL_FEATURES
from ganwright.metrics.feature_distance import feature_distance
from ganwright.recipes._translation import in_rows
from ganwright.runs.run import Run

MAX_TEST_PICTURES = 2_000
DISPLAYED = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=Path("runs/pairs"))
    arguments, further = parser.parse_known_args()
    known = data_source.loader_options(arguments.data) | find_recipe("pix2pix").options
    options = parsed(further, known, "pix2pix")
    for seed in range(arguments.seeds):
        folder = arguments.out / f"{Path(arguments.data).name}-{seed}"
        start = time.process_time()
        run = ganwright.train(
            "pix2pix", arguments.data, folder, examples=arguments.examples, seed=seed, quiet=True, **options
        )
        figures = measured(run, folder) | {"cpu_seconds": round(time.process_time() - start)}
        (folder / "figures.json").write_text(json.dumps(figures, indent=2))
        print(f"seed {seed}: {json.dumps(figures)}")


def measured(run: Run, folder: Path) -> dict[str, Any]:
    """The distances of our pictures and of the simple predictors from the real ones; writes examples to test.png."""
    settings = run.settings["data"]
    train, test = (
        data_source.find(settings["source"], {**settings["options"], "split": split}).data
        for split in ("train", "test")
    )
    real = np.array(test.samples[:MAX_TEST_PICTURES])
    condition = conditions(run, test, len(real))
    mean = np.broadcast_to(np.asarray(train.samples).mean(axis=0).round().astype(np.uint8), real.shape)
    displayed = test.domain.decode(condition[:, : real.shape[3]].expand(-1, real.shape[3], -1, -1))
    if run.settings["options"]["mask"] == "square":
        missing = condition[:, -1:].permute(0, 2, 3, 1).numpy() > 0.5
        mean = np.where(missing, mean, real)
    pictures = {"ours": run.stored_samples(len(real), 0, condition), "the mean": mean, "the condition": displayed}
    samples, truth = (test.domain.encode(torch.from_numpy(part[:DISPLAYED])) for part in (pictures["ours"], real))
    rows = in_rows(condition[:DISPLAYED, : real.shape[3]], samples, truth)
    grid(rows, columns=12).save(folder / "test.png")
    network = load_module("features", USUAL_FEATURES[real.shape[3]]).load()
    return {
        "examples": run.log()[-1]["examples"],
        "pairs": len(real),
        "verdict": run.log()[-1]["verdict"]["name"],
        "l1": {name: round(l1(fake, real), 3) for name, fake in pictures.items()},
        "feature distance": {name: round(distance(network, fake, real), 4) for name, fake in pictures.items()},
    }


def conditions(run: Run, test: Data, count: int) -> Tensor:
    """The conditions of the first `count` test pictures: from the data, or from the recipe's view."""
    rows = np.arange(count)
    condition = run.recipe.condition.for_rows(test, rows)
    if condition is None:
        real = test.domain.encode(torch.from_numpy(np.array(test.samples[rows])))
        condition = run.recipe.stages[-1].view(Batch(real), Draws(0, 0, 0, count)).condition
    assert condition is not None
    return condition


def l1(fake: np.ndarray, real: np.ndarray) -> float:
    return float(np.abs(fake.astype(np.float32) - real).mean())


def distance(network: Features, fake: np.ndarray, real: np.ndarray) -> float:
    """The feature distance, on tiles if the pictures are large enough."""
    if min(real.shape[1:3]) < TILE:
        return feature_distance(network(fake), network(real))
    ours, theirs = (network(np.concatenate([tiles(picture) for picture in part])) for part in (fake, real))
    return feature_distance(ours, theirs)


if __name__ == "__main__":
    main()
