"""Panels of single series for a sheet of many: a strip for each feature, and the static features in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ganwright.core.column import Column
from ganwright.core.domain import Panels, Stored
from ganwright.domains._panels import LENGTH, Strips, limits, share
from ganwright.domains._series_plot import FLAT, STATES

MAX_FEATURES, MAX_STATIC = 8, 6
HEIGHTS = {1: 96, 2: 64, 4: 44}  # pixels of a strip, by the number of strips up to it
SMALL = 30  # the same for more strips
LINE = 13  # pixels of a line of text


def panels(features: Sequence[Column], static: Sequence[Column], series: Stored) -> Panels:
    """One panel for each of the series [n, time, features + static], NaN after their ends; limits are those of all.

    A feature whose series would look flat in common limits is drawn in the range of each series.
    """
    shown = list(enumerate(features[:MAX_FEATURES]))
    between = {place: limits(series[..., place]) for place, column in shown if not column.categories}
    alone = {place for place in between if _is_flat(series[..., place])}
    draw = partial(_panel, shown, static, len(features), between, alone)
    said = [
        f"{features[place].name}: " + ("each in its own range" if place in alone else f"{low:.4g} to {high:.4g}")
        for place, (low, high) in between.items()
    ]
    left_out = [f"{len(shown)} of {len(features)} features"] if len(features) > len(shown) else []
    return Panels([draw(one) for one in series], "; ".join(said + left_out))


def _panel(
    shown: Sequence[tuple[int, Column]],
    static: Sequence[Column],
    first_static: int,
    between: dict[int, tuple[float, float]],
    alone: set[int],
    series: Stored,
) -> Image.Image:
    """The picture of one series [time, columns]."""
    height = next((size for count, size in HEIGHTS.items() if len(shown) <= count), SMALL)
    strips = Strips(len(shown), height, len(series))
    for strip, (place, column) in enumerate(shown):
        values = series[:, place]
        if column.categories:
            strips.states(strip, values, STATES)
        else:
            strips.curve(strip, share(values, _own(values) if place in alone else between[place]))
    words = [
        f"{column.name}={_in_words(column, series[0, first_static + place])}"
        for place, column in enumerate(static[:MAX_STATIC])
    ]
    return _with_lines(strips.finished(), words)


def _in_words(column: Column, value: float) -> str:
    return column.categories[int(value)] if column.categories else f"{value:.6g}"


def _is_flat(series: Stored) -> bool:
    """Whether curves [n, time] would look flat in common limits."""
    low, high = limits(series)
    return bool(np.median(np.nanmax(series, axis=1) - np.nanmin(series, axis=1)) < FLAT * (high - low))


def _own(values: Stored) -> tuple[float, float]:
    """The range of one series; a constant one lies in the middle."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return (low, high) if high > low else (low - 1, high + 1)


def _with_lines(picture: Image.Image, lines: Sequence[str]) -> Image.Image:
    """A picture above lines of text, if there are any."""
    if not lines:
        return picture
    whole = Image.new("RGB", (LENGTH, picture.height + LINE * len(lines)), "white")
    whole.paste(picture)
    draw, font = ImageDraw.Draw(whole), ImageFont.load_default(LINE - 3)
    for place, line in enumerate(lines):
        draw.text((2, picture.height + place * LINE), line, "black", font)
    return whole
