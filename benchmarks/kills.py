"""Kills runs at random moments with SIGKILL, resumes them, and compares them with uninterrupted runs, bit for bit.

python benchmarks/kills.py [RECIPE ...] [--kills 20] [--seed 0]      exit code 1 if anything differs

A checkpoint is written after every step, so that many kills happen while a checkpoint is written.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TIMES = {"seconds", "examples_per_second"}  # log fields that measure time
RUNS = {  # long enough for a kill in each part of the run
    "vanilla": ["--examples", "6400", "--log-every", "64", "--sample-every", "640"],
    "dcgan": ["--examples", "6400", "--log-every", "64", "--sample-every", "640"],
    "curve": ["--examples", "25600", "--log-every", "256", "--sample-every", "6400"],
    "ring": ["--examples", "25600", "--log-every", "256", "--sample-every", "6400"],
    "grid": ["--examples", "25600", "--log-every", "256", "--sample-every", "6400"],
    "vanilla --as-source": ["--examples", "10000", "--log-every", "100", "--sample-every", "1000"],
    "dcgan --as-source": ["--examples", "10240", "--log-every", "256", "--sample-every", "1280"],
    "curve --as-source": ["--examples", "4000", "--log-every", "32", "--sample-every", "1000"],
}


def command(recipe: str, out: Path) -> list[str]:
    """The command that trains `recipe` into `out`, with a checkpoint after every step."""
    arguments = [sys.executable, "-m", "ganwright", "train", *recipe.split(), *RUNS[recipe]]
    return [*arguments, "--out", str(out), "--checkpoint-seconds", "0"]


def train_uninterrupted(recipe: str, out: Path) -> float:
    """Trains without interruption; returns the duration in seconds."""
    start = time.monotonic()
    subprocess.run(command(recipe, out), check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def train_with_kills(recipe: str, out: Path, kills: int, seconds: float, moments: random.Random) -> list[int]:
    """Trains with `kills` kills spread over the run; returns the number of examples at each kill."""
    killed_at: list[int] = []
    while len(killed_at) < kills:
        process = subprocess.Popen(command(recipe, out), stdout=subprocess.DEVNULL)
        start = progress(out)
        share = moments.uniform(0.1, 1.4) / (kills + 1)  # of the run, before the next kill
        while process.poll() is None and not ready(out, start, share):
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.05 * seconds / kills))
        if process.poll() is not None:
            break
        process.kill()
        process.wait()
        killed_at.append(progress(out)[0])
    subprocess.run(command(recipe, out), check=True, stdout=subprocess.DEVNULL)
    return killed_at


def progress(out: Path) -> tuple[int, int]:
    """Examples seen and the horizon, read from the run folder; (0, 1) before the first log line."""
    try:
        last = (out / "log.jsonl").read_text().split("\n")[-2]
        return json.loads(last)["examples"], json.loads((out / "recipe.json").read_text())["horizon"]["examples"]
    except (OSError, IndexError, ValueError):
        return 0, 1


def ready(out: Path, start: tuple[int, int], share: float) -> bool:
    """Whether the run advanced by `share` of its horizon since `start`."""
    examples, horizon = progress(out)
    return examples - start[0] >= share * horizon


def differences(one: Path, other: Path) -> list[str]:
    """Differences between two finished runs: files of the last checkpoint, sample grids, pictures, log."""
    differing = []
    names = {path.relative_to(one) for path in _compared(one)} | {path.relative_to(other) for path in _compared(other)}
    for name in sorted(names):
        if not ((one / name).is_file() and (other / name).is_file()):
            differing.append(f"{name} exists in only one of them")
        elif (one / name).read_bytes() != (other / name).read_bytes():
            differing.append(f"{name} differs")
    if _log(one) != _log(other):
        differing.append("log.jsonl differs")
    return differing


def _compared(run: Path) -> list[Path]:
    newest = max((run / "checkpoint").glob("[0-9]*"), key=lambda path: int(path.name))
    return [*newest.glob("*.safetensors"), *(run / "samples").glob("*"), *run.glob("*.png"), *run.glob("animation.*")]


def _log(run: Path) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in TIMES} for line in lines]


def compare(recipe: str, kills: int, seed: int, folder: Path) -> list[str]:
    """Trains one recipe with and without kills; returns the differences."""
    seconds = train_uninterrupted(recipe, folder / "uninterrupted")
    killed_at = train_with_kills(recipe, folder / "killed", kills, seconds, random.Random(f"{seed} {recipe}"))
    differing = differences(folder / "uninterrupted", folder / "killed")
    result = "; ".join(differing) or "equal bit for bit"
    print(f"{recipe:20} {len(killed_at)} kills at {killed_at} examples: {result}", flush=True)
    return differing if len(killed_at) == kills else [*differing, f"only {len(killed_at)} kills"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipes", nargs="*", default=list(RUNS))
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    failed = False
    for recipe in arguments.recipes:
        with tempfile.TemporaryDirectory() as folder:
            failed |= bool(compare(recipe, arguments.kills, arguments.seed, Path(folder)))
    sys.exit(failed)


if __name__ == "__main__":
    main()
