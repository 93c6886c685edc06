"""Times programs in fresh processes: ours by the log of `ganwright train`, the others by their output."""

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
MAX_IDLE_LOAD = 0.3  # load average above which a machine is not idle
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Timing:
    """Durations of warm-up and measurement, in seconds."""

    warm_up: float
    seconds: float


def environment() -> dict[str, str]:
    """The environment without thread settings: every program chooses its threads."""
    return {name: value for name, value in os.environ.items() if name not in THREADS}


def our_speed(recipe: str, timing: Timing, options: list[str]) -> float:
    """Steps per second of `ganwright train RECIPE --as-source`, from its log, after the warm-up; then Ctrl-C.

    Log, sample grids, verdict and checkpoints are included. The DCGAN logs every 2,560 examples instead of every
    5,000: ten seconds would otherwise hold too few lines.
    """
    log_options = ["--log-every", "2560"] if recipe == "dcgan" else []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "ganwright", "train", recipe, "--as-source", "--out", str(out), "--quiet"]
        process = subprocess.Popen(
            [*command, *log_options, *options], env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            lines = lines_after_warm_up(process, out / "log.jsonl", timing)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()
    first, last = lines[0], lines[-1]
    return (last["step"] - first["step"]) / (last["seconds"] - first["seconds"])


def lines_after_warm_up(process: subprocess.Popen[bytes], log: Path, timing: Timing) -> list[dict[str, float]]:
    """The log lines that were written after the warm-up."""
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
            raise SystemExit("The run ended before the measurement: choose a larger horizon.")


def peer(python: str, script: str, program: str, pictures: Path, timing: Timing) -> tuple[float, str]:
    """Steps per second of another program, and its version."""
    command = [python, str(HERE / script), program, str(pictures)]
    times = ["--seconds", str(timing.seconds), "--warm-up", str(timing.warm_up)]
    variables = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    done = subprocess.run([*command, *times], env=variables, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{script} {program} failed:\n{done.stderr[-2000:]}")
    result = json.loads(done.stdout.strip().split("\n")[-1])
    return result["steps"], result["version"]


def mnist(folder: Path) -> Path:
    """Writes MNIST's training pictures as an .npy file, which every program can read."""
    from ganwright.config import data_source

    path = folder / "mnist.npy"
    np.save(path, data_source.find("mnist", {}).data.samples[..., 0])
    return path


def machine() -> str:
    """The CPU, its cores, and the load average."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().split("\n") if info.is_file() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    load = os.getloadavg()[0]
    state = "idle" if load < MAX_IDLE_LOAD else "NOT IDLE: the speeds below are too low, and uneven"
    name = names[0] if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores; load average before: {load:.2f} ({state})"
