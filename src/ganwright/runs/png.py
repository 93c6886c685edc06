"""PNG encoding of large pictures: compressed on all cores, or strip by strip; Pillow encodes the others.

Filters follow the specification (ISO/IEC 15948, clause 9).
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ganwright.core.domain import Stored

SUB, UP = 1, 2  # filters: the difference from the pixel to the left, or above
PIECE = 2**21  # bytes compressed at a time
RAW = -zlib.MAX_WBITS  # streams without header and checksum, which can be concatenated


def sample_grid(pixels: Stored) -> bytes:
    """Encodes a sample grid uint8 [height, width, channels] in pieces, on all cores.

    Rows that repeat the row above, as in enlarged pictures, become zeros (filter UP); all others become differences
    between neighbouring pixels (filter SUB). Compression searches for runs only.
    """
    lines, channels = pixels.reshape(len(pixels), -1), pixels.shape[2]
    step = max(PIECE // lines.shape[1], 1)
    parts = [slice(start, start + step) for start in range(0, len(lines), step)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pieces = list(pool.map(lambda rows: _piece(lines, rows, channels), parts))
    check = 1
    for filtered, _ in pieces:
        check = zlib.adler32(filtered.data, check)
    end = zlib.compressobj(wbits=RAW).flush()
    stream = b"".join([b"\x78\x01", *(content for _, content in pieces), end, check.to_bytes(4, "big")])
    return _header(*pixels.shape) + _chunk(b"IDAT", stream) + _chunk(b"IEND", b"")


def _piece(lines: Stored, rows: slice, channels: int) -> tuple[Stored, bytes]:
    """Filters some rows of [height, width x channels]; returns [rows, 1 + width x channels] and their compression."""
    own = lines[rows]
    filtered = np.empty((len(own), 1 + own.shape[1]), dtype=np.uint8)
    filtered[:, 0], deltas = SUB, filtered[:, 1:]
    deltas[:, :channels] = own[:, :channels]
    np.subtract(own[:, channels:], own[:, :-channels], out=deltas[:, channels:])  # modulo 256
    above = lines[max(rows.start - 1, 0) : rows.start + len(own) - 1]
    first = len(own) - len(above)  # 1 if the piece starts with the picture's first row, which has none above
    repeats = first + np.flatnonzero((own[first:] == above).all(axis=1))
    filtered[repeats] = 0
    filtered[repeats, 0] = UP
    compressor = zlib.compressobj(1, wbits=RAW, strategy=zlib.Z_RLE)
    return filtered, compressor.compress(filtered.data) + compressor.flush(zlib.Z_FULL_FLUSH)


def strips(rows: Iterable[Stored], shape: tuple[int, int, int]) -> Iterator[bytes]:
    """Encodes strips of rows uint8 [n, width, channels] as a PNG of `shape` (height, width, 1 to 4 channels).

    Each row is stored as its difference from the row above.
    """
    yield _header(*shape)
    compressor, above = zlib.compressobj(), np.zeros((1, shape[1] * shape[2]), np.uint8)
    for strip in rows:
        lines = strip.reshape(len(strip), -1)
        changed = lines - np.concatenate([above, lines[:-1]])  # modulo 256
        above = lines[-1:]
        yield _chunk(b"IDAT", compressor.compress(np.pad(changed, ((0, 0), (1, 0)), constant_values=UP).tobytes()))
    yield _chunk(b"IDAT", compressor.flush()) + _chunk(b"IEND", b"")


def _header(height: int, width: int, channels: int) -> bytes:
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
