"""Measures CycleGAN: the round-trip error during training, and the distance of translations from the other set.

    python benchmarks/pictures/cycle.py [--data mnist] [--other fashion-mnist] [--examples 16000] [--seeds 1]

The round-trip error is the mean absolute pixel difference (of 255) between a picture and its image under both
generators in turn: during training from the log (new pictures, networks in training), at the end on the test parts
(EMA networks). The Fréchet distance compares translations with the other set's test part, in grey28 or natural32; the
distance of untranslated pictures is printed beside it. Further options are those of `ganwright train cyclegan`. A
finished run is measured again, not trained.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

import ganwright
from ganwright.commands.command_line import parsed
from ganwright.config import data_source
from ganwright.config.recipe import find_recipe
from ganwright.core.discovery import load_module
from ganwright.judging.views import USUAL_FEATURES
from ganwright.metrics.frechet import frechet
from ganwright.runs.run import Run

MAX_TEST_PICTURES = 2_000  # of each set


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--other", default="fashion-mnist")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--examples", type=int, default=16_000)
    parser.add_argument("--out", type=Path, default=Path("runs/cycle"))
    arguments, further = parser.parse_known_args()
    known = data_source.loader_options(arguments.data) | find_recipe("cyclegan").options
    options = parsed(further, known, "cyclegan")
    for seed in range(arguments.seeds):
        folder, start = arguments.out / f"cycle-{seed}", time.process_time()
        run = ganwright.train(
            "cyclegan",
            arguments.data,
            folder,
            other=arguments.other,
            examples=arguments.examples,
            seed=seed,
            quiet=True,
            **options,
        )
        figures = measured(run) | {"cpu_seconds": round(time.process_time() - start)}
        (folder / "figures.json").write_text(json.dumps(figures, indent=2))
        print(f"seed {seed}: {json.dumps(figures)}")


def measured(run: Run) -> dict[str, Any]:
    """Both directions: round-trip errors from the log and on the test parts, and the Fréchet distances."""
    settings, log = run.settings["data"], run.log()
    test = data_source.find(settings["source"], {**settings["options"], "split": "test"}).data
    assert test.conditions is not None
    a, b = (np.array(pictures[:MAX_TEST_PICTURES]) for pictures in (test.conditions, test.samples))
    a_to_b, b_to_a = run, Run(run.path, back=True)
    fake_b, fake_a = translated(a_to_b, a), translated(b_to_a, b)
    lines = [log[round(share * (len(log) - 1))] for share in (0.0, 0.25, 0.5, 1.0)]
    weight = run.settings["options"]["cycle_weight"]
    return {
        "examples": log[-1]["examples"],
        "verdict": log[-1]["verdict"]["name"],
        "round-trip error while training": {
            line["examples"]: [round(line["terms"][name] / weight * 127.5, 2) for name in ("cycle", "cycle back")]
            for line in lines
        },
        "round-trip error on test pictures": [l1(translated(b_to_a, fake_b), a), l1(translated(a_to_b, fake_a), b)],
        "fd translated": [distance(fake_b, b), distance(fake_a, a)],
        "fd untranslated": [distance(a, b), distance(b, a)],
    }


def translated(run: Run, pictures: np.ndarray) -> np.ndarray:
    """uint8 [n, height, width, channels]."""
    encoded = run.recipe.condition.held(run.recipe.condition.data)[0].encode(torch.from_numpy(pictures))
    return run.stored_samples(len(pictures), 0, encoded)


def l1(fake: np.ndarray, real: np.ndarray) -> float:
    return round(float(np.abs(fake.astype(np.float32) - real).mean()), 2)


def distance(fake: np.ndarray, real: np.ndarray) -> float:
    network = load_module("features", USUAL_FEATURES[real.shape[3]]).load()
    return round(frechet(network(fake), network(real)), 2)


if __name__ == "__main__":
    main()
