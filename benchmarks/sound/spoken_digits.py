"""Makes a folder of spoken digits by espeak-ng: FOLDER/train and FOLDER/test with a folder of WAV files for each digit.

    apt-get install espeak-ng
    python benchmarks/sound/spoken_digits.py FOLDER [--count 300] [--test-count 100]

Each clip is a digit in a random accent, voice, speed (120 to 220 words a minute), pitch (20 to 80 of 99) and loudness;
22,050 Hz, mono, 16 bits, as espeak-ng writes it. `--count` clips of each digit are for training, others for the test.
Train on 4,096 samples at 8,000 Hz with `--sampling-rate 8000 --window 4096`.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

import numpy as np

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = ("en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-029")
VARIANTS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "f1", "f2", "f3", "f4", "f5")
SPEEDS, PITCHES, LOUDNESS = (120, 221), (20, 81), (60, 141)


def arguments_of(random: np.random.Generator) -> list[str]:
    """A random voice as arguments of espeak-ng."""
    voice = f"{random.choice(ACCENTS)}+{random.choice(VARIANTS)}"
    speed, pitch, loudness = (str(random.integers(*limits)) for limits in (SPEEDS, PITCHES, LOUDNESS))
    return ["-v", voice, "-s", speed, "-p", pitch, "-a", loudness]


def speak(folder: Path, count: int, seed: int) -> None:
    """Makes `count` clips of each digit, in a folder of its own."""
    random = np.random.default_rng(seed)
    for word in WORDS:
        (folder / word).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            path = folder / word / f"{number:04}.wav"
            subprocess.run(["espeak-ng", *arguments_of(random), "-w", str(path), word], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0], allow_abbrev=False)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=300, help="clips of each digit for training")
    parser.add_argument("--test-count", type=int, default=100, help="clips of each digit for the test")
    options = parser.parse_args()
    speak(options.folder / "train", options.count, 0)
    speak(options.folder / "test", options.test_count, 1)


if __name__ == "__main__":
    main()
