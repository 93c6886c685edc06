"""Semi-supervised learning: the test accuracy of the classifier against the same net on the labels alone.

    python benchmarks/pictures/semi_supervised.py [--data mnist] [--labels 100] [--seeds 0 1 2] [--examples 300000]

Each seed has labelled pictures of its own. The net on the labels alone sees --alone-images labelled ones. Runs that are
finished are not trained again.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

import ganwright
from ganwright.commands.classify import accuracy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--labels", type=int, default=100)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--examples", type=int, default=300_000)
    parser.add_argument("--alone-images", type=int, default=40_000)
    parser.add_argument("--out", type=Path, default=Path("runs/semi-supervised"))
    asked = parser.parse_args()
    for alone, examples in ((False, asked.examples), (True, asked.alone_images)):
        what = "the labels alone" if alone else "with the pictures without labels"
        found = []
        for seed in asked.seeds:
            run = ganwright.train(
                "semi-supervised",
                asked.data,
                asked.out / f"{asked.data}-{asked.labels}-{'alone' if alone else 'all'}-{examples}-{seed}",
                examples=examples,
                seed=seed,
                labels=asked.labels,
                labels_seed=seed,
                supervised_only=alone,
                threads=1,
                quiet=True,
            )
            found.append(accuracy(run).share)
            print(f"{what}, seed {seed}: {found[-1]:.2%}", flush=True)
        spread = f" +- {statistics.stdev(found):.2%}" if len(found) > 1 else ""
        print(f"{what}: {statistics.mean(found):.2%}{spread}, {len(found)} seed(s)")


if __name__ == "__main__":
    main()
