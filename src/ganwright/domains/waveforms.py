"""The domain of sound: stored int16 [n, samples], mono, encoded float [n, 1, samples] in [-1, 1]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from annotated_types import Ge, Le
from PIL import Image
from torch import Tensor

from ganwright.core.domain import Domain, Field, FileFormat, Reader, SavedSamples, Stored, Writer
from ganwright.core.errors import UserError
from ganwright.core.metric import Samples
from ganwright.domains import _sound_health
from ganwright.domains._clips import FULL, Cut, clips, quantised
from ganwright.domains._spectrogram import log_mel, pictures
from ganwright.domains._wav import HIGHEST_RATE, LOWEST_RATE, SUFFIX, WavError, format_of, wav, why
from ganwright.domains.images import Images

GAP = 0.25  # seconds of silence between clips in one file


@dataclass(frozen=True)
class Waveforms(Domain):
    """Clips of `samples` values each, `sampling_rate` in Hz; encoded = stored / 32,768."""

    samples: Annotated[int, Ge(1)]
    sampling_rate: Annotated[int, Ge(LOWEST_RATE), Le(HIGHEST_RATE)]

    noun = "clips of sound"
    dtype = np.dtype(np.int16)
    bounded = True
    views = ("features", "spectrograms")
    grid_size = 16
    default_recipe = "sound"

    @property
    def shape(self) -> tuple[int, int]:
        return 1, self.samples

    @property
    def stored_shape(self) -> tuple[int]:
        return (self.samples,)

    def encode(self, stored: Tensor) -> Tensor:
        floats = stored if stored.is_floating_point() else stored.to(torch.get_default_dtype())
        return floats.div(FULL).unsqueeze(1)

    def decode(self, encoded: Tensor) -> Stored:
        values = encoded.detach().float().squeeze(1).mul(FULL).round().clamp(-FULL, FULL - 1)
        return values.to(torch.int16).cpu().numpy()

    def from_array(self, array: Any, where: str) -> Stored:
        """int16 [n, samples]; floats in [-1, 1] are scaled to it."""
        return self.converted(np.asarray(array), where)[0]

    def converted(
        self, array: Stored, where: str, options: Mapping[str, Any] | None = None
    ) -> tuple[Stored, tuple[str, ...]]:
        if array.dtype.kind != "f" or not array.size or not np.isfinite(array).all():
            return super().from_array(array, where), ()
        largest = float(np.abs(array).max())
        if largest > 1:
            raise UserError(
                f"{where} holds floats up to {largest:,.4g}: sound is floats in [-1, 1], or 16-bit integers."
            )
        return super().from_array(quantised(array)[0], where), ("Floats in [-1, 1] are rounded to 16 bits.",)

    def describe(self) -> str:
        return f"clips of sound of {self.samples:,} samples at {self.sampling_rate:,} Hz"

    def comparable(self, other: Domain) -> bool:
        return super().comparable(other) and self == other

    # -- pictures and files

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        """Spectrograms over time, low frequencies at the bottom."""
        made, given = self._pictures(fake), self._pictures(real)
        return Images(*made.shape[1:]).render(made, given, columns=columns)

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        made = self._pictures(stored)
        return Images(*made.shape[1:]).preview(made, columns)

    def _pictures(self, stored: Stored) -> Stored:
        return pictures(self._sound(stored), self.sampling_rate)

    def _sound(self, stored: Stored) -> Tensor:
        """Stored clips as float32 [n, samples], full scale 1."""
        return torch.from_numpy(np.array(stored)).float() / FULL

    def write_numbered(self, entries: Stored, folder: Path) -> None:
        """Writes each clip as a file of its number, and samples.png, their spectrograms."""
        super().write_numbered(entries, folder)
        digits = len(str(len(entries)))
        for place, clip in enumerate(entries[:, 0], 1):
            self._save(clip, folder / f"{place:0{digits}d}{SUFFIX}")

    def audio(self, stored: Stored) -> bytes:
        """The clips one after the other, with a quarter of a second of silence between them."""
        pause = round(GAP * self.sampling_rate)
        apart = np.pad(stored, ((0, 0), (0, pause))).reshape(-1)
        return wav(apart[: len(apart) - pause], self.sampling_rate)

    @property
    def writers(self) -> Mapping[str, Writer]:
        return {SUFFIX: self._save_all}

    def _save_all(self, stored: Stored, conditions: Stored | None, path: Path) -> None:
        path.write_bytes(self.audio(stored))

    @property
    def file_format(self) -> FileFormat:
        return FileFormat(SUFFIX, self._save)

    def _save(self, sample: Stored, path: Path) -> None:
        path.write_bytes(wav(sample, self.sampling_rate))

    @property
    def readers(self) -> dict[str, Reader]:
        return {SUFFIX: self._read_wav} | super().readers

    def _read_wav(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        """With options a file is resampled, cut or padded; without them it must be a clip of this domain."""
        try:
            content = path.read_bytes()
            form = format_of(content)
            if options is None and (form.rate, form.frames) != (self.sampling_rate, self.samples):
                raise UserError(
                    f"{path} holds {form.frames:,} samples at {form.rate:,} Hz, and expected are {self.describe()}."
                )
            cut: Cut = (options or {}).get("cut") or "first"
            found = clips(content, self.samples, self.sampling_rate, cut)
        except (WavError, OSError) as error:
            raise UserError(f"{path} cannot be read: {why(error)}.") from None
        return SavedSamples(found.values, changes=found.changes)

    @property
    def loader_options(self) -> Mapping[str, Any]:
        return {"sampling_rate": self.sampling_rate, "window": self.samples}

    # -- metrics and health checks

    def viewed(self, view: str, stored: Stored, labels: Stored | None = None) -> Samples:
        """Both views are log-mel spectrograms, float32 [n, bands, frames] in decibels, see `_spectrogram.log_mel`."""
        return Samples(log_mel(self._sound(stored), self.sampling_rate).numpy(), labels)

    @property
    def default_features(self) -> str:
        return "mel64"

    def compared(self, encoded: Tensor) -> Tensor:
        """Log-mel spectrograms: waveforms that sound alike may differ in every sample."""
        return log_mel(self._clipped(encoded), self.sampling_rate)

    def traits(self, encoded: Tensor) -> Mapping[str, Tensor]:
        return _sound_health.traits(self._clipped(encoded), self.sampling_rate)

    def _clipped(self, encoded: Tensor) -> Tensor:
        """Encoded clips as float32 [n, samples], clipped to full scale."""
        return encoded.detach().float().squeeze(1).clamp(-1, 1)
