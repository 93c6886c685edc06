"""Measures how much of a program's speed remains while another process keeps one core busy.

python benchmarks/speed/busy.py [vanilla dcgan curve] [--repeats 3] [OPTION OF ganwright train ...]

Idle and busy measurements alternate, for ours and for a plain PyTorch loop, each in a fresh process. On two cores a
fair share is half the speed of two threads, or the full speed of one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median

from measuring import Timing, machine, mnist, our_speed, peer


@contextmanager
def spinning() -> Iterator[None]:
    """Runs a busy Python process within the block."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def compare(measure: Callable[[], float], repeats: int) -> str:
    """Steps per second with idle and busy machine, and their ratio, as cells of a table."""
    speeds = []
    for _ in range(repeats):
        pair = []
        for context in (nullcontext(), spinning()):
            with context:
                pair.append(measure())
        speeds.append(pair)
    shares = [busy / idle for idle, busy in speeds]
    idle, busy = (median(column) for column in zip(*speeds, strict=True))
    return f"{idle:,.4g} | {busy:,.4g} | {median(shares):.0%} ({min(shares):.0%} to {max(shares):.0%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("programs", nargs="*", default=["vanilla"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--warm-up", type=float, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    options, train_options = parser.parse_known_args()
    timing = Timing(options.warm_up, options.seconds)
    print(f"{machine()}; each {timing.seconds:g} s after {timing.warm_up:g} s of warm-up\n")
    print("| | steps/s, idle | steps/s, one core busy | ratio, median (lowest to highest) |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        pictures = mnist(Path(folder))
        for program in options.programs:
            mine = compare(lambda program=program: our_speed(program, timing, train_options), options.repeats)
            print(f"| {program}: ganwright {' '.join(train_options)} | {mine} |", flush=True)
            plain = compare(
                lambda program=program: peer(sys.executable, "torch_programs.py", program, pictures, timing)[0],
                options.repeats,
            )
            print(f"| {program}: plain pytorch | {plain} |", flush=True)


if __name__ == "__main__":
    main()
