"""The benchmarks of sound: real clips in place of generated ones, and the voices of spoken digits."""

import bars
import numpy as np
import pytest
import spoken_digits

from ganwright.metrics import _sound_classifier


def test_other_real_clips_are_about_as_good_as_real_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sound_classifier, "STEPS", 60)
    real = bars.Real("drums", 200, count=400, length=300)
    others = real.train.samples[200:], real.train.labels[200:]
    found = real.measured(*others)
    assert found["multiple"] == pytest.approx(1, abs=0.5)
    assert found["share"] == pytest.approx(1, abs=0.25)
    assert found["agreement"] > 0.7
    silent = real.measured(np.zeros_like(others[0]), None)
    assert silent["multiple"] > 20
    assert silent["score"] == pytest.approx(1)
    assert "agreement" not in silent


def test_voices_lie_within_the_stated_limits_and_differ() -> None:
    random = np.random.default_rng(0)
    drawn = [spoken_digits.arguments_of(random) for _ in range(50)]
    for voice, speed, pitch, loudness in (words[1::2] for words in drawn):
        accent, variant = voice.split("+")
        assert accent in spoken_digits.ACCENTS
        assert variant in spoken_digits.VARIANTS
        assert 120 <= int(speed) <= 220
        assert 20 <= int(pitch) <= 80
        assert 60 <= int(loudness) <= 140
    assert len({tuple(words) for words in drawn}) == 50


def test_rows_without_a_figure_have_an_empty_cell() -> None:
    row = {"name": "--minutes 1", "seed": 0, "fd": 1.23456, "examples": 12_000}
    assert bars.table([row]).splitlines()[-1].startswith("| --minutes 1 | 0 | 1.235 |  |")
