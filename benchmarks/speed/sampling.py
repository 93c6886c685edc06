"""Compares the speed of `ganwright sample` with that of the network alone, in one process.

python benchmarks/speed/sampling.py [RUN] [-n 10000] [--repeats 3] [--suffix .npy]

The command opens the run, builds the networks, reads and verifies the checkpoint, draws latents, decodes and saves.
The loop for comparison has the network in memory and passes the same number of latents through it, in chunks of the
same size. Without RUN the classic DCGAN program is trained for one step.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
from measuring import machine

import ganwright
from ganwright.commands.sample import sample
from ganwright.core.draws import Draws
from ganwright.runs.run import CHUNK, Run


def command_seconds(run: Path, n: int, out: Path) -> float:
    """Seconds of the whole command."""
    start = time.perf_counter()
    sample(run, n, 0, out)
    return time.perf_counter() - start


@torch.no_grad()
def network_seconds(run: Run, n: int) -> float:
    """Seconds of the network alone."""
    network = run.recipe.game.players["generator"].sampling_network.eval()
    latent = run.recipe.game.latent(Draws(0, 0, 0, CHUNK))  # type: ignore[attr-defined]
    network(latent)
    start = time.perf_counter()
    for _ in range(-(-n // CHUNK)):
        network(latent)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("run", nargs="?", type=Path)
    parser.add_argument("-n", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--suffix", default=".npy")
    options = parser.parse_args()
    print(f"{machine()}; {torch.get_num_threads()} threads")
    with tempfile.TemporaryDirectory() as folder:
        path = options.run or Path(folder) / "run"
        if options.run is None:
            threads = torch.get_num_threads()
            ganwright.train("dcgan", "mnist", path, as_source=True, examples=256, quiet=True)
            torch.set_num_threads(threads)
        run, out = ganwright.open(path), (Path(folder) / "samples").with_suffix(options.suffix)
        pairs = [
            (command_seconds(path, options.n, out), network_seconds(run, options.n)) for _ in range(options.repeats)
        ]
    shares = [network / command for command, network in pairs]
    command, network = (options.n / median(column) for column in zip(*pairs, strict=True))
    print(f"command {command:,.0f} samples/s, network alone {network:,.0f} samples/s")
    print(f"the command reaches {median(shares):.0%} of the network's speed ({min(shares):.0%} to {max(shares):.0%})")


if __name__ == "__main__":
    main()
