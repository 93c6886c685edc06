"""Trains on eighty pictures of one kind, with and without augmentation: distance, memorisation, collapse.

    python benchmarks/pictures/characters.py runs/characters80
    python benchmarks/pictures/small_data.py runs/characters80 [--columns none diffaugment ada] [--examples 100000]
    python benchmarks/pictures/small_data.py runs/characters80 --recipe dcgan --examples 15000

The folder has the parts train and test; test needs at least 100 pictures. Each run is judged by --samples samples
against the test part in the features natural32 (not a FID). Its folder then holds closest.png: the samples nearest to
a training picture, each left of that picture. Finished runs are not trained again.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "papers"))
import ganwright
from results import Results, markdown, mean

SETTINGS: dict[str, dict[str, Any]] = {  # options of recipes, for short runs
    "dcgan": {"batch": 8, "generator_lr": 2e-3, "discriminator_lr": 2e-3, "ema_half_life": 2_000}
}
METRICS = ["frechet", "precision-recall", "density-coverage", "memorisation"]
COLUMNS = {  # card value without suffix: digits after the point
    "fd": 2,
    "precision": 2,
    "recall": 2,
    "coverage": 2,
    "nearest_training_ratio": 2,
    "memorised_share": 3,
}


def measured(options: argparse.Namespace, augment: str, seed: int, folder: Path) -> dict[str, Any]:
    """The values of one run's card, the baseline, and the end of its log."""
    settings = {
        **SETTINGS.get(options.recipe, {}),
        "augment": augment,
        "flip": options.flip,
        "threads": 1,
        "quiet": True,
    }
    start = time.process_time()
    run = ganwright.train(options.recipe, options.data, folder, examples=options.examples, seed=seed, **settings)
    seconds = time.process_time() - start
    card = ganwright.judge(run, n=options.samples, metric=METRICS, features="natural32", repetitions=1)
    last = run.log()[-1]
    return {
        "examples": options.examples,
        "seconds": round(seconds),
        "verdict": last["verdict"]["name"],
        "probability": last["terms"].get("augmented"),
        "values": {short(value.name): value.samples.value for value in card.values if value.samples},
        "baseline": {short(value.name): value.baseline.value for value in card.values if value.baseline},
    }


def short(name: str) -> str:
    """A value's name without its features and its number of samples."""
    return name.split("_natural32")[0]


def table(results: Results, options: argparse.Namespace) -> str:
    lines = []
    for augment in options.columns:
        rows = results.of(data=options.data.name, recipe=options.recipe, augment=augment, examples=options.examples)
        if rows:
            seconds, verdicts = mean([row["seconds"] for row in rows], 0), {row["verdict"] for row in rows}
            lines.append([augment, len(rows), seconds, *figures(rows, "values"), ", ".join(sorted(verdicts))])
    lines.append(["real pictures", "", "", *figures(results.of(data=options.data.name)[:1], "baseline"), ""])
    return markdown(["augmentation", "seeds", "CPU s", *COLUMNS, "verdict"], lines)


def figures(rows: list[Any], side: str) -> list[str]:
    available = [
        (name, digits, [row[side][name] for row in rows if name in row[side]]) for name, digits in COLUMNS.items()
    ]
    return [mean(values, digits) if values else "" for _, digits, values in available]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--columns", nargs="*", default=["none", "diffaugment"])
    parser.add_argument("--recipe", default="r3gan")
    parser.add_argument("--flip", default="auto")
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=2_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/small-data"))
    options = parser.parse_args()
    results = Results(options.out / "small_data.jsonl", ["data", "recipe", "augment", "examples", "seed"])
    for seed, augment in product(range(options.seeds), options.columns):
        settings = {"recipe": options.recipe, "augment": augment, "examples": options.examples, "seed": seed}
        key = {"data": options.data.name, **settings}
        if not results.has(**key):
            folder = options.out / "-".join(map(str, key.values()))
            results.add({**key, **measured(options, augment, seed, folder)})
    print(table(results, options))


if __name__ == "__main__":
    main()
