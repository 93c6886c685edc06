"""Measures reading of a million synthesised pictures of 64x64, as an array and as shards: memory, speed, first batch.

python benchmarks/speed/loader.py [--count 1000000] [--folder FOLDER] [--shards 10000]

Writes COUNT noise pictures as an .npy file (12.3 KB each; fewer if they would fill more than half of the free disk),
reads batches of them as a run does, and compares with the consumption of the fastest recipe for such pictures on one
core. Then the same with PNG files in tar shards, read in place. Each measurement is a process of its own.
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
CONSUMERS = {"vanilla": {"batch": 256}, "dcgan": {"batch": 64}}  # the fastest recipe, and a convolutional one


@cache
def fine() -> np.ndarray:
    """uint8 [CHUNK, SIDE, SIDE, 3]: fine noise, which PNG compresses badly."""
    return np.random.default_rng(0).integers(0, 56, (CHUNK, SIDE, SIDE, 3), dtype=np.uint8)


def noise(count: int, seed: int) -> np.ndarray:
    """uint8 [count, SIDE, SIDE, 3]: fine noise on a random colour for each picture."""
    return fine()[:count] + np.random.default_rng(seed).integers(0, 200, (count, 1, 1, 3), dtype=np.uint8)


def write_array(path: Path, count: int) -> None:
    """Writes an .npy file piece by piece."""
    with path.open("wb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (count, SIDE, SIDE, 3)}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, count, CHUNK):
            file.write(noise(min(CHUNK, count - start), start).tobytes())


@cache
def png_pictures() -> list[bytes]:
    """CHUNK noise pictures as PNG; shards repeat them, because compressing more would dominate the run time."""
    from PIL import Image

    encoded = []
    for pixels in noise(CHUNK, 0):
        Image.fromarray(pixels).save(picture := io.BytesIO(), "PNG")
        encoded.append(picture.getvalue())
    return encoded


def write_shards(folder: Path, count: int) -> None:
    """Writes tar shards of PNG files, each with a label."""
    folder.mkdir()
    for start in range(0, count, SHARD):
        with tarfile.open(folder / f"{start // SHARD:05d}.tar", "w") as archive:
            for index in range(start, min(start + SHARD, count)):
                picture = png_pictures()[index % CHUNK]
                for name, content in ((f"{index}.png", picture), (f"{index}.cls", b"%d" % (index % 10))):
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))


def memory(name: str) -> float:
    """Memory of this process in MB; `name` is VmRSS or VmHWM (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def measure_loading(path: str) -> dict[str, float]:
    """Reads batches as a run does: seconds to the first batch, examples per second, and memory above the start."""
    import torch

    from ganwright.config import data_source
    from ganwright.core.clock import Clock
    from ganwright.core.feed import Feed
    from ganwright.core.machine import Machine
    from ganwright.core.order import Stream

    torch.set_num_threads(1)
    torch.zeros(1).add(1)
    before = memory("VmRSS")
    start = time.perf_counter()
    data = data_source.find(path, {}).data
    opened = time.perf_counter() - start
    clock, feed = Clock(), Feed(data, Stream(64), 0, Machine(torch.device("cpu")))
    feed.draw(clock, 0)
    first = time.perf_counter() - start
    clock.examples = 123_456_704  # far ahead: every step is found directly
    seek = time.perf_counter()
    feed.draw(clock, 0)
    seek = time.perf_counter() - seek
    start, examples = time.perf_counter(), clock.examples
    while time.perf_counter() - start < SECONDS:
        feed.draw(clock, 0)
        clock.tick(64)
    speed = (clock.examples - examples) / (time.perf_counter() - start)
    own = {"memory": memory("VmHWM") - before, "first": first, "opened": opened, "seek": seek}
    return {"count": len(data), "speed": speed, **own}


def measure_consumption(path: str) -> dict[str, float]:
    """Examples per second of the recipes' arithmetic on such pictures, one core, without the loader's time."""
    import torch

    from ganwright.config.resolve import resolve
    from ganwright.core.clock import Clock
    from ganwright.core.feed import Feed
    from ganwright.core.loop import play_step
    from ganwright.training.preparation import prepare

    torch.set_num_threads(1)
    speeds = {}
    small = np.asarray(np.load(path, mmap_mode="r")[:256])  # encoded once: nothing is read from disk
    for name, options in CONSUMERS.items():
        run = prepare(resolve({"recipe": name, "data": small, **options}))
        machine, recipe = run.machine, run.recipe
        feed, clock = Feed(recipe.data, recipe.order, 0, machine), Clock()
        steps, start = -3, 0.0
        while steps < 3 or time.perf_counter() - start < SECONDS / 2:
            start = time.perf_counter() if steps == 0 else start
            play_step(recipe.game, recipe.stages[-1], clock, feed, clock.examples + recipe.order.batch)
            clock.tick(recipe.order.batch)
            steps += 1
        speeds[name] = steps * recipe.order.batch / (time.perf_counter() - start)
    return speeds


def drop_cache(path: Path) -> None:
    """Removes a file from the page cache, so that it is read from disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def in_new_process(what: str, path: Path) -> dict[str, Any]:
    """Runs a measurement in a fresh process."""
    command = [sys.executable, __file__, "--measure", what, str(path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    out = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, env=environment).stdout
    return json.loads(out.strip().split("\n")[-1])


def report(name: str, result: dict[str, float]) -> None:
    print(
        f"{name}: {result['count']:,.0f} pictures; first {result['first']:.3f} s ({result['opened']:.3f} to open); "
        f"a batch far ahead {result['seek'] * 1e3:.1f} ms; {result['speed']:,.0f} examples/s; "
        f"{result['memory']:,.0f} MB above the start",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--shards", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="folder for the files, which are kept for the next time")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        what, path = arguments.measure
        print(json.dumps(measure_loading(path) if what == "loading" else measure_consumption(path)))
        return
    folder = arguments.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["GANWRIGHT_CACHE"] = str(folder / "cache")
    try:
        max_count = shutil.disk_usage(folder).free // (2 * PICTURE)
        count = min(arguments.count, max_count)
        array, shards = folder / f"{count}.npy", folder / f"shards-{arguments.shards}"
        start = time.perf_counter()
        if not array.exists():
            write_array(array, count)
        if not shards.exists():
            write_shards(shards, arguments.shards)
        written = f"written in {time.perf_counter() - start:.0f} s"
        print(f"{platform.machine()}, {os.cpu_count()} cores; {written}", flush=True)
        speeds = in_new_process("consumption", array)
        print("consumed on one core: " + ", ".join(f"{name} {speed:,.0f} examples/s" for name, speed in speeds.items()))
        for path in (array, *shards.iterdir()):
            drop_cache(path)
        shutil.rmtree(folder / "cache", ignore_errors=True)
        measured = {
            "array, cold": array,
            "array, partly in the page cache": array,
            "shards, cold, new index": shards,
            "shards, cached index": shards,
        }
        for name, path in measured.items():
            result = in_new_process("loading", path)
            report(name, result)
            print(
                f"  {result['speed'] / max(speeds.values()):.1f} times the consumption of the fastest recipe",
                flush=True,
            )
    finally:
        if arguments.folder is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
