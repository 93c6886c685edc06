"""Faults that a person sees first, planted in real points, series, sound, text and tables: which figures respond.

    python benchmarks/planted_faults_other.py [DOMAIN ...] [--speech FOLDER] [--stock FILE] [--adult FILE]

Real data are split at random into a training part, a reference, samples for faults, and samples for the baseline. Each
metric of a card that trains no network measures faulty samples; a value is bold where it differs from the mean of eight
baseline sets by 5 of their standard deviations, to the worse side. Prints a Markdown table for each data set.
"""

from __future__ import annotations

import argparse
import ast
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganwright.config import data_source
from ganwright.core.data import Data
from ganwright.core.discovery import load_module, names
from ganwright.core.domain import Stored
from ganwright.core.draws import generator
from ganwright.core.metric import TooFewError
from ganwright.data._find import load
from ganwright.domains.strings import Strings
from ganwright.domains.waveforms import Waveforms
from ganwright.judging.judgement import ELSEWHERE, BoundMetric
from ganwright.judging.real_data import RealData
from ganwright.judging.views import ViewedSamples, Views, default_features

NETWORKS = {"discriminative", "predictive", "efficacy", "inception-score", "classifier-agreement"}
MOST = 1000  # samples of a set
BASELINES = 8
CLEAR = 5.0  # standard deviations

Random = np.random.Generator
Fault = Callable[[Stored, float, Random], Stored]


@dataclass(frozen=True)
class Planted:
    """A fault of stored samples, and its two strengths."""

    name: str
    fault: Fault
    strengths: tuple[float, ...]


def share_of(change: Fault) -> Fault:
    """A fault of a random share of the samples, `strength`."""

    def planted(stored: Stored, strength: float, random: Random) -> Stored:
        made, rows = stored.copy(), random.permutation(len(stored))[: round(strength * len(stored))]
        made[rows] = change(stored[rows], strength, random)
        return made

    return planted


def one_repeated(stored: Stored, strength: float, random: Random) -> Stored:
    """All rows equal the first."""
    return np.repeat(stored[:1], len(stored), axis=0)


REPEATED = Planted("one sample repeated, share of samples", share_of(one_repeated), (0.05, 0.2))


# -- points


def between(stored: Stored, strength: float, random: Random) -> Stored:
    """Points on lines between random pairs."""
    weights = random.uniform(0.3, 0.7, (len(stored), 1))
    return (weights * stored + (1 - weights) * stored[random.permutation(len(stored))]).astype(stored.dtype)


def cut_away(stored: Stored, strength: float, random: Random) -> Stored:
    """The points nearest to one of them, a share, are replaced by others."""
    distance = np.linalg.norm(stored - stored[0], axis=1)
    kept = np.flatnonzero(distance > np.quantile(distance, strength))
    rows = np.arange(len(stored))
    rows[~np.isin(rows, kept)] = random.choice(kept, len(stored) - len(kept))
    return stored[rows] + random.normal(0, 1e-6, stored.shape).astype(stored.dtype)


def spread(data: Data) -> Fault:
    """Distances from the mean of the label, or of all, by a factor."""
    labels, samples = data.labels, np.asarray(data.samples)
    centres = np.stack([samples[labels == one].mean(0) for one in np.unique(labels)]) if labels is not None else None

    def planted(stored: Stored, strength: float, random: Random) -> Stored:
        if centres is None:
            middle = samples.mean(0)
        else:
            middle = centres[np.linalg.norm(stored[:, None] - centres, axis=2).argmin(1)]
        return (middle + strength * (stored - middle)).astype(stored.dtype)

    return planted


def of_points(data: Data) -> list[Planted]:
    """The faults of points."""
    return [
        Planted("strays between points, share", share_of(between), (0.02, 0.1)),
        Planted("a part missing, share of the data", cut_away, (0.05, 0.125)),
        Planted("narrower, factor", spread(data), (0.9, 0.6)),
        Planted("wider, factor", spread(data), (1.1, 1.5)),
        REPEATED,
    ]


# -- series


def noisy(stored: Stored, strength: float, random: Random) -> Stored:
    """White noise on top, in units of the median deviation within a series."""
    scale = np.median(stored.std(axis=1), axis=0)
    return (stored + strength * scale * random.normal(size=stored.shape)).astype(stored.dtype)


def still(stored: Stored, strength: float, random: Random) -> Stored:
    return np.repeat(stored[:, :1], stored.shape[1], axis=1)


def wider(stored: Stored, strength: float, random: Random) -> Stored:
    middle = stored.mean(axis=(0, 1))
    return (middle + strength * (stored - middle)).astype(stored.dtype)


def drifting(stored: Stored, strength: float, random: Random) -> Stored:
    """A line on top, which ends at some of the median deviation within a series."""
    scale = np.median(stored.std(axis=1), axis=0)
    line = np.linspace(0, 1, stored.shape[1])[:, None] * strength * scale
    return (stored + line).astype(stored.dtype)


def smooth(stored: Stored, strength: float, random: Random) -> Stored:
    """Each value is mixed with the mean of its neighbours."""
    padded = np.concatenate([stored[:, :1], stored, stored[:, -1:]], axis=1)
    mean = (padded[:, :-2] + padded[:, 2:]) / 2
    return ((1 - strength) * stored + strength * mean).astype(stored.dtype)


def of_series(data: Data) -> list[Planted]:
    """The faults of series."""
    return [
        Planted("white noise on top, deviations", noisy, (0.05, 0.2)),
        Planted("smoothed, share of the neighbours' mean", smooth, (0.2, 0.6)),
        Planted("constant series, share", share_of(still), (0.05, 0.2)),
        Planted("wider range, factor", wider, (1.1, 1.5)),
        Planted("drift, deviations at the end", drifting, (0.25, 1.0)),
        REPEATED,
    ]


# -- sound


def added(make: Callable[[tuple[int, ...], Random], Stored]) -> Fault:
    """Something added to clips; the strength is in decibels of full scale."""

    def planted(stored: Stored, strength: float, random: Random) -> Stored:
        sound = stored + 32768 * 10 ** (strength / 20) * make(stored.shape, random)
        return sound.round().clip(-32768, 32767).astype(np.int16)

    return planted


def hum(rate: int) -> Callable[[tuple[int, ...], Random], Stored]:
    """A tone of 100 Hz in any phase, of mean square 1."""

    def make(shape: tuple[int, ...], random: Random) -> Stored:
        phase = random.uniform(0, 2 * np.pi, (shape[0], 1))
        return np.sqrt(2) * np.sin(2 * np.pi * 100 / rate * np.arange(shape[1]) + phase)

    return make


def click(stored: Stored, strength: float, random: Random) -> Stored:
    """One sample of each clip at an eighth of full scale."""
    made = stored.copy()
    made[np.arange(len(made)), random.integers(0, made.shape[1], len(made))] = 4096
    return made


def silent(stored: Stored, strength: float, random: Random) -> Stored:
    return stored // 2048


def of_sound(data: Data) -> list[Planted]:
    """The faults of sound."""
    domain = data.domain
    assert isinstance(domain, Waveforms)
    return [
        Planted("noise, decibels of full scale", added(lambda shape, random: random.normal(size=shape)), (-65, -45)),
        Planted("hum of 100 Hz, decibels", added(hum(domain.sampling_rate)), (-55, -35)),
        Planted("a click, share of clips", share_of(click), (0.05, 0.2)),
        Planted("silent, share of clips", share_of(silent), (0.05, 0.2)),
        REPEATED,
    ]


# -- text


def of_text(data: Data) -> list[Planted]:
    """The faults of strings."""
    domain = data.domain
    assert isinstance(domain, Strings)
    end = domain.end

    def invented(stored: Stored, strength: float, random: Random) -> Stored:
        """Symbols replaced by random ones, a share."""
        changed = (random.random(stored.shape) < strength) & (stored != end)
        return np.where(changed, random.integers(0, end, stored.shape), stored).astype(stored.dtype)

    def stuttering(stored: Stored, strength: float, random: Random) -> Stored:
        """From a random place on two symbols alternate for ten, or to the end."""
        made = stored.copy()
        for row, string in enumerate(stored):
            length = int((string != end).sum())
            start = int(random.integers(0, max(length - 6, 1)))
            stop = min(start + 10, length)
            made[row, start:stop] = np.resize(string[start : start + 2], stop - start)
        return made

    def cut_off(stored: Stored, strength: float, random: Random) -> Stored:
        """Ended after 40 to 90 % of the symbols."""
        lengths = (stored != end).sum(1)
        kept = np.maximum((lengths * random.uniform(0.4, 0.9, len(stored))).astype(int), 1)
        return np.where(np.arange(stored.shape[1]) < kept[:, None], stored, end).astype(stored.dtype)

    def without_one(stored: Stored, strength: float, random: Random) -> Stored:
        """Each bracket and quotation mark becomes a space or, without one, the first symbol, a share of them."""
        marks = [code for code, symbol in enumerate(domain.vocabulary) if symbol in '()[]{}"']
        other = domain.vocabulary.index(" ") if " " in domain.vocabulary else 0
        changed = np.isin(stored, marks) & (random.random(stored.shape) < strength)
        return np.where(changed, other, stored).astype(stored.dtype)

    bracketed = [Planted("brackets dropped, share", without_one, (0.05, 0.2))] if "(" in domain.vocabulary else []
    return [
        Planted("random symbols, share", invented, (0.01, 0.05)),
        Planted("stuttering strings, share", share_of(stuttering), (0.05, 0.2)),
        Planted("cut off, share", share_of(cut_off), (0.05, 0.2)),
        *bracketed,
        REPEATED,
    ]


# -- tables


def shuffled(stored: Stored, strength: float, random: Random) -> Stored:
    """The first column from other rows."""
    made = stored.copy()
    made[:, 0] = stored[random.permutation(len(stored)), 0]
    return made


def shifted(stored: Stored, strength: float, random: Random) -> Stored:
    """The first column, by some of its deviations."""
    made = stored.copy()
    made[:, 0] += np.round(strength * stored[:, 0].std())
    return made


def rare_lost(stored: Stored, strength: float, random: Random) -> Stored:
    """The second column has its most frequent value instead of all that a share of rows or less have."""
    made = stored.copy()
    values, places, counts = np.unique(stored[:, 1], return_inverse=True, return_counts=True)
    made[(counts / len(stored) <= strength)[places], 1] = values[counts.argmax()]
    return made


def of_tables(data: Data) -> list[Planted]:
    """The faults of tables."""
    return [
        Planted("a column from other rows, share", share_of(shuffled), (0.2, 1.0)),
        Planted("a column shifted, deviations", shifted, (0.1, 0.5)),
        Planted("rare categories lost, up to a share", rare_lost, (0.05, 0.2)),
        REPEATED,
    ]


# -- measuring


def lines_of_code() -> Data:
    """Lines of Python's own library of 20 to 60 characters with some letters, as text."""
    folder, found = Path(sysconfig.get_path("stdlib")), set()
    for file in sorted(folder.glob("*.py")):
        text = file.read_text(encoding="utf-8", errors="replace")
        found |= {line.strip() for line in text.split("\n") if 20 <= len(line.strip()) <= 60 and line.isascii()}
    lines = [line for line in sorted(found) if line.count(" ") > 1 and "\t" not in line]
    return from_lines("lines of code", lines)


def sentences() -> Data:
    """Lines of the documentation strings of Python's own library, of 20 to 60 characters, as text."""
    found = set()
    for file in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8", errors="replace"))
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
        texts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)]
        found |= {line.strip() for text in texts for line in text.split("\n")}
    return from_lines("sentences", [one for one in sorted(found) if 20 <= len(one) <= 60 and one.isascii()])


def from_lines(name: str, lines: Sequence[str]) -> Data:
    vocabulary = tuple(sorted(set("".join(lines))))
    domain = Strings(vocabulary, max(map(len, lines)))
    codes = np.full((len(lines), domain.length), domain.end, dtype=np.int16)
    for row, line in zip(codes, lines, strict=True):
        row[: len(line)] = [vocabulary.index(symbol) for symbol in line]
    return Data(name, domain, codes)


def tables(data: Data, faults: Sequence[Planted]) -> str:
    """The Markdown table of a data set."""
    order = generator("planted").permutation(len(data))
    quarter = len(order) // 4
    views = Views(data.domain, default_features(data.domain, None))

    def viewed(rows: Any, labels: bool = True) -> ViewedSamples:
        kept = data.labels[rows] if labels and data.labels is not None else None
        return ViewedSamples(views, np.asarray(data.samples[rows]), kept)

    most = 3 * MOST
    train, reference = viewed(order[:quarter][:most]), viewed(order[quarter : 2 * quarter][:most])
    rest = order[2 * quarter :]
    size = min(MOST, len(rest) // 3)
    base, pool = np.asarray(data.samples[rest[:size]]), rest[size:]
    reals = RealData(reference, train, train, {})
    baselines = [
        viewed(generator("baseline", place).permutation(pool)[:size], labels=False) for place in range(BASELINES)
    ]
    metrics = [BoundMetric(name, load_module("metrics", name).METRIC, reals, views) for name in names("metrics")]
    fits = [
        one
        for one in metrics
        if one.name not in NETWORKS and not one.metric.needs & ELSEWHERE and not one.hindrance(baselines[0])
    ]
    usual: dict[str, list[float]] = {}
    better: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for one in fits:
        started = time.perf_counter()
        try:
            for baseline in baselines:
                for value, number in one.measure(baseline).items():
                    usual.setdefault(value, []).append(number)
            better |= one.metric.values
        except TooFewError:
            continue
        seconds[one.name] = (time.perf_counter() - started) / len(baselines)
    values = [value for value in better if value != "modes of"]
    lines = [
        f"### {data.name}: {size:,} samples, {len(reference):,} in the reference",
        "",
        "| fault | " + " | ".join(values) + " |",
        "|---" * (len(values) + 1) + "|",
        "| real data | " + " | ".join(f"{np.mean(usual[one]):.3g} ± {np.std(usual[one]):.1g}" for one in values) + " |",
    ]
    for fault in (Planted("no fault,", lambda stored, strength, random: stored, (0,)), *faults):
        for strength in fault.strengths:
            stored = fault.fault(base, strength, generator("fault", fault.name))
            measured: dict[str, float] = {}
            for one in fits:
                if one.name in seconds:
                    measured |= one.measure(ViewedSamples(views, stored))
            cells = [shown(measured[one], usual[one], better[one], 1 / size) for one in values]
            lines.append(f"| {fault.name} {strength:g} | " + " | ".join(cells) + " |")
    took = ", ".join(f"{name} {spent:.2g}" for name, spent in seconds.items())
    return "\n".join([*lines, "", f"Seconds: {took}.", ""])


def shown(value: float, usual: Sequence[float], better: str, step: float) -> str:
    """A value, bold where it is clearly worse than those of real data; `step` is their deviation where they agree."""
    deviation = max(float(np.std(usual, ddof=1)) or step, 0.005 * abs(float(np.mean(usual))))
    distance = (value - float(np.mean(usual))) / deviation
    worse = {"lower": distance, "higher": -distance, "as real": abs(distance)}[better]
    return f"**{value:.3g}**" if worse >= CLEAR else f"{value:.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0], allow_abbrev=False)
    parser.add_argument("domains", nargs="*", default=["points", "series", "sound", "text", "tables"])
    parser.add_argument("--speech", help="a folder of spoken digits, see benchmarks/sound/spoken_digits.py")
    parser.add_argument("--stock", help="stock_data.csv")
    parser.add_argument("--adult", help="adult.data")
    options = parser.parse_args()

    def file(path: str | None, **more: Any) -> list[Callable[[], Data]]:
        return [] if path is None else [lambda: data_source.find(path, more).data]

    sets: Mapping[str, tuple[list[Callable[[], Data]], Callable[[Data], list[Planted]]]] = {
        "points": ([lambda: load("ring", count=8000), lambda: load("curve", count=8000)], of_points),
        "series": ([*file(options.stock, window=24), lambda: load("sines", count=8000)], of_series),
        "sound": ([lambda: load("drums", count=8000), *file(options.speech)], of_sound),
        "text": ([lambda: load("words", count=20000), lines_of_code, sentences], of_text),
        "tables": ([*file(options.adult)], of_tables),
    }
    for name in options.domains:
        loaders, faults = sets[name]
        for loader in loaders:
            data = loader()
            print(tables(data, faults(data)), flush=True)


if __name__ == "__main__":
    main()
