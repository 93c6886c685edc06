"""The real data of a judgement: reference, real-data baseline, and training samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ganwright.config import data_source
from ganwright.config.data_source import DataSource
from ganwright.core.data import Data
from ganwright.core.draws import generator
from ganwright.core.errors import UserError
from ganwright.core.metric import Array
from ganwright.judging.views import ViewedSamples, Views

MIN_CLASSES, MAX_CLASSES = 2, 100  # outside this range labels are ignored: a probe cannot separate the classes
REFERENCE = 10_000  # maximum number of real samples, unless more samples are judged
TRAIN = 100_000  # maximum number of training samples


@dataclass(frozen=True)
class RealData:
    """`reference` is what samples are compared with; the real-data baseline is measured on samples of `pool`.

    `train` holds training samples, if the reference was held out from them. `protocol` is recorded on the card.
    """

    reference: ViewedSamples
    pool: ViewedSamples
    train: ViewedSamples | None
    protocol: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @cached_property
    def held_out(self) -> tuple[ViewedSamples, ViewedSamples]:
        """Two random halves of the reference."""
        order = generator("held out").permutation(len(self.reference))
        return self.reference.rows(order[::2]), self.reference.rows(order[1::2])

    def baselines(self, n: int, count: int) -> Iterator[ViewedSamples]:
        """Yields up to `count` disjoint sets of `n` samples of the pool, or one smaller set if the pool is smaller."""
        order = generator("floor").permutation(len(self.pool))
        size = min(n, len(order))
        for place in range(max(min(count, len(order) // size), 1)):
            yield self.pool.rows(order[place * size : (place + 1) * size])


def load_real_data(source: DataSource, views: Views, n: int) -> RealData:
    """Splits a data set into its test and training parts or, without a test part, into two random halves."""
    train, (test, part) = source.data, data_source.other_part(source)
    count, notes = max(n, REFERENCE), list(_ignored_classes(train))
    if test is None:
        one, other = _halves(train)
        protocol = {"data": train.name, "reference": "a random half of the data", "baseline": "the other half"}
        notes += [f"The data are split in halves, because {part}."] if part else []
        notes += [*_limited("reference", len(one), count), *_limited("baseline", len(other), TRAIN)]
        parts = _viewed(train, one[:count], views), _viewed(train, other[:TRAIN], views)
        return RealData(*parts, None, protocol | {"reference samples": len(parts[0])}, tuple(notes))
    pool = _viewed(train, generator("pool").permutation(len(train))[:TRAIN], views)
    reference = _viewed(test, generator("test").permutation(len(test))[:count], views)
    own = "training" if part == "test" else "test"
    other_name = "test" if part == "test" else "training"
    protocol = {"data": train.name, "reference": f"the {other_name} part", "baseline": f"the {own} part"}
    notes += [*_limited("reference", len(test), count), *_limited("baseline", len(train), TRAIN)]
    return RealData(reference, pool, pool, protocol | {"reference samples": len(reference)}, tuple(notes))


def _limited(what: str, available: int, most: int) -> Iterator[str]:
    """A note where not all real samples are used."""
    if available > most:
        yield f"The {what} is {most:,} of {available:,} real samples, chosen at random."


def _ignored_classes(data: Data) -> Iterator[str]:
    """A note where the data have classes that no metric uses."""
    if data.labels is not None and not MIN_CLASSES <= len(data.classes) <= MAX_CLASSES:
        has = f"{len(data.classes):,} class" + "es" * (len(data.classes) > 1)
        yield f"The labels of {data.name} are not used: it has {has}, and metrics take {MIN_CLASSES} to {MAX_CLASSES}."


def set_aside(source: DataSource, views: Views, n: int) -> ViewedSamples:
    """Returns at most `n` real samples that are outside every judgement's reference."""
    return _viewed(source.data, generator("aside").permutation(baseline_rows(source))[:n], views)


def aside_in_words(source: DataSource) -> str:
    """Where the samples of `set_aside` come from."""
    without = "the half of the data that is not the reference"
    return without if data_source.the_test_part(source) is None else "the training part"


def baseline_rows(source: DataSource) -> Array:
    """Returns the rows outside the reference: the training part, or the other random half."""
    return _halves(source.data)[1] if data_source.the_test_part(source) is None else np.arange(len(source.data))


def _halves(train: Data) -> tuple[Array, Array]:
    """Returns two random halves of the rows; raises a UserError for fewer than two samples."""
    order = generator("halves").permutation(len(train))
    if len(order) < 2:
        raise UserError(f"{train.name} has {len(order)} sample: judging needs at least 2 real samples.")
    return order[: len(order) // 2], order[len(order) // 2 :]


def _viewed(data: Data, rows: Array, views: Views) -> ViewedSamples:
    """Returns the samples of some rows, sorted so that a memory map is read forward."""
    rows.sort()
    labelled = data.labels is not None and MIN_CLASSES <= len(data.classes) <= MAX_CLASSES
    labels = data.labels[rows] if labelled and data.labels is not None else None
    conditions = None if views.condition is None or data.conditions is None else np.array(data.conditions[rows])
    return ViewedSamples(views, data.samples[rows], labels, True, conditions)
