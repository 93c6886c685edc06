"""pix2pix on the test part of pairs: how far its pictures are from the real ones, beside two baselines.

    python benchmarks/pictures/pairs.py FOLDER --pairs right-left [--size 64] [--examples 10000] [--seeds 1]
    python benchmarks/pictures/pairs.py mnist --mask square [--examples 20000]

The baselines are the mean of the training pictures, and the condition itself; with a mask, the mean stands in the hole
alone, and the condition is grey there. The L1 distance is the mean absolute difference of pixels, of 255; the feature
distance (metrics/feature_distance.py) is in natural32 or grey28, of tiles of 32x32 where pictures are that large.
Further options are those of `ganwright train pix2pix`. A run that is finished is measured again, not trained.
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
from ganwright.core.batch import Batch
from ganwright.core.data import Data
from ganwright.core.discovery import take
from ganwright.core.draws import Draws
from ganwright.core.features import Features
from ganwright.domains.images import grid
from ganwright.judging.pairs import TILE, tiles
from ganwright.judging.views import USUAL_FEATURES
from ganwright.metrics.feature_distance import feature_distance
from ganwright.recipes._translation import in_rows
from ganwright.runs.run import Run

TESTED = 2_000  # pictures, at most
SHOWN = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=Path("runs/pairs"))
    arguments, further = parser.parse_known_args()
    _, options = parsed(further)
    for seed in range(arguments.seeds):
        folder = arguments.out / f"{Path(arguments.data).name}-{seed}"
        began = time.process_time()
        run = ganwright.train(
            "pix2pix", arguments.data, folder, examples=arguments.examples, seed=seed, quiet=True, **options
        )
        figures = measured(run, folder) | {"processor_seconds_now": round(time.process_time() - began)}
        (folder / "figures.json").write_text(json.dumps(figures, indent=2))
        print(f"seed {seed}: {json.dumps(figures)}")


def measured(run: Run, folder: Path) -> dict[str, Any]:
    """The distances of our pictures, and of the baselines, from the real ones; test.png shows some."""
    words = run.settings["data"]
    train, test = (
        data_source.find(words["source"], {**words["options"], "split": split}).data for split in ("train", "test")
    )
    real = np.array(test.samples[:TESTED])
    given = conditions(run, test, len(real))
    mean = np.broadcast_to(np.asarray(train.samples).mean(axis=0).round().astype(np.uint8), real.shape)
    shown = test.domain.decode(given[:, : real.shape[3]].expand(-1, real.shape[3], -1, -1))
    if run.settings["options"]["mask"] == "square":
        missing = given[:, -1:].permute(0, 2, 3, 1).numpy() > 0.5
        mean = np.where(missing, mean, real)
    pictures = {"ours": run.stored_samples(len(real), 0, given), "the mean": mean, "the condition": shown}
    samples, truly = (test.domain.encode(torch.from_numpy(some[:SHOWN])) for some in (pictures["ours"], real))
    rows = in_rows(given[:SHOWN, : real.shape[3]], samples, truly)
    grid(rows, columns=12).save(folder / "test.png")
    network = take("features", USUAL_FEATURES[real.shape[3]]).load()
    return {
        "examples": run.log()[-1]["examples"],
        "pairs": len(real),
        "verdict": run.log()[-1]["verdict"]["name"],
        "l1": {name: round(l1(found, real), 3) for name, found in pictures.items()},
        "feature distance": {name: round(seen(network, found, real), 4) for name, found in pictures.items()},
    }


def conditions(run: Run, test: Data, count: int) -> Tensor:
    """Of the first `count` test pictures: those of the data, or what the recipe's view makes."""
    rows = np.arange(count)
    given = run.recipe.condition.of(test, rows)
    if given is None:
        real = test.domain.encode(torch.from_numpy(np.array(test.samples[rows])))
        given = run.recipe.stages[-1].view(Batch(real), Draws(0, 0, 0, count)).condition
    assert given is not None
    return given


def l1(found: np.ndarray, real: np.ndarray) -> float:
    return float(np.abs(found.astype(np.float32) - real).mean())


def seen(network: Features, found: np.ndarray, real: np.ndarray) -> float:
    """The feature distance, of tiles where pictures hold some."""
    if min(real.shape[1:3]) < TILE:
        return feature_distance(network(found), network(real))
    one, other = (network(np.concatenate([tiles(picture) for picture in some])) for some in (found, real))
    return feature_distance(one, other)


if __name__ == "__main__":
    main()
