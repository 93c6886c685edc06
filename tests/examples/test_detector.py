"""examples/detector.py: detectors of what can and cannot be told apart, and the whole, shrunk."""

from pathlib import Path

import numpy as np
import pytest

import detector


def pictures(level: int) -> np.ndarray:
    """Noise of pixels at most half as bright, plus a level."""
    return np.random.default_rng(level).integers(0, 128, (64, 8, 8), np.uint8) + np.uint8(level)


def test_a_detector_learns_what_differs_and_carries_over_to_what_is_alike() -> None:
    real = pictures(0), pictures(1)
    fakes = {"dcgan": (pictures(60), pictures(61)), "vanilla": (pictures(62), pictures(63)), "wgan-gp": real}
    found = detector.table(real, fakes, detector.as_they_are, epochs=10, seed=0)
    assert found["dcgan", "dcgan"] > 0.95
    assert found["dcgan", "vanilla"] > 0.95
    assert 0.4 < found["dcgan", "wgan-gp"] < 0.6  # these fakes are real pictures
    means = detector.means(found)
    assert means["the same generator"] == np.mean([found[name, name] for name in fakes])
    assert means["all but this generator"] == np.mean([found[f"all but {name}", name] for name in fakes])


def test_black_and_white_has_no_greys() -> None:
    assert detector.black_and_white(pictures(60)).unique().tolist() == [0, 1]


def test_it_trains_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = detector.main(tmp_path, "digits", examples=64, count=40, epochs=2, threads=1)
    assert len(figures) == 6
    assert all(0 <= value <= 1 for value in figures.values())
    assert all(f"learned from {name}" in capsys.readouterr().out for name in ["dcgan"])
    assert (tmp_path / "fakes.png").exists()
