"""How long the judge takes: 10,000 pictures against a test part, first with nothing cached and then again.

    python benchmarks/judging.py SAMPLES.npy [--data mnist]

SAMPLES is what `ganwright sample RUN -n 10000 --out SAMPLES.npy` wrote. The cache is a new folder, so the first time
computes the features of the real pictures and the floor, and the second finds them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import ganwright


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("samples", type=Path)
    parser.add_argument("--data", default="mnist")
    arguments = parser.parse_args()
    ganwright.judge
    with tempfile.TemporaryDirectory() as cache:
        os.environ["GANWRIGHT_CACHE"] = cache
        for words in ("nothing cached", "real features and floor cached"):
            load, began, busy = os.getloadavg()[0], time.perf_counter(), time.process_time()
            card = ganwright.judge(arguments.samples, arguments.data, n=10_000, out=cache)
            seconds, busy = time.perf_counter() - began, time.process_time() - busy
            cores = len(os.sched_getaffinity(0))
            print(
                f"{words}: {len(card.values)} values in {seconds:.1f} s, {busy:.1f} s of processor time, "
                f"{cores} cores, load before {load:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
