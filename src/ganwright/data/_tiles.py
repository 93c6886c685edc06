"""Photographs of any size as tiles of one size, cut at native resolution: a source of pictures made from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from PIL import ExifTags, Image, ImageOps

from ganwright.data._sources import PictureSource

KEPT = 16  # decoded photographs: their tiles are asked for one after the other, by a few threads
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height

Corner = tuple[int, int] | None  # left and top; None for a photograph that cannot be cut


@dataclass(frozen=True)
class Tiles:
    """The tiles of every picture of `photographs`, row by row; `places[i]` is the photograph of tile i.

    Tiles lie side by side from the upper left; the last of a row and the last row are drawn in to end at the edge, so
    that every pixel is in some tile. A photograph that cannot be cut is one tile, which says why when it is opened.
    """

    photographs: PictureSource
    side: int
    places: Sequence[int]
    corners: Sequence[Corner]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_upright", lru_cache(KEPT)(self._decoded))

    @classmethod
    def of(cls, photographs: PictureSource, side: int) -> Tiles:
        """From a look at every header."""
        corners = [_corners(photographs, place, side) for place in range(len(photographs.names))]
        places = [place for place, found in enumerate(corners) for _ in found]
        return cls(photographs, side, places, [corner for found in corners for corner in found])

    @property
    def names(self) -> Sequence[str]:
        return [self.photographs.names[place] for place in self.places]

    def open(self, tile: int) -> Image.Image:
        """A ValueError where the photograph is smaller than a tile, and whatever its decoder raises."""
        image: Image.Image = self._upright(self.places[tile])  # type: ignore[attr-defined]
        corner = self.corners[tile]
        if corner is None:
            raise ValueError(f"{image.width}x{image.height}, smaller than the tiles of {self.side}")
        return image.crop((*corner, corner[0] + self.side, corner[1] + self.side))

    def _decoded(self, place: int) -> Image.Image:
        with self.photographs.open(place) as image:
            return ImageOps.exif_transpose(image).copy()


def _corners(photographs: PictureSource, place: int, side: int) -> list[Corner]:
    try:
        with photographs.open(place) as image:
            sideways = image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
            width, height = image.size[::-1] if sideways else image.size
    except Exception:  # a decoder may raise anything; whoever opens the tile hears it again
        return [None]
    if min(width, height) < side:
        return [None]
    return [(left, top) for top, left in product(starts(height, side), starts(width, side))]


def starts(length: int, side: int) -> list[int]:
    """Where pieces of `side` begin that together cover `length`, the last one ending with it."""
    return [min(start, length - side) for start in range(0, length, side)]
