"""Measures eager and compiled steps per second, interleaved, and the time for compiling.

python benchmarks/speed/steps.py curve:source vanilla:source curve [--repeats 5] [--seconds 2] [--threads 1]

Each name is a recipe on its default data, `:source` the classic program. Eager and compiled steps alternate in one
process; the output is the median and the range of steps per second, without callbacks.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

from ganwright.config import data_source  # before torch: ganwright sets how idle threads wait
from ganwright.config.recipe import find_recipe, resolve_recipe

import torch  # isort: skip

from ganwright.core.feed import Feed
from ganwright.core.loop import StepFunction
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution.compilation import compile_steps
from ganwright.execution.compile_heuristic import speed
from ganwright.execution.eager import eager_step


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
    start = time.perf_counter()
    mode = compile_steps(lambda: built(name), None, None, 0)
    compile_seconds = time.perf_counter() - start
    if mode.calls is None:
        print(f"{name}: not compiled: {mode.reason}")
        return
    modes: dict[str, StepFunction] = {"eager": eager_step, "compiled": mode.calls}
    recipes = {kind: built(name) for kind in modes}
    speeds: dict[str, list[float]] = {kind: [] for kind in modes}
    load = [os.getloadavg()[0]]
    for _ in range(repeats):
        for kind, steps in modes.items():
            recipe, feed = recipes[kind]
            speeds[kind].append(speed(recipe, feed, steps, seconds) / recipe.order.batch)
    load.append(os.getloadavg()[0])
    eager, fast = (statistics.median(values) for values in speeds.values())
    ranges = {key: f"{min(values):,.0f} to {max(values):,.0f}" for key, values in speeds.items()}
    print(
        f"{name}: eager {eager:,.0f} steps/s ({ranges['eager']}), compiled {fast:,.0f} ({ranges['compiled']}), "
        f"{fast / eager:.1f} times; {mode.per_call} per call; compiling took {compile_seconds:.1f} s; "
        f"load {load[0]:.1f} to {load[1]:.1f}",
        flush=True,
    )


def built(name: str) -> tuple[Recipe, Feed]:
    """A recipe on its default data, and its feed."""
    short, _, source = name.partition(":")
    spec = find_recipe(short, source == "source")
    data = data_source.find(spec.data, {}, {}).data
    recipe = resolve_recipe(short, source == "source", 0, {}).build(data)
    return recipe, Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)


if __name__ == "__main__":
    main()
