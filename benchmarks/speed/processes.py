"""Two processes under torchrun against one, one core each, interleaved: images per second and their ratio.

python benchmarks/speed/processes.py [NAME ...] [--seconds 6] [--repeats 3]

Each measurement is a fresh start: warm-up rounds, then as many rounds as fill the seconds, at the same global batch.
Beside them stand two single processes at once that know nothing of each other: what both cores can do at most. The
exchanges are counted: how many in a round, how many bytes a process hands over, how long it stands in them.
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
    """Images per second of rounds, and per round what is exchanged; the same in every process but for the waiting."""
    import torch

    from ganwright.commands.train import prepared, resolve_config
    from ganwright.core import ranks
    from ganwright.core.clock import Clock
    from ganwright.core.feed import Feed
    from ganwright.core.loop import play_step

    torch.set_num_threads(1)
    machine, built, _ = prepared(resolve_config(recipe, "mnist", {}, **options))
    for player in built.game.players.values():
        player.to(machine.device, machine.dtype)
    feed, clock = Feed(built.data, built.order, 0, machine), Clock()

    def play(steps: int) -> float:
        began = time.perf_counter()
        for _ in range(steps):
            size = feed.size(clock)
            play_step(built.game, built.stages[-1], clock, feed, clock.examples + size)
            clock.tick(size)
        return time.perf_counter() - began

    play(4)
    steps = int(ranks.mean(torch.tensor(max(seconds / (play(4) / 4), 8.0))))
    exchanged = counted()
    examples = clock.examples
    taken = play(steps)
    per_round = {name: value / steps for name, value in exchanged.items()}
    ranks.stop()
    return {"examples": (clock.examples - examples) / taken, **per_round}


def counted() -> Counter[str]:
    """Counts the exchanges from now on, their bytes, and the milliseconds in them or in waiting for one of them."""
    import torch.distributed as dist

    found: Counter[str] = Counter()

    def timed(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def called(*tensors: Any, **how: Any) -> Any:
            began = time.perf_counter()
            result = function(*tensors, **how)
            found["ms"] += (time.perf_counter() - began) * 1e3
            if name:
                found["exchanges"] += 1
                found["bytes"] += tensors[-1].nbytes
            return result

        return called

    from ganwright.core import ranks
    from ganwright.core.reducer import Reducer

    dist.all_reduce = timed(dist.all_reduce, "all_reduce")
    ranks.gathered = timed(ranks.gathered, "gathered")
    Reducer.finish = timed(Reducer.finish, "")  # type: ignore[method-assign]
    return found


def started(words: list[str], case: str, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, *words, __file__, case, "--seconds", str(seconds), "--worker"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, text=True, env=os.environ | ONE_CORE, **pipes)  # type: ignore[call-overload]


def said(process: subprocess.Popen[str]) -> dict[str, float]:
    """What the first process of a measurement found."""
    out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, process.args))} failed.")  # type: ignore[arg-type]
    return json.loads(out.strip().split("\n")[-1])


def compared(case: str, seconds: float, repeats: int) -> None:
    """Prints a line: medians, and the range of the ratio over the repeats."""
    rows = []
    for _ in range(repeats):
        one = said(started([], case, seconds))
        two = said(started(TORCHRUN, case, seconds))
        apart = [said(process) for process in [started([], case, seconds) for _ in range(2)]]
        rows.append((one["examples"], two, sum(single["examples"] for single in apart)))
    ratios = [two["examples"] / (2 * one) for one, two, _ in rows]
    most = [apart / (2 * one) for one, _, apart in rows]
    two = rows[-1][1]
    print(
        f"{case:20} | {statistics.median(one for one, _, _ in rows):7,.0f} | "
        f"{statistics.median(row[1]['images'] for row in rows):7,.0f} | "
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) | "
        f"{statistics.median(most):.2f} ({min(most):.2f} to {max(most):.2f}) | "
        f"{two.get('exchanges', 0):.1f} | {two.get('bytes', 0) / 1e6:.2f} MB | {two.get('ms', 0):.1f} ms",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cases", nargs="*", default=list(CASES), metavar="NAME")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        found = measured(*CASES[asked.cases[0]], asked.seconds)
        if os.environ.get("RANK", "0") == "0":
            print(json.dumps(found))
        return
    load = Path("/proc/loadavg").read_text().split()[0] if Path("/proc/loadavg").exists() else "unknown"
    print(f"{platform.machine()}, {os.cpu_count()} cores, load before {load}; images/s, medians of {asked.repeats}")
    print("case | one process | two | two / twice one | two apart / twice one | exchanges a round | sent | waited")
    for case in asked.cases:
        compared(case, asked.seconds, asked.repeats)


if __name__ == "__main__":
    main()
