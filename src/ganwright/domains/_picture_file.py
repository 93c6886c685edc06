"""Reads one picture, from a file of any mode and depth: the one reader of pictures that are not a data set's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

import numpy as np
from PIL import ExifTags, Image

from ganwright.core.errors import UserError
from ganwright.core.files import hidden
from ganwright.domains._pictures import OTHER_COLOURS, Fit, Frame, fitted, is_grey, is_picture, kept, opened, why
from ganwright.domains._pictures import whole as pixels_and_opacity

TURNED = range(2, 9)  # EXIF orientations of pictures that are not upright
VISIBLE = 0.005  # share of an area that rounds to 1 %
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height

ON_BACKGROUND = "put on {} where transparent"

Read = TypeVar("Read")
Pixels = np.ndarray  # uint8 [height, width, 1 or 3]


class Picture(NamedTuple):
    """Pixels, the height and width of the file's picture, and phrases for what was changed in order to read it."""

    pixels: Pixels
    size: tuple[int, int]
    changes: tuple[str, ...]


def in_folder(folder: Path) -> tuple[list[Path], str]:
    """The pictures in a folder, sorted by name, and a sentence about what else it holds; subfolders are not read."""
    entries = sorted(path for path in folder.iterdir() if not hidden([path.name]))
    found = [path for path in entries if is_picture(path.name) and path.is_file()]
    others = [path.name for path in entries if path not in set(found)]
    files = "file or folder" if len(others) == 1 else "files or folders"
    return found, f"Ignored {len(others):,} other {files} in {folder}, such as {others[0]}." if others else ""


def whole(path: Path) -> tuple[Pixels, np.ndarray | None, tuple[str, ...]]:
    """Pixels uint8 [height, width, 1 or 3], upright, opacity [height, width, 1] if there is any, and the changes."""

    def read(image: Image.Image) -> tuple[Pixels, np.ndarray | None, tuple[str, ...]]:
        width, height = _upright_size(image)
        changes = changes_of(image, Frame(height, width, "L" if is_grey(image) else "RGB"), Fit())
        opacity_is_kept = tuple(change for change in changes if change != ON_BACKGROUND.format(Fit.background))
        return *pixels_and_opacity(image), opacity_is_kept

    return _reading(str(path), str(path), read)


def flat(path: Path, channels: int | None = None, background: str = Fit.background) -> Picture:
    """A picture at its own size, upright, on the background; by default grey or colour as it is stored."""

    def read(image: Image.Image) -> Picture:
        grey = is_grey(image) if channels is None else channels == 1
        width, height = _upright_size(image)
        return _fitted(image, Frame(height, width, "L" if grey else "RGB"), Fit(background=background))

    return _reading(str(path), str(path), read)


def framed(file: IO[bytes] | Path, where: str, frame: Frame, fit: Fit) -> Picture:
    """A picture in the size and colour of a frame."""
    return _reading(str(file) if isinstance(file, Path) else file, where, lambda image: _fitted(image, frame, fit))


def _reading(file: IO[bytes] | str, where: str, read: Callable[[Image.Image], Read]) -> Read:
    try:
        with opened(file) as image:
            return read(image)
    except Exception as error:  # a decoder may raise anything
        raise UserError(f"The picture {where} cannot be read: {why(error)}.") from None


def _fitted(image: Image.Image, frame: Frame, fit: Fit) -> Picture:
    changes, (width, height) = changes_of(image, frame, fit), _upright_size(image)
    return Picture(fitted(image, frame, fit), (height, width), changes)


def changes_of(image: Image.Image, frame: Frame, fit: Fit) -> tuple[str, ...]:
    """What `fitted` changes in a picture that was opened and not yet decoded."""
    seen = {
        "turned upright by its EXIF orientation": image.getexif().get(ExifTags.Base.Orientation, 1) in TURNED,
        "reduced to 8 bits": ";16" in str(getattr(image, "tile", "")) or image.mode.startswith(("I", "F")),
        "converted to RGB from another colour space, such as CMYK": frame.mode == "RGB" and image.mode in OTHER_COLOURS,
        "converted from colour to grey": frame.mode == "L" and not is_grey(image),
        "converted from grey to colour": frame.mode == "RGB" and is_grey(image),
        ON_BACKGROUND.format(fit.background): _transparent(image),
        **dict.fromkeys(_resizing(*_upright_size(image), frame, fit), True),
        "read as their first frame": getattr(image, "n_frames", 1) > 1,
    }
    return tuple(change for change, was_made in seen.items() if was_made)


def _resizing(width: int, height: int, frame: Frame, fit: Fit) -> Iterator[str]:
    """How a picture gets the size of a frame: cropped, padded or stretched, and enlarged or reduced."""
    size, inner = f"{frame.height}x{frame.width}", (height, width)
    if fit.crop in ("centre", "keep"):
        inner = kept(height, width, frame)
        lost = 1 - inner[0] * inner[1] / (height * width)
        if lost:
            yield f"cropped to the proportions of {size} ({_share(lost)} of the area cut away)"
    scales = frame.height / inner[0], frame.width / inner[1]
    unequal = 1 - min(scales) / max(scales)
    if fit.crop == "pad" and unequal:
        yield f"padded with {fit.background} to the proportions of {size} ({_share(unequal)} of the result)"
    if fit.crop == "none" and unequal:
        yield f"stretched to the proportions of {size} (one side {max(scales) / min(scales):.2f} times as much)"
    scale = min(scales) if fit.crop == "pad" else max(scales)
    if scale != 1:
        yield f"{'enlarged' if scale > 1 else 'reduced'} to {size} (from {height}x{width})"


def _share(part: float) -> str:
    return f"{part:.0%}" if part >= VISIBLE else "under 1%"


def _upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height after rotation by the EXIF tag."""
    sideways = image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
    return image.size[::-1] if sideways else image.size


def _transparent(image: Image.Image) -> bool:
    """Whether any pixel is transparent."""
    if not image.has_transparency_data:
        return False
    lowest, _ = image.convert("LA" if image.mode == "La" else "RGBA").getchannel("A").getextrema()
    return int(lowest) < 255  # type: ignore[arg-type]
