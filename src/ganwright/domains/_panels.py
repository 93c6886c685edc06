"""Small plots without axes, for sheets of many: points in planes, and series in strips, drawn with Pillow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from ganwright.core.domain import Stored

SIDE, LENGTH = 144, 232  # pixels: of a plane of points; the width of a strip of series
FINER = 3  # plots are drawn larger by this factor and reduced
INK, FRAME = (40, 60, 90), (190, 190, 190)
INSIDE, MARGIN = 0.005, 0.15  # quantile of values at either side beyond the limits; the limits' extension
DOT = 1.25  # pixels: the radius of a point


def limits(values: Stored) -> tuple[float, float]:
    """The range of all but the outermost values, extended; what lies beyond is drawn at the edge."""
    low, high = (float(value) for value in np.nanquantile(values, (INSIDE, 1 - INSIDE)))
    margin = MARGIN * (high - low) or max(abs(high), 1.0) * MARGIN
    return low - margin, high + margin


def share(values: Stored, between: tuple[float, float]) -> Stored:
    """Values as shares of a range, 0 to 1."""
    low, high = between
    return np.asarray(np.clip((values - low) / (high - low), 0, 1))


def planes(points: Sequence[tuple[Stored, Stored]]) -> Image.Image:
    """Points as shares [n] of two ranges, in one plane beside another."""
    side = SIDE * FINER
    picture = Image.new("RGB", (side * len(points), side), "white")
    draw = ImageDraw.Draw(picture)
    for place, (across, up) in enumerate(points):
        _frame(draw, (place * side, 0, (place + 1) * side - 1, side - 1))
        inside = side - 2 * FINER * DOT - 1
        for x, y in zip(across.tolist(), up.tolist(), strict=True):
            centre = place * side + FINER * DOT + x * inside, FINER * DOT + (1 - y) * inside
            draw.circle(centre, FINER * DOT, fill=INK)
    return _reduced(picture)


class Strips:
    """A picture of strips, one below the other, over the same steps."""

    def __init__(self, count: int, height: int, steps: int) -> None:
        self.height, self.steps = height * FINER, steps
        self.picture = Image.new("RGB", (LENGTH * FINER, self.height * count), "white")
        self.draw = ImageDraw.Draw(self.picture)
        for place in range(count):
            top = place * self.height
            _frame(self.draw, (0, top, self.picture.width - 1, top + self.height - 1))

    def curve(self, place: int, shares: Stored) -> None:
        """A curve through shares [time] of the strip's height, which ends with NaN."""
        lasting = shares[~np.isnan(shares)].tolist()
        inside = self.height - 4 * FINER
        path = [
            (self._across(step + 0.5), place * self.height + 2 * FINER + (1 - value) * inside)
            for step, value in enumerate(lasting)
        ]
        self.draw.line(path, INK, FINER + 1, joint="curve")
        for point in path if len(path) == 1 else []:
            self.draw.circle(point, FINER * DOT, fill=INK)

    def states(self, place: int, codes: Stored, colours: Sequence[str]) -> None:
        """Categories [time] as colours; codes from the number of colours on share the last one."""
        top, bottom = place * self.height + FINER, (place + 1) * self.height - 1 - FINER
        for step, code in enumerate(codes[~np.isnan(codes)].astype(int).tolist()):
            box = (self._across(step), top, self._across(step + 1), bottom)
            self.draw.rectangle(box, colours[min(code, len(colours) - 1)])

    def finished(self) -> Image.Image:
        return _reduced(self.picture)

    def _across(self, step: float) -> float:
        return FINER + step / self.steps * (self.picture.width - 2 * FINER)


def _frame(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float]) -> None:
    draw.rectangle(box, outline=FRAME, width=FINER)


def _reduced(picture: Image.Image) -> Image.Image:
    return picture.resize((picture.width // FINER, picture.height // FINER), Image.Resampling.BOX)
