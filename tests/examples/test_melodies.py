"""examples/melodies.py: made tunes keep their rules, MIDI files hold their notes, and the whole, shrunk."""

import struct
from pathlib import Path

import numpy as np
import pytest

import melodies


def test_names_and_numbers_of_notes() -> None:
    assert melodies.pitch("C4") == 60
    assert melodies.pitch("A4") == 69
    assert all(melodies.name(melodies.pitch(note)) == note for note in melodies.SCALE)


def test_made_tunes_keep_the_rules() -> None:
    random = np.random.default_rng(0)
    figures = melodies.figures_of([melodies.made(random) for _ in range(200)])
    for rule in ("tunes that end on C", "tunes that begin on C, E or G", "tunes that repeat their beginning"):
        assert figures[rule] == 1
    assert 0.95 < figures["notes of the scale"] < 1
    assert figures["semitones a step"] < 3


def test_a_midi_file_holds_the_notes_and_the_rests() -> None:
    content = melodies.midi(["C4", "rest", "rest", "rest", "E4"])
    assert content[:14] == b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96)
    track = content[22:]
    assert struct.unpack(">I", content[18:22])[0] == len(track)
    on, off = bytes((0x90, 60, 80)), bytes((0x80, 60, 0))
    waited = bytes((0x81, 0x10))  # 144 ticks, 1 * 128 + 16
    assert track.startswith(b"\0" + on + bytes((48,)) + off + waited + bytes((0x90, 64, 80)))
    assert track.endswith(b"\xff\x2f\x00")


def test_it_trains_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = melodies.main(tmp_path, examples=64, count=60, width=8, threads=1)
    assert figures["data"]["tunes that end on C"] == 1
    assert all(rule in capsys.readouterr().out for rule in ["notes of the scale"])
    assert (tmp_path / "0.mid").read_bytes().startswith(b"MThd")
