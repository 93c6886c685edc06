"""Tries to sample and to resume mutated run folders: each must work or end with one sentence, and harm nothing.

python benchmarks/faults/foreign_runs.py --count 10000 --seed 0
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import ganwright
from faults.run_mutations import mutate
from ganwright.config.resolve import resolve
from ganwright.core.errors import UserError
from ganwright.runs.run import Run
from ganwright.training.session import open_session

OPTIONS: dict[str, Any] = {
    "recipe": "ring",
    "data": "ring",
    "count": 100,
    "batch": 32,
    "latent": 2,
    "generator_sizes": (8,),
    "discriminator_sizes": (8,),
    "loss": "non-saturating",
    "penalty": "none",
    "lr_schedule": "constant",
    "quiet": True,
    "examples": 64,
    "sample_every": 64,
    "threads": 1,
}
MAX_MEMORY = 500  # MB above the start
MAX_SECONDS = 20  # of one use, on a busy machine


@dataclass(frozen=True)
class Failure:
    """A mutation, and what went wrong with it."""

    mutation: str
    problem: str


def small_run(folder: Path) -> Path:
    """A finished run of 64 examples with two checkpoints, one of them marked."""
    run = ganwright.train(out=folder / "run", **OPTIONS, keep_every=32)
    (run.checkpoints / "marks.json").write_text('{"healthy": 32}\n')
    return run.path


def failures(original: Path, scratch: Path, count: int, seed: int, outcomes: Counter[str]) -> Iterator[Failure]:
    """Mutates copies of a run, uses each, and yields what is wrong; counts what happened in `outcomes`."""
    outside = scratch / "outside"
    (outside / "checkpoint").mkdir(parents=True)
    for name in ("file.json", "00000001.png", ".00000001.partial", "checkpoint/state.json", ".hidden"):
        (outside / name).write_text("{}\n")
    untouched = _contents(outside)
    config = resolve(OPTIONS)
    start = peak_memory()
    for place in range(count):
        rng = random.Random(f"{seed} {place}")
        folder = scratch / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(original, folder)
        mutation = f"{place}: {mutate(folder, outside, rng)}"
        use = USES[place % len(USES)]
        began = time.monotonic()
        problem = _outcome(use, folder, config, outcomes)
        if not problem and time.monotonic() - began > MAX_SECONDS:
            problem = f"took {time.monotonic() - began:.0f} s"
        if _contents(outside) != untouched:
            raise AssertionError(f"{mutation}: files outside the run folder were changed")
        if peak_memory() - start > MAX_MEMORY:
            raise AssertionError(f"{mutation}: {peak_memory() - start:.0f} MB")
        if problem:
            yield Failure(mutation, f"{use.__name__.strip('_')}: {problem}")


def _outcome(use: Any, folder: Path, config: Any, outcomes: Counter[str]) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            use(folder, config)
    except UserError as error:
        outcomes["one sentence"] += 1
        return "more than a sentence" if "\n" in str(error) or "Traceback" in str(error) else ""
    except BaseException as error:
        outcomes["failure"] += 1
        return f"{type(error).__name__}: {error!s:.200}"
    outcomes["works"] += 1
    return ""


def _sample(folder: Path, config: Any) -> None:
    run = Run(folder)
    run.sample(4)
    repr(run)
    run._repr_html_()


def _best(folder: Path, config: Any) -> None:
    Run(folder, checkpoint="healthy").sample(4)


def _resume(folder: Path, config: Any) -> None:
    with open_session(config, folder) as trainer:
        trainer._open_folder()
        trainer.callbacks.checkpoints.save()


USES = _sample, _resume, _sample, _best, _resume


def _contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


def peak_memory() -> float:
    """The largest resident set of this process so far, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        original = small_run(Path(folder))
        began, start, found = time.monotonic(), peak_memory(), 0
        for failure in failures(original, Path(folder), arguments.count, arguments.seed, outcomes):
            found += 1
            print(f"{failure.mutation}: {failure.problem}", flush=True)
    seconds = time.monotonic() - began
    print(f"{arguments.count:,} mutations in {seconds:.0f} s: {dict(outcomes)}; {peak_memory() - start:.0f} MB more")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
