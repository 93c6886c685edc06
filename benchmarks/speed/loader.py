"""A prepared set of a million synthesised pictures of 64x64: memory, images per second, the first batch; and shards.

python benchmarks/speed/loader.py [--count 1000000] [--folder FOLDER] [--shards 10000]

Writes COUNT pictures of noise on noise as an .npy (12.3 KB each; fewer where the disk has no room for them and as much
again), reads batches of them as a run does, and compares with what the fastest recipe for such pictures eats on one
core. Then the same of PNG in tar shards, read in place. Each measurement is a process of its own.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

SIDE = 64
PICTURE = SIDE * SIDE * 3  # bytes
CHUNK = 5_000  # pictures written at a time
SHARD = 2_000  # pictures in one
SECONDS = 8.0
EATERS = {"vanilla": {"batch": 256}, "dcgan": {"batch": 64}}  # the fastest recipe, and the usual one


@cache
def fine() -> np.ndarray:
    """uint8 [CHUNK, SIDE, SIDE, 3]: fine noise, which PNG can hardly pack."""
    return np.random.default_rng(0).integers(0, 56, (CHUNK, SIDE, SIDE, 3), dtype=np.uint8)


def noise(count: int, seed: int) -> np.ndarray:
    """uint8 [count, SIDE, SIDE, 3]: fine noise on a colour of its own for each picture."""
    return fine()[:count] + np.random.default_rng(seed).integers(0, 200, (count, 1, 1, 3), dtype=np.uint8)


def write_array(path: Path, count: int) -> None:
    """An .npy that is written piece by piece."""
    with path.open("wb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (count, SIDE, SIDE, 3)}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, count, CHUNK):
            file.write(noise(min(CHUNK, count - start), start).tobytes())


@cache
def drawings() -> list[bytes]:
    """CHUNK pictures of noise as PNG: more shards repeat them, or packing them would take longer than all the rest."""
    from PIL import Image

    packed = []
    for pixels in noise(CHUNK, 0):
        Image.fromarray(pixels).save(picture := io.BytesIO(), "PNG")
        packed.append(picture.getvalue())
    return packed


def write_shards(folder: Path, count: int) -> None:
    """PNG with a label each."""
    folder.mkdir()
    for start in range(0, count, SHARD):
        with tarfile.open(folder / f"{start // SHARD:05d}.tar", "w") as archive:
            for place in range(start, min(start + SHARD, count)):
                picture = drawings()[place % CHUNK]
                for name, content in ((f"{place}.png", picture), (f"{place}.cls", b"%d" % (place % 10))):
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))


def memory(name: str) -> float:
    """MB of this process, as Linux names them: VmRSS, VmHWM."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def loaded(path: str) -> dict[str, float]:
    """Reads batches as a run does: the first one's seconds, then images per second, and memory above the start's."""
    import torch

    from ganwright.config import data_source
    from ganwright.core.clock import Clock
    from ganwright.core.feed import Feed
    from ganwright.core.machine import Machine
    from ganwright.core.order import Stream

    torch.set_num_threads(1)
    torch.zeros(1).add(1)
    before = memory("VmRSS")
    began = time.perf_counter()
    data = data_source.find(path, {}).data
    found = time.perf_counter() - began
    clock, feed = Clock(), Feed(data, Stream(64), 0, Machine(torch.device("cpu")))
    feed.draw(clock, 0)
    first = time.perf_counter() - began
    clock.examples = 123_456_704  # sought: any round comes at once
    sought = time.perf_counter()
    feed.draw(clock, 0)
    sought = time.perf_counter() - sought
    began, examples = time.perf_counter(), clock.examples
    while time.perf_counter() - began < SECONDS:
        feed.draw(clock, 0)
        clock.tick(64)
    speed = (clock.examples - examples) / (time.perf_counter() - began)
    own = {"memory": memory("VmHWM") - before, "first": first, "found": found, "sought": sought}
    return {"count": len(data), "speed": speed, **own}


def eaten(path: str) -> dict[str, float]:
    """Images per second of the recipes' own arithmetic on such pictures, one core, the loader's time left out."""
    import torch

    from ganwright.commands.train import prepared, resolve_config
    from ganwright.core.clock import Clock
    from ganwright.core.feed import Feed
    from ganwright.core.loop import play_step

    torch.set_num_threads(1)
    found = {}
    small = np.asarray(np.load(path, mmap_mode="r")[:256])  # encoded once: nothing is loaded
    for name, options in EATERS.items():
        machine, recipe, _ = prepared(resolve_config(name, small, {}, **options))
        feed, clock = Feed(recipe.data, recipe.order, 0, machine), Clock()
        steps, began = -3, 0.0
        while steps < 3 or time.perf_counter() - began < SECONDS / 2:
            began = time.perf_counter() if steps == 0 else began
            play_step(recipe.game, recipe.stages[-1], clock, feed, clock.examples + recipe.order.batch)
            clock.tick(recipe.order.batch)
            steps += 1
        found[name] = steps * recipe.order.batch / (time.perf_counter() - began)
    return found


def cool(path: Path) -> None:
    """Asks the system to forget what it holds of a file, so that it comes from the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def apart(what: str, path: Path) -> dict[str, Any]:
    """A measurement in a fresh process."""
    command = [sys.executable, __file__, "--measure", what, str(path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    out = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, env=environment).stdout
    return json.loads(out.strip().split("\n")[-1])


def told(name: str, found: dict[str, float]) -> None:
    print(
        f"{name}: {found['count']:,.0f} pictures; first batch {found['first']:.3f} s (found in {found['found']:.3f}); "
        f"a batch far ahead {found['sought'] * 1e3:.1f} ms; {found['speed']:,.0f} images/s; "
        f"{found['memory']:,.0f} MB above what it began with",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--shards", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="where the files go, and stay for the next time")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        what, path = asked.measure
        print(json.dumps(loaded(path) if what == "loaded" else eaten(path)))
        return
    folder = asked.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["GANWRIGHT_CACHE"] = str(folder / "cache")
    try:
        room = shutil.disk_usage(folder).free // (2 * PICTURE)
        count = min(asked.count, room)
        array, shards = folder / f"{count}.npy", folder / f"shards-{asked.shards}"
        began = time.perf_counter()
        if not array.exists():
            write_array(array, count)
        if not shards.exists():
            write_shards(shards, asked.shards)
        written = f"written in {time.perf_counter() - began:.0f} s"
        print(f"{platform.machine()}, {os.cpu_count()} cores; {written}", flush=True)
        eats = apart("eaten", array)
        print("eaten, one core: " + ", ".join(f"{name} {speed:,.0f} images/s" for name, speed in eats.items()))
        for path in (array, *shards.iterdir()):
            cool(path)
        shutil.rmtree(folder / "cache", ignore_errors=True)
        measured = {
            "array, cold": array,
            "array, partly in the system's cache": array,
            "shards, cold, indexed anew": shards,
            "shards, index kept": shards,
        }
        for name, path in measured.items():
            found = apart("loaded", path)
            told(name, found)
            print(f"  {found['speed'] / max(eats.values()):.1f} times what the fastest recipe eats", flush=True)
    finally:
        if asked.folder is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
