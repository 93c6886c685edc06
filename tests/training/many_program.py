"""Samples and judges a run, each process on one core so that the bits are the same; run by torchrun or alone."""

import os
import sys
from pathlib import Path

import torch

from ganwright.commands.judge import judge
from ganwright.commands.sample import sample
from ganwright.core import ranks

if __name__ == "__main__":
    run, out = sys.argv[1], Path(sys.argv[2])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1 - int(os.environ.get("RANK", "0"))]})
    with ranks.joined(torch.device("cpu")):
        sample(run, 700, 0, out / "samples.npy")
        judge(run, n=300, repetitions=2, metric=("frechet", "precision_recall"), features="grey28", out=out)
