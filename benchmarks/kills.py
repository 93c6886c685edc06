"""Kills runs at random moments with SIGKILL, resumes them, and compares them with unbroken ones, bit for bit.

python benchmarks/kills.py [RECIPE ...] [--kills 20] [--seed 0]      exit code 1 when anything differs

A checkpoint is written after every round, so that many of the kills fall into one.
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

TIMES = {"seconds", "examples_per_second"}  # the log's fields of time
RUNS = {  # enough rounds for a kill in each part of the run
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
    """The command that trains `recipe` into `out`, with a checkpoint after every round."""
    words = [sys.executable, "-m", "ganwright", "train", *recipe.split(), *RUNS[recipe]]
    return [*words, "--out", str(out), "--checkpoint-seconds", "0"]


def unbroken(recipe: str, out: Path) -> float:
    """Trains without a break; returns the seconds that it took."""
    began = time.monotonic()
    subprocess.run(command(recipe, out), check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def killed(recipe: str, out: Path, kills: int, seconds: float, moments: random.Random) -> list[int]:
    """Trains with `kills` kills spread over the run; returns the images seen at each."""
    seen = []
    while len(seen) < kills:
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
        seen.append(progress(out)[0])
    subprocess.run(command(recipe, out), check=True, stdout=subprocess.DEVNULL)
    return seen


def progress(out: Path) -> tuple[int, int]:
    """Images seen, and the horizon, as far as the folder tells."""
    try:
        last = (out / "log.jsonl").read_text().split("\n")[-2]
        return json.loads(last)["examples"], json.loads((out / "recipe.json").read_text())["horizon"]["examples"]
    except (OSError, IndexError, ValueError):
        return 0, 1


def ready(out: Path, start: tuple[int, int], share: float) -> bool:
    """Whether the run has come far enough since `start`."""
    examples, horizon = progress(out)
    return examples - start[0] >= share * horizon


def differences(one: Path, other: Path) -> list[str]:
    """What differs between two finished runs: files of the last checkpoint, sheets, pictures, log."""
    found = []
    names = {path.relative_to(one) for path in _compared(one)} | {path.relative_to(other) for path in _compared(other)}
    for name in sorted(names):
        if not ((one / name).is_file() and (other / name).is_file()):
            found.append(f"{name} is in one of them only")
        elif (one / name).read_bytes() != (other / name).read_bytes():
            found.append(f"{name} differs")
    if _log(one) != _log(other):
        found.append("log.jsonl differs")
    return found


def _compared(run: Path) -> list[Path]:
    newest = max((run / "checkpoint").glob("[0-9]*"), key=lambda path: int(path.name))
    return [*newest.glob("*.safetensors"), *(run / "samples").glob("*"), *run.glob("*.png"), *run.glob("animation.*")]


def _log(run: Path) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in TIMES} for line in lines]


def tried(recipe: str, kills: int, seed: int, folder: Path) -> list[str]:
    """Both runs of one recipe; returns what differs."""
    seconds = unbroken(recipe, folder / "unbroken")
    seen = killed(recipe, folder / "killed", kills, seconds, random.Random(f"{seed} {recipe}"))
    found = differences(folder / "unbroken", folder / "killed")
    verdict = "; ".join(found) or "equal bit for bit"
    print(f"{recipe:20} {len(seen)} kills at {seen} images: {verdict}", flush=True)
    return found if len(seen) == kills else [*found, f"only {len(seen)} kills"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipes", nargs="*", default=list(RUNS))
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    failed = False
    for recipe in arguments.recipes:
        with tempfile.TemporaryDirectory() as folder:
            failed |= bool(tried(recipe, arguments.kills, arguments.seed, Path(folder)))
    sys.exit(failed)


if __name__ == "__main__":
    main()
