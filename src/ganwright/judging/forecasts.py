"""Judges forecasts: continuations of the first steps of real series, beside two naive forecasts, by CRPS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ganwright.config import data_source
from ganwright.config.data_source import DataSource
from ganwright.core.data import Data
from ganwright.core.domain import Stored
from ganwright.core.draws import generator, torch_seed
from ganwright.core.metric import Array, TooFewError
from ganwright.judging.card import Estimate, Score, short
from ganwright.metrics._windows import columns_of, numbers
from ganwright.metrics.crps import by_series
from ganwright.runs.run import Run

METRIC = "crps"
CONTEXTS, DRAWS = 500, 50  # series that are continued at most, and continuations of each
TRAIN = 10_000  # training series that the scales and increments of naive forecasts are taken of
PERSISTENCE, RANDOM_WALK = "persistence", "random walk"
SURE = 2  # standard errors


@dataclass(frozen=True)
class Forecasts:
    """Real series [n, time, column], continuations [n, DRAWS, time, column], and what is said of them."""

    real: Stored
    drawn: Stored
    scores: tuple[Score, ...]
    protocol: Mapping[str, Any]


def judge_forecasts(run: Run, source: DataSource, seed: int) -> Forecasts:
    """Draws continuations of real series and scores them; every process must call it.

    Series are those of the test part, or of the data where there is none. Raises TooFewError if none has a step to
    forecast, or no feature is numerical.
    """
    given, test = run.domain.given, data_source.the_test_part(source)
    data = source.data if test is None else test
    rows = chosen(data.samples, given)
    real = np.array(data.samples[rows])
    view = run.domain.viewed("windows", real)
    at = numbers(view)
    if not at or not len(rows):
        raise TooFewError("no feature is numerical" if len(rows) else f"no series is longer than {given} steps")
    drawn = continuations(run, real[:, :given], seed)
    train, future, last = some_of(source.data)[..., at], real[:, given:, at].astype(np.float64), real[:, given - 1, at]
    deviation = np.nanstd(train, axis=(0, 1), dtype=np.float64)
    scale = np.where(deviation > 0, deviation, 1.0)
    scores = by_series(extended(drawn[..., at])[:, :, given:], future, scale)
    naive = {
        PERSISTENCE: np.nanmean(np.abs(future - last[:, None]) / scale, axis=(1, 2)),
        RANDOM_WALK: by_series(random_walks(last, train, future.shape[1]), future, scale),
    }
    blocks = independent_blocks(data.samples, run.domain.stored_shape[0])[rows]
    count, categories = len(np.unique(blocks)), [one.name for one in columns_of(view)[0] if one.categories]
    overlap = f"{count} blocks of series, as windows overlap"
    protocol = {
        "given steps": given,
        "series": f"{len(rows)} of {'the data trained on' if test is None else 'the test part'}, evenly spread",
        "continuations": DRAWS,
        "score": "fair CRPS (Ferro 2014), mean over the following steps and the numerical features",
        "unit": "each feature's standard deviation in the training part",
        "uncertainty": f"standard error over {overlap if count < len(rows) else 'series'}",
        PERSISTENCE: "the last given value",
        RANDOM_WALK: f"the last given value and increments drawn from the training part, {DRAWS} times",
    } | ({"left out": [f"{name} (categorical)" for name in categories]} if categories else {})
    return Forecasts(real, drawn, scored(scores, naive, blocks), protocol)


def chosen(stored: Stored, given: int) -> Array:
    """The rows of at most CONTEXTS series that have a step after the given ones, evenly spread."""
    longer = np.flatnonzero(~np.isnan(np.asarray(stored[:, given, 0])))
    places = np.linspace(0, max(len(longer) - 1, 0), min(len(longer), CONTEXTS)).astype(int)
    return np.asarray(longer[places])


def extended(drawn: Stored) -> Stored:
    """Series [..., time, feature] that keep their last value after their end, where they are NaN."""
    steps = np.arange(drawn.shape[-2])[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(drawn), 0, steps), axis=-2)
    return np.asarray(np.take_along_axis(drawn, last, axis=-2))


def continuations(run: Run, known: Stored, seed: int) -> Stored:
    """DRAWS samples under each of the known first steps [n, given, column], [n, DRAWS, time, column]."""
    domain = run.recipe.data.condition_domain
    assert domain is not None
    conditions = domain.encode(torch.from_numpy(known)).repeat_interleave(DRAWS, 0)
    samples = run.sharded_samples(len(conditions), torch_seed("forecasts", seed), conditions)
    return samples.reshape(len(known), DRAWS, *samples.shape[1:])


def some_of(data: Data) -> Stored:
    """At most TRAIN samples of the data, chosen at random."""
    rows = np.sort(generator("forecasts").permutation(len(data))[:TRAIN])
    return np.array(data.samples[rows])


def random_walks(last: Array, train: Stored, steps: int) -> Array:
    """DRAWS walks from the last values [n, feature], with increments of training series: [n, DRAWS, steps, feature].

    Increments are drawn with replacement, for each feature on its own: CRPS looks at one feature at a time.
    """
    random, walks = generator("random walk"), []
    for at in range(last.shape[1]):
        increments = np.diff(train[..., at].astype(np.float64), axis=1)
        increments = increments[~np.isnan(increments)]
        places = random.integers(len(increments), size=(len(last), DRAWS, steps))
        walks.append(last[:, at, None, None] + increments[places].cumsum(axis=2))
    return np.stack(walks, axis=3)


def independent_blocks(stored: Stored, steps: int) -> Array:
    """A number for each series [n, time, column]; series of different blocks hardly share a time step.

    Windows overlap if each continues the one before by a step. Then a block is a run of 2 * steps windows, otherwise
    every series is one.
    """
    if steps < 2:
        return np.arange(len(stored))
    first = np.array(stored[:, :2]), np.array(stored[:, -2:])
    overlaps = np.ones(len(stored) - 1, dtype=bool)
    for pair in first:
        overlaps &= ((pair[:-1, 1] == pair[1:, 0]) | (np.isnan(pair[:-1, 1]) & np.isnan(pair[1:, 0]))).all(axis=1)
    overlaps &= ~np.isnan(first[1][:-1, 1]).any(axis=1)
    begins = np.r_[True, ~overlaps]
    place = np.arange(len(stored)) - np.maximum.accumulate(np.where(begins, np.arange(len(stored)), 0))
    return np.asarray(np.cumsum(begins | (place % (2 * steps) == 0)) - 1)


def scored(values: Array, naive: Mapping[str, Array], blocks: Array) -> tuple[Score, ...]:
    """The lines of the card from the CRPS of each series, [n]."""
    gains = {name: over_blocks(values - others, blocks) for name, others in naive.items()}
    beaten = [name for name, gain in gains.items() if gain.value + SURE * (gain.deviation or 0.0) < 0]
    worse = [name for name, gain in gains.items() if gain.value - SURE * (gain.deviation or 0.0) > 0]
    parts = ["better than " + " and ".join(beaten)] * bool(beaten) + ["worse than " + " and ".join(worse)] * bool(worse)
    same = [name for name in naive if name not in beaten + worse]
    parts += ["not distinguishable from " + " and ".join(same)] * bool(same)
    lines = [Score(METRIC, "lower", over_blocks(values, blocks), note="; ".join(parts))]
    for name, others in naive.items():
        gain = gains[name]
        error = "" if gain.deviation is None else f" ± {short(gain.deviation, 2)}"
        note = f"naive forecast; the run's is {short(abs(gain.value))}{error} {'lower' if gain.value < 0 else 'higher'}"
        lines.append(Score(f"{METRIC}_{name.replace(' ', '_')}", "lower", over_blocks(others, blocks), note=note))
    return tuple(lines)


def over_blocks(values: Array, blocks: Array) -> Estimate:
    """The mean over series, and its standard error where blocks are independent, and series of one block are not."""
    names, place = np.unique(blocks, return_inverse=True)
    sums = np.bincount(place, values - values.mean())  # of each block
    count = len(names)
    error = float(np.sqrt((sums**2).sum() * count / (count - 1)) / len(values)) if count > 1 else None
    return Estimate(float(values.mean()), error, count)
