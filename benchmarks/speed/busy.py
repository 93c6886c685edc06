"""What is left of a program's speed when another process keeps one core busy.

python benchmarks/speed/busy.py [vanilla dcgan curve] [--repeats 3] [OPTION OF ganwright train ...]

Quiet and busy take turns, ours and a plain PyTorch loop, each in a fresh process. On two cores a fair share is
half of the speed of two threads, and all of that of one.
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

from measuring import Timing, machine, mnist, peer, samples


@contextmanager
def spinning() -> Iterator[None]:
    """Within it a process of plain Python does nothing else than count."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def kept(measure: Callable[[], float], repeats: int) -> str:
    """Quiet and busy steps a second, and the share that is kept, as a table's cells."""
    speeds = []
    for _ in range(repeats):
        pair = []
        for around in (nullcontext(), spinning()):
            with around:
                pair.append(measure())
        speeds.append(pair)
    shares = [busy / quiet for quiet, busy in speeds]
    quiet, busy = (median(column) for column in zip(*speeds, strict=True))
    return f"{quiet:,.4g} | {busy:,.4g} | {median(shares):.0%} ({min(shares):.0%} to {max(shares):.0%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("programs", nargs="*", default=["vanilla"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--warm-up", type=float, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    options, words = parser.parse_known_args()
    timing = Timing(options.warm_up, options.seconds)
    print(f"{machine()}; each {timing.seconds:g} s after {timing.warm_up:g} s of warm-up\n")
    print("| | quiet steps/s | with one core busy | kept, median (lowest to highest) |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        pictures = mnist(Path(folder))
        for program in options.programs:
            mine = kept(lambda program=program: samples(program, timing, words), options.repeats)
            print(f"| {program}: ganwright {' '.join(words)} | {mine} |", flush=True)
            plain = kept(
                lambda program=program: peer(sys.executable, "torch_programs.py", program, pictures, timing)[0],
                options.repeats,
            )
            print(f"| {program}: plain pytorch | {plain} |", flush=True)


if __name__ == "__main__":
    main()
