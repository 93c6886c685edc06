"""How good are samples after so many seconds of processor time? r3gan, other recipes, and r3gan with a choice undone.

    python benchmarks/pictures/quality.py [--data mnist ...] [--columns r3gan dcgan ...] [--seconds 510] [--seeds 0 1 2]

A column is trained for the pictures that it gets through in that time on one thread, by rounds that are timed before;
510 seconds of one thread are about what two quiet cores do in 300. MNIST is judged by the LeNet of
benchmarks/yardstick.py, other data by the Fréchet distance in the features grey28 or natural32, 10,000 samples against
the test part. Runs that are finished are not trained again.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.append(str(Path(__file__).parents[1]))
sys.path.append(str(Path(__file__).parents[1] / "papers"))
from results import Results, markdown, mean

import ganwright
from ganwright.config import data_source
from ganwright.config.recipe import resolve_recipe
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.loop import play_step
from ganwright.core.machine import Machine
from yardstick import measure

COLUMNS: dict[str, tuple[str, dict[str, Any]]] = {
    "r3gan": ("r3gan", {}),
    "dcgan": ("dcgan", {}),
    "the classic DCGAN program": ("dcgan", {"as_source": True}),
    "beta1 0.5": ("r3gan", {"beta1": 0.5}),
    "alternating turns": ("r3gan", {"turns": "alternating"}),
    "penalty's weight 0.5": ("r3gan", {"penalty_weight": 0.5}),
    "penalty in every round": ("r3gan", {"penalty_every": 1}),
    "non-saturating": ("r3gan", {"loss": "non-saturating"}),
    "rates of 1e-3": ("r3gan", {"generator_lr": 1e-3, "discriminator_lr": 1e-3}),
    "batch 64": ("r3gan", {"batch": 64}),
    "no average": ("r3gan", {"ema_half_life": 0}),
    "transposed convolutions": ("r3gan", {"upsampling": "transposed"}),
    "one convolution a resolution": ("r3gan", {"blocks": 1}),
    "twice the width": ("r3gan", {"width": 128}),
    "the paper's block": ("r3gan", {"block": "published", "width": 96, "blocks": 1}),
}
ROUNDS, REPEATS = 32, 4


def speed(recipe: str, data: str, options: dict[str, Any]) -> float:
    """Pictures a second of processor time, in the best of some parts; rounds alone."""
    given = dict(options)
    made = resolve_recipe(recipe, given.pop("as_source", False), 0, given).build(data_source.find(data, {}).data)
    feed, clock = Feed(made.data, made.order, 0, Machine(torch.device("cpu")), made.condition), Clock()
    best = 0.0
    for _ in range(REPEATS):
        begun = time.process_time()
        for _ in range(ROUNDS):
            play_step(made.game, made.stages[-1], clock, feed, made.order.batch)
            clock.examples, clock.step = clock.examples + made.order.batch, clock.step + 1
        best = max(best, ROUNDS * made.order.batch / (time.process_time() - begun))
    return best


def measured(column: str, data: str, seed: int, seconds: float, folder: Path, cache: Path) -> dict[str, Any]:
    """One run: pictures, seconds of processor time, and how far its samples are from real ones."""
    recipe, options = COLUMNS[column]
    examples = round(seconds * speed(recipe, data, options))
    begun = time.process_time()
    run = ganwright.train(recipe, data, folder, examples=examples, seed=seed, threads=1, quiet=True, **options)
    spent = time.process_time() - begun
    return {"examples": examples, "spent": round(spent), **judged(run, data, cache)}


def judged(run: ganwright.Run, data: str, cache: Path) -> dict[str, Any]:
    """The Fréchet distance, that of real pictures, and the classes found."""
    if data == "mnist":
        found = measure(np.asarray(run.sample(10_000)), data, cache)
        return {"distance": found["fd_lenet"], "real": found["fd_lenet_real"], "classes": found["classes_found"]}
    card = ganwright.judge(run, metric=["frechet"], repetitions=1)
    value = card.values[0]
    return {"distance": value.samples.value, "real": value.floor.value, "classes": None}


def table(results: Results, data: str) -> str:
    """A line for each column: means and deviations over seeds."""
    lines = []
    for seconds, column in product(sorted({row["seconds"] for row in results.of(data=data)}), COLUMNS):
        rows = results.of(data=data, column=column, seconds=seconds)
        if rows:
            distances = [row["distance"] for row in rows]
            times = mean([row["distance"] / row["real"] for row in rows])
            lines.append([column, f"{seconds:g}", f"{rows[0]['images']:,}", len(rows), mean(distances), times])
    return f"**{data}**\n\n" + markdown(["", "seconds", "pictures", "seeds", "distance", "over real"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", nargs="*", default=["mnist"])
    parser.add_argument("--columns", nargs="*", default=["r3gan", "dcgan"], choices=list(COLUMNS))
    parser.add_argument("--seconds", type=float, default=510)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("runs/quality"))
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ganwright").expanduser())
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    results = Results(arguments.out / "quality.jsonl", ["column", "data", "seed", "seconds"])
    for seed, data, column in product(arguments.seeds, arguments.data, arguments.columns):
        place = {"column": column, "data": data, "seed": seed, "seconds": arguments.seconds}
        if not results.has(**place):
            words = "-".join([column, data, str(seed), f"{arguments.seconds:g}"]).replace(" ", "-")
            results.add({**place, **measured(**place, folder=arguments.out / words, cache=arguments.cache)})
        print(table(results, data), flush=True)


if __name__ == "__main__":
    main()
