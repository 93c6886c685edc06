"""Measures conditional GANs: agreement of samples with the requested class, and the variety of each class.

    python benchmarks/pictures/conditional.py [--data mnist] [--conditionings projection ...] [--seeds 0 1 2]

Each run is judged by 10,000 samples against the test part, in the features grey28 or natural32: the share that a
linear probe on these features (98 to 99 % accurate on MNIST) assigns to the requested class, and the Fréchet distance
of each class. A class's variety is the mean feature distance between two of its samples, divided by that between two
real ones: 1 is as varied as real data. The value r3gan stands for `r3gan --conditional`, the others for `cgan
--conditioning`. Finished runs are not trained again.
"""

from __future__ import annotations

import argparse
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "papers"))
import ganwright
from ganwright.core.discovery import load_module
from ganwright.judging.views import USUAL_FEATURES
from ganwright.runs.run import Run
from results import Results, markdown, mean

METRICS = ["agreement", "class-distance", "frechet", "classes"]
CGAN = ["projection", "concatenation", "auxiliary-classifier"]
CONDITIONINGS: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: ("cgan", {"conditioning": name}) for name in CGAN},
    "r3gan": ("r3gan", {"conditional": True}),
}
PER_CLASS = 500  # samples of each class for measuring variety


def measured(data: str, conditioning: str, seed: int, examples: int, folder: Path) -> dict[str, Any]:
    """The values of one run's card, the baseline, and the variety of its classes."""
    recipe, options = CONDITIONINGS[conditioning]
    run = ganwright.train(recipe, data, folder, seed=seed, examples=examples, quiet=True, threads=1, **options)
    card = ganwright.judge(run, metric=METRICS, repetitions=1)
    last = run.log()[-1]
    variety = varieties(run, data)
    return {
        "seconds": round(last["seconds"]),
        "verdict": last["verdict"]["name"],
        "values": {value.name: value.samples.value for value in card.values if value.samples},
        "baseline": {value.name: value.baseline.value for value in card.values if value.baseline},
        "variety": [min(variety), sum(variety) / len(variety)],
    }


def varieties(run: Run, data: str) -> list[float]:
    """The variety of each class, relative to real pictures."""
    real = load_module("data", data).load(split="test")
    features = load_module("features", USUAL_FEATURES[run.domain.shape[0]]).load()
    ratios = []
    for number, name in enumerate(real.classes):
        samples = run.stored_samples(PER_CLASS, 1, run.wanted(PER_CLASS, name).conditions)
        pictures = np.asarray(real.samples)[real.labels == number][:PER_CLASS]
        ratios.append(spread(features(samples)) / spread(features(pictures)))
    return ratios


def spread(features: np.ndarray) -> float:
    """The mean distance between two rows."""
    half = len(features) // 2
    return float(np.linalg.norm(features[:half] - features[half : 2 * half], axis=1).mean())


def table(results: Results, data: str) -> str:
    """A row for each kind of conditioning, with means and standard deviations over seeds."""
    lines = []
    names: list[str] = []
    for conditioning in dict.fromkeys(row["conditioning"] for row in results.of(data=data)):
        rows = results.of(data=data, conditioning=conditioning)
        names = list(rows[0]["values"])
        values = [mean([row["values"][name] for row in rows], digits=3) for name in names]
        variety = [mean([row["variety"][index] for row in rows], digits=2) for index in (0, 1)]
        lines.append([conditioning, f"{rows[0]['examples']:,}", len(rows), *values, *variety])
    baseline = results.of(data=data)[0]["baseline"]
    lines.append(["real data", "", "", *[f"{baseline[name]:.3f}" if name in baseline else "" for name in names], 1, 1])
    return markdown(["conditioning", "examples", "seeds", *names, "lowest variety", "mean variety"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--conditionings", nargs="*", default=CGAN, choices=list(CONDITIONINGS))
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--examples", type=int, default=120_000)
    parser.add_argument("--out", type=Path, default=Path("runs/conditional"))
    arguments = parser.parse_args()
    results = Results(arguments.out / "conditional.jsonl", ["data", "conditioning", "seed", "examples"])
    for seed, conditioning in product(arguments.seeds, arguments.conditionings):
        key = {
            "data": arguments.data,
            "conditioning": conditioning,
            "seed": seed,
            "examples": arguments.examples,
        }
        if not results.has(**key):
            folder = arguments.out / f"{arguments.data}-{conditioning}-{arguments.examples}-{seed}"
            results.add({**key, **measured(**key, folder=folder)})
        print(table(results, arguments.data), flush=True)


if __name__ == "__main__":
    main()
