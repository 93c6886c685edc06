"""Reads damaged pictures, zips, tars and YAML files: each is read, or refused in one sentence, and quickly.

python benchmarks/faults/files.py {pictures,zips,tars,yaml} [--count 10000] [--seed 0]    exit code 1 if one is not
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from PIL import Image

from faults import archive_mutations, picture_mutations, yaml_mutations
from ganwright.commands import config_file
from ganwright.core.errors import UserError
from ganwright.data import _files

SLOWEST = 5.0  # seconds for one file, on a busy machine
Damaged = Iterator[tuple[str, bytes]]  # suffix and content
KINDS: dict[str, Callable[[random.Random, int], Damaged]] = {
    "pictures": picture_mutations.mutations,
    "zips": lambda rng, count: ((".zip", content) for content in archive_mutations.zips(rng, count)),
    "tars": lambda rng, count: ((".tar", content) for content in archive_mutations.tars(rng, count)),
    "yaml": lambda rng, count: ((".yaml", content) for content in yaml_mutations.mutations(rng, count)),
}


def use(path: Path, folder: Path) -> None:
    """Reads a file as the program does: options, an archive, or a picture beside an intact one."""
    if path.suffix == ".yaml":
        config_file.read(path)
    else:
        data = _files.load(path if path.suffix in (".zip", ".tar") else folder)
        np.asarray(data.samples)


def problem(path: Path, folder: Path) -> str:
    """What went wrong with a file, in one line; empty if nothing did."""
    started = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            use(path, folder)
    except UserError as error:
        if "\n" in str(error) or not str(error).isprintable():
            return f"no single line: {str(error)!r}"
    except Exception:
        return traceback.format_exc().strip().splitlines()[-1]
    seconds = time.process_time() - started
    return f"took {seconds:.1f} s" if seconds > SLOWEST else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    failed, before = 0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as root:
        os.environ["GANWRIGHT_CACHE"] = str(Path(root) / "cache")
        folder = Path(root) / "files"
        folder.mkdir()
        damaged = KINDS[arguments.kind](random.Random(f"{arguments.kind} {arguments.seed}"), arguments.count)
        for index, (suffix, content) in enumerate(damaged):
            Image.new("RGB", (12, 12), "red").save(folder / "intact.png")
            path = folder / f"damaged{suffix}"
            path.write_bytes(content)
            found = problem(path, folder)
            failed += bool(found)
            if found:
                print(f"{arguments.kind} {index}: {found}", flush=True)
            path.unlink()
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(f"{arguments.count - failed:,} of {arguments.count:,} {arguments.kind} were read or refused; +{more:,} MB")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
