"""Makes a recipe's thumbnail for `ganwright recipes` from the samples of a run.

    python tools/thumbnails.py dcgan docs/pictures/dcgan-mnist.png --box 58 0 172 57
    ganwright sample RUN -n 4000 --out ring.npy; python tools/thumbnails.py ring ring.npy

`--box` is the part of a sample grid to use: left, top, right, bottom in pixels, twice as wide as high (default: the
full width from the top). Points in the plane are rendered as a density. Use only samples of data whose licence allows
it: MNIST, Fashion-MNIST, CIFAR-10, CC0 photographs, and synthetic data.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).parents[1] / "src/ganwright/recipes/thumbnails"
SIZE = 24, 12  # pixels: 24 columns and 6 lines of a terminal
PAPER, INK = np.array([255, 255, 255]), np.array([200, 30, 30])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("samples", type=Path, help="sample grid (.png) or points (.npy)")
    parser.add_argument("--box", type=int, nargs=4)
    options = parser.parse_args()
    path = options.samples
    thumbnail = density(np.load(path)) if path.suffix == ".npy" else cropped(path, options.box)
    FOLDER.mkdir(exist_ok=True)
    target = FOLDER / f"{options.recipe}.png"
    thumbnail.quantize(64).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size:,} bytes")


def cropped(path: Path, box: list[int] | None) -> Image.Image:
    """A part of a sample grid, downscaled."""
    with Image.open(path) as sample_grid:
        return (
            sample_grid.convert("RGB")
            .crop(box or (0, 0, sample_grid.width, sample_grid.width // 2))
            .resize(SIZE, Image.Resampling.BOX)
        )


def density(points: np.ndarray) -> Image.Image:
    """The density of points [n, 2] in a centred square that covers 99 % of them along each axis."""
    columns, rows = SIZE
    sides = np.quantile(points, [0.005, 0.995], axis=0).T
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=rows, range=sides[::-1])
    strength = np.sqrt(counts[::-1] / counts.max())[..., None]  # the second coordinate points up
    pixels = np.full((rows, columns, 3), PAPER, dtype=np.uint8)
    left = (columns - rows) // 2
    pixels[:, left : left + rows] = PAPER + strength * (INK - PAPER)
    return Image.fromarray(pixels)


if __name__ == "__main__":
    main()
