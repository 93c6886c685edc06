"""Trains the recipe `series` to forecast stock and ETTh1 from 12 of 24 time steps and judges the forecasts.

    python benchmarks/series/forecasts.py [--data stock etth1] [--minutes 20] [--examples N] [--seeds 0 1 2] [OPTION]
    python benchmarks/series/forecasts.py --run FOLDER ...                    # judges finished runs

OPTION is one of `train`. The first 80 % of the time steps are the training part; `ganwright judge` compares with the
continuations of the rest, by the continuous ranked probability score (CRPS) beside that of naive forecasts. All its
values are printed; they are lines of OUT/forecasts.jsonl.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

sys.path.append(str(Path(__file__).parents[1] / "papers"))
import protocol
from quality import costs, trained

import ganwright
from results import Results, markdown

GIVEN = 12
SETS = ("stock", "etth1")


def judged(run: ganwright.Run) -> dict[str, Any]:
    """The values of the card, on forecasts and on real data in their place."""
    card = ganwright.judge(run, repetitions=1)
    return {
        "values": {value.name: value.samples.value for value in card.values if value.samples},
        "baseline": {value.name: value.baseline.value for value in card.values if value.baseline},
    }


def table(rows: list[Any]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row["values"]))
    lines = [[row["name"], row["seed"], *cells(row["values"], names), row["examples"], row["seconds"]] for row in rows]
    if rows:
        lines.append(["real data", "", *cells(rows[0]["baseline"], names), "", ""])
    return markdown(["", "seed", *names, "examples", "seconds"], lines)


def cells(values: dict[str, float], names: list[str]) -> list[str]:
    return [f"{values[name]:.4g}" if name in values else "" for name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0], allow_abbrev=False)
    parser.add_argument("--data", nargs="*", default=list(SETS), choices=SETS)
    parser.add_argument("--recipe", default="series", help="recipe, or the file of one")
    parser.add_argument("--minutes", type=float, default=20, help="of training")
    parser.add_argument("--examples", type=int, help="of training, in place of minutes")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--run", type=Path, nargs="*", help="judge these runs instead of training")
    parser.add_argument("--out", type=Path, default=Path("runs/series"))
    arguments, words = parser.parse_known_args()
    torch.set_num_threads(1)
    results = Results(arguments.out / "forecasts.jsonl", ["set", "name", "seed"])

    def add(data: str, name: str, seed: int | str, find: Callable[[], ganwright.Run]) -> None:
        key = {"set": data, "name": name, "seed": seed}
        if not results.has(**key):
            run = find()
            results.add({**key, **costs(run), **judged(run)})
        print(table(results.of(set=data)), flush=True)

    if arguments.run:
        for folder in arguments.run:
            add("", str(folder), "", partial(ganwright.open, folder))
        return
    horizon = ["--minutes", f"{arguments.minutes:g}"]
    if arguments.examples:
        horizon = ["--examples", str(arguments.examples)]
    name = " ".join([arguments.recipe, *horizon, *words])
    for seed in arguments.seeds:
        for data in arguments.data:
            options = ["--data", str(protocol.path(data)), "--window", str(protocol.WINDOW), "--given", str(GIVEN)]
            options += [*horizon, *words]
            folder = arguments.out / f"{data} forecast {name} {seed}".replace(" ", "-").replace("/", "_")
            add(data, name, seed, partial(trained, folder, arguments.recipe, options, seed))


if __name__ == "__main__":
    main()
