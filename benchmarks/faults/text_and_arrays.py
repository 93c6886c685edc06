"""Loads damaged text and arrays: each loads, or is refused in one sentence.

python benchmarks/faults/text_and_arrays.py [--count 10000] [--seed 0]      exit code 1 if anything else happens
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import array_mutations
import csv_mutations
import numpy as np

from ganwright.commands.data import describe
from ganwright.config import data_source
from ganwright.core.errors import UserError

TEXTS = {
    "points": "x,y,label\n" + "".join(f"{i}.5,{i * i},{'ab'[i % 2]}\n" for i in range(12)),
    "series": "date,x,y\n" + "".join(f"2020-01-{i + 1:02d},{i}.25,{-i}\n" for i in range(12)),
    "several series": "id,date,x,w,size\n"
    + "".join(f"{'abc'[i % 3]},2020-01-{i // 3 + 1:02d},{i}.25,{'uv'[i % 2]},{7 + i % 3}\n" for i in range(18)),
    "table": "age,job,flag\n" + "".join(f"{20 + i},{'xyz'[i % 3]},{i % 2}\n" for i in range(12)),
}
ARRAYS = {
    "grey pictures": np.arange(2 * 8 * 8, dtype=np.uint8).reshape(2, 8, 8),
    "colour pictures": np.arange(2 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 8, 8, 3),
    "vectors": np.arange(16, dtype=np.uint8).reshape(8, 2),
}
SAME = "same.csv"  # an undamaged table, beside the damaged file
ARRAY_OPTIONS: tuple[dict[str, Any], ...] = ({}, {}, {"range": "0:1"}, {"size": 8})
OPTIONS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "points": ({}, {"header": "yes"}, {"decimal": "comma"}),
    "series": ({"window": 3}, {"window": 2, "header": "no"}),
    "several series": ({"key": "id"}, {"key": "id", "window": 2}, {"key": "id", "given": 2}, {"key": "1", "time": "2"}),
    "table": ({}, {"table": True}, {"categories": ("age",)}, {"missing": ("x", "20")}, {"test": SAME}),
    **dict.fromkeys(ARRAYS, ARRAY_OPTIONS),
}
KINDS = (*TEXTS, *ARRAYS)
LOADED = "loaded"


class Case(NamedTuple):
    """The content of a damaged file, its name, and the options by which it is loaded."""

    content: bytes
    name: str
    options: Mapping[str, Any]


def cases(kind: str, seed: int) -> Iterator[Case]:
    """Endlessly, damaged files of a kind."""
    rng = random.Random(f"{kind} {seed}")
    if kind in TEXTS:
        for content in csv_mutations.mutations(TEXTS[kind].encode(), rng):
            yield Case(content, "t.csv", rng.choice(OPTIONS[kind]))
    buffer = io.BytesIO()
    np.save(buffer, ARRAYS[kind])
    for content in array_mutations.mutations(buffer.getvalue(), rng):
        yield Case(content, rng.choice(("a.npy", "a.npz")), rng.choice(OPTIONS[kind]))


def outcome(case: Case, folder: Path) -> str:
    """`LOADED`, or the sentence by which the file is refused; raises whatever else happens, and warnings."""
    (folder / SAME).write_text(TEXTS["table"])
    options = {name: str(folder / SAME) if value == SAME else value for name, value in case.options.items()}
    (folder / case.name).write_bytes(case.content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning would be shown to the user
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            describe(data_source.find(str(folder / case.name), options).data)
        except UserError as error:
            return str(error)
    return LOADED


def is_fine(message: str) -> bool:
    """Whether a file was loaded, or is refused in one sentence."""
    return message == LOADED or (message.endswith((".", "?")) and "\n" not in message and len(message) < 2500)


def failure(case: Case, folder: Path) -> str:
    """What went wrong with a file, in one line; empty if nothing did."""
    try:
        message = outcome(case, folder)
    except Exception:
        message = traceback.format_exc().strip().splitlines()[-1]
        return f"{message} {case.options} {case.content[:200]!r}"
    return "" if is_fine(message) else f"{message} {case.options}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    before, found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            for case in islice(cases(kind, arguments.seed), arguments.count // len(KINDS)):
                problem = failure(case, Path(folder))
                found["failed" if problem else "fine"] += 1
                if problem:
                    print(f"{kind}: {problem}")
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(f"{found['fine']:,} of {found.total():,} damaged files loaded or were refused in a sentence; +{more:,} MB")
    return int(found["failed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
