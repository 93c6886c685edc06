"""WAV files: what their headers say, their samples, and new ones of 16-bit samples.

IBM & Microsoft, Multimedia programming interface and data specifications 1.0, 1991 (RIFF, WAVE); Microsoft, Multiple
channel audio data and WAVE files, 2001 (WAVE_FORMAT_EXTENSIBLE).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ganwright.core.domain import Stored
from ganwright.core.errors import UserError

SUFFIX = ".wav"
LOWEST_RATE, HIGHEST_RATE = 100, 1_000_000  # Hz
MAX_CHANNELS = 256
MAX_BYTES = 2**32 - 64  # of the samples of a file that is written
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
GUID_END = bytes.fromhex("000000001000800000aa00389b71")  # of subformats that stand for a format number
COMPRESSED = {2: "ADPCM", 6: "A-law", 7: "mu-law", 0x11: "ADPCM", 0x31: "GSM", 0x50: "MPEG", 0x55: "MP3"}
KINDS = {(PCM, 1): "u1", (PCM, 2): "<i2", (PCM, 3): "u1", (PCM, 4): "<i4", (FLOAT, 4): "<f4", (FLOAT, 8): "<f8"}
OPEN_ENDED = 0x7FFFF000  # bytes: sizes from here on stand for "until the end" in files that were written as a stream
BLOCK = 2**20  # frames converted at a time
OTHERS = {  # first bytes of other files
    b"RIFX": "a big-endian WAV file",
    b"FORM": "an AIFF file",
    b"fLaC": "a FLAC file",
    b"OggS": "an Ogg file",
    b"ID3": "an MP3 file",
    b"\xff\xfb": "an MP3 file",
    b"\xff\xf3": "an MP3 file",
    b"\xff\xf2": "an MP3 file",
    b"\x1aE\xdf\xa3": "a Matroska file",
    b"PK": "a zip",
}


class WavError(ValueError):
    """Why a file cannot be read, as a clause such as `it is an MP3 file, not a WAV file`."""


def why(error: Exception) -> str:
    """Why a file cannot be read, as a clause, from a WavError or an OSError."""
    return (getattr(error, "strerror", None) or str(error)).rstrip(".")


class Format(NamedTuple):
    """What a header says; a frame is one value for each channel."""

    rate: int  # frames per second
    channels: int
    tag: int  # PCM or FLOAT
    width: int  # bytes of a value
    begin: int  # offset of the first value in the file
    frames: int
    open_ended: bool = False  # without a size: the samples end with the file

    @property
    def kind(self) -> str:
        """The type of the values in words."""
        return f"{8 * self.width}-bit{' float' if self.tag == FLOAT else ''}"

    @property
    def deep(self) -> bool:
        """Whether values have over 16 bits."""
        return self.width > 2


def format_of(content: bytes) -> Format:
    """The format of a file; no memory is taken for what the header claims. Raises WavError."""
    if not content:
        raise WavError("it is empty")
    if content[:4] not in (b"RIFF", b"RF64", b"BW64") or content[8:12] != b"WAVE":
        raise WavError(f"it is {_other(content)}, not a WAV file")
    described: tuple[int, int, int, int] | None = None
    for name, begin, size in _chunks(content):
        if name == b"fmt ":
            described = _described(content[begin : begin + min(size, 40)])
        if name == b"data":
            if described is None:
                raise WavError("its samples precede their format")
            return _format(described, begin, size, len(content) - begin)
    raise WavError("it has no samples" if described else "it is truncated within its header")


def _other(content: bytes) -> str:
    """What a file is that is no WAV file."""
    for signature, what in OTHERS.items():
        if content.startswith(signature):
            return what
    if content[4:8] == b"ftyp":
        return "an MP4 file"
    head = content[:256]
    return "text" if all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in head) else "something else"


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, offset and size of each chunk as the file claims them; an odd one is followed by a byte of padding."""
    place = 12
    while place + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        yield name, place + 8, size
        place += 8 + size + size % 2


def _described(chunk: bytes) -> tuple[int, int, int, int]:
    """Format number, channels, rate and bytes of a value. Raises WavError for what is compressed or impossible."""
    if len(chunk) < 16:
        raise WavError("its header is damaged (a format of less than 16 bytes)")
    tag, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == EXTENSIBLE:
        if len(chunk) < 40 or chunk[26:40] != GUID_END:
            raise WavError("its samples are in an unknown format")
        (tag,) = struct.unpack_from("<H", chunk, 24)
    if tag not in (PCM, FLOAT):
        raise WavError(f"its samples are compressed ({COMPRESSED.get(tag, f'format {tag}')}): convert it to PCM")
    if not 1 <= channels <= MAX_CHANNELS:
        raise WavError(f"its header is damaged ({channels:,} channels)")
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise WavError(f"its header is damaged (a sampling rate of {rate:,} Hz)")
    width = -(-bits // 8)
    if (tag, width) not in KINDS:
        raise WavError(f"its samples have {bits} bits{' as floats' * (tag == FLOAT)}, which is not supported")
    if frame != channels * width:
        raise WavError(f"its header is damaged (frames of {frame} bytes for {channels} x {width})")
    return tag, channels, rate, width


def _format(described: tuple[int, int, int, int], begin: int, size: int, there: int) -> Format:
    tag, channels, rate, width = described
    open_ended = size >= OPEN_ENDED and size > there
    if size > there and not open_ended:
        raise WavError(f"it is truncated: of {size:,} bytes of sound {there:,} are there")
    frames = min(size, there) // (channels * width)
    if not frames:
        raise WavError("it has no samples")
    return Format(rate, channels, tag, width, begin, frames, open_ended)


def mixed(content: bytes, form: Format, frames: int | None = None) -> Stored:
    """The first frames of a file (default: all), the mean of their channels, float32 [frames], 1 is full scale.

    Integers are exact up to 24 bits. Raises WavError for floats that are not finite, or mostly beyond full scale.
    """
    count = form.frames if frames is None else min(frames, form.frames)
    mono = np.empty(count, np.float32)
    for start in range(0, count, BLOCK):
        block = mono[start : start + BLOCK]
        block[:] = _values(content, form, start, len(block)).mean(axis=1, dtype=np.float64)
    if form.tag == FLOAT:
        _check(mono)
    return mono


def _values(content: bytes, form: Format, start: int, count: int) -> Stored:
    """Some frames, [count, channels]: integers scaled by their range."""
    kind = np.dtype(KINDS[form.tag, form.width])
    frame = form.channels * form.width
    raw = np.frombuffer(content, kind, count * frame // kind.itemsize, form.begin + start * frame)
    if form.tag == FLOAT:
        return raw.reshape(count, form.channels)
    if form.width == 1:  # unsigned
        return (raw.reshape(count, form.channels) - np.float64(128)) / 128
    if form.width == 3:  # the upper bytes of 32-bit integers
        wide = np.zeros((count * form.channels, 4), np.uint8)
        wide[:, 1:] = raw.reshape(-1, 3)
        raw = wide.view("<i4")[:, 0]
    full = 2.0 ** (31 if raw.itemsize == 4 else 15)
    return raw.reshape(count, form.channels) / full


def _check(mono: Stored) -> None:
    wrong = int((~np.isfinite(mono)).sum())
    if wrong:
        raise WavError(f"it holds values that are not finite (NaN or infinity): {wrong:,} of {len(mono):,}")
    beyond = float((np.abs(mono) > 1).mean())
    if beyond > 0.01:
        raise WavError(f"it holds floats up to {np.abs(mono).max():,.4g}: expected are floats in [-1, 1]")


def wav(samples: Stored, rate: int) -> bytes:
    """A mono file of 16-bit samples int16 [n]. Raises UserError for more than a file can hold, 4 GiB."""
    content = samples.astype("<i2").tobytes()
    if len(content) > MAX_BYTES:
        raise UserError(f"A WAV file holds 4 GiB at most, and these samples have {len(content):,} bytes: save fewer.")
    described = struct.pack("<4sIHHIIHH", b"fmt ", 16, PCM, 1, rate, 2 * rate, 2, 16)
    data = struct.pack("<4sI", b"data", len(content)) + content
    return struct.pack("<4sI4s", b"RIFF", 4 + len(described) + len(data), b"WAVE") + described + data
