"""Renders cartoon characters, 64x64 in colour, as a freely usable data set: a folder with the parts train and test.

    python benchmarks/pictures/characters.py FOLDER [--train 80] [--test 400] [--seed 0]

Hair, skin, eyes, mouth, background, pose and size vary between characters and depend on the seed only.
"""

from __future__ import annotations

import argparse
import colorsys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

SIDE = 64
OVERSAMPLING = 4  # characters are rendered larger and then shrunk, for smooth edges

Colour = tuple[int, int, int]


def colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, min(max(saturation, 0), 1), min(max(value, 0), 1))
    return round(255 * red), round(255 * green), round(255 * blue)


class Pen:
    """Draws shapes in pixels of the final picture, relative to the centre of the head."""

    def __init__(self, draw: ImageDraw.ImageDraw, x: float, y: float, size: float) -> None:
        self.draw, self.x, self.y, self.size = draw, x, y, size

    def at(self, x: float, y: float) -> tuple[float, float]:
        return OVERSAMPLING * (self.x + self.size * x), OVERSAMPLING * (self.y + self.size * y)

    def oval(self, x: float, y: float, across: float, down: float, fill: Colour) -> None:
        self.draw.ellipse([self.at(x - across, y - down), self.at(x + across, y + down)], fill)

    def shape(self, corners: list[tuple[float, float]], fill: Colour) -> None:
        self.draw.polygon([self.at(*corner) for corner in corners], fill)

    def arc(self, x: float, y: float, across: float, down: float, ends: tuple[float, float], fill: Colour) -> None:
        box = [self.at(x - across, y - down), self.at(x + across, y + down)]
        self.draw.arc(box, *ends, fill=fill, width=round(OVERSAMPLING * 1.5))


def character(source: np.random.Generator) -> np.ndarray[Any, Any]:
    """One character, uint8 [64, 64, 3]."""
    background = colour(source.random(), source.uniform(0.1, 0.5), source.uniform(0.7, 1.0))
    picture = Image.new("RGB", (SIDE * OVERSAMPLING, SIDE * OVERSAMPLING), background)
    pen = Pen(
        ImageDraw.Draw(picture), 32 + source.uniform(-4, 4), 33 + source.uniform(-3, 3), source.uniform(0.85, 1.1)
    )
    tint, light = source.uniform(0.03, 0.09), source.uniform(0.55, 1.0)
    skin, shade = colour(tint, 0.38, light), colour(tint, 0.5, 0.8 * light)
    hue, value = source.random(), source.uniform(0.25, 0.9)
    hair, dark = colour(hue, 0.7, value), colour(hue, 0.75, 0.65 * value)
    length = source.uniform(4, 26)  # pixels of hair below the ears
    pen.oval(0, -2, 20, 21, dark)
    pen.shape([(-20, 0), (20, 0), (17, length), (-17, length)], dark)
    pen.shape([(-13, 40), (-9, 18), (9, 18), (13, 40)], colour(source.random(), 0.6, source.uniform(0.4, 0.9)))
    pen.shape([(-4, 12), (4, 12), (4, 21), (-4, 21)], shade)
    pen.oval(0, 0, 15, 18, skin)
    gaze = source.uniform(-2, 2)
    eyes(pen, source, gaze)
    pen.arc(gaze / 2, 6, 1.2, 2, (20, 160), shade)
    smile, mouth = source.uniform(1.5, 4), colour(0.99, 0.65, 0.6)
    pen.arc(gaze / 2, 10.5 - smile / 2, source.uniform(3, 5), smile, (15, 165), mouth)
    fringe(pen, source, hair)
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX))


def eyes(pen: Pen, source: np.random.Generator, gaze: float) -> None:
    """Both eyes, of one colour and size, and the brows."""
    tall, wide, iris = source.uniform(3, 4.5), source.uniform(2.6, 3.6), colour(source.random(), 0.7, 0.65)
    for side in (-1, 1):
        pen.oval(6.5 * side + gaze / 2, 2, wide, tall, (255, 255, 255))
        pen.oval(6.5 * side + gaze, 2.4, 0.7 * wide, 0.8 * tall, iris)
        pen.oval(6.5 * side + gaze, 2.4, 0.35 * wide, 0.45 * tall, (20, 15, 25))
        pen.oval(6.5 * side + gaze - 0.8, 1.2, 0.8, 0.9, (255, 255, 255))
        pen.arc(6.5 * side + gaze / 2, 2, wide + 0.6, tall + 1, (200, 340), (50, 35, 40))


def fringe(pen: Pen, source: np.random.Generator, hair: Colour) -> None:
    """Locks over the forehead, with a random parting."""
    parting, locks = source.uniform(-8, 8), source.integers(3, 7)
    ends = np.linspace(-17, 17, locks + 1)
    for left, right in pairwise(ends):
        tip = (left + right) / 2 + 0.25 * ((left + right) / 2 - parting)
        pen.shape([(left - 1, -10), (parting, -22), (right + 1, -10), (tip, source.uniform(-5, 1))], hair)
    pen.shape([(-19, 4), (-18, -12), (parting, -23), (18, -12), (19, 4), (15, -9), (parting, -14), (-15, -9)], hair)


def write(folder: Path, train: int, test: int, seed: int) -> None:
    """Writes PNG files; other files in the folder are kept."""
    source = np.random.default_rng(seed)
    for part, count in (("train", train), ("test", test)):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            Image.fromarray(character(source)).save(folder / part / f"{index:05d}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--train", type=int, default=80)
    parser.add_argument("--test", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    write(options.folder, options.train, options.test, options.seed)


if __name__ == "__main__":
    main()
