"""Measures sample quality at equal CPU time: r3gan, other recipes, and r3gan with single choices changed.

    python benchmarks/pictures/quality.py [--data mnist ...] [--columns r3gan dcgan ...] [--seconds 510] [--seeds 0 1 2]

A column is trained on as many examples as it processes in that time on one thread, according to steps timed beforehand;
510 seconds of one thread correspond to about 300 seconds of two idle cores. MNIST is judged with the LeNet of
benchmarks/lenet_distance.py, other data by the Fréchet distance in the features grey28 or natural32, 10,000 samples
against the test part. Finished runs are not trained again.
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
import ganwright
from ganwright.config import data_source
from ganwright.config.recipe import resolve_recipe
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.loop import play_step
from ganwright.core.machine import Machine
from lenet_distance import measure
from results import Results, markdown, mean

COLUMNS: dict[str, tuple[str, dict[str, Any]]] = {
    "r3gan": ("r3gan", {}),
    "dcgan": ("dcgan", {}),
    "the classic DCGAN program": ("dcgan", {"as_source": True}),
    "beta1 0.5": ("r3gan", {"beta1": 0.5}),
    "alternating turns": ("r3gan", {"turns": "alternating"}),
    "penalty's weight 0.5": ("r3gan", {"penalty_weight": 0.5}),
    "penalty in every step": ("r3gan", {"penalty_every": 1}),
    "non-saturating": ("r3gan", {"loss": "non-saturating"}),
    "learning rates of 1e-3": ("r3gan", {"generator_lr": 1e-3, "discriminator_lr": 1e-3}),
    "batch 64": ("r3gan", {"batch": 64}),
    "no EMA": ("r3gan", {"ema_half_life": 0}),
    "transposed convolutions": ("r3gan", {"upsampling": "transposed"}),
    "one convolution per resolution": ("r3gan", {"blocks": 1}),
    "twice the width": ("r3gan", {"width": 128}),
    "the paper's block": ("r3gan", {"block": "published", "width": 96, "blocks": 1}),
}
STEPS, REPEATS = 32, 4


def speed(recipe: str, data: str, options: dict[str, Any]) -> float:
    """Examples per second of CPU time, the best of REPEATS measurements; steps only."""
    recipe_options = dict(options)
    built = resolve_recipe(recipe, recipe_options.pop("as_source", False), 0, recipe_options).build(
        data_source.find(data, {}).data
    )
    feed, clock = Feed(built.data, built.order, 0, Machine(torch.device("cpu")), built.condition), Clock()
    best = 0.0
    for _ in range(REPEATS):
        start = time.process_time()
        for _ in range(STEPS):
            play_step(built.game, built.stages[-1], clock, feed, clock.examples + built.order.batch)
            clock.examples, clock.step = clock.examples + built.order.batch, clock.step + 1
        best = max(best, STEPS * built.order.batch / (time.process_time() - start))
    return best


def measured(column: str, data: str, seed: int, seconds: float, folder: Path, cache: Path) -> dict[str, Any]:
    """One run: examples, seconds of CPU time, and the distance of its samples from real ones."""
    recipe, options = COLUMNS[column]
    examples = round(seconds * speed(recipe, data, options))
    start = time.process_time()
    run = ganwright.train(recipe, data, folder, examples=examples, seed=seed, threads=1, quiet=True, **options)
    cpu_seconds = time.process_time() - start
    return {"examples": examples, "cpu_seconds": round(cpu_seconds), **judged(run, data, cache)}


def judged(run: ganwright.Run, data: str, cache: Path) -> dict[str, Any]:
    """The Fréchet distance, its baseline, and the number of covered classes."""
    if data == "mnist":
        figures = measure(np.asarray(run.sample(10_000)), data, cache)
        return {"distance": figures["fd_lenet"], "real": figures["fd_lenet_real"], "classes": figures["classes_found"]}
    card = ganwright.judge(run, metric=["frechet"], repetitions=1)
    value = card.values[0]
    assert value.samples is not None
    assert value.baseline is not None
    return {"distance": value.samples.value, "real": value.baseline.value, "classes": None}


def table(results: Results, data: str) -> str:
    """A row for each column, with means and standard deviations over seeds."""
    lines = []
    for seconds, column in product(sorted({row["seconds"] for row in results.of(data=data)}), COLUMNS):
        rows = results.of(data=data, column=column, seconds=seconds)
        if rows:
            distances = [row["distance"] for row in rows]
            ratio = mean([row["distance"] / row["real"] for row in rows])
            lines.append([column, f"{seconds:g}", f"{rows[0]['examples']:,}", len(rows), mean(distances), ratio])
    return f"**{data}**\n\n" + markdown(["", "seconds", "examples", "seeds", "distance", "over baseline"], lines)


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
        key = {"column": column, "data": data, "seed": seed, "seconds": arguments.seconds}
        if not results.has(**key):
            name = "-".join([column, data, str(seed), f"{arguments.seconds:g}"]).replace(" ", "-")
            results.add({**key, **measured(**key, folder=arguments.out / name, cache=arguments.cache)})
        print(table(results, data), flush=True)


if __name__ == "__main__":
    main()
