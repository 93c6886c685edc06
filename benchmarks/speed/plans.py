"""Compares what `ganwright plan` says with what `ganwright train` then takes, and --minutes with the minutes taken.

python benchmarks/speed/plans.py plan [CASE ...]            each case: a recipe, data and a horizon
python benchmarks/speed/plans.py minutes 0.5 [CASE ...]     each case's recipe and data for so many minutes

Both are fresh processes, timed from outside. Each figure is shown as predicted / actual = ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CASES = {
    "vanilla": "vanilla --examples 40000",
    "vanilla usual": "vanilla",
    "vanilla mnist": "vanilla --data mnist --examples 100000",
    "vanilla source": "vanilla --as-source --epochs 2",
    "dcgan": "dcgan --examples 20000",
    "dcgan mnist": "dcgan --data mnist --examples 20000",
    "dcgan mnist usual": "dcgan --data mnist",
    "dcgan fashion": "dcgan --data fashion-mnist --examples 20000",
    "dcgan cifar": "dcgan --data cifar10 --examples 10000",
    "dcgan source": "dcgan --as-source --examples 12800",
    "dcgan best": "dcgan --data mnist --examples 20000 --best-by frechet",
    "curve": "curve --examples 40000",
    "curve usual": "curve",
    "curve source": "curve --as-source --epochs 500",
    "ring": "ring --examples 60000",
    "ring usual": "ring",
    "grid": "grid --examples 60000",
    "grid usual": "grid",
    "stacked": "stacked-mnist --examples 20000",
    "stacked usual": "stacked-mnist --examples 128000",
}


def called(*words: str) -> tuple[float, int, str]:
    """Seconds, the peak of resident memory in bytes, and what was printed by one command."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([sys.executable, "-m", "ganwright", *words], stdout=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"ganwright {' '.join(words)} ended with {process.returncode}.")
        said.seek(0)
        return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), said.read()


def speed(log: list[dict[str, Any]]) -> float:
    """Images per second between the first report and the last."""
    first, last = log[0], log[-1]
    return (last["examples"] - first["examples"]) / (last["seconds"] - first["seconds"])


def planned(case: str, folder: Path) -> None:
    words = CASES[case].split()
    out = folder / "run"
    took, _, said = called("plan", *words, "--out", str(out), "--json")
    plan = json.loads(said)
    seconds, memory, _ = called("train", *words, "--out", str(out))
    log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    disk = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    first = log[0]["seconds"] - log[0]["examples"] / log[0]["examples_per_second"]
    pairs = {
        "s": (60 * plan["minutes"], seconds),
        "s at the start": (plan["seconds"]["start"], first),
        "s at the end": (plan["seconds"]["end"], seconds - log[-1]["seconds"]),
        "images/s": (plan["examples_per_second"], speed(log)),
        "MB memory": (plan["memory_bytes"] / 1e6, memory / 1e6),
        "MB disk": (plan["disk_bytes"] / 1e6, disk / 1e6),
    }
    shown = " | ".join(f"{p:,.1f} / {a:,.1f} {name} = {p / a:.2f}" for name, (p, a) in pairs.items())
    print(f"{case:18} | {shown} | plan took {took:.1f} s", flush=True)


def minutes(asked: float, case: str, folder: Path) -> None:
    words = CASES[case].split()
    horizon = next((place for place, word in enumerate(words) if word in ("--examples", "--epochs")), None)
    words = words if horizon is None else words[:horizon] + words[horizon + 2 :]
    seconds, _, _ = called("train", *words, "--minutes", str(asked), "--out", str(folder / "run"))
    course = json.loads((folder / "run" / "recipe.json").read_text())["horizon"]
    print(
        f"{case:18} | {60 * asked:.1f} s asked, {seconds:.2f} s taken: {seconds / (60 * asked) - 1:+.1%} | "
        f"planned {course['planned']:,} images, trained {course['images']:,}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("plan", "minutes"):
        one = verbs.add_parser(verb)
        if verb == "minutes":
            one.add_argument("requested", type=float)
        one.add_argument("cases", nargs="*", default=list(CASES))
    arguments = parser.parse_args()
    print("load before:", *(f"{load:.2f}" for load in os.getloadavg()), flush=True)
    for case in arguments.cases:
        with tempfile.TemporaryDirectory() as folder:
            if arguments.verb == "plan":
                planned(case, Path(folder))
            else:
                minutes(arguments.asked, case, Path(folder))


if __name__ == "__main__":
    main()
