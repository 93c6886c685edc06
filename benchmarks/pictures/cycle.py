"""CycleGAN: does the round trip lose less as training goes on, and do translations come near the other set?

    python benchmarks/pictures/cycle.py [--data mnist] [--other fashion-mnist] [--examples 16000] [--seeds 1]

The round trip's error is the mean absolute difference of pixels between a picture and what both generators make of it
one after the other, of 255: while training by the log (of new pictures, by the networks in training), at the end on the
test parts (by averaged networks). The Fréchet distance is between translations and the other set's test part, in grey28
or natural32; beside it that of pictures which were not translated. Further options are those of `ganwright train
cyclegan`. A run that is finished is measured again, not trained.
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
from ganwright.core.discovery import take
from ganwright.judging.views import USUAL_FEATURES
from ganwright.metrics.frechet import frechet
from ganwright.runs.run import Run

TESTED = 2_000  # pictures of each set, at most


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--other", default="fashion-mnist")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--examples", type=int, default=16_000)
    parser.add_argument("--out", type=Path, default=Path("runs/cycle"))
    arguments, further = parser.parse_known_args()
    _, options = parsed(further)
    for seed in range(arguments.seeds):
        folder, began = arguments.out / f"cycle-{seed}", time.process_time()
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
        figures = measured(run) | {"processor_seconds_now": round(time.process_time() - began)}
        (folder / "figures.json").write_text(json.dumps(figures, indent=2))
        print(f"seed {seed}: {json.dumps(figures)}")


def measured(run: Run) -> dict[str, Any]:
    """Both ways: the round trip's error by the log and on test parts, and the Fréchet distances."""
    words, log = run.settings["data"], run.log()
    test = data_source.find(words["source"], {**words["options"], "split": "test"}).data
    assert test.conditions is not None
    a, b = (np.array(pictures[:TESTED]) for pictures in (test.conditions, test.samples))
    forth, back = run, Run(run.path, back=True)
    there, here = translated(forth, a), translated(back, b)
    shares = [log[round(share * (len(log) - 1))] for share in (0.0, 0.25, 0.5, 1.0)]
    weight = run.settings["options"]["cycle_weight"]
    return {
        "examples": log[-1]["examples"],
        "verdict": log[-1]["verdict"]["name"],
        "round trips while training": {
            line["examples"]: [round(line["terms"][name] / weight * 127.5, 2) for name in ("cycle", "cycle back")]
            for line in shares
        },
        "round trips of test pictures": [l1(translated(back, there), a), l1(translated(forth, here), b)],
        "fd translated": [distance(there, b), distance(here, a)],
        "fd untranslated": [distance(a, b), distance(b, a)],
    }


def translated(run: Run, pictures: np.ndarray) -> np.ndarray:
    """uint8 [n, height, width, channels]."""
    encoded = run.recipe.condition.held(run.recipe.condition.data)[0].encode(torch.from_numpy(pictures))
    return run.stored_samples(len(pictures), 0, encoded)


def l1(found: np.ndarray, real: np.ndarray) -> float:
    return round(float(np.abs(found.astype(np.float32) - real).mean()), 2)


def distance(found: np.ndarray, real: np.ndarray) -> float:
    network = take("features", USUAL_FEATURES[real.shape[3]]).load()
    return round(frechet(network(found), network(real)), 2)


if __name__ == "__main__":
    main()
