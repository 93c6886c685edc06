"""Numbered pictures in one: a sheet on which people compare samples without knowing which are real."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

SMALLEST = 112  # pixels: smaller panels are enlarged by an integer factor
FONT = 13  # pixels
LABEL, GAP = 18, 8  # pixels: above a panel, and around it


def montage(panels: Sequence[Image.Image], caption: str = "") -> Image.Image:
    """Panels in reading order, numbered from 1, on white, each in a cell of the largest size; a caption above them."""
    shown = [_enlarged(_opaque(panel)) for panel in panels]
    width, height = (max(panel.size[side] for panel in shown) for side in (0, 1))
    wide, high = width + GAP, height + LABEL + GAP
    columns = min(max(round(math.sqrt(len(shown) * high / wide)), 1), len(shown))
    font = ImageFont.load_default(FONT)
    top = GAP + (LABEL if caption else 0)
    whole = Image.new("RGB", (GAP + columns * wide, top + -(-len(shown) // columns) * high), "white")
    draw = ImageDraw.Draw(whole)
    draw.text((GAP, GAP // 2), caption, "black", font)
    for place, panel in enumerate(shown):
        row, column = divmod(place, columns)
        left, above = GAP + column * wide, top + row * high
        draw.text((left, above), str(place + 1), "black", font)
        whole.paste(panel, (left, above + LABEL))
    return whole


def _opaque(picture: Image.Image) -> Image.Image:
    """A picture as RGB, on white where it is transparent."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    with_alpha = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), with_alpha).convert("RGB")


def _enlarged(picture: Image.Image) -> Image.Image:
    factor = math.ceil(SMALLEST / max(picture.size))
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
