"""Reads one picture, from a file of any mode and depth: the one reader of pictures that are not a data set's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

import numpy as np
from PIL import ExifTags, Image

from ganwright.core.errors import UserError
from ganwright.core.files import hidden
from ganwright.domains._pictures import Fit, Frame, fitted, is_grey, is_picture, opened, why
from ganwright.domains._pictures import whole as pixels_and_opacity

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


def whole(path: Path) -> tuple[Pixels, np.ndarray | None]:
    """Pixels uint8 [height, width, 1 or 3], upright, and opacity [height, width, 1] if the picture has any."""
    return _reading(str(path), str(path), pixels_and_opacity)


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
    size = _upright_size(image)
    seen = {
        "reduced to 8 bits": ";16" in str(getattr(image, "tile", "")) or image.mode.startswith(("I", "F")),
        "converted from colour to grey": frame.mode == "L" and not is_grey(image),
        "converted from grey to colour": frame.mode == "RGB" and is_grey(image),
        ON_BACKGROUND.format(fit.background): _transparent(image),
        f"fitted to {frame.height}x{frame.width} (crop {fit.crop})": size != (frame.width, frame.height),
        "read as their first frame": getattr(image, "n_frames", 1) > 1,
    }
    return tuple(change for change, was_made in seen.items() if was_made)


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
