"""How fast rounds are played plainly and compiled, in turn, with what compiling cost.

python benchmarks/speed/rounds.py curve:source vanilla:source curve [--repeats 5] [--seconds 2] [--threads 1]

Each name is a recipe on its own data, `:source` the classic program. Plain and compiled rounds alternate in one
process; printed are the median and the range of rounds a second, without observers.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

from ganwright import assemble, sources  # first: it says how idle threads wait, which torch reads when it is loaded

import torch  # isort: skip

from ganwright.core.feed import Feed
from ganwright.core.loop import StepFunction, eager_step
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution.compilation import compile_steps
from ganwright.execution.compile_heuristic import speed


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("recipes", nargs="+")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{options.threads} thread(s), {os.cpu_count()} cores, torch {torch.__version__}")
    for name in options.recipes:
        compare(name, options.repeats, options.seconds)


def compare(name: str, repeats: int, seconds: float) -> None:
    began = time.perf_counter()
    chosen = compile_steps(lambda: built(name), None, None, 0)
    took = time.perf_counter() - began
    if chosen.calls is None:
        print(f"{name}: not compiled: {chosen.reason}")
        return
    ways: dict[str, StepFunction] = {"plain": eager_step, "compiled": chosen.calls}
    parts = {way: built(name) for way in ways}
    found: dict[str, list[float]] = {way: [] for way in ways}
    load = [os.getloadavg()[0]]
    for _ in range(repeats):
        for way, steps in ways.items():
            recipe, feed = parts[way]
            found[way].append(speed(recipe, feed, steps, seconds) / recipe.order.batch)
    load.append(os.getloadavg()[0])
    plain, fast = (statistics.median(found[way]) for way in ways)
    ranges = {way: f"{min(one):,.0f} to {max(one):,.0f}" for way, one in found.items()}
    print(
        f"{name}: plain {plain:,.0f} rounds/s ({ranges['plain']}), compiled {fast:,.0f} ({ranges['compiled']}), "
        f"{fast / plain:.1f} times; {chosen.per_call} a call; tracing, compiling and comparing took {took:.1f} s; "
        f"load {load[0]:.1f} to {load[1]:.1f}",
        flush=True,
    )


def built(name: str) -> tuple[Recipe, Feed]:
    """A recipe on its usual data, and its feed."""
    short, _, source = name.partition(":")
    family = assemble.find_recipe(short, source == "source")
    data = sources.find(family.data, {}, {}).data
    recipe = assemble.resolve_recipe(short, source == "source", 0, {}).build(data)
    return recipe, Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)


if __name__ == "__main__":
    main()
