"""One picture of any mode and size to uint8 [height, width, channels]: upright, on its ground, cropped, resized.

Colour profiles are not applied: the values are taken as sRGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import IO, Literal

import numpy as np
from PIL import Image, ImageCms, ImageColor, ImageOps

from ganwright.core.errors import UserError
from ganwright.data._choices import at_least, check
from ganwright.data._values import extent, to_bytes

Crop = Literal["centre", "pad", "none"]
Filter = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]

LEAST = 8  # pixels along the short side
GREY = ("1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N")
# Only formats that Pillow decodes by itself: EPS, for one, would start another program.
FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "BMP", "GIF", "TIFF", "PPM", "TGA", "AVIF", "JPEG2000", "ICO")


@dataclass(frozen=True)
class Fit:
    """How pictures are brought to one size; see `_files.load` for each option."""

    size: int | None = None
    crop: Crop = "centre"
    filter: Filter = "lanczos"
    ground: str = "white"
    grey: bool = False
    tiles: int | None = None

    def __post_init__(self) -> None:
        check("crop", self.crop, Crop)
        check("filter", self.filter, Filter)
        if self.tiles is not None:
            at_least("tiles", self.tiles, LEAST)
            if (self.size, self.crop, self.filter) != (None, Fit.crop, Fit.filter):
                raise UserError("Tiles are cut at the pictures' own resolution: leave size, crop and filter out.")
        if self.size is not None:
            at_least("size", self.size, LEAST)
        try:
            ImageColor.getrgb(self.ground)
        except ValueError:
            raise UserError(f"The ground is a colour such as white, black or #8090a0, not {self.ground!r}.") from None

    @property
    def resampling(self) -> Image.Resampling:
        return Image.Resampling[self.filter.upper()]

    @property
    def grey_ground(self) -> bool:
        return len(set(ImageColor.getrgb(self.ground)[:3])) == 1


@dataclass(frozen=True)
class Frame:
    """What all pictures of a set become; `mode` is Pillow's: L is grey, RGB is colour."""

    height: int
    width: int
    mode: Literal["L", "RGB"]

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, 1 if self.mode == "L" else 3


def opened(file: IO[bytes] | str) -> Image.Image:
    """A picture whose header is read, its pixels not yet; Pillow's own errors where it is none."""
    return Image.open(file, formats=_formats())


def is_grey(image: Image.Image) -> bool:
    """Whether it is stored without colour: one channel, or a palette of greys."""
    if image.mode != "P":
        return image.mode in GREY
    red, green, blue = np.array(image.getpalette("RGB")).reshape(-1, 3).T
    return bool((red == green).all() and (green == blue).all())


def fitted(image: Image.Image, frame: Frame, fit: Fit) -> np.ndarray:
    """uint8 of the frame's shape; the same values where the picture has that mode and size already."""
    flat = _flat(_shallow(ImageOps.exif_transpose(image)), frame.mode, fit.ground)
    if flat.size != (frame.width, frame.height):
        flat = _resized(flat, frame, fit)
    return np.asarray(flat, dtype=np.uint8).reshape(frame.shape)


def whole(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """At its own size: uint8 [height, width, 1 or 3], and its opacity [height, width, 1] where it has any."""
    mode, upright = "L" if is_grey(image) else "RGB", _shallow(ImageOps.exif_transpose(image))
    opacity = None
    if upright.has_transparency_data:
        upright = upright.convert("LA").convert("RGBA") if upright.mode == "La" else upright.convert("RGBA")
        opacity = np.asarray(upright.getchannel("A"))[..., None]
        upright = upright.convert("RGB")  # what lies behind transparent places is kept as it is
    pixels = np.asarray(_flat(upright, mode, Fit.ground))
    return pixels.reshape(*pixels.shape[:2], -1), opacity


def _shallow(image: Image.Image) -> Image.Image:
    """Deep grey to 8 bits: integers / 257, floats by the rule for arrays."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image)
    low, high = extent(values, "it")
    if image.mode != "F":
        high = max(high, 256)  # always / 257, or a dark picture would come out bright
    return Image.fromarray(to_bytes(values.dtype, low, high, "it")(values))


def _flat(image: Image.Image, mode: str, ground: str) -> Image.Image:
    """Without transparency, in the frame's mode."""
    if image.mode == "La":
        image = image.convert("LA")
    if image.has_transparency_data:
        base = Image.new("RGBA", image.size, ImageColor.getrgb(ground)[:3])
        base.alpha_composite(image.convert("RGBA"))
        return base.convert("RGB").convert(mode)
    if image.mode == "LAB":
        image = ImageCms.applyTransform(image, _lab_to_rgb()) or image
    return image.convert(mode)


def _resized(flat: Image.Image, frame: Frame, fit: Fit) -> Image.Image:
    size = (frame.width, frame.height)
    if fit.crop == "pad":
        ratio = min(frame.width / flat.width, frame.height / flat.height)
        inside = flat.resize((max(1, round(flat.width * ratio)), max(1, round(flat.height * ratio))), fit.resampling)
        ground = Image.new("RGB", size, ImageColor.getrgb(fit.ground)[:3]).convert(flat.mode)
        ground.paste(inside, ((frame.width - inside.width) // 2, (frame.height - inside.height) // 2))
        return ground
    if fit.crop == "centre":
        side = min(flat.size)
        left, top = (flat.width - side) // 2, (flat.height - side) // 2
        flat = flat.crop((left, top, left + side, top + side))
    return flat.resize(size, fit.resampling)


@cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


@cache
def _lab_to_rgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
