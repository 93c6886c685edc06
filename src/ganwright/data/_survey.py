"""Determines size and colour of a set of pictures from their headers, and says what converting them changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image

from ganwright.domains._pictures import OTHER_COLOURS, Fit, Frame, Sides, is_grey, kept

SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height
VISIBLE = 0.005  # share of an area, or of a side, below which a change is not reported


class Header(NamedTuple):
    """What a picture's header says; height and width are those of the upright picture."""

    height: int
    width: int
    grey: bool
    turned: bool = False  # by an EXIF orientation
    transparent: bool = False  # with an alpha channel or a transparent colour
    deep: bool = False  # over 8 bits a channel
    converted: bool = False  # of another colour space
    frames: bool = False  # more than one


def header_of(image: Image.Image) -> Header:
    """The header of an opened picture; nothing is decoded."""
    orientation = orientation_of(image)
    height, width = image.size if orientation in SIDEWAYS else image.size[::-1]
    return Header(
        height,
        width,
        is_grey(image),
        orientation in range(2, 9),
        image.has_transparency_data,
        _is_deep(image),
        image.mode in OTHER_COLOURS,
        bool(getattr(image, "is_animated", False)),
    )


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation; of a PNG only if it precedes the pixels, which would be decoded otherwise."""
    if image.format == "PNG" and not {"exif", "Raw profile type exif"} & image.info.keys():
        return 1
    found = image.getexif().get(ExifTags.Base.Orientation, 1)
    return found if isinstance(found, int) else 1


def _is_deep(image: Image.Image) -> bool:
    """Whether channels have over 8 bits; Pillow reduces those of colours itself."""
    raw = str([tile[3] for tile in getattr(image, "tile", ())])
    return image.mode.startswith(("I", "F")) or ";16" in raw


def default_size(sides: Sequence[int]) -> int:
    """The largest power of two, 8 to 64, up to the median short side."""
    return min(64, max(8, 1 << (int(np.median(sides)).bit_length() - 1)))


def surveyed(headers: Sequence[Header], fit: Fit, noun: str) -> tuple[Frame, list[str]]:
    """The frame of all pictures, and sentences about what is assumed and what converting them changes."""
    sizes = np.array([header[:2] for header in headers], dtype=np.int64).reshape(-1, 2)
    size = default_size(sizes.min(1).tolist())
    notes: list[str] = []
    if fit.tiles is not None:
        sides = fit.tiles, fit.tiles
    elif fit.crop == "keep" and not isinstance(fit.size, str):
        sides, note = _in_proportion(sizes, int(fit.size or size))
        notes.append(note)
    else:
        sides = fit.sides or (size, size)
    if fit.tiles is None and fit.size is None:
        notes.append(f"Size {size}: the largest power of two, 8 to 64, up to the median short side.")
    grey = sum(header.grey for header in headers)
    mode = "L" if fit.grey or (grey == len(headers) and fit.grey_background) else "RGB"
    frame = Frame(*sides, "L" if mode == "L" else "RGB")
    if fit.tiles is None:
        notes += _resizing(sizes, frame, fit)
    return frame, [*notes, *_colours(headers, grey, frame, fit, noun)]


def _in_proportion(sizes: np.ndarray, short: int) -> tuple[Sides, str]:
    """The sides of which the shorter is `short`, in the median proportions of the pictures."""
    ratio = float(np.median(sizes[:, 1] / sizes[:, 0]))
    sides = (short, round(short * ratio)) if ratio >= 1 else (round(short / ratio), short)
    return sides, f"Size {sides[0]}x{sides[1]}: height and width in the median proportions of the pictures."


def _resizing(sizes: np.ndarray, frame: Frame, fit: Fit) -> Iterator[str]:
    """What cropping cuts away, padding adds, or stretching distorts; and how many pictures are enlarged."""
    heights, widths = sizes.T.astype(float)
    size, total = f"{frame.height}x{frame.width}", len(sizes)
    if fit.crop in ("centre", "keep"):
        inner = np.array([kept(height, width, frame) for height, width in sizes.tolist()]).reshape(-1, 2)
        lost = 1 - inner.prod(1) / (heights * widths)
        if (lost > VISIBLE).any():
            other = "keep, " if fit.crop == "centre" and not isinstance(fit.size, str) else ""
            yield (
                f"Cropping to the proportions of {size} cuts {_share(lost)} of the area away, in "
                f"{(lost > VISIBLE).sum():,} of {total:,} pictures; --crop {other}pad or none cuts nothing."
            )
        heights, widths = inner.T.astype(float)
    scales = np.stack([frame.height / heights, frame.width / widths])
    if fit.crop == "pad":
        padding = 1 - scales.min(0) / scales.max(0)
        if (padding > VISIBLE).any():
            count = (padding > VISIBLE).sum()
            yield f"Padding ({fit.background}) is {_share(padding)} of {count:,} of {total:,} pictures."
        scales = scales.min(0, keepdims=True)
    if fit.crop == "none":
        stretch = scales.max(0) / scales.min(0)
        if (stretch > 1 + VISIBLE).any():
            yield (
                f"Resizing to {size} stretches {(stretch > 1 + VISIBLE).sum():,} of {total:,} pictures, one side up to "
                f"{stretch.max():.1f} times as much as the other."
            )
    larger = scales.max(0) > 1 + 1 / frame.width
    if larger.any():
        least = sizes[larger][sizes[larger].prod(1).argmin()]
        yield f"{larger.sum():,} of {total:,} pictures are enlarged to {size}; the smallest has {least[0]}x{least[1]}."


def _share(shares: np.ndarray) -> str:
    """The mean of the shares that are visible, and their maximum if it is another: `33%`, `20% to 50%`."""
    visible = shares[shares > VISIBLE]
    mean, most = f"{visible.mean():.0%}", f"{visible.max():.0%}"
    return mean if mean == most else f"{mean} on average and up to {most}"


def _colours(headers: Sequence[Header], grey: int, frame: Frame, fit: Fit, noun: str) -> Iterator[str]:
    """What is converted in colour, depth and orientation, and how often."""
    total = len(headers)
    if frame.mode == "L" and grey < total:
        yield f"{total - grey:,} of {total:,} {noun} have colours, which become grey."
    if frame.mode == "RGB" and 0 < grey < total:
        yield f"{grey:,} of {total:,} {noun} are grey, and become RGB like the others; --grey makes all grey."
    if frame.mode == "RGB" and grey == total:
        yield f"All {noun} are grey, and become RGB for the background {fit.background}."
    for count, what in (
        (sum(header.turned for header in headers), "are turned upright by their EXIF orientation"),
        (sum(header.transparent for header in headers), f"have transparency: the background is {fit.background}"),
        (sum(header.deep for header in headers), "have over 8 bits a channel, and are reduced to 8"),
        (sum(header.converted for header in headers), "are of another colour space, such as CMYK, and become RGB"),
        (sum(header.frames for header in headers), "have several frames, of which the first is read"),
    ):
        if count:
            yield f"{count:,} of {total:,} {noun} {what}."
