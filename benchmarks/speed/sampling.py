"""The speed of `ganwright sample` against that of the bare network, in one process.

python benchmarks/speed/sampling.py [RUN] [-n 10000] [--repeats 3] [--suffix .npy]

The verb opens the run, makes the networks, reads and checks the checkpoint, draws latents, decodes and saves. The bare
loop has the network in memory and passes the same number of latents through it, in chunks of the same size. Without
RUN the DCGAN program is trained for one round.
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


def verb(run: Path, n: int, out: Path) -> float:
    """Seconds of the whole verb."""
    began = time.perf_counter()
    sample(run, n, 0, out)
    return time.perf_counter() - began


@torch.no_grad()
def bare(run: Run, n: int) -> float:
    """Seconds of the network alone."""
    network = run.recipe.game.players["generator"].shown.eval()
    latent = run.recipe.game.latent(Draws(0, 0, 0, CHUNK))
    network(latent)
    began = time.perf_counter()
    for _ in range(-(-n // CHUNK)):
        network(latent)
    return time.perf_counter() - began


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
        pairs = [(verb(path, options.n, out), bare(run, options.n)) for _ in range(options.repeats)]
    shares = [alone / whole for whole, alone in pairs]
    whole, alone = (options.n / median(column) for column in zip(*pairs, strict=True))
    print(f"the verb {whole:,.0f} samples/s, the bare network {alone:,.0f} samples/s")
    print(f"the verb has {median(shares):.0%} of the network's speed ({min(shares):.0%} to {max(shares):.0%})")


if __name__ == "__main__":
    main()
