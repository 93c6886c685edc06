"""Fits another package's GAN of series to windows within a time budget, and saves as many samples; needs no ganwright.

    python benchmarks/series/protocol.py stock windows.npy
    ENVIRONMENT/bin/python benchmarks/series/peers.py PEER windows.npy samples.npy [--minutes 8] [--threads 1]
    python benchmarks/series/quality.py stock --samples samples.npy --name PEER

Each peer runs in an environment of its own (peers-PEER.txt lists the packages and says for which Python). Its defaults
or those of its own example are kept, but for the number of steps or epochs: --steps, or as many as fit into --minutes
according to two short fits that are timed beforehand. TimeGAN's three phases are shortened in proportion: its code has
50,000 steps in each.

fg: TimeGAN of fg-data-synthetic (TensorFlow 2). timegan: TimeGAN's original code, updated (TensorFlow 1 in 2.11). dgan:
DoppelGANger of gretel-synthetics (PyTorch).
"""

from __future__ import annotations

import argparse
import builtins
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable

import numpy as np

Fit = Callable[[np.ndarray, int], Callable[[int], np.ndarray]]  # windows, steps or epochs -> samples of a number
LONG = {"fg": 60, "timegan": 60, "dgan": 6}  # steps or epochs of the longer timed fit; the other has one
HIDDEN, BATCH = 24, 128  # TimeGAN's, for 24 time steps


def fg() -> Fit:
    builtins.warn = warnings.warn  # type: ignore[attr-defined]  # version 2.1.0 forgets to import it
    from data_synthetic.synthesizers.base import ModelParameters
    from data_synthetic.synthesizers.timeseries.timegan.model import TimeGAN

    def fit(windows: np.ndarray, steps: int) -> Callable[[int], np.ndarray]:
        # as in its example for stock; `fit` would cut the windows itself, from one series
        model = TimeGAN(ModelParameters(batch_size=BATCH, lr=5e-4, latent_dim=HIDDEN, gamma=1))
        model.seq_len, model.n_seq = windows.shape[1:]
        model.num_cols = [str(place) for place in range(windows.shape[2])]
        model.train(list(windows), train_steps=steps)
        return lambda count: np.stack([frame.to_numpy() for frame in model.sample(count)])

    return fit


def timegan() -> Fit:
    from timegan.timegan import train_timegan

    def fit(windows: np.ndarray, steps: int) -> Callable[[int], np.ndarray]:
        parameters = {"module": "gru", "hidden_dim": HIDDEN, "num_layer": 3, "iterations": steps, "batch_size": BATCH}
        with tempfile.TemporaryDirectory() as folder:
            samples = np.stack(train_timegan(list(windows), parameters, os.path.join(folder, "model")))  # noqa: PTH118
        return lambda count: samples[:count]  # it draws as many as there are windows

    return fit


def dgan() -> Fit:
    from gretel_synthetics.timeseries_dgan.config import DGANConfig
    from gretel_synthetics.timeseries_dgan.dgan import DGAN

    def fit(windows: np.ndarray, epochs: int) -> Callable[[int], np.ndarray]:
        model = DGAN(DGANConfig(max_sequence_len=windows.shape[1], sample_len=2, epochs=epochs, cuda=False))
        model.train_numpy(windows)
        return lambda count: model.generate_numpy(count)[1]

    return fit


PEERS: dict[str, Callable[[], Fit]] = {"fg": fg, "timegan": timegan, "dgan": dgan}


def fitting_steps(one: float, several: float, count: int, seconds: float) -> int:
    """The steps that take `seconds`, if one took `one` and `count` took `several`: a constant, and so much for each."""
    each = (several - one) / (count - 1)
    if each <= 0:
        raise SystemExit(f"{count} steps took {several:.1f} s, one took {one:.1f} s: measure again or pass --steps.")
    return max(int((seconds - one) / each) + 1, 1)


def timed(fit: Fit, windows: np.ndarray, steps: int) -> tuple[Callable[[int], np.ndarray], float]:
    """What `fit` returns, and the seconds that it took."""
    start = time.monotonic()
    draw = fit(windows, steps)
    return draw, time.monotonic() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("peer", choices=list(PEERS))
    parser.add_argument("windows")
    parser.add_argument("samples")
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--steps", type=int, help="of each phase, or epochs (default: what fits into --minutes)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    names = "OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"
    os.environ.update(dict.fromkeys(names, str(arguments.threads)))  # before the peer is imported
    fit, windows = PEERS[arguments.peer](), np.load(arguments.windows)
    seed(arguments.peer, arguments.seed)
    steps, count = arguments.steps, LONG[arguments.peer]
    if steps is None:
        one, several = (timed(fit, windows, steps)[1] for steps in (1, count))
        steps = fitting_steps(one, several, count, 60 * arguments.minutes)
        print(f"1 and {count} steps took {one:.1f} and {several:.1f} s: {steps} steps", flush=True)
    load = os.getloadavg()[0]
    cpu = time.process_time()
    draw, took = timed(fit, windows, steps)
    cpu = time.process_time() - cpu
    np.save(arguments.samples, np.asarray(draw(len(windows)), dtype=np.float32))
    measured = {
        "peer": arguments.peer,
        "steps": steps,
        "seconds": round(took),
        "cpu": round(cpu),
        "threads": arguments.threads,
    }
    print(json.dumps({**measured, "load": [round(load, 1), round(os.getloadavg()[0], 1)]}))


def seed(peer: str, value: int) -> None:
    """Seeds numpy and the peer's framework; their runs are not repeatable bit for bit nevertheless."""
    np.random.seed(value)
    if peer == "dgan":
        import torch

        torch.manual_seed(value)
    else:
        import tensorflow

        tensorflow.random.set_seed(value)


if __name__ == "__main__":
    main()
