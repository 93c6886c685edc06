"""Trains a classic program exactly as published and measures it after the requested epochs with a LeNet.

python benchmarks/source_programs.py vanilla --epochs 1 5 10 50 100 [--out runs/vanilla-as-source] [--data mnist]

Needs the real MNIST or Fashion-MNIST (see lenet_distance.py). An existing run folder is resumed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import ganwright
from lenet_distance import measure

SAMPLES = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("recipe")
    parser.add_argument("--epochs", type=int, nargs="+", required=True)
    parser.add_argument("--data", choices=["mnist", "fashion-mnist"], default="mnist")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ganwright").expanduser())
    parser.add_argument("--ours", action="store_true", help="our defaults instead of the published program")
    options = parser.parse_args()
    out = options.out or Path("runs") / f"{options.recipe}-{'ours' if options.ours else 'as-source'}"
    for epochs in options.epochs:
        run = ganwright.train(
            options.recipe,
            data=options.data,
            out=out,
            epochs=epochs,
            as_source=not options.ours,
            quiet=True,
        )
        seconds = run.log()[-1]["seconds"]
        measured = measure(run.sample(SAMPLES, seed=0), options.data.split("-")[0], options.cache)
        print(f"{options.recipe}, epoch {epochs}, {seconds:.0f} s: {measured}", flush=True)


if __name__ == "__main__":
    main()
