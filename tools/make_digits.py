"""Writes src/ganwright/data/digits.npz from scikit-learn's copy of the UCI digits: `python tools/make_digits.py`."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TARGET = Path(__file__).parents[1] / "src/ganwright/data/digits.npz"


def main() -> None:
    digits = load_digits()
    images = np.rint(digits.images * 255 / 16).astype(np.uint8)  # [1797, 8, 8], 0..16 to 0..255
    np.savez_compressed(TARGET, images=images, labels=digits.target.astype(np.uint8))
    print(f"{TARGET}: {len(images)} digits, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
