"""Compares our training with the classic programs in TensorFlow and plain PyTorch, interleaved, in fresh processes.

python benchmarks/speed/programs.py vanilla dcgan curve --tensorflow PYTHON [--repeats 3] [OPTION OF TRAIN ...]

PYTHON is the interpreter of an environment with benchmarks/speed/requirements.txt; without it TensorFlow is left out.
A step updates each player once. Our steps are counted from the log of `ganwright train RECIPE --as-source`, with sample
grids, verdicts and checkpoints, after the warm-up; the other programs count theirs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from measuring import BATCHES, Timing, machine, mnist, our_speed, peer

Measure = Callable[[], float]


def measures(
    program: str, pictures: Path, timing: Timing, tensorflow: str | None, train_options: list[str]
) -> dict[str, Measure]:
    """The measurements of one program, by name."""
    functions: dict[str, Measure] = {
        f"ganwright {' '.join(train_options)}".strip(): lambda: our_speed(program, timing, train_options)
    }
    if tensorflow is not None:
        functions["tensorflow"] = lambda: peer(tensorflow, "tensorflow_programs.py", program, pictures, timing)[0]
    functions["plain pytorch"] = lambda: peer(sys.executable, "torch_programs.py", program, pictures, timing)[0]
    return functions


def table(program: str, speeds: dict[str, list[float]]) -> str:
    """Median and range of the steps per second, and the ratio of ours to each other program, pair by pair."""
    mine = next(iter(speeds.values()))
    lines = [f"\n{program}: batch {BATCHES[program]}, {len(mine)} repetitions"]
    lines.append("| | steps/s, median | lowest to highest | examples/s | ours / it, median (lowest to highest) |")
    lines.append("|---|---|---|---|---|")
    for name, steps in speeds.items():
        ratios = [a / b for a, b in zip(mine, steps, strict=True)]
        spread = f"{min(steps):,.4g} to {max(steps):,.4g}"
        ratio = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        lines.append(
            f"| {name} | {median(steps):,.4g} | {spread} | {median(steps) * BATCHES[program]:,.0f} | {ratio} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("programs", nargs="*", default=list(BATCHES))
    parser.add_argument("--tensorflow", metavar="PYTHON")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--warm-up", type=float, default=4)
    parser.add_argument("--seconds", type=float, default=10)
    options, train_options = parser.parse_known_args()
    timing = Timing(options.warm_up, options.seconds)
    print(f"{machine()}; each {timing.seconds:g} s after {timing.warm_up:g} s of warm-up", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        pictures = mnist(Path(folder))
        for program in options.programs:
            measured = measures(program, pictures, timing, options.tensorflow, train_options)
            speeds: dict[str, list[float]] = {name: [] for name in measured}
            for _ in range(options.repeats):
                for name, measure in measured.items():
                    speeds[name].append(measure())
            print(table(program, speeds), flush=True)


if __name__ == "__main__":
    main()
