"""Compares the test accuracy of semi-supervised learning with that of the same network on the labels alone.

    python benchmarks/pictures/semi_supervised.py [--data mnist] [--labels 100] [--seeds 0 1 2] [--examples 300000]

Each seed has its own labelled pictures. The network trained on labels alone reads --supervised-examples labelled ones.
Finished runs are not trained again.
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
    parser.add_argument("--supervised-examples", type=int, default=40_000)
    parser.add_argument("--out", type=Path, default=Path("runs/semi-supervised"))
    arguments = parser.parse_args()
    for supervised, examples in ((False, arguments.examples), (True, arguments.supervised_examples)):
        description = "labels alone" if supervised else "with unlabelled pictures"
        shares = []
        for seed in arguments.seeds:
            run = ganwright.train(
                "semi-supervised",
                arguments.data,
                arguments.out
                / f"{arguments.data}-{arguments.labels}-{'alone' if supervised else 'all'}-{examples}-{seed}",
                examples=examples,
                seed=seed,
                labels=arguments.labels,
                labels_seed=seed,
                supervised_only=supervised,
                threads=1,
                quiet=True,
            )
            shares.append(accuracy(run).share)
            print(f"{description}, seed {seed}: {shares[-1]:.2%}", flush=True)
        spread = f" +- {statistics.stdev(shares):.2%}" if len(shares) > 1 else ""
        print(f"{description}: {statistics.mean(shares):.2%}{spread}, {len(shares)} seed(s)")


if __name__ == "__main__":
    main()
