"""The real side of a judgement: the reference, samples set aside for the floor, and what was trained on."""

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

CLASSES = 2, 100  # so many the data must have, at least and at most, for classes to be told apart by a probe
REFERENCE = 10_000  # real samples, at most, unless more are judged
TRAIN = 100_000  # training samples, at most


@dataclass(frozen=True)
class RealData:
    """`reference` is what fakes are compared with; `pool` lends real samples in the place of fakes, for the floor.

    `train` is what was trained on, where the reference was held out from it. `words` say so on the card.
    """

    reference: ViewedSamples
    pool: ViewedSamples
    train: ViewedSamples | None
    protocol: Mapping[str, Any]

    @cached_property
    def held_out(self) -> tuple[ViewedSamples, ViewedSamples]:
        """Random halves of the reference."""
        order = generator("held out").permutation(len(self.reference))
        return self.reference.rows(order[::2]), self.reference.rows(order[1::2])

    def baselines(self, n: int, count: int) -> Iterator[ViewedSamples]:
        """Disjoint sets of `n` samples of the pool, at most `count`; one smaller set where it has fewer."""
        order = generator("floor").permutation(len(self.pool))
        size = min(n, len(order))
        for place in range(max(min(count, len(order) // size), 1)):
            yield self.pool.rows(order[place * size : (place + 1) * size])


def load_real_data(source: DataSource, views: Views, n: int) -> RealData:
    """The parts of a data set: its own test part against its training part, or two random halves."""
    train, test = source.data, data_source.the_test_part(source)
    most = max(n, REFERENCE)
    if test is None:
        one, other = _halves(train)
        words = {"data": train.name, "reference": "a random half of it", "floor": "the other half"}
        parts = _seen(train, one[:most], views), _seen(train, other[:TRAIN], views)
        return RealData(*parts, None, words | {"reference samples": len(parts[0])})
    pool = _seen(train, generator("pool").permutation(len(train))[:TRAIN], views)
    reference = _seen(test, generator("test").permutation(len(test))[:most], views)
    words = {"data": train.name, "reference": "its test part", "floor": "its training part"}
    return RealData(reference, pool, pool, words | {"reference samples": len(reference)})


def set_aside(source: DataSource, views: Views, n: int) -> ViewedSamples:
    """At most `n` real samples that are in no judgement's reference."""
    return _seen(source.data, generator("aside").permutation(baseline_rows(source))[:n], views)


def baseline_rows(source: DataSource) -> Array:
    """The rows that may stand in the place of fakes: of the training part, or of the half that is no reference."""
    return _halves(source.data)[1] if data_source.the_test_part(source) is None else np.arange(len(source.data))


def _halves(train: Data) -> tuple[Array, Array]:
    """Random rows; a UserError where there is nothing to halve."""
    order = generator("halves").permutation(len(train))
    if len(order) < 2:
        raise UserError(f"{train.name} has {len(order)} sample: a floor needs two at least.")
    return order[: len(order) // 2], order[len(order) // 2 :]


def _seen(data: Data, rows: Array, views: Views) -> ViewedSamples:
    """Those rows, in the order of the data: a memory map is read forward."""
    rows.sort()
    labelled = data.labels is not None and CLASSES[0] <= len(data.classes) <= CLASSES[1]
    labels = data.labels[rows] if labelled and data.labels is not None else None
    return ViewedSamples(views, data.samples[rows], labels, real=True)
