"""Converts a picture of any mode and size to uint8 [height, width, channels]: oriented, flattened, cropped, resized.

Colour profiles are ignored: values are read as sRGB.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import IO, Any, Literal

import numpy as np
from PIL import Image, ImageCms, ImageColor, ImageOps, UnidentifiedImageError

from ganwright.core.choices import at_least, check
from ganwright.core.errors import UserError
from ganwright.core.files import hidden
from ganwright.domains._values import extent, to_bytes

Crop = Literal["centre", "keep", "pad", "none"]
Sides = tuple[int, int]  # height and width
Filter = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]

SUFFIXES = {
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".avif", ".gif", ".bmp", ".dib"),
    *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".tga", ".jp2", ".j2k", ".jpx", ".ico"),
}
MIN_SIDE, MAX_SIDE = 8, 1 << 14  # pixels along the short side, and of prepared pictures along any
GREY = ("1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N")
OTHER_COLOURS = ("CMYK", "LAB", "YCbCr", "HSV")  # modes that become RGB
# Only formats that Pillow decodes itself: EPS, for example, would run another program.
FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "BMP", "GIF", "TIFF", "PPM", "TGA", "AVIF", "JPEG2000", "ICO")


@dataclass(frozen=True)
class Fit:
    """How pictures are converted to one size; `_files.load` documents the options."""

    size: int | str | None = None
    crop: Crop = "centre"
    filter: Filter = "lanczos"
    background: str = "white"
    grey: bool = False
    tiles: int | None = None

    def __post_init__(self) -> None:
        check("crop", self.crop, Crop)
        check("filter", self.filter, Filter)
        if self.tiles is not None:
            at_least("tiles", self.tiles, MIN_SIDE)
            resized = self.sides not in (None, (self.tiles, self.tiles))
            if resized or (self.crop, self.filter) != (Fit.crop, Fit.filter):
                raise UserError("Tiles are not resized: leave --size, --crop and --filter out.")
        if self.sides is not None:
            at_least("size", min(self.sides), MIN_SIDE)
            if max(self.sides) > MAX_SIDE:
                raise UserError(f"--size must be at most {MAX_SIDE:,} pixels a side, not {self.size!r}.")
        try:
            ImageColor.getrgb(self.background)
        except ValueError:
            raise UserError(
                f"--background must be a colour such as white, black or #8090a0, not {self.background!r}."
            ) from None

    @property
    def sides(self) -> Sides | None:
        """Height and width by `size`: one number for a square, or HEIGHTxWIDTH."""
        if self.size is None:
            return None
        words = str(self.size).lower().split("x")
        if len(words) > 2 or not all(word.isdecimal() for word in words):
            raise UserError(f"--size must be a number of pixels or HEIGHTxWIDTH such as 64x192, not {self.size!r}.")
        return int(words[0]), int(words[-1])

    @property
    def resampling(self) -> Image.Resampling:
        return Image.Resampling[self.filter.upper()]

    @property
    def grey_background(self) -> bool:
        return len(set(ImageColor.getrgb(self.background)[:3])) == 1

    @property
    def cache_key(self) -> dict[str, Any]:
        """The options as cache keys hold them, where `background` has the name `ground`."""
        return {"ground" if name == "background" else name: value for name, value in asdict(self).items()}


FIT = frozenset(field.name for field in fields(Fit))


@dataclass(frozen=True)
class Frame:
    """Size and colour of all pictures of a data set; `mode` is Pillow's: L is grey, RGB is colour."""

    height: int
    width: int
    mode: Literal["L", "RGB"]

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, 1 if self.mode == "L" else 3


def is_picture(name: str) -> bool:
    """Whether the suffix is that of a picture and the file is not hidden (nor macOS metadata in a zip)."""
    return name[name.rfind(".") :].lower() in SUFFIXES and not hidden(name.split("/"))


def opened(file: IO[bytes] | str) -> Image.Image:
    """Opens a picture and reads its header only; raises Pillow's errors, also where Pillow would only warn."""
    image = Image.open(file, formats=_formats())
    most = Image.MAX_IMAGE_PIXELS
    if most is not None and image.width * image.height > most:
        image.close()
        raise Image.DecompressionBombError
    return image


@contextmanager
def bombs_refused() -> Iterator[None]:
    """Silences Pillow's warning of too many pixels, which `opened` refuses; not in a thread, as filters are global."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def why(error: Exception) -> str:
    """The reason why a picture cannot be used, as part of a sentence."""
    if isinstance(error, UnidentifiedImageError):
        return "not a readable picture"
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return "too many pixels to decode safely"
    lines = str(error).splitlines() or [type(error).__name__]
    return "".join(one if one.isprintable() else "?" for one in lines[0].rstrip(".")[:80])


def is_grey(image: Image.Image) -> bool:
    """Whether a picture is stored without colour: in one channel, or with a palette of greys."""
    if image.mode != "P":
        return image.mode in GREY
    red, green, blue = np.array(image.getpalette("RGB")).reshape(-1, 3).T
    return bool((red == green).all() and (green == blue).all())


def fitted(image: Image.Image, frame: Frame, fit: Fit) -> np.ndarray:
    """uint8 of the frame's shape; pixels of a picture that has this mode and size are unchanged."""
    flat = _flat(_shallow(ImageOps.exif_transpose(image)), frame.mode, fit.background)
    if flat.size != (frame.width, frame.height):
        flat = _resized(flat, frame, fit)
    return np.asarray(flat, dtype=np.uint8).reshape(frame.shape)


def whole(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Pixels uint8 [height, width, 1 or 3] at native size, and opacity [height, width, 1] or None."""
    mode, upright = "L" if is_grey(image) else "RGB", _shallow(ImageOps.exif_transpose(image))
    opacity = None
    if upright.has_transparency_data:
        upright = upright.convert("LA").convert("RGBA") if upright.mode == "La" else upright.convert("RGBA")
        opacity = np.asarray(upright.getchannel("A"))[..., None]
        upright = upright.convert("RGB")  # drops alpha, keeps the colours behind transparent pixels
    pixels = np.asarray(_flat(upright, mode, Fit.background))
    return pixels.reshape(*pixels.shape[:2], -1), opacity


def _shallow(image: Image.Image) -> Image.Image:
    """Converts 16-bit and float grey to 8 bits: integers / 257, floats by the rule for arrays."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image)
    low, high = extent(values, "it")
    if image.mode != "F":
        high = max(high, 65535)  # always / 257, otherwise a dark picture would be brightened
    return Image.fromarray(to_bytes(values.dtype, low, high, "it")(values))


def _flat(image: Image.Image, mode: str, background: str) -> Image.Image:
    """Composites transparency on the background and converts to `mode`."""
    if image.mode == "La":
        image = image.convert("LA")
    if image.has_transparency_data:
        base = Image.new("RGBA", image.size, ImageColor.getrgb(background)[:3])
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
        padded = Image.new("RGB", size, ImageColor.getrgb(fit.background)[:3]).convert(flat.mode)
        padded.paste(inside, ((frame.width - inside.width) // 2, (frame.height - inside.height) // 2))
        return padded
    if fit.crop != "none":
        flat = flat.crop(_box(flat.height, flat.width, frame))
    return flat.resize(size, fit.resampling)


def _box(height: int, width: int, frame: Frame) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the largest centred part of a picture with the frame's proportions."""
    inner_height, inner_width = kept(height, width, frame)
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    return left, top, left + inner_width, top + inner_height


def kept(height: int, width: int, frame: Frame) -> Sides:
    """Height and width of the largest part of a picture with the frame's proportions."""
    if width * frame.height > height * frame.width:
        return height, max(1, round(height * frame.width / frame.height))
    return max(1, round(width * frame.height / frame.width)), width


@cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


@cache
def _lab_to_rgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
