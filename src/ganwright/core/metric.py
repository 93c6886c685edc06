"""A metric: a pure function of samples in one view, with what it needs and which way is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from ganwright.core.column import Column
from ganwright.core.errors import UserError

Array = NDArray[Any]
Better = Literal["lower", "higher", "as real"]
Need = Literal["labels", "conditions", "train", "pairs"]
MetricView = Literal["features", "pictures", "points", "windows", "rows"]


class TooFewError(UserError):
    """There are fewer samples than the metric needs; the judge marks the value instead of giving a wrong one."""


@dataclass(frozen=True, eq=False)
class Samples:
    """One set of samples in one view; `labels` are the classes of real samples, or those that fakes were asked for.

    In the view "rows" `columns` say what the values are: categories are their codes.
    """

    values: Array  # [n, ...]
    labels: Array | None = None  # int64 [n]
    columns: tuple[Column, ...] = ()

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Compared:
    """What a metric is given, all in its view: fakes, the real samples of the reference, and those trained on."""

    fake: Samples
    real: Samples
    train: Samples | None = None


@dataclass(frozen=True)
class Metric:
    """A file in `metrics/` names its metric METRIC.

    `view` is what of a sample is compared: "features" float [n, d], "pictures" uint8 [n, height, width, channels],
    "points" float [n, d] in the data's units, "windows" float [n, time, feature] in the data's units, "rows" float64
    [n, columns]. `values` names what `measure` returns, and which way is better ("as real": the nearer to the floor).
    `needs` are the real samples' labels, the conditions of the fakes, the training samples, pairs (fake i is meant to
    equal real i); where they are missing the metric is left out.
    """

    view: MetricView
    values: Mapping[str, Better]
    measure: Callable[[Compared], Mapping[str, float]]
    needs: frozenset[Need] = frozenset()
