"""Compares our picture recipes on MNIST and Fashion-MNIST at equal compute, also with the non-saturating loss.

    python benchmarks/papers/recipes.py [--data mnist fashion_mnist] [--columns ours source-loss] [--seeds 3]

Equal compute means SECONDS of one core. SPEED is the measured speed of each recipe on 28x28 pictures, in examples per
second of CPU time, on one thread. Each run is judged by 10,000 samples against the test part, in the features grey28;
these distances are not FIDs and cannot be compared with published ones. Finished runs are not trained again.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import Any

import ganwright
from results import Results, markdown, mean

SECONDS = 90
SPEED = {"dcgan": 530, "vanilla": 2_700}
COLUMNS: dict[str, dict[str, Any]] = {
    "ours": {},
    "source-loss": {"loss": "non-saturating", "penalty": "none"},
}
METRICS = ["frechet", "kernel", "precision-recall", "density-coverage", "classes"]
SHOWN = {  # value of the card: digits after the point
    "fd_grey28_10k": 2,
    "kd_grey28_10k": 4,
    "precision_grey28_10k": 3,
    "recall_grey28_10k": 3,
    "coverage_grey28_10k": 3,
    "classes_found_grey28_10k": 1,
}


def measured(recipe: str, data: str, column: str, seed: int, folder: Path) -> dict[str, Any]:
    """The values of one run's card, the baseline, and the last verdict."""
    examples = SECONDS * SPEED[recipe]
    run = ganwright.train(recipe, data, folder, examples=examples, seed=seed, quiet=True, **COLUMNS[column])
    card = ganwright.judge(run, metric=METRICS, repetitions=1)
    last = run.log()[-1]
    return {
        "examples": examples,
        "seconds": round(last["seconds"]),
        "verdict": last["verdict"]["name"],
        "values": {value.name: value.samples.value for value in card.values if value.samples},
        "baseline": {value.name: value.baseline.value for value in card.values if value.baseline},
    }


def table(data: str, results: Results) -> str:
    """A row for each recipe and column (mean and standard deviation over seeds), and the baseline."""
    lines = []
    for recipe, column in product(SPEED, COLUMNS):
        rows = results.of(recipe=recipe, data=data, column=column)
        if rows:
            verdicts = ", ".join(sorted({row["verdict"] for row in rows}))
            lines.append(
                [f"{recipe}, {column}", f"{rows[0]['examples']:,}", len(rows), *figures(rows, "values"), verdicts]
            )
    real = results.of(data=data)[:1]
    lines.append(["real data", "", "", *figures(real, "baseline"), ""])
    return f"**{data}**\n\n" + markdown(["", "examples", "seeds", *SHOWN, "verdict"], lines)


def figures(rows: list[Any], side: str) -> list[str]:
    return [mean([row[side][name] for row in rows], digits=digits) for name, digits in SHOWN.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", nargs="*", default=["mnist", "fashion_mnist"])
    parser.add_argument("--columns", nargs="*", default=["ours"], choices=list(COLUMNS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/papers"))
    arguments = parser.parse_args()
    results = Results(arguments.out / "recipes.jsonl", ["recipe", "data", "column", "seed"])
    for seed, column, data, recipe in product(range(arguments.seeds), arguments.columns, arguments.data, SPEED):
        key = {"recipe": recipe, "data": data, "column": column, "seed": seed}
        if not results.has(**key):
            folder = arguments.out / f"{recipe}-{data}-{column}-{seed}"
            results.add({**key, **measured(**key, folder=folder)})
    for data in arguments.data:
        print(table(data, results), end="\n\n")


if __name__ == "__main__":
    main()
