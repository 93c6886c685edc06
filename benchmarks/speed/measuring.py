"""Times programs in fresh processes: ours by the product's own training, the peers' by what they print."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
BATCHES = {"vanilla": 100, "dcgan": 256, "curve": 32}
QUIET = 0.3  # load average from which on a machine is not quiet
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Timing:
    """How long each program runs unseen, and then measured, in seconds."""

    warm_up: float
    seconds: float


def environment() -> dict[str, str]:
    """As a user has it: every program chooses its threads."""
    return {name: value for name, value in os.environ.items() if name not in THREADS}


def samples(recipe: str, timing: Timing, options: list[str]) -> float:
    """Rounds a second of `ganwright train RECIPE --as-source`, by its own log, after the warm-up; then Ctrl-C.

    Log, sheets, verdict and checkpoints are the command's own. The DCGAN reports every 2,560 pictures instead of
    every 5,000, or ten seconds would hold too few lines.
    """
    reports = ["--log-every", "2560"] if recipe == "dcgan" else []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "ganwright", "train", recipe, "--as-source", "--out", str(out), "--quiet"]
        process = subprocess.Popen(
            [*command, *reports, *options], env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            lines = watched(process, out / "log.jsonl", timing)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()
    first, last = lines[0], lines[-1]
    return (last["step"] - first["step"]) / (last["seconds"] - first["seconds"])


def watched(process: subprocess.Popen[bytes], log: Path, timing: Timing) -> list[dict[str, float]]:
    """The lines that were written after the warm-up."""
    while True:
        time.sleep(0.2)
        if process.poll() not in (None, 0):
            raise SystemExit(f"ganwright train failed: {(process.stderr.read() if process.stderr else b'').decode()}")
        text = log.read_text().split("\n")[:-1] if log.is_file() else []
        lines = [json.loads(line) for line in text]
        warm = [line for line in lines if line["seconds"] >= lines[0]["seconds"] + timing.warm_up]
        if len(warm) > 1 and (warm[-1]["seconds"] - warm[0]["seconds"] >= timing.seconds or process.poll() == 0):
            return warm
        if process.poll() == 0:
            raise SystemExit("The run ended before it was measured: give it a larger horizon.")


def peer(python: str, script: str, program: str, pictures: Path, timing: Timing) -> tuple[float, str]:
    """Rounds a second of a peer's program, and its version."""
    command = [python, str(HERE / script), program, str(pictures)]
    times = ["--seconds", str(timing.seconds), "--warm-up", str(timing.warm_up)]
    surroundings = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    done = subprocess.run([*command, *times], env=surroundings, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{script} {program} failed:\n{done.stderr[-2000:]}")
    result = json.loads(done.stdout.strip().split("\n")[-1])
    return result["steps"], result["version"]


def mnist(folder: Path) -> Path:
    """MNIST's training pictures as a file that every program can read."""
    from ganwright.config import data_source

    path = folder / "mnist.npy"
    np.save(path, data_source.find("mnist", {}).data.samples[..., 0])
    return path


def machine() -> str:
    """The processor, its cores, and whether others are at work."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().split("\n") if info.is_file() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    load = os.getloadavg()[0]
    quiet = "quiet" if load < QUIET else "NOT QUIET: the figures below are lower than the machine's, and uneven"
    name = names[0] if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores; load average before: {load:.2f} ({quiet})"
