"""Trains the recipe `sound` and compares 1,000 clips with 1,000 held-out real ones.

    python benchmarks/sound/bars.py tones [--minutes 40] [--examples N] [--seeds 0] [OPTION OF train ...]
    python benchmarks/sound/bars.py drums --conditional [...]
    python benchmarks/sound/bars.py FOLDER --sampling-rate 8000 --window 4096 [...]    # of spoken_digits.py
    python benchmarks/sound/bars.py tones --run FOLDER ...                             # measures finished runs

- fd: the Fréchet distance in mel64, the means and deviations over time of 64 log-mel bands; baseline: that of as many
  clips of the training part; multiple: fd / baseline.
- score: the inception score by a small classifier of log-mel spectrograms that is trained on the training part; share:
  of the held-out clips' score. accuracy: the classifier's on held-out clips.
- agreement: with --conditional, the share of clips of which the classifier says the requested class.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.append(str(Path(__file__).parents[1] / "papers"))

import ganwright
from ganwright.core.data import Data
from ganwright.core.metric import Compared, Samples
from ganwright.data import _find
from ganwright.features import mel64
from ganwright.metrics._sound_classifier import SoundClassifier, fitted
from ganwright.metrics.agreement import agreement
from ganwright.metrics.frechet import frechet
from ganwright.metrics.inception_score import inception_score
from results import Results, markdown

COUNT, SAMPLE_SEED = 1_000, 1
COLUMNS = [
    "fd",
    "baseline",
    "multiple",
    "score",
    "share",
    "accuracy",
    "agreement",
    "examples",
    "seconds",
    "cpu",
    "load",
]


class Real:
    """The real clips: a training part, as many held-out clips as are compared, and a classifier of both."""

    def __init__(self, name: str, count: int, /, **options: Any) -> None:
        self.count, self.train = count, _find.load(name, **options)
        held_out = _find.load(name, split="test", **options)
        rows = some(len(held_out), count)
        self.test, self.labels = self.spectrograms(held_out, held_out.samples[rows]), held_out.labels[rows]
        self.features = mel64.load()

    def spectrograms(self, data: Data, stored: np.ndarray) -> np.ndarray:
        """Log-mel spectrograms of stored clips."""
        return np.asarray(data.domain.viewed("spectrograms", stored).values)

    @cached_property
    def classifier(self) -> SoundClassifier:
        """Trained on all clips of the training part."""
        train = Samples(self.spectrograms(self.train, self.train.samples), self.train.labels)
        return fitted(Compared(Samples(self.test), Samples(self.test, self.labels), train))

    def measured(self, fake: np.ndarray, classes: np.ndarray | None) -> dict[str, float]:
        """The figures of stored clips, drawn under `classes` if there are any."""
        made = self.spectrograms(self.train, fake)
        known = self.spectrograms(self.train, self.train.samples[some(len(self.train), len(self.test))])
        distance, baseline = (frechet(self.features(one), self.features(self.test)) for one in (made, known))
        classifier = self.classifier
        probabilities, real = classifier.probabilities(made), classifier.probabilities(self.test)
        score = inception_score(probabilities)
        found = {
            "fd": distance,
            "baseline": baseline,
            "multiple": distance / baseline,
            "score": score,
            "share": score / inception_score(real),
            "accuracy": agreement(real.argmax(1), self.labels),
        }
        return found if classes is None else {**found, "agreement": agreement(probabilities.argmax(1), classes)}


def some(count: int, most: int) -> np.ndarray:
    """Random rows: those of a folder are in the order of its classes."""
    return np.random.default_rng(0).permutation(count)[:most]


def judged(real: Real, folder: Path) -> dict[str, Any]:
    """The figures of a run, and what it cost."""
    run = ganwright.open(folder)
    conditions, last = run.conditions(real.count, SAMPLE_SEED), run.log()[-1]
    fake = run.stored_samples(real.count, SAMPLE_SEED, conditions)
    classes = None if conditions is None else run.recipe.condition.to_stored(conditions)
    cost = {"examples": last["examples"], "seconds": round(last["seconds"]), "load": round(os.getloadavg()[2], 1)}
    return {**real.measured(fake, classes), **cost}


def trained(folder: Path, words: list[str], seed: int) -> float:
    """The CPU time, in seconds, of training a run or resuming it; 0 if it is finished."""
    command = [sys.executable, "-m", "ganwright", "train", "sound", *words, "--seed", str(seed), "--out", str(folder)]
    print(" ".join(command[1:]), flush=True)
    before = os.times()
    subprocess.run([*command, "--quiet"], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def table(rows: list[Any]) -> str:
    lines = [[row["name"], row["seed"], *(shown(row.get(column, "")) for column in COLUMNS)] for row in rows]
    return markdown(["", "seed", *COLUMNS], lines)


def shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0], allow_abbrev=False)
    parser.add_argument("data", help="tones, drums, or a folder with parts and classes")
    parser.add_argument("--sampling-rate", type=int)
    parser.add_argument("--window", type=int)
    parser.add_argument("--count", type=int, default=COUNT, help="clips that are compared")
    parser.add_argument("--minutes", type=float, default=40, help="of training")
    parser.add_argument("--examples", type=int, help="of training, in place of minutes")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--run", type=Path, nargs="*", help="measure these runs instead of training")
    parser.add_argument("--out", type=Path, default=Path("runs/sound"))
    arguments, words = parser.parse_known_args()
    torch.set_num_threads(1)
    cut = {name: value for name in ("sampling_rate", "window") if (value := getattr(arguments, name))}
    real = Real(arguments.data, arguments.count, **cut)
    results = Results(arguments.out / "bars.jsonl", ["data", "name", "seed"])

    def add(name: str, seed: int | str, folder: Path, cpu: dict[str, Any]) -> None:
        key = {"data": arguments.data, "name": name, "seed": seed}
        if not results.has(**key):
            results.add({**key, **judged(real, folder), **cpu})
        print(table(results.of(data=arguments.data)), flush=True)

    for folder in arguments.run or []:
        add(str(folder), "", folder, {})
    if arguments.run:
        return
    options = [word for name, value in cut.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    horizon = ["--examples", str(arguments.examples)] if arguments.examples else ["--minutes", f"{arguments.minutes:g}"]
    name = " ".join([*horizon, *words])
    for seed in arguments.seeds:
        label = f"{Path(arguments.data).name} {name} {seed}".replace(" ", "-").replace("/", "_")
        folder = arguments.out / label
        train = partial(trained, folder, ["--data", arguments.data, *options, *horizon, *words], seed)
        add(name, seed, folder, {"cpu": round(train())})


if __name__ == "__main__":
    main()
