"""WAV files: every kind of samples, and what is refused, with the reason."""

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganwright.domains._wav import GUID_END, WavError, format_of, mixed, wav

SOUND = np.array([0, 1, -1, 12_345, -12_345, 32_767, -32_768], np.int16)


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    length = len(content) if size is None else size
    return name + struct.pack("<I", length) + content + b"\0" * (len(content) % 2)


def fmt(tag: int = 1, channels: int = 1, rate: int = 8_000, width: int = 2, bits: int | None = None) -> bytes:
    frame = channels * width
    return struct.pack("<HHIIHH", tag, channels, rate, rate * frame % 2**32, frame, 8 * width if bits is None else bits)


def riff(*chunks: bytes, kind: bytes = b"RIFF") -> bytes:
    content = b"WAVE" + b"".join(chunks)
    return kind + struct.pack("<I", len(content)) + content


def packed(values: np.ndarray, kind: str) -> bytes:
    """Values of 16 bits, exactly, in another format."""
    scaled = {
        "u1": lambda: (values // 256 + 128).astype(np.uint8).tobytes(),
        "i2": lambda: values.astype("<i2").tobytes(),
        "i3": lambda: (values.astype("<i4") * 256).view(np.uint8).reshape(-1, 4)[:, :3].tobytes(),
        "i4": lambda: (values.astype(np.int64) * 65_536).astype("<i4").tobytes(),
        "f4": lambda: (values / 32_768).astype("<f4").tobytes(),
        "f8": lambda: (values / 32_768).astype("<f8").tobytes(),
    }
    return scaled[kind]()


def read(content: bytes) -> np.ndarray:
    return mixed(content, format_of(content))


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize("kind", ["i2", "i3", "i4", "f4", "f8"])
def test_every_kind_of_samples_is_read_exactly(kind: str, extensible: bool) -> None:
    tag, width = (3 if kind[0] == "f" else 1), int(kind[1])
    described = fmt(tag, width=width)
    if extensible:
        described = fmt(0xFFFE, width=width) + struct.pack("<HHIH", 22, 8 * width, 4, tag) + GUID_END
    content = riff(chunk(b"fmt ", described), chunk(b"data", packed(SOUND, kind)))
    assert np.array_equal(read(content) * 32_768, SOUND)


def test_eight_bits_are_unsigned() -> None:
    content = riff(chunk(b"fmt ", fmt(width=1)), chunk(b"data", bytes([128, 0, 255])))
    assert read(content).tolist() == [0, -1, 127 / 128]


def test_bits_that_fill_no_byte_are_the_upper_ones() -> None:
    content = riff(chunk(b"fmt ", fmt(width=2, bits=12)), chunk(b"data", packed(SOUND, "i2")))
    assert np.array_equal(read(content) * 32_768, SOUND)


def test_channels_are_averaged() -> None:
    stereo = np.stack([SOUND, SOUND[::-1]], axis=1)
    content = riff(chunk(b"fmt ", fmt(channels=2, width=2)), chunk(b"data", packed(stereo, "i2")))
    assert np.array_equal(read(content) * 32_768, stereo.mean(axis=1))


def test_other_chunks_are_skipped_also_odd_ones() -> None:
    content = riff(
        chunk(b"LIST", b"odd"), chunk(b"fmt ", fmt()), chunk(b"fact", b"1"), chunk(b"data", SOUND.tobytes()),
        chunk(b"id3 ", b"end"),
    )  # fmt: skip
    assert np.array_equal(read(content) * 32_768, SOUND)


def test_the_first_frames_are_those_of_the_whole() -> None:
    content = wav(SOUND, 8_000)
    assert np.array_equal(mixed(content, format_of(content), 3) * 32_768, SOUND[:3])


def test_a_file_that_is_written_is_read_by_pythons_own_reader() -> None:
    with wave.open(io.BytesIO(wav(SOUND, 11_025))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 11_025)
        assert np.array_equal(np.frombuffer(file.readframes(99), "<i2"), SOUND)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF])
@pytest.mark.parametrize("kind", [b"RIFF", b"RF64"])
def test_a_stream_without_a_size_ends_with_the_file(size: int, kind: bytes) -> None:
    content = riff(chunk(b"fmt ", fmt()), chunk(b"data", SOUND.tobytes(), size), kind=kind)
    assert format_of(content).open_ended
    assert np.array_equal(read(content) * 32_768, SOUND)


GOOD = chunk(b"fmt ", fmt())
DATA = chunk(b"data", SOUND.tobytes())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"ID3\x04" + bytes(99), "it is an MP3 file, not a WAV file"),
        (b"\xff\xfb\x90" + bytes(99), "it is an MP3 file"),
        (b"OggS" + bytes(99), "it is an Ogg file"),
        (b"a,b\n1,2\n", "it is text, not a WAV file"),
        (bytes(99), "it is something else"),
        (b"RIFF\0\0\0\0AVI " + bytes(99), "not a WAV file"),
        (riff(GOOD), "it has no samples"),
        (riff(), "it is truncated within its header"),
        (riff(GOOD, chunk(b"data", b"")), "it has no samples"),
        (riff(GOOD, chunk(b"data", b"1")), "it has no samples"),
        (riff(DATA, GOOD), "its samples precede their format"),
        (riff(GOOD, chunk(b"data", b"1234", 1_000)), "it is truncated: of 1,000 bytes of sound 4 are there"),
        (riff(chunk(b"fmt ", fmt(2)), DATA), r"compressed \(ADPCM\): convert it to PCM"),
        (riff(chunk(b"fmt ", fmt(0x55)), DATA), r"compressed \(MP3\)"),
        (riff(chunk(b"fmt ", fmt(77)), DATA), r"compressed \(format 77\)"),
        (riff(chunk(b"fmt ", fmt(0xFFFE)), DATA), "unknown format"),
        (riff(chunk(b"fmt ", b"short"), DATA), "a format of less than 16 bytes"),
        (riff(chunk(b"fmt ", fmt(channels=0)), DATA), "0 channels"),
        (riff(chunk(b"fmt ", fmt(rate=0)), DATA), "a sampling rate of 0 Hz"),
        (riff(chunk(b"fmt ", fmt(rate=2**31)), DATA), "a sampling rate of 2,147,483,648 Hz"),
        (riff(chunk(b"fmt ", fmt(width=8)), DATA), "64 bits, which is not supported"),
        (riff(chunk(b"fmt ", fmt(3, width=2)), DATA), "16 bits as floats"),
        (riff(chunk(b"fmt ", fmt(width=3, bits=16)), DATA), "frames of 3 bytes for 1 x 2"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(WavError, match=reason):
        format_of(content)


@pytest.mark.parametrize(
    ("values", "reason"), [([0, np.nan, np.inf], "not finite .*: 2 of 3"), ([0, 20_000, 9], "floats up to 2e\\+04")]
)
def test_floats_that_are_no_sound_are_refused(values: list[float], reason: str) -> None:
    content = riff(chunk(b"fmt ", fmt(3, width=4)), chunk(b"data", np.array(values, "<f4").tobytes()))
    with pytest.raises(WavError, match=reason):
        read(content)


@given(st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_damaged_file_is_read_or_refused_with_a_reason(data: st.DataObject) -> None:
    content = bytearray(riff(chunk(b"LIST", b"odd"), GOOD, DATA))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        values = read(damaged)
    except WavError:
        return
    assert 0 < len(values) <= len(damaged)
    assert np.isfinite(values).all()
