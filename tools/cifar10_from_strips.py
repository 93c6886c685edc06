"""Converts CIFAR-10 from lossless WebP strips to the cifar10.npz that the loader reads.

    python tools/cifar10_from_strips.py STRIPS FOLDER

STRIPS holds train-000.webp, ..., test-000.webp, ... (500 pictures of 32x32 each, stacked vertically), train-labels.npy
and test-labels.npy. FOLDER/cifar10/cifar10.npz is written, which GANWRIGHT_DATA=FOLDER selects.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image


def main(strips: Path, folder: Path) -> None:
    arrays = {}
    for split in ("train", "test"):
        arrays[f"{split}_images"] = np.concatenate(
            [read_strip(path) for path in sorted(strips.glob(f"{split}-*.webp"))]
        )
        arrays[f"{split}_labels"] = np.load(strips / f"{split}-labels.npy")
    target = folder / "cifar10" / "cifar10.npz"
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez(target, **arrays)
    print(f"{target}: " + ", ".join(f"{name} {list(array.shape)}" for name, array in arrays.items()))


def read_strip(path: Path) -> np.ndarray:
    """[500, 32, 32, 3] from one strip."""
    with Image.open(path) as strip:
        return np.asarray(strip.convert("RGB")).reshape(-1, 32, 32, 3)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
