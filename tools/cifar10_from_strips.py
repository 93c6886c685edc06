"""Turns CIFAR-10 kept as lossless WebP strips into one cifar10.npz that the loader reads.

    python tools/cifar10_from_strips.py STRIPS FOLDER

STRIPS holds train-000.webp.., test-000.webp.. (each 500 pictures of 32x32, one below the other), train-labels.npy and
test-labels.npy; FOLDER/cifar10/cifar10.npz is written, so that GANWRIGHT_DATA=FOLDER finds it.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image


def main(strips: Path, folder: Path) -> None:
    arrays = {}
    for split in ("train", "test"):
        arrays[f"{split}_images"] = np.concatenate([unrolled(path) for path in sorted(strips.glob(f"{split}-*.webp"))])
        arrays[f"{split}_labels"] = np.load(strips / f"{split}-labels.npy")
    target = folder / "cifar10" / "cifar10.npz"
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez(target, **arrays)
    print(f"{target}: " + ", ".join(f"{name} {list(array.shape)}" for name, array in arrays.items()))


def unrolled(path: Path) -> np.ndarray:
    """[500, 32, 32, 3] from one strip."""
    with Image.open(path) as strip:
        return np.asarray(strip.convert("RGB")).reshape(-1, 32, 32, 3)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
