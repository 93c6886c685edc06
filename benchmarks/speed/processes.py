"""Compares two processes under torchrun with one, one core each, interleaved: examples per second and their ratio.

python benchmarks/speed/processes.py [NAME ...] [--seconds 6] [--repeats 3]

Each measurement is a fresh process: warm-up steps, then enough steps to fill the seconds, at the same global batch. Two
independent single processes running at once give the upper limit of both cores. Collective operations are counted: how
many per step, how many bytes a process sends, and how long it waits in them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "dcgan, batch 64": ("dcgan", {"batch": 64}),
    "dcgan, batch 128": ("dcgan", {"batch": 128}),
    "dcgan, batch 256": ("dcgan", {"batch": 256}),
    "dcgan --as-source": ("dcgan", {"as_source": True}),
    "vanilla": ("vanilla", {}),
    "vanilla, batch 256": ("vanilla", {"batch": 256}),
}
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def measured(recipe: str, options: dict[str, Any], seconds: float) -> dict[str, float]:
    """Examples per second, and the communication per step; equal in every process except for the waiting time."""
    import torch

    from ganwright.config.resolve import resolve
    from ganwright.core import ranks
    from ganwright.core.clock import Clock
    from ganwright.core.feed import Feed
    from ganwright.core.loop import play_step
    from ganwright.training.preparation import prepare

    torch.set_num_threads(1)
    run = prepare(resolve({"recipe": recipe, "data": "mnist", **options}))
    machine, built = run.machine, run.recipe
    for player in built.game.players.values():
        player.to(machine.device, machine.dtype)
    feed, clock = Feed(built.data, built.order, 0, machine), Clock()

    def play(steps: int) -> float:
        start = time.perf_counter()
        for _ in range(steps):
            size = feed.size(clock)
            play_step(built.game, built.stages[-1], clock, feed, clock.examples + size)
            clock.tick(size)
        return time.perf_counter() - start

    play(4)
    steps = int(ranks.mean(torch.tensor(max(seconds / (play(4) / 4), 8.0))))
    communication = counter()
    examples = clock.examples
    seconds = play(steps)
    per_step = {name: value / steps for name, value in communication.items()}
    ranks.stop()
    return {"examples": (clock.examples - examples) / seconds, **per_step}


def counter() -> Counter[str]:
    """A counter of the collective operations from now on, their bytes, and the milliseconds spent in them."""
    import torch.distributed as dist

    counts: Counter[str] = Counter()

    def timed(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def wrapper(*tensors: Any, **options: Any) -> Any:
            start = time.perf_counter()
            result = function(*tensors, **options)
            counts["ms"] += (time.perf_counter() - start) * 1e3
            if name:
                counts["exchanges"] += 1
                counts["bytes"] += tensors[-1].nbytes
            return result

        return wrapper

    from ganwright.core import ranks
    from ganwright.core.reducer import Reducer

    dist.all_reduce = timed(dist.all_reduce, "all_reduce")
    ranks.gathered = timed(ranks.gathered, "gathered")
    Reducer.finish = timed(Reducer.finish, "")  # type: ignore[method-assign]
    return counts


def start_worker(launcher: list[str], case: str, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, *launcher, __file__, case, "--seconds", str(seconds), "--worker"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, text=True, env=os.environ | ONE_CORE, **pipes)  # type: ignore[call-overload]


def result_of(process: subprocess.Popen[str]) -> dict[str, float]:
    """The result that the first process of a measurement prints."""
    out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, process.args))} failed.")  # type: ignore[arg-type]
    return json.loads(out.strip().split("\n")[-1])


def compare(case: str, seconds: float, repeats: int) -> None:
    """Prints a row: medians, and the range of the ratio over the repeats."""
    rows = []
    for _ in range(repeats):
        one = result_of(start_worker([], case, seconds))
        two = result_of(start_worker(TORCHRUN, case, seconds))
        independent = [result_of(process) for process in [start_worker([], case, seconds) for _ in range(2)]]
        rows.append((one["examples"], two, sum(single["examples"] for single in independent)))
    ratios = [two["examples"] / (2 * one) for one, two, _ in rows]
    limits = [independent / (2 * one) for one, _, independent in rows]
    two = rows[-1][1]
    print(
        f"{case:20} | {statistics.median(one for one, _, _ in rows):7,.0f} | "
        f"{statistics.median(row[1]['examples'] for row in rows):7,.0f} | "
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) | "
        f"{statistics.median(limits):.2f} ({min(limits):.2f} to {max(limits):.2f}) | "
        f"{two.get('exchanges', 0):.1f} | {two.get('bytes', 0) / 1e6:.2f} MB | {two.get('ms', 0):.1f} ms",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cases", nargs="*", default=list(CASES), metavar="NAME")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        result = measured(*CASES[arguments.cases[0]], arguments.seconds)
        if os.environ.get("RANK", "0") == "0":
            print(json.dumps(result))
        return
    load = Path("/proc/loadavg").read_text().split()[0] if Path("/proc/loadavg").exists() else "unknown"
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load before {load}; examples/s, medians of {arguments.repeats}"
    )
    print("case | one process | two | two / (2 x one) | independent / (2 x one) | collectives per step | sent | waited")
    for case in arguments.cases:
        compare(case, arguments.seconds, arguments.repeats)


if __name__ == "__main__":
    main()
