"""The domain of pictures: stored uint8 [n, height, width, channels], encoded float [n, channels, height, width]."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ganwright.core.domain import Domain, Field, FileFormat, Reader, SavedSamples, Stored, joined
from ganwright.core.errors import UserError
from ganwright.domains._picture_file import framed
from ganwright.domains._picture_zip import below_common, ignored_in_zip, pictures_in_zip
from ganwright.domains._pictures import FIT, SUFFIXES, Fit, Frame
from ganwright.domains._spectra import LEAST, power_spectra
from ganwright.domains._values import read_range, scaled

CELL = 48  # pixels: smaller pictures are enlarged by an integer factor in a grid
GAP = 2  # pixels between the pictures of a grid
ZIP = ".zip"
SMALL = 32  # pixels: up to this size the default feature networks see pictures at about their own resolution
FEATURES = {1: "grey28", 3: "natural32"}  # the default feature network of small pictures, by channels
TILED_FEATURES = {1: "grey28_tiles", 3: "natural32_tiles"}  # of larger ones


@dataclass(frozen=True)
class Images(Domain):
    """Pictures of one size, grey (1 channel) or RGB (3 channels); encoded = (stored - 127.5) / 127.5."""

    height: int
    width: int
    channels: int

    noun = "pictures"
    dtype = np.dtype(np.uint8)
    bounded = augmentable = True
    views = ("features", "pictures")
    default_recipe, paired_recipe, unpaired_recipe = "r3gan", "pix2pix", "cyclegan"

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.channels, self.height, self.width

    @property
    def stored_shape(self) -> tuple[int, int, int]:
        return self.height, self.width, self.channels

    def encode(self, stored: Tensor) -> Tensor:
        floats = stored.to(torch.get_default_dtype()) if not stored.is_floating_point() else stored
        return floats.sub(127.5).div(127.5).permute(0, 3, 1, 2)

    def decode(self, encoded: Tensor) -> Stored:
        pixels = encoded.detach().float().mul(127.5).add(127.5).round().clamp(0, 255)
        return pixels.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()

    def to_array(self, stored: Stored) -> Stored:
        return stored[..., 0] if self.channels == 1 else stored

    def from_array(self, array: Any, where: str) -> Stored:
        """uint8 [n, height, width, channels]; other types are converted by the range of their values."""
        return self.converted(np.asarray(array), where)[0]

    def converted(
        self, array: Stored, where: str, options: Mapping[str, Any] | None = None
    ) -> tuple[Stored, tuple[str, ...]]:
        """By the loader's option `range`, or by the range of the values, which the note says."""
        notes: tuple[str, ...] = ()
        if array.size and array.dtype.kind in "biuf":
            values, notes = read_range(array, where, (options or {}).get("range"))
            array = scaled(values)(array)
        return super().from_array(array, where), notes

    def describe(self) -> str:
        return f"pictures of {self.height}x{self.width}, {'grey' if self.channels == 1 else 'RGB'}"

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        left, right = grid(fake, columns), grid(real[: len(fake)])
        sample_grid = Image.new(
            left.mode, (left.width + 8 * GAP + right.width, max(left.height, right.height)), "white"
        )
        sample_grid.paste(left, (0, 0))
        sample_grid.paste(right, (left.width + 8 * GAP, 0))
        return sample_grid

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        return grid(stored, columns)

    @property
    def default_features(self) -> str | None:
        return (FEATURES if max(self.height, self.width) <= SMALL else TILED_FEATURES)[self.channels]

    @property
    def check_features(self) -> str | None:
        """Those of the shrunk whole, a fifth of the time: spectra see textures."""
        return FEATURES[self.channels]

    def spectra(self, stored: Stored, floor: float) -> Mapping[str, NDArray[np.float64]]:
        return power_spectra(stored, floor) if min(self.height, self.width) >= LEAST else {}

    @property
    def loader_options(self) -> Mapping[str, Any]:
        return {"size": self.height if self.height == self.width else f"{self.height}x{self.width}"}

    @property
    def part_options(self) -> Mapping[str, Any]:
        return {**self.loader_options, **({"grey": True} if self.channels == 1 else {})}

    def same_form(self, stored: Stored, domain: Domain) -> Stored:
        """Grey pictures as RGB ones of the same size, without a copy."""
        if domain != Images(self.height, self.width, 1) or not isinstance(stored, np.ndarray):
            return stored
        return np.broadcast_to(stored, (len(stored), *self.stored_shape))

    @property
    def readers(self) -> dict[str, Reader]:
        return dict.fromkeys(SUFFIXES, self._read_picture) | super().readers | {ZIP: self._read_zip}

    def files(self, path: Path) -> list[Path]:
        return [file for file in super().files(path) if file.suffix.lower() != ZIP or file == path]

    @property
    def _frame(self) -> Frame:
        return Frame(self.height, self.width, "L" if self.channels == 1 else "RGB")

    def example(self, source: str) -> str:
        return f"photo{self.file_format.suffix}"

    @property
    def file_format(self) -> FileFormat:
        return FileFormat(".png", self._save_picture)

    def _save_picture(self, sample: Stored, path: Path) -> None:
        Image.fromarray(sample[..., 0] if self.channels == 1 else sample).save(path)

    def _read_zip(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        """The pictures in a zip, whose folders are the classes as those of a folder are."""
        files, parts = [], []
        for name, content in pictures_in_zip(path):
            files.append(Path(name))
            parts.append(self._read(content, f"{path}: {name}", options))
        read = joined(below_common(files), parts, str(path))
        return read._replace(notes=(*read.notes, *ignored_in_zip(path)))

    def _read_picture(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        """One picture; with options it is cropped and resized, without them its size must be this domain's."""
        return self._read(path, str(path), options)

    def _read(self, file: Path | IO[bytes], where: str, options: Mapping[str, Any] | None) -> SavedSamples:
        picture = framed(file, where, self._frame, _fit(options))
        if options is None and picture.size != (self.height, self.width):
            size = "x".join(map(str, picture.size))
            raise UserError(f"{where} is a picture of {size}, and expected are {self.describe()}.")
        return SavedSamples(picture.pixels[None], changes=picture.changes)


def _fit(options: Mapping[str, Any] | None) -> Fit:
    """How the options of a loader convert pictures."""
    return Fit(**{name: value for name, value in (options or {}).items() if name in FIT - {"tiles"}})


def grid(pictures: Stored, columns: int | None = None) -> Image.Image:
    """A grid of pictures [n, height, width, channels]; small ones are enlarged by an integer factor."""
    count, height, width, channels = pictures.shape
    factor = max(1, math.ceil(CELL / max(height, width)))
    columns = columns or math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    cells = np.full((rows, height * factor + GAP, columns, width * factor + GAP, channels), 255, dtype=np.uint8)
    for row in range(rows):  # row by row: pictures are interleaved in each line of pixels
        line = pictures[row * columns : (row + 1) * columns].repeat(factor, axis=1).repeat(factor, axis=2)
        cells[row, :-GAP, : len(line), :-GAP] = line.transpose(1, 0, 2, 3)
    sample_grid = cells.reshape(rows * cells.shape[1], -1, channels)[:-GAP, :-GAP]
    return Image.fromarray(sample_grid[..., 0] if channels == 1 else sample_grid)
