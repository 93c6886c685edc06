"""Figures of what a person sees first: each responds to its fault, and to equal distributions with its usual share."""

from collections.abc import Sequence

import numpy as np
import pytest

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric, Samples, TooFewError
from ganwright.metrics import brackets, duplicates, endings, repetitions, series_strays, sound_faults, strays, words
from ganwright.metrics.brackets import METRIC as BRACKETS
from ganwright.metrics.repetitions import stretches

SYMBOLS = tuple('abcdefgh ()[]"')
CODES = {symbol: code for code, symbol in enumerate(SYMBOLS)} | {"n": 4}


def cloud(count: int, seed: int) -> Array:
    """Points around two centres."""
    random = np.random.default_rng(seed)
    return random.normal(size=(count, 2)) / 10 + random.integers(0, 2, (count, 1)) * 4


def measured(metric: Metric, fake: Array, real: Array, train: Array | None = None) -> dict[str, float]:
    columns = (Column("symbol", SYMBOLS),) if metric.view == "strings" else ()
    sets = [None if one is None else Samples(one, None, columns) for one in (fake, real, train)]
    assert sets[0] is not None
    assert sets[1] is not None
    return dict(metric.measure(Compared(sets[0], sets[1], sets[2])))


def coded(texts: Sequence[str]) -> Array:
    codes = np.full((len(texts), max(map(len, texts))), len(SYMBOLS), dtype=np.int16)
    for row, text in zip(codes, texts, strict=True):
        row[: len(text)] = [SYMBOLS.index(symbol) for symbol in text]
    return codes


# -- points


def test_points() -> None:
    real, fake = cloud(600, 0), cloud(600, 1)
    usual = measured(strays.METRIC, fake, real)
    assert all(share < 0.03 for share in usual.values())
    between = np.concatenate([fake[:-60], np.random.default_rng(2).uniform(1, 3, (60, 2))])
    assert measured(strays.METRIC, between, real)["strays"] == pytest.approx(0.1, abs=0.03)
    lost = fake[fake[:, 0] < 2]
    assert measured(strays.METRIC, lost, real)["missing"] == pytest.approx(0.5, abs=0.1)
    copied = np.concatenate([fake[:300], np.repeat(fake[:1], 300, axis=0)])
    assert measured(strays.METRIC, copied, real)["repeated"] == pytest.approx(0.5, abs=0.03)
    assert measured(strays.METRIC, 1.5 * fake, real)["strays"] > 0.3
    with pytest.raises(TooFewError, match="at least 100 samples of each kind, not 99"):
        measured(strays.METRIC, fake[:99], real)


# -- series


def waves(count: int, seed: int) -> Array:
    random = np.random.default_rng(seed)
    steps = np.arange(12) / 12
    return np.sin(2 * np.pi * (steps * random.uniform(0.5, 1.5, (count, 1)) + random.random((count, 1))))[..., None]


def test_series() -> None:
    real, fake = waves(400, 0), waves(400, 1)
    usual = measured(series_strays.METRIC, fake, real)
    assert usual["constant"] == 0
    assert all(share < 0.03 for share in usual.values())
    still = fake.copy()
    still[:80] = still[:80, :1]
    assert measured(series_strays.METRIC, still, real)["constant"] == 0.2
    noisy = fake + np.random.default_rng(2).normal(size=fake.shape) / 3
    assert measured(series_strays.METRIC, noisy, real)["strays"] > 0.5
    ended = fake.copy()
    ended[:, 6:] = np.nan
    assert measured(series_strays.METRIC, ended, real)["strays"] == 1
    one = np.concatenate([fake[:200], np.repeat(fake[:1], 200, axis=0)])
    assert measured(series_strays.METRIC, one, real)["repeated"] == pytest.approx(0.5, abs=0.03)


# -- sound


def clips(count: int, seed: int) -> Array:
    """Spectrograms of noise that fades from about -20 decibels to silence."""
    random = np.random.default_rng(seed)
    fading = -20 - random.uniform(3, 6, (count, 1, 1)) * np.arange(14)
    return np.maximum(fading + random.normal(size=(count, 64, 14)) * 2 + random.normal(size=(count, 1, 1)), -80)


def test_sound() -> None:
    real, fake = clips(120, 0), clips(120, 1)
    usual = measured(sound_faults.METRIC, fake, real)
    assert usual["floor"] < 2
    assert max(usual[name] for name in ("clicks", "silent", "repeated")) < 0.04
    assert measured(sound_faults.METRIC, np.maximum(fake, -60), real)["floor"] > 8
    humming = fake.copy()
    humming[:, :3] = np.maximum(humming[:, :3], -50)
    assert measured(sound_faults.METRIC, humming, real)["floor"] > 15
    clicking = fake.copy()
    clicking[:24, :, 8:10] += 30
    assert measured(sound_faults.METRIC, clicking, real)["clicks"] == pytest.approx(0.2, abs=0.03)
    quiet = np.concatenate([fake[:90], fake[:30] - 40])
    assert measured(sound_faults.METRIC, quiet, real)["silent"] == pytest.approx(0.25, abs=0.03)
    one = np.concatenate([fake[:90], np.repeat(fake[:1], 30, axis=0)])
    assert measured(sound_faults.METRIC, one, real)["repeated"] == pytest.approx(0.26, abs=0.03)
    assert measured(sound_faults.METRIC, fake[..., :3], real[..., :3])["clicks"] == 0
    with pytest.raises(UserError, match="generated clips hold NaN"):
        measured(sound_faults.METRIC, np.full_like(fake, np.nan), real)


# -- tables


def test_duplicates() -> None:
    rows = np.array([[1, np.nan], [2, 3], [1, np.nan], [2, 4]])
    columns = (Column("a"), Column("b", mark="?"))
    compared = Compared(Samples(rows, None, columns), Samples(rows, None, columns))
    assert duplicates.METRIC.measure(compared) == {"duplicates": 0.5}


# -- text


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("banana", 5),
        ("aaaa", 4),
        ("abcdefgh", 0),
        ("abab", 4),
        ("abcab", 0),
        ("abccba", 2),
        ("habcabcab", 8),
        ("a  ()()", 0),
        ("ab ab ab", 6),
        ("a", 0),
    ],
)
def test_the_longest_periodic_stretch(text: str, longest: int) -> None:
    codes = np.full((2, 12), 14)
    codes[1, : len(text)] = [CODES[symbol] for symbol in text]
    assert stretches(codes, 14, np.arange(15) < 8).tolist() == [0, longest]


def test_repetitions() -> None:
    real = coded(["abcdefgh", "aab"] * 50)
    assert measured(repetitions.METRIC, real, real)["repetitions"] == 0
    fake = coded(["abcdefgh"] * 75 + ["cdcdcd"] * 25)
    assert measured(repetitions.METRIC, fake, real)["repetitions"] == 0.25


def test_invented_words() -> None:
    train, real = coded(["abc de", "fg h a"] * 30), coded(["a abc", "de h"] * 30)
    assert measured(words.METRIC, real, real, train) == {"invented_words": 0}
    assert measured(words.METRIC, coded(["abc  d"] * 40), real, train) == {"invented_words": 0.5}
    assert measured(words.METRIC, coded([" "] * 40), real, train) == {"invented_words": 0}
    assert words.METRIC.unfit(Samples(real, None, (Column("symbol", SYMBOLS),))) == ""
    single = coded(["abc", "de f", "h"] * 30)
    assert words.METRIC.unfit(Samples(single, None, (Column("symbol", SYMBOLS),))) == "most real strings are one word"
    assert "no white space" in words.METRIC.unfit(Samples(single, None, (Column("symbol", tuple("abcdefgh")),)))


def test_endings() -> None:
    real = coded(["abc", "de"] * 20)
    assert measured(endings.METRIC, real, real)["js_endings"] == 0
    assert measured(endings.METRIC, coded(["ab", "de"] * 20), real)["js_endings"] == pytest.approx(0.5)


def test_brackets() -> None:
    real = coded(["a(b)", 'c "d" e', "[(a)()]", "abc"] * 10)
    assert measured(BRACKETS, real, real) == {"bracketed": 0.75, "unbalanced": 0}
    wrong = coded(["(", ")", '"a', "([)]", "a)(b", "ab", "[a]", '("a)b"'] * 5)
    assert measured(BRACKETS, wrong, real) == {"bracketed": 7 / 8, "unbalanced": 6 / 7}
    assert measured(BRACKETS, coded(["abc"] * 20), real) == {"bracketed": 0, "unbalanced": 0}
    assert brackets.METRIC.unfit(Samples(real, None, (Column("symbol", SYMBOLS),))) == ""
    none = Samples(coded(["abc"] * 200), None, (Column("symbol", SYMBOLS),))
    assert brackets.METRIC.unfit(none).startswith("hardly any")
