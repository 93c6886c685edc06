"""The conditional GAN, in each way of telling the class: do samples agree with what was asked, and how varied are they?

    python benchmarks/pictures/conditional.py [--data mnist] [--labels projection concatenation ...] [--seeds 0 1 2]

Each run is judged by 10,000 samples against the test part, in the features grey28 or natural32: the share that a linear
probe of these features (98 to 99 % right on MNIST) sees as the class that was asked for, and the Fréchet distance class
by class. A class's variety is the mean distance of two of its samples' features over that of two real ones: 1 is as
varied as real data. The label r3gan stands for `r3gan --conditional`, the others for `cgan --label` or, which is the
same, `dcgan --label`. Runs that are finished are not trained again.
"""

from __future__ import annotations

import argparse
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "papers"))
from results import Results, markdown, mean

import ganwright
from ganwright.core.discovery import take
from ganwright.judging.views import USUAL_FEATURES
from ganwright.runs.run import Run

METRICS = ["agreement", "class-distance", "frechet", "classes"]
CGAN = ["projection", "concatenation", "auxiliary-classifier"]
LABELS: dict[str, tuple[str, dict[str, Any]]] = {
    **{label: ("cgan", {"label": label}) for label in CGAN},
    "r3gan": ("r3gan", {"conditional": True}),
}
PER_CLASS = 500  # samples of each class whose variety is measured


def measured(data: str, label: str, seed: int, examples: int, folder: Path) -> dict[str, Any]:
    """The values of one run's card, those of real data, and the variety of its classes."""
    recipe, options = LABELS[label]
    run = ganwright.train(recipe, data, folder, seed=seed, examples=examples, quiet=True, threads=1, **options)
    card = ganwright.judge(run, metric=METRICS, repetitions=1)
    last = run.log()[-1]
    variety = varieties(run, data)
    return {
        "seconds": round(last["seconds"]),
        "verdict": last["verdict"]["name"],
        "values": {value.name: value.samples.value for value in card.values if value.samples},
        "floor": {value.name: value.floor.value for value in card.values if value.floor},
        "variety": [min(variety), sum(variety) / len(variety)],
    }


def varieties(run: Run, data: str) -> list[float]:
    """Of each class, over that of real pictures."""
    real = take("data", data).load(split="test")
    features = take("features", USUAL_FEATURES[run.domain.shape[0]]).load()
    found = []
    for number, name in enumerate(real.classes):
        mine = run.stored_samples(PER_CLASS, 1, run.given(name, PER_CLASS))
        theirs = np.asarray(real.samples)[real.labels == number][:PER_CLASS]
        found.append(spread(features(mine)) / spread(features(theirs)))
    return found


def spread(features: np.ndarray) -> float:
    """The mean distance of two of them."""
    half = len(features) // 2
    return float(np.linalg.norm(features[:half] - features[half : 2 * half], axis=1).mean())


def table(results: Results, data: str) -> str:
    """A line for each way of telling the class, means and deviations over seeds."""
    lines = []
    shown: list[str] = []
    for label in dict.fromkeys(row["label"] for row in results.of(data=data)):
        rows = results.of(data=data, label=label)
        shown = list(rows[0]["values"])
        values = [mean([row["values"][name] for row in rows], digits=3) for name in shown]
        variety = [mean([row["variety"][place] for row in rows], digits=2) for place in (0, 1)]
        lines.append([label, f"{rows[0]['images']:,}", len(rows), *values, *variety])
    floor = results.of(data=data)[0]["floor"]
    lines.append(["real data", "", "", *[f"{floor[name]:.3f}" if name in floor else "" for name in shown], 1, 1])
    return markdown(["label", "pictures", "seeds", *shown, "least variety", "mean variety"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--labels", nargs="*", default=CGAN, choices=list(LABELS))
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--examples", type=int, default=120_000)
    parser.add_argument("--out", type=Path, default=Path("runs/conditional"))
    arguments = parser.parse_args()
    results = Results(arguments.out / "conditional.jsonl", ["data", "label", "seed", "examples"])
    for seed, label in product(arguments.seeds, arguments.labels):
        asked = {"data": arguments.data, "label": label, "seed": seed, "examples": arguments.examples}
        if not results.has(**asked):
            folder = arguments.out / f"{arguments.data}-{label}-{arguments.examples}-{seed}"
            results.add({**asked, **measured(**asked, folder=folder)})
        print(table(results, arguments.data), flush=True)


if __name__ == "__main__":
    main()
