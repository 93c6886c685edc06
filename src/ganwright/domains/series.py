"""The domain of time series: numbers and categories over time, with static features, of one length or of several."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganwright.core.column import Column
from ganwright.core.domain import Field, Origin, Panels, Reader, SavedSamples, Stored, Writer
from ganwright.core.errors import UserError
from ganwright.core.metric import Samples
from ganwright.domains._column_values import decoded, encoded
from ganwright.domains._figure import to_image
from ganwright.domains._own_range import OwnRange
from ganwright.domains._plotted import Plotted, Sets, Typed, writers_of
from ganwright.domains._series_health import Shown, changes, correlations, shown
from ganwright.domains._series_lines import LineIndex, SeriesLines, continued
from ganwright.domains._series_panels import panels
from ganwright.domains._series_plot import forecasts, overview
from ganwright.domains._tabular import SUFFIXES, opened
from ganwright.domains._text import TextOptions
from ganwright.domains._text_series import Form, read_series

MAX_STEPS = 1 << 17  # of a series; longer ones are cut into windows


@dataclass(frozen=True)
class Series(Plotted):
    """Series of at most `steps` time steps.

    Stored: float32 [n, steps, features + static] in the user's units, with codes for categories. A static feature has
    one value throughout a series. Series of `variable` length are stored with NaN after their end.

    Encoded: [n, steps, channels]. First the features: a number is (stored - shift) / scale of its column, a category
    one-hot. If `variable`, then the generation flag (DoppelGANger: Lin et al. 2020), 1 while the series lasts and 0
    after its end, where the features are 0 too. Then the attributes, which are constant over time: the static features
    and, with `own_ranges`, the range of each number. With these, numbers are encoded as (stored - middle) / half the
    range of their own series, see `OwnRange`; where the first `given` steps are known, these alone determine the range.

    `copies` are pairs of places of numerical features of which the first is equal to the second, an earlier one, at
    every step of the data. A generator makes them equal, see `sources`.

    `key` and `time` are the names of the columns of a file that tell the series and their steps apart; `times` are the
    first time stamps of the data, as they were written there, which samples get too. Of a file of longer series all
    windows are read, or the `latest` only: the last steps, which a forecast continues with their keys and times.
    """

    steps: int
    features: tuple[Column, ...]
    static: tuple[Column, ...] = ()
    variable: bool = False
    own_ranges: tuple[OwnRange, ...] = ()  # one for each numerical feature, or none
    given: int = 0
    key: str = "series"
    time: str = "step"
    times: tuple[str, ...] = ()
    latest: bool = False
    copies: tuple[tuple[int, int], ...] = ()

    noun = "series"
    may_be_nan = True
    views = ("windows",)
    grid_size = 64
    default_recipe = "series"
    paired_recipe = "series"

    def __post_init__(self) -> None:
        """Raises ValueError for fields that do not go together, as in a damaged file."""
        problem = self._problem()
        if problem:
            raise ValueError(problem)

    # -- forms of a sample

    @property
    def attributes(self) -> tuple[Column, ...]:
        """What is constant over time: the static features, then middle and range of each number."""
        return (*self.static, *(column for own in self.own_ranges for column in (own.middle, own.log_half)))

    @property
    def channels(self) -> list[int]:
        """The numbers of encoded channels: of the features, the generation flag, and the attributes."""
        features, attributes = (sum(column.width for column in of) for of in (self.features, self.attributes))
        return [features, int(self.variable), attributes]

    @property
    def shape(self) -> tuple[int, int]:
        return self.steps, sum(self.channels)

    @property
    def stored_shape(self) -> tuple[int, int]:
        return self.steps, len(self.features) + len(self.static)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the stored form."""
        return self.features + self.static

    @property
    def numbers(self) -> list[int]:
        """The places of the numerical features."""
        return [place for place, column in enumerate(self.features) if not column.categories]

    @property
    def sources(self) -> tuple[list[int], list[int]]:
        """For each channel of the features, and for each of the attributes, the channel that it is equal to."""
        ranges = {place: len(self.static) + 2 * index for index, place in enumerate(self.numbers)}  # in attributes
        pairs = [(ranges[copy] + part, ranges[of] + part) for copy, of in self.copies for part in (0, 1)]
        return _sources(self.features, self.copies), _sources(self.attributes, pairs if self.own_ranges else ())

    @property
    def spanning(self) -> list[int]:
        """The places of the numerical features that, encoded by their own ranges, span [-1, 1] in every series."""
        return [place for place, own in zip(self.numbers, self.own_ranges, strict=False) if own.never_smallest]

    def _problem(self) -> str:
        """What is wrong with the fields; empty if nothing is."""
        names = [self.key, self.time, *(column.name for column in self.columns)]
        every = (*self.features, *self.attributes)
        if not 1 <= self.steps <= MAX_STEPS:
            return f"steps should be from 1 to {MAX_STEPS:,}, not {self.steps}"
        if not 0 <= self.given <= self.steps:
            return f"given should be from 0 to {self.steps}, not {self.given}"
        if not self.features or len(set(names)) < len(names):
            return "features, static features, key and time should have different names"
        if any(len(set(column.categories)) < len(column.categories) for column in every):
            return "the categories of a column should differ"
        if not all(math.isfinite(column.shift) and 0 < column.scale < math.inf for column in every):
            return "the numbers of a column should have a finite shift and a positive, finite scale"
        if self.own_ranges and len(self.own_ranges) != len(self.numbers):
            return "there should be an own range for each number, or none"
        if not all(0 < own.smallest < math.inf for own in self.own_ranges):
            return "the smallest range of a number should be positive and finite"
        if any(not 0 <= of < copy or not {of, copy} <= {*self.numbers} for copy, of in self.copies):
            return "a copy should be a number, and equal to a number before it"
        if self.times and len(self.times) < self.steps:
            return f"there should be {self.steps} times, or none"
        return ""

    def encode(self, stored: Tensor) -> Tensor:
        lasts = ~stored[:, :, :1].isnan()  # [n, time, 1]
        static = stored[:, 0, len(self.features) :]
        attributes = [encoded(column, static[:, place]) for place, column in enumerate(self.static)]
        features = []
        own_ranges = dict(zip(self.numbers, self.own_ranges, strict=False))
        for place, column in enumerate(self.features):
            values = stored[:, :, place]
            if place in own_ranges:
                own = own_ranges[place]
                middle, log_half = own.values(values[:, : self.given or self.steps].double())
                attributes += [encoded(own.middle, middle), encoded(own.log_half, log_half)]
                scaled = (values - middle[:, None]) / log_half.exp()[:, None]
                features.append(scaled.to(torch.get_default_dtype()).unsqueeze(-1))
            else:
                features.append(encoded(column, values.nan_to_num(0.0)))
        series = torch.cat(features, 2).masked_fill(~lasts, 0.0)
        parts = [series, lasts.to(series.dtype)] if self.variable else [series]
        constant = [one[:, None].expand(-1, self.steps, -1) for one in attributes]
        return torch.cat(parts + constant, 2)

    def decode(self, encoded: Tensor) -> Stored:
        """Attributes are read at the first step, and a series has at least one step."""
        widths = [column.width for column in self.features], [column.width for column in self.attributes]
        every = encoded.detach().double().cpu()
        series, flag, constant = every.split(self.channels, 2)
        attributes = dict(zip(self.attributes, constant[:, 0].split(widths[1], 1), strict=True)) if widths[1] else {}
        stored = []
        own_ranges = dict(zip(self.numbers, self.own_ranges, strict=False))
        for place, (column, part) in enumerate(zip(self.features, series.split(widths[0], 2), strict=True)):
            if place in own_ranges:
                own = own_ranges[place]
                middle = decoded(own.middle, attributes[own.middle])
                half = decoded(own.log_half, attributes[own.log_half]).exp()
                part = (
                    part * (half / column.scale)[:, None, None]
                    + ((middle - column.shift) / column.scale)[:, None, None]
                )
            stored.append(decoded(column, part))
        stored += [decoded(column, attributes[column])[:, None].expand(-1, self.steps) for column in self.static]
        values = torch.stack(stored, 2)
        if self.variable:
            lasts = (flag > 0.5).index_fill(1, torch.tensor([0]), True).cumprod(1).bool()
            values = values.masked_fill(~lasts, torch.nan)
        return values.float().numpy()

    def from_array(self, array: Any, where: str) -> Stored:
        """As `Domain.from_array`; also raises UserError for unknown codes and for NaN anywhere but after the end."""
        stored = super().from_array(array, where)
        lasts: Any = ~np.isnan(stored)
        whole: Any = lasts.all(axis=2)
        unfit = ~whole.all(axis=1)
        if self.variable:
            partly, again = lasts.any(axis=2) & ~whole, whole[:, 1:] & ~whole[:, :-1]
            unfit = ~whole[:, 0] | partly.any(axis=1) | again.any(axis=1)
        if unfit.any():
            rule = "NaN is allowed after the end of a series only" if self.variable else "series have no missing values"
            raise UserError(f"{where}, series {int(np.argmax(unfit))} holds NaN: {rule}.")
        for place, column in enumerate(self.columns):
            codes = stored[:, :, place]
            unknown = bool(column.categories) & ~np.isin(codes, np.arange(column.width)) & ~np.isnan(codes)
            if unknown.any():
                row, step = (int(one[0]) for one in np.nonzero(unknown))
                raise UserError(
                    f"{where}, series {row}, step {step}: {column.name} is {codes[row, step]:g}, expected is a code "
                    f"from 0 to {column.width - 1}."
                )
        return stored

    def with_static(self, columns: tuple[Column, ...], values: Stored, stored: Stored) -> tuple[Series, Stored]:
        beside = np.broadcast_to(values[:, None].astype(np.float32), (*stored.shape[:2], len(columns)))
        ended = np.where(np.isnan(stored[:, :, :1]), np.float32("nan"), beside)
        return replace(self, static=self.static + columns), np.concatenate([stored, ended], axis=2)

    def describe(self) -> str:
        count, static = len(self.features), len(self.static)
        steps = f"{'at most ' * self.variable}{self.steps} time step{'s' * (self.steps != 1)}"
        also = f" and {static} static one{'s' * (static != 1)}" if static else ""
        return f"series of {steps}, {count} feature{'s' * (count != 1)}{also}"

    # -- health checks

    def compared(self, encoded: Tensor) -> Tensor:
        """What decoding would show, [n, numbers], with attributes once."""
        parts = self._shown(encoded)
        lasts = [parts.lasts.to(encoded.dtype)] if self.variable else []
        return torch.cat([*(one.flatten(1) for one in parts.features), *lasts, *parts.attributes], 1)

    def traits(self, encoded: Tensor) -> Mapping[str, Tensor]:
        """How much each number changes; each category's share of time, and which is when; lengths; attributes."""
        parts = self._shown(encoded)
        lengths = parts.lasts.sum(1, keepdim=True).to(encoded.dtype)
        found = {"the lengths": lengths}
        for column, values in zip(self.features, parts.features, strict=True):
            if column.categories:
                found[f"the shares of time in the categories of {column.name}"] = values.sum(1) / lengths
                # With 1 added, so that a category that is rare at one of many steps may be missing there.
                found[f"the categories of {column.name} at each step"] = 1 + values.flatten(1)
            else:
                found[f"the changes of {column.name} over time"] = changes(values[..., 0], parts.lasts)
        together = correlations([parts.features[place][..., 0] for place in self.numbers], parts.lasts)
        found["the correlations between changes of successive features"] = together
        named = zip(self.attributes, parts.attributes, strict=True)
        return found | {f"the values of {column.name}": values for column, values in named}

    def _shown(self, encoded: Tensor) -> Shown:
        return shown(encoded, self.features, self.attributes, self.variable)

    # -- metrics and pictures

    def viewed(self, view: str, stored: Stored, labels: Stored | None = None) -> Samples:
        return Samples(stored, labels, self.columns, len(self.static))

    def plot(self, sets: Sets, field: Field | None = None) -> Any:
        return overview(self.features, self.static, sets, self.given)

    def panels(self, entries: Stored) -> Panels:
        return panels(self.features, self.static, entries[:, 0])

    def render_forecasts(self, real: Stored, drawn: Stored) -> Image.Image:
        """One picture of real series [n, *stored_shape] and m continuations of each, [n, m, *stored_shape]."""
        return to_image(forecasts(self.features, self.given, real, drawn))

    # -- files

    @property
    def header(self) -> Sequence[str]:
        return [self.key, self.time, *(column.name for column in self.columns)]

    def lines(self, stored: Stored) -> Iterator[tuple[int, Sequence[object]]]:
        """One line per time step of each series, whose key is its number."""
        return SeriesLines(self.columns, self._index(len(stored))).lines(stored)

    def typed(self, stored: Stored) -> Typed:
        return SeriesLines(self.columns, self._index(len(stored))).typed(stored)

    def writers_after(self, origins: Sequence[Origin], draws: int) -> tuple[Mapping[str, Writer], tuple[str, ...]]:
        """With the keys and times of the series that are continued, and the column `draw` if there are several."""
        if not origins:
            return super().writers_after(origins, draws)
        index, notes = continued(self._index(1), self.header, origins, self.steps, draws)
        return writers_of(SeriesLines(self.columns, index)), notes

    def _index(self, count: int) -> LineIndex:
        """Of series that are no other's."""
        times = self.times or [str(step) for step in range(self.steps)]
        return LineIndex(self.key, self.time, [str(place) for place in range(count)], [times] * count)

    @property
    def readers(self) -> dict[str, Reader]:
        return dict.fromkeys(SUFFIXES, self._read_text) | super().readers

    def _read_text(self, path: Path, options: Mapping[str, Any] | None) -> SavedSamples:
        """The series of a file, see `read_series`."""
        text = opened(path, TextOptions.among(options))
        form = Form(self.features, self.static, self.steps, self.variable, self.latest, self.key, self.time)
        samples, notes, origins = read_series(text, form)
        return SavedSamples(samples, notes=(*notes, *text.notes), origins=origins)


def _sources(columns: Sequence[Column], copies: Sequence[tuple[int, int]]) -> list[int]:
    """The channel that each channel of columns is equal to, where copies are numbers."""
    begins = list(accumulate((column.width for column in columns), initial=0))
    sources = list(range(begins.pop()))
    for copy, of in copies:
        sources[begins[copy]] = begins[of]
    return sources
