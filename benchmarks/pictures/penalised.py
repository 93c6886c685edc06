"""Trains WGAN-GP and DRAGAN on colour pictures of 64x64 from a folder and judges them.

    python benchmarks/pictures/characters.py runs/characters --train 4000 --test 1000 --seed 1
    python benchmarks/pictures/penalised.py runs/characters [--recipes wgan-gp dragan] [--examples 12000] [--seeds 1]

The folder has the parts train and test. Each run is judged against the test part, by as many samples, in the features
natural32 (not a FID). Interrupted runs are resumed; finished runs are not trained again.
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

METRICS = ["frechet", "precision-recall", "density-coverage"]
COLUMNS = {"fd": 2, "precision": 2, "recall": 2, "coverage": 2}  # card value without suffix: digits after the point
SETTINGS = {"threads": 1, "quiet": True, "lr_schedule": "constant", "ema_half_life": 2_500}  # for short runs


def measured(recipe: str, options: argparse.Namespace, seed: int, folder: Path) -> dict[str, Any]:
    """The values of one run's card, the baseline, and the last verdict."""
    start = time.process_time()
    run = ganwright.train(recipe, options.data, folder, examples=options.examples, seed=seed, **SETTINGS)  # type: ignore[arg-type]
    seconds = time.process_time() - start
    card = ganwright.judge(run, metric=METRICS, features="natural32", repetitions=1)
    return {
        "seconds": round(seconds),
        "verdict": run.log()[-1]["verdict"]["name"],
        "values": {value.name.split("_natural32")[0]: value.samples.value for value in card.values if value.samples},
        "baseline": {
            value.name.split("_natural32")[0]: value.baseline.value for value in card.values if value.baseline
        },
    }


def table(results: Results, options: argparse.Namespace) -> str:
    lines = []
    for recipe in options.recipes:
        rows = results.of(recipe=recipe, data=options.data.name, examples=options.examples)
        if rows:
            seconds = mean([row["seconds"] for row in rows], 0)
            verdicts = ", ".join(sorted({row["verdict"] for row in rows}))
            lines.append([recipe, f"{options.examples:,}", len(rows), seconds, *figures(rows, "values"), verdicts])
    real = results.of(data=options.data.name)[:1]
    lines.append(["real pictures", "", "", "", *figures(real, "baseline"), ""])
    return markdown(["", "examples", "seeds", "CPU s", *COLUMNS, "verdict"], lines)


def figures(rows: list[Any], side: str) -> list[str]:
    available = [(digits, [row[side][name] for row in rows if name in row[side]]) for name, digits in COLUMNS.items()]
    return [mean(values, digits) if values else "" for digits, values in available]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--recipes", nargs="*", default=["wgan-gp", "dragan"])
    parser.add_argument("--examples", type=int, default=12_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/penalised"))
    options = parser.parse_args()
    results = Results(options.out / "penalised.jsonl", ["recipe", "data", "examples", "seed"])
    for seed, recipe in product(range(options.seeds), options.recipes):
        key = {"recipe": recipe, "data": options.data.name, "examples": options.examples, "seed": seed}
        if not results.has(**key):
            folder = options.out / "-".join(map(str, key.values()))
            results.add({**key, **measured(recipe, options, seed, folder)})
    print(table(results, options))


if __name__ == "__main__":
    main()
