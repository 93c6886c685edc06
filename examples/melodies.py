"""Melodies: short tunes in C major by the recipe `text`, written as MIDI files.

    python examples/melodies.py [--out runs/melodies]

The data are made by rules: a tune moves mostly by steps on the scale of C major, begins on a note of the tonic's triad,
has a second half that repeats the beginning of the first, and ends on C. A tune is a line of words, notes of equal
length such as E4 or rest. What was learned is counted: notes of the scale, tunes that end on C, the sizes of steps, and
tunes that repeat their beginning.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import typer

import ganwright

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
SCALE = ("C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5", "D5", "E5")
HALF = 8  # notes
ACCIDENTAL, REST = 0.02, 0.06  # probabilities of a note beside the scale, and of a rest


def made(random: np.random.Generator) -> list[str]:
    """A tune of two halves."""
    place = int(random.choice([0, 2, 4]))  # C, E or G
    first = [SCALE[place]]
    for _ in range(HALF - 1):
        place = int(np.clip(place + random.choice([-2, -1, 1, 2], p=[0.1, 0.4, 0.4, 0.1]), 0, len(SCALE) - 1))
        first.append(varied(SCALE[place], random))
    second = [varied(SCALE[0], random), SCALE[1], SCALE[0]] if random.random() < 0.5 else ["E4", "D4", "C4"]
    return [*first, *first[: HALF // 2], "G4", *second]


def varied(note: str, random: np.random.Generator) -> str:
    """The note, or seldom a rest or the note a semitone above."""
    chance = random.random()
    if chance < REST:
        return "rest"
    return name(pitch(note) + 1) if chance < REST + ACCIDENTAL else note


def pitch(note: str) -> int:
    """The MIDI number of a note: 60 is C4."""
    return NAMES.index(note[:-1]) + 12 * (int(note[-1]) + 1)


def name(number: int) -> str:
    """The note of a MIDI number."""
    return f"{NAMES[number % 12]}{number // 12 - 1}"


def midi(tune: list[str]) -> bytes:
    """A Standard MIDI File of one track: notes of half a beat, 120 beats a minute."""
    ticks = 48  # of a note, at 96 ticks a beat
    track, waited = b"", 0
    for note in tune:
        if note == "rest":
            waited += ticks
            continue
        key = pitch(note)
        track += _length(waited) + bytes((0x90, key, 80)) + _length(ticks) + bytes((0x80, key, 0))
        waited = 0
    track += _length(waited) + b"\xff\x2f\x00"  # end of the track
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track


def _length(ticks: int) -> bytes:
    """A number in MIDI's form: 7 bits a byte, the last one without the highest bit."""
    found = [ticks & 0x7F]
    while ticks := ticks >> 7:
        found.insert(0, 0x80 | (ticks & 0x7F))
    return bytes(found)


def figures_of(tunes: list[list[str]]) -> dict[str, float]:
    """What rules tunes keep, each as a share, and the mean step of successive notes in semitones."""
    notes = [[note for note in tune if note != "rest"] for tune in tunes]
    steps = [abs(pitch(one) - pitch(other)) for tune in notes for one, other in pairwise(tune)]
    repeats = [tune[HALF : HALF + HALF // 2] == tune[: HALF // 2] for tune in tunes]
    return {
        "notes of the scale": float(np.mean([note in SCALE for tune in notes for note in tune])),
        "tunes that end on C": float(np.mean([tune[-1][:-1] == "C" for tune in tunes])),
        "tunes that begin on C, E or G": float(np.mean([tune[0][:-1] in ("C", "E", "G") for tune in tunes])),
        "tunes that repeat their beginning": float(np.mean(repeats)),
        "semitones a step": float(np.mean(steps)),
        "different tunes": len({tuple(tune) for tune in tunes}) / len(tunes),
    }


def main(
    out: Path = Path("runs/melodies"),
    examples: int = 70_000,
    count: int = 4_000,
    width: int = 128,
    seed: int = 0,
    threads: int | None = None,
) -> dict[str, dict[str, float]]:
    """Writes the tunes, trains on them and prints figures of samples, of data and of the data's notes at random."""
    random = np.random.default_rng(seed)
    tunes = [made(random) for _ in range(count)]
    out.mkdir(parents=True, exist_ok=True)
    (out / "tunes.txt").write_text("".join(" ".join(tune) + "\n" for tune in tunes))
    run = ganwright.train(
        "text",
        str(out / "tunes.txt"),
        out / "run",
        symbols="words",
        text="lines",
        examples=examples,
        width=width,
        discriminator_width=width // 2,
        seed=seed,
        threads=threads,
        quiet=True,
    )
    drawn = [text.split() for text in run.domain.texts(run.stored_samples(min(count, 500), seed=1))]
    notes = [note for tune in tunes for note in tune]
    mixed = [list(random.choice(notes, len(tune))) for tune in drawn]
    figures = {kind: figures_of(some) for kind, some in {"samples": drawn, "data": tunes, "mixed": mixed}.items()}
    for place, tune in enumerate(drawn[:5]):
        (out / f"{place}.mid").write_bytes(midi(tune))
    print("".join(f"{kind:>8}" for kind in figures))
    for figure in figures["samples"]:
        print("".join(f"{values[figure]:8.3f}" for values in figures.values()) + f"  {figure}")
    print("\n".join(" ".join(tune) for tune in drawn[:5]))
    return figures


if __name__ == "__main__":
    typer.run(main)
