"""Makes a recipe's thumbnail for `ganwright recipes` from what a real run left.

    python tools/thumbnails.py dcgan docs/pictures/dcgan-mnist.png --box 58 0 172 57
    ganwright sample RUN -n 4000 --out ring.npy; python tools/thumbnails.py ring ring.npy

Of a sheet `--box` is the part to show, left, top, right, bottom in pixels, twice as wide as high: by default all of its
width, from the top. Points in the plane are counted. Only samples of data whose licence lets them be shown: MNIST,
Fashion-MNIST, CIFAR-10, CC0 photographs, and what is synthetic.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).parents[1] / "src/ganwright/recipes/thumbnails"
SIZE = 24, 12  # pixels, which are 24 columns and 6 lines of a terminal
PAPER, INK = np.array([255, 255, 255]), np.array([200, 30, 30])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("samples", type=Path, help="a sheet (.png), or points (.npy)")
    parser.add_argument("--box", type=int, nargs=4)
    asked = parser.parse_args()
    shown = counted(np.load(asked.samples)) if asked.samples.suffix == ".npy" else cut(asked.samples, asked.box)
    FOLDER.mkdir(exist_ok=True)
    target = FOLDER / f"{asked.recipe}.png"
    shown.quantize(64).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size:,} bytes")


def cut(path: Path, box: list[int] | None) -> Image.Image:
    """A part of a sheet."""
    with Image.open(path) as sample_grid:
        return (
            sample_grid.convert("RGB")
            .crop(box or (0, 0, sample_grid.width, sample_grid.width // 2))
            .resize(SIZE, Image.Resampling.BOX)
        )


def counted(points: np.ndarray) -> Image.Image:
    """Points [n, 2] counted in each pixel of a square in the middle, its sides those of nearly all points."""
    columns, rows = SIZE
    sides = np.quantile(points, [0.005, 0.995], axis=0).T
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=rows, range=sides[::-1])
    strength = np.sqrt(counts[::-1] / counts.max())[..., None]  # the second coordinate upwards
    pixels = np.full((rows, columns, 3), PAPER, dtype=np.uint8)
    left = (columns - rows) // 2
    pixels[:, left : left + rows] = PAPER + strength * (INK - PAPER)
    return Image.fromarray(pixels)


if __name__ == "__main__":
    main()
