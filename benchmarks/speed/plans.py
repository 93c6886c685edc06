"""Compares the estimates of `ganwright plan` with the actual training, and --minutes with the actual duration.

python benchmarks/speed/plans.py plan [CASE ...]            a case is a recipe, data and a horizon
python benchmarks/speed/plans.py minutes 0.5 [CASE ...]     each case's recipe and data for 0.5 minutes

Both commands are fresh processes, timed from outside. Figures are printed as predicted / actual = ratio.
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
    "vanilla default": "vanilla",
    "vanilla mnist": "vanilla --data mnist --examples 100000",
    "vanilla source": "vanilla --as-source --epochs 2",
    "dcgan": "dcgan --examples 20000",
    "dcgan mnist": "dcgan --data mnist --examples 20000",
    "dcgan mnist default": "dcgan --data mnist",
    "dcgan fashion": "dcgan --data fashion-mnist --examples 20000",
    "dcgan cifar": "dcgan --data cifar10 --examples 10000",
    "dcgan source": "dcgan --as-source --examples 12800",
    "dcgan best": "dcgan --data mnist --examples 20000 --best-by frechet",
    "curve": "curve --examples 40000",
    "curve default": "curve",
    "curve source": "curve --as-source --epochs 500",
    "ring": "ring --examples 60000",
    "ring default": "ring",
    "grid": "grid --examples 60000",
    "grid default": "grid",
    "stacked": "stacked-mnist --examples 20000",
    "stacked longer": "stacked-mnist --examples 128000",
}


def run_command(*options: str) -> tuple[float, int, str]:
    """Runs one command; returns its seconds, the peak of resident memory in bytes, and its output."""
    start = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([sys.executable, "-m", "ganwright", *options], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"ganwright {' '.join(options)} exited with code {process.returncode}.")
        output.seek(0)
        return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), output.read()


def speed(log: list[dict[str, Any]]) -> float:
    """Examples per second between the first and the last log line."""
    first, last = log[0], log[-1]
    return (last["examples"] - first["examples"]) / (last["seconds"] - first["seconds"])


def compare_plan(case: str, folder: Path) -> None:
    options = CASES[case].split()
    out = folder / "run"
    plan_seconds, _, output = run_command("plan", *options, "--out", str(out), "--json")
    plan = json.loads(output)
    seconds, memory, _ = run_command("train", *options, "--out", str(out))
    log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    disk = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    first = log[0]["seconds"] - log[0]["examples"] / log[0]["examples_per_second"]
    pairs = {
        "s": (60 * plan["minutes"], seconds),
        "s at the start": (plan["seconds"]["start"], first),
        "s at the end": (plan["seconds"]["end"], seconds - log[-1]["seconds"]),
        "examples/s": (plan["examples_per_second"], speed(log)),
        "MB memory": (plan["memory_bytes"] / 1e6, memory / 1e6),
        "MB disk": (plan["disk_bytes"] / 1e6, disk / 1e6),
    }
    cells = " | ".join(f"{p:,.1f} / {a:,.1f} {name} = {p / a:.2f}" for name, (p, a) in pairs.items())
    print(f"{case:18} | {cells} | plan took {plan_seconds:.1f} s", flush=True)


def compare_minutes(minutes: float, case: str, folder: Path) -> None:
    options = CASES[case].split()
    at = next((index for index, option in enumerate(options) if option in ("--examples", "--epochs")), None)
    options = options if at is None else options[:at] + options[at + 2 :]
    seconds, _, _ = run_command("train", *options, "--minutes", str(minutes), "--out", str(folder / "run"))
    horizon = json.loads((folder / "run" / "recipe.json").read_text())["horizon"]
    print(
        f"{case:18} | {60 * minutes:.1f} s requested, {seconds:.2f} s taken: {seconds / (60 * minutes) - 1:+.1%} | "
        f"planned {horizon['planned']:,} examples, trained {horizon['examples']:,}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("plan", "minutes"):
        subparser = commands.add_parser(command)
        if command == "minutes":
            subparser.add_argument("minutes", type=float)
        subparser.add_argument("cases", nargs="*", default=list(CASES))
    arguments = parser.parse_args()
    print("load before:", *(f"{load:.2f}" for load in os.getloadavg()), flush=True)
    for case in arguments.cases:
        with tempfile.TemporaryDirectory() as folder:
            if arguments.command == "plan":
                compare_plan(case, Path(folder))
            else:
                compare_minutes(arguments.minutes, case, Path(folder))


if __name__ == "__main__":
    main()
