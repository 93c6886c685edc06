"""A metric: a pure function of samples in one view, with its requirements and the direction that is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from ganwright.core.column import Column
from ganwright.core.errors import UserError

Array = NDArray[Any]
Better = Literal["lower", "higher", "as real"]
Need = Literal["labels", "conditions", "train", "pairs", "continuations"]
BORDER = 4  # pixels: the scale factor of the papers' tables (Ledig et al. 2017, section 3.1)
MetricView = Literal["features", "pictures", "points", "windows", "rows", "spectrograms", "strings"]


class TooFewError(UserError):
    """Fewer samples than the metric needs; the judge reports the reason instead of a value."""


@dataclass(frozen=True, eq=False)
class Samples:
    """One set of samples in one view; `labels` are the classes of real samples, or the classes fakes were drawn under.

    In the views "rows" and "windows", `columns` describe the values, if they are known; categories are codes. The last
    `static` columns of windows are constant over time. The one column of strings has their symbols as categories.
    """

    values: Array  # [n, ...]
    labels: Array | None = None  # int64 [n]
    columns: tuple[Column, ...] = ()
    static: int = 0

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Compared:
    """The input of a metric, in its view: fakes, real samples of the reference, and training samples.

    `border` is what the metrics of pairs leave out at each side, in pixels.
    """

    fake: Samples
    real: Samples
    train: Samples | None = None
    border: int = BORDER


def _always(real: Samples) -> str:
    return ""


@dataclass(frozen=True)
class Metric:
    """Each module of `metrics/` defines one as METRIC.

    `view` is the form of the samples: "features" float [n, d], "pictures" uint8 [n, height, width, channels], "points"
    float [n, d] in the data's units, "windows" float [n, time, column] in the data's units, NaN after the end of a
    series, "rows" float64 [n, columns], "spectrograms" float32 [n, bands, frames] in decibels, "strings" codes int16
    [n, length], the number of symbols after the end of a string. `values` names the values that `measure` returns and
    the better direction ("as real": closer to the baseline). `needs` lists the real samples' labels, the conditions of
    the fakes, the training samples, pairs (fake i should equal real i), or continuations (fakes i continue real i); the
    metric is skipped if one is missing. `unfit` is a clause, such as "no feature is static", about why the metric says
    nothing about such real samples; it is skipped unless that is empty.
    """

    view: MetricView
    values: Mapping[str, Better]
    measure: Callable[[Compared], Mapping[str, float]]
    needs: frozenset[Need] = frozenset()
    unfit: Callable[[Samples], str] = _always
