"""Cuts pictures of any size into tiles of one size without resizing; a source of pictures made from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from PIL import ExifTags, Image, ImageOps

from ganwright.data._sources import PictureSource
from ganwright.data._survey import SIDEWAYS
from ganwright.domains._pictures import bombs_refused

DECODED = 16  # cached pictures: a few threads open their tiles one after the other

Corner = tuple[int, int] | None  # left and top; None for a picture that cannot be cut


@dataclass(frozen=True)
class Tiles:
    """The tiles of all `pictures`, row by row; tile i belongs to picture `picture_of[i]`.

    Tiles are adjacent from the upper left; the last column and row overlap their neighbours to end at the edge, so that
    every pixel is covered. A picture that cannot be cut is one tile, whose `open` raises the reason.
    """

    pictures: PictureSource
    side: int
    picture_of: Sequence[int]
    corners: Sequence[Corner]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_upright", lru_cache(DECODED)(self._decoded))

    @classmethod
    def of(cls, pictures: PictureSource, side: int) -> Tiles:
        """The tiles by the sizes in the pictures' headers."""
        with bombs_refused():
            corners = [_corners(pictures, index, side) for index in range(len(pictures.names))]
        picture_of = [index for index, of_picture in enumerate(corners) for _ in of_picture]
        return cls(pictures, side, picture_of, [corner for of_picture in corners for corner in of_picture])

    @property
    def names(self) -> Sequence[str]:
        return [self.pictures.names[index] for index in self.picture_of]

    def open(self, tile: int) -> Image.Image:
        """Raises ValueError if the picture is smaller than a tile, and any exception of its decoder."""
        image: Image.Image = self._upright(self.picture_of[tile])  # type: ignore[attr-defined]
        corner = self.corners[tile]
        if corner is None:
            raise ValueError(f"{image.width}x{image.height}, smaller than the tiles of {self.side}")
        return image.crop((*corner, corner[0] + self.side, corner[1] + self.side))

    def _decoded(self, index: int) -> Image.Image:
        with self.pictures.open(index) as image:
            return ImageOps.exif_transpose(image).copy()


def _corners(pictures: PictureSource, index: int, side: int) -> list[Corner]:
    try:
        with pictures.open(index) as image:
            sideways = image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
            width, height = image.size[::-1] if sideways else image.size
    except Exception:  # a decoder may raise anything; `open` raises it again
        return [None]
    if min(width, height) < side:
        return [None]
    return [(left, top) for top, left in product(starts(height, side), starts(width, side))]


def starts(length: int, side: int) -> list[int]:
    """The starts of intervals of `side` that cover `length`; the last one ends with it."""
    return [min(start, length - side) for start in range(0, length, side)]
