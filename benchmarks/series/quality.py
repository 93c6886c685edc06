"""Trains the recipe `series` on the data of the published tables and scores it by their judge and by a stricter one.

    python benchmarks/series/quality.py SET [--minutes 20] [--seeds 0 1 2] [--out runs/series] [OPTION OF train ...]
    python benchmarks/series/quality.py SET --run FOLDER ...                  # scores finished runs
    python benchmarks/series/quality.py SET --samples FILE.npy --name NAME    # scores windows in [0, 1] of peers.py

The sets are stock, sines, etth1 and energy (protocol.py says where their files lie). As many samples as real windows
are scored: "published" is TimeGAN's judge (published_judge.py), mean and standard deviation of its ten repeats;
"stricter" are the metrics discriminative-score and predictive-score of `ganwright judge`. The row "real" has two halves
of the real windows, which overlap, in place of real and generated ones. Finished rows are not made again; all are lines
of OUT/quality.jsonl.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.append(str(Path(__file__).parents[1] / "papers"))
import protocol
import published_judge

import ganwright
from ganwright.core.metric import Compared, Samples
from ganwright.metrics.discriminative import discriminative_score
from ganwright.metrics.predictive import predictive_score
from results import Results, markdown

Scored = tuple[np.ndarray, np.ndarray, dict[str, Any]]  # real windows, fakes, and what is noted beside the scores
SAMPLE_SEED = 1
HEADER = ["", "seed", "discriminative", "predictive", "stricter", "", "examples", "seconds", "load"]


def trained(folder: Path, recipe: str, words: Sequence[str], seed: int) -> ganwright.Run:
    """The run in a folder, trained or resumed by the command line unless it is finished."""
    command = [sys.executable, "-m", "ganwright", "train", recipe, *words, "--seed", str(seed), "--out", str(folder)]
    print(" ".join(command[1:]), flush=True)
    subprocess.run([*command, "--quiet"], check=True)
    return ganwright.open(folder)


def scored(real: np.ndarray, fake: np.ndarray, repeats: int) -> dict[str, Any]:
    """The scores of fakes [n, time, features] in [0, 1] beside as many real windows."""
    published = published_judge.judge(real, fake, repeats)
    compared = Compared(Samples(fake), Samples(real))
    strict = {**discriminative_score(compared), **predictive_score(compared)}
    repeated = {"discriminative": published.discriminative, "predictive": published.predictive}
    return {
        name: [float(values.mean()), float(values.std(ddof=min(1, repeats - 1)))] for name, values in repeated.items()
    } | {"stricter": [strict["discriminative_score"], strict["predictive_score"]]}


def halves(real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of real windows in random order."""
    order, half = np.random.default_rng(0).permutation(len(real)), len(real) // 2
    return real[order[:half]], real[order[half : 2 * half]]


def costs(run: ganwright.Run) -> dict[str, Any]:
    last = run.log()[-1]
    return {"examples": last["examples"], "seconds": round(last["seconds"]), "load": round(os.getloadavg()[1], 1)}


def table(rows: Sequence[Any]) -> str:
    """A row for each run, with the scores' deviations over repeats, and the mean over the seeds of a name."""
    lines = []
    for name in dict.fromkeys(row["name"] for row in rows):
        own = [row for row in rows if row["name"] == name]
        for row in own:
            scores = [f"{row[kind][0]:.4f} ± {row[kind][1]:.4f}" for kind in ("discriminative", "predictive")]
            strict = [f"{value:.4f}" for value in row["stricter"]]
            lines.append([name, row["seed"], *scores, *strict, *(row.get(cost, "") for cost in HEADER[6:])])
        if len(own) > 1:
            means = [np.mean([row[kind][0] for row in own]) for kind in ("discriminative", "predictive")]
            strict_means = np.mean([row["stricter"] for row in own], axis=0)
            lines.append([name, "mean", *(f"{value:.4f}" for value in (*means, *strict_means)), "", "", ""])
    return markdown(HEADER, lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0], allow_abbrev=False)
    parser.add_argument("set", choices=protocol.SETS)
    parser.add_argument("--energy", type=Path, default=protocol.ENERGY, help="energy_data.csv")
    parser.add_argument("--recipe", default="series", help="recipe, or the file of one")
    parser.add_argument("--minutes", type=float, help="of training (default: 20)")
    parser.add_argument("--examples", type=int, help="of training, in place of minutes")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--repeats", type=int, default=published_judge.REPEATS)
    parser.add_argument("--name", help="of the rows (default: the options of train)")
    parser.add_argument("--run", type=Path, nargs="*", help="score these runs instead of training")
    parser.add_argument("--samples", type=Path, help="score these windows, .npy in [0, 1], instead of training")
    parser.add_argument("--out", type=Path, default=Path("runs/series"))
    arguments, words = parser.parse_known_args()
    torch.set_num_threads(1)
    data = protocol.of(arguments.set, arguments.energy)
    horizon = ["--minutes", f"{arguments.minutes or 20:g}"]
    if arguments.examples:
        horizon = ["--examples", str(arguments.examples)]
    name = arguments.name or " ".join([arguments.recipe, *horizon, *words])
    results = Results(arguments.out / "quality.jsonl", ["set", "name", "seed", "repeats"])

    def add(name: str, seed: int | str, make: Callable[[], Scored]) -> None:
        key = {"set": arguments.set, "name": name, "seed": seed, "repeats": arguments.repeats}
        if not results.has(**key):
            real, fake, more = make()
            results.add({**key, **more, **scored(real, fake, arguments.repeats)})
        print(table(results.of(set=arguments.set, repeats=arguments.repeats)), flush=True)

    def of_folder(folder: Path) -> Scored:
        run = ganwright.open(folder)
        return data.real, data.scaled(run.stored_samples(len(data.real), SAMPLE_SEED)), costs(run)

    def of_training(folder: Path, options: Sequence[str], seed: int) -> Scored:
        trained(folder, arguments.recipe, options, seed)
        return of_folder(folder)

    add("real", "", lambda: (*halves(data.real), {}))
    if arguments.samples:
        add(arguments.name or arguments.samples.stem, "", lambda: (data.real, np.load(arguments.samples), {}))
    elif arguments.run:
        for folder in arguments.run:
            add(str(folder), "", partial(of_folder, folder))
    else:
        for seed in arguments.seeds:
            folder = arguments.out / f"{arguments.set} {name} {seed}".replace(" ", "-").replace("/", "_")
            options = [*data.words, *horizon, *words]
            add(name, seed, partial(of_training, folder, options, seed))


if __name__ == "__main__":
    main()
