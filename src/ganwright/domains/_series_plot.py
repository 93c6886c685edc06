"""Plots series: curves, quantiles over time and autocorrelations of each feature, and principal components."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ganwright.core.column import Column
from ganwright.core.domain import Stored
from ganwright.domains._autocorrelation import mean_function
from ganwright.domains._figure import COLOURS, figure
from ganwright.domains._plotted import Sets

MAX_FEATURES = 8
MAX_FORECAST = 4  # features
MAX_STATIC = 6
LINES = 6  # curves in a panel
MAX_LAG = 100
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
STRIPS = 3  # curves in a panel where each fills its own range
FLAT = 0.2  # median range of a curve / range of all, below which curves look flat on a common scale
MIN_LASTING = 3  # series that quantiles are taken of
COMPONENTS_OF = 500  # series of each set whose principal components are plotted
WIDTH, LEFT, GAP, TOP, FOOT = 210, 78, 26, 24, 120  # pixels: a panel, labels, between panels, titles, the last row
HEIGHTS = {1: 170, 2: 130, 4: 100}  # of a feature's row, by the number of rows up to it
SMALL = 76  # the same for more rows
INSET = 0.06  # of a row's height, above and below its values
SMALL_NOTE = {"ha": "right", "va": "top", "fontsize": 5, "color": "grey"}
# Of categories; neither blue nor red, which are real and generated.
STATES = ("#54a24b", "#f2b447", "#9b7fc0", "#9d755d", "#c5d86d", "#e59fd0", "#79706e", "#f58518", "#3d7a5a", "#cfc8c4")


def overview(features: Sequence[Column], static: Sequence[Column], sets: Sets, given: int = 0) -> Any:
    """Series [n, time, features + static] of the sets "real" and, if present, "generated".

    A row for each feature: some curves of each set, quantiles over time, and autocorrelations; for categories the
    shares over time, and over all steps. Below them two principal components of the numbers, with axes of the real
    ones, the lengths where they differ, and the static features. Limits are those of the real set; a line ends the
    `given` steps.
    """
    shown = list(enumerate(features[:MAX_FEATURES]))
    steps, lags = sets["real"].shape[1], min(sets["real"].shape[1] // 2, MAX_LAG)
    last = _last_row(features, static, sets)
    titles = [*(sets if len(sets) > 1 else ["series"]), "quantiles (5 to 95 %)", "autocorrelation"]
    layout = StackedRows(titles, [column.name for _, column in shown], -(-len(last) // len(titles)))
    *over_time, correlations = layout.panels
    for axes in over_time:
        axes.set_xlim(-0.5, steps - 0.5)
        axes.set_xlabel("time step", fontsize=6, labelpad=1)
        end_of(given, axes)
    correlations.set_xlim(0, max(lags, 1))
    correlations.set_xlabel("lag", fontsize=6, labelpad=1)
    for row, (place, column) in enumerate(shown):
        values = {name: stored[..., place] for name, stored in sets.items()}
        draw = _categories if column.categories else _numbers
        draw(layout, row, column, values, lags)
    for place, draw_panel in enumerate(last):
        draw_panel(layout.extra(place))
    if len(features) > len(shown):
        layout.plot.text(0.003, 1, f"{len(shown)} of {len(features)} features", fontsize=7, va="top")
    return layout.plot


def forecasts(features: Sequence[Column], given: int, real: Stored, drawn: Stored) -> Any:
    """Fans of continuations beside the real one: a row for each series, a column for each of up to four numbers.

    `real` is [series, time, columns], `drawn` [series, continuations, time, columns], with the same `given` steps.
    """
    numbers = [place for place, column in enumerate(features) if not column.categories][:MAX_FORECAST]
    titles, names = (
        [_short(features[place].name, 30) for place in numbers],
        [f"series {row + 1}" for row in range(len(real))],
    )
    layout = StackedRows(titles, names, gap=2 * GAP)
    for column, place in enumerate(numbers):
        axes = layout.panels[column]
        axes.set_xlim(-0.5, real.shape[1] - 0.5)
        axes.set_xlabel("time step", fontsize=6, labelpad=1)
        end_of(given, axes)
        for row, (known, continued) in enumerate(zip(real[..., place], drawn[..., place], strict=True)):
            bands = quantiles(continued)[:, given - 1 :]
            band = layout.band(row, *_limits(np.concatenate([known, bands.ravel()])))
            layout.limits(band, column)
            fan(axes, band(bands), COLOURS["generated"], given - 1)
            lines(axes, band(known[None]), COLOURS["real"], width=1.3)
    for place, (name, colour) in enumerate(COLOURS.items()):
        layout.plot.text((4 + 24 * place) / layout.width, 1, name, fontsize=7, va="top", color=colour)
    return layout.plot


def end_of(given: int, axes: Any) -> None:
    """A line at the end of the given steps, if there are any."""
    if given:
        axes.axvline(given - 1, color="grey", linewidth=0.8, linestyle="--")


class Band:
    """Where a row's values are drawn: `low` to `high` fill it, values outside are drawn at its edge."""

    def __init__(self, bottom: float, low: float, high: float) -> None:
        self.bottom, self.low, self.high = bottom, low, high

    def __call__(self, values: Any) -> Any:
        share = np.clip((values - self.low) / (self.high - self.low), 0, 1)
        return self.bottom + INSET + (1 - 2 * INSET) * share


class StackedRows:
    """A figure with one panel for each title; rows, one below the other, lie within it, and further panels below.

    A panel for each row and title would take several times as long: matplotlib's time goes into ticks and their labels.
    """

    def __init__(self, titles: Sequence[str], rows: Sequence[str], extra_rows: int = 0, gap: int = GAP) -> None:
        self.rows, self.gap = len(rows), gap
        self.height = next((size for count, size in HEIGHTS.items() if self.rows <= count), SMALL)
        self.width, self.tall = LEFT + len(titles) * (WIDTH + gap), TOP + self.height * self.rows + GAP
        self.total = self.tall + extra_rows * (FOOT + GAP + TOP)
        self.plot = figure(self.width, self.total, "plotting series")
        self.panels = [self._panel(place, TOP, self.height * self.rows) for place in range(len(titles))]
        for axes, title in zip(self.panels, titles, strict=True):
            axes.set_title(title, fontsize=8, pad=4, color=COLOURS.get(title, "black"))
            axes.set(ylim=(0, self.rows), yticks=[])
            axes.hlines(range(1, self.rows), 0, 1, colors="black", linewidth=0.6, transform=axes.get_yaxis_transform())
        self.panels[0].set_yticks([self.rows - row - 0.5 for row in range(self.rows)], [_short(name) for name in rows])
        self.panels[0].tick_params(axis="y", length=0, pad=4, labelsize=7)

    def band(self, row: int, low: float, high: float) -> Band:
        return Band(self.rows - row - 1, low, high)

    def limits(self, band: Band, column: int = 0, inside: bool = False) -> None:
        """Writes the limits of a row to the left of the panel, or inside."""
        side = {"ha": "left" if inside else "right", "va": "center", "fontsize": 6}
        for value, at in ((band.low, INSET), (band.high, 1 - INSET)):
            place, offset = (0, band.bottom + at), (3 if inside else -3, 0)
            self.panels[column].annotate(
                f"{value:.4g}", place, offset, ("axes fraction", "data"), "offset points", **side
            )

    def extra(self, place: int) -> Any:
        """The next panel below the rows."""
        row, column = divmod(place, len(self.panels))
        return self._panel(column, self.tall + TOP + row * (FOOT + GAP + TOP), FOOT)

    def _panel(self, column: int, top: int, height: int) -> Any:
        left = LEFT + column * (WIDTH + self.gap)
        box = left / self.width, 1 - (top + height) / self.total, WIDTH / self.width, height / self.total
        axes = self.plot.add_axes(box)
        axes.tick_params(labelsize=6, length=2, pad=1)
        axes.locator_params(nbins=5)
        axes.xaxis.get_major_locator().set_params(integer=True)
        return axes


# -- rows of features


def _numbers(layout: StackedRows, row: int, column: Column, values: Mapping[str, Stored], lags: int) -> None:
    *curves, fans, correlations = layout.panels
    band, unit = layout.band(row, *_common(values)), layout.band(row, -1, 1)
    flat = _is_flat(values["real"])
    layout.limits(band, len(curves) if flat else 0, inside=flat)
    layout.limits(unit, len(layout.panels) - 1)
    correlations.axhline(float(unit(0)), color="grey", linewidth=0.5)
    for axes, (name, stored) in zip(curves, values.items(), strict=True):
        few = stored[np.linspace(0, len(stored) - 1, min(STRIPS if flat else LINES, len(stored))).astype(int)]
        lines(axes, layout.band(row, 0, 1)(_strips(few)) if flat else band(few), COLOURS[name])
        if flat:
            note = "each in its own range"
            axes.annotate(
                note, (1, band.bottom + 1), (-2, -2), ("axes fraction", "data"), "offset points", **SMALL_NOTE
            )
    for name, stored in values.items():
        fan(fans, band(quantiles(stored)), COLOURS[name])
        function = [1.0, *mean_function(stored, lags)]
        correlations.plot(np.arange(lags + 1), unit(np.asarray(function)), color=COLOURS[name], linewidth=1.2)


def _is_flat(series: Stored) -> bool:
    """Whether curves of the common scale would look flat."""
    everything = np.nanmax(series) - np.nanmin(series)
    return bool(np.median(np.nanmax(series, axis=1) - np.nanmin(series, axis=1)) < FLAT * everything)


def _strips(curves: Stored) -> Stored:
    """Curves [n, time], one above the other in [0, 1], each filling its strip; constant ones lie in the middle."""
    low, high = np.nanmin(curves, axis=1, keepdims=True), np.nanmax(curves, axis=1, keepdims=True)
    share = np.where(high > low, (curves - low) / np.where(high > low, high - low, 1), 0 * curves + 0.5)
    return np.asarray((np.arange(len(curves))[::-1, None] + 0.05 + 0.9 * share) / len(curves))


def lines(axes: Any, curves: Stored, colour: str, start: int = 0, width: float = 0.8) -> None:
    """Curves [n, time] as one line with gaps, which is drawn faster than many; dots where there is one time step."""
    steps = start + np.arange(curves.shape[1] + 1)
    joined = np.pad(curves, ((0, 0), (0, 1)), constant_values=np.nan)
    marker = "." if curves.shape[1] == 1 else ""
    axes.plot(np.tile(steps, len(curves)), joined.ravel(), color=colour, alpha=0.8, linewidth=width, marker=marker)


def fan(axes: Any, bands: Stored, colour: str, start: int = 0) -> None:
    """Quantiles [5, time]: areas between the outer and the inner ones, and the median; time starts at `start`."""
    steps = start + np.arange(bands.shape[1])
    for low, high, alpha in ((0, 4, 0.15), (1, 3, 0.25)):
        axes.fill_between(steps, bands[low], bands[high], color=colour, alpha=alpha, linewidth=0)
    axes.plot(steps, bands[2], color=colour, linewidth=1.2)


def quantiles(stored: Stored) -> Stored:
    """QUANTILES [5, time] of series [n, time], NaN after their end; NaN where fewer than three last, if there are more.

    numpy's nanquantile is slow: it sorts in a loop over the steps.
    """
    ordered, lasting = np.sort(stored, axis=0), (~np.isnan(stored)).sum(axis=0)
    places = np.asarray(QUANTILES)[:, None] * np.maximum(lasting - 1, 0)  # [5, time], between two rows
    below, steps = places.astype(int), np.arange(stored.shape[1])
    above = np.minimum(below + 1, np.maximum(lasting - 1, 0))
    share = places - below
    found = (1 - share) * ordered[below, steps] + share * ordered[above, steps]
    return np.where(lasting >= min(MIN_LASTING, len(stored)), found, np.nan)


def _categories(layout: StackedRows, row: int, column: Column, values: Mapping[str, Stored], lags: int) -> None:
    """The shares of categories over time, one area above the other, and those of all steps as bars."""
    *over_time, overall, _ = layout.panels
    band = layout.band(row, 0, 1)
    for axes, codes in zip(over_time, values.values(), strict=True):
        shares = np.stack([(codes == code).sum(axis=0) for code in range(column.width)]).astype(np.float64)
        shares /= np.maximum((~np.isnan(codes)).sum(axis=0), 1)
        edges = np.cumsum([np.zeros(codes.shape[1]), *_with_others(shares)], axis=0)
        for low, high, colour in zip(edges[:-1], edges[1:], STATES, strict=False):
            axes.fill_between(np.arange(codes.shape[1]), band(low), band(high), color=colour, linewidth=0)
    layout.limits(band)
    shown = min(column.width, len(STATES))
    space = values["real"].shape[1] / shown
    overall_shares = {name: _overall(column, codes) for name, codes in values.items()}
    highest = max(shares.max() for shares in overall_shares.values())
    for place, (name, shares) in enumerate(overall_shares.items()):
        heights = band(0.8 * shares[:shown] / highest) - band(0)
        at = space * (np.arange(shown) + 0.5 + (place + 0.5) / len(values) * 0.8 - 0.4) - 0.5
        overall.bar(at, heights, 0.8 * space / len(values), float(band(0)), color=COLOURS[name])
    for code in range(shown):
        label = _short(column.categories[code], max(round(40 / shown), 3))
        centre = space * (code + 0.5) - 0.5
        overall.plot(centre - 0.4 * space, band(0.94), "s", color=STATES[code], markersize=3)
        overall.text(centre - 0.34 * space, band(0.94), label, fontsize=6, va="center")


def _overall(column: Column, codes: Stored) -> Stored:
    """The share of all values in each category; NaN is left out."""
    present = codes[~np.isnan(codes)].astype(int)
    return np.asarray(np.bincount(present, minlength=column.width) / len(present))


def _with_others(shares: Stored) -> Stored:
    """Shares [categories, ...] of at most as many categories as there are colours; the last one sums up the rest."""
    if len(shares) <= len(STATES):
        return shares
    return np.concatenate([shares[: len(STATES) - 1], shares[len(STATES) - 1 :].sum(axis=0, keepdims=True)])


def _bars(axes: Any, column: Column, values: Mapping[str, Stored], title: str) -> None:
    """The frequencies of categories in each set; up to ten categories."""
    shown = min(column.width, len(STATES))
    width = 0.8 / len(values)
    for place, (name, codes) in enumerate(values.items()):
        shares = _overall(column, codes)[:shown]
        axes.bar(np.arange(shown) + (place - (len(values) - 1) / 2) * width, shares, width, color=COLOURS[name])
    axes.set_xticks(np.arange(shown), [_short(name, max(round(40 / shown), 3)) for name in column.categories[:shown]])
    axes.set_title(title, fontsize=7, pad=2)


# -- the last row


def _last_row(features: Sequence[Column], static: Sequence[Column], sets: Sets) -> list[Callable[[Any], None]]:
    """Functions that each draw one panel."""
    found: list[Callable[[Any], None]] = []
    places = [place for place, column in enumerate(features) if not column.categories]
    if places and len(sets["real"]) > 2:
        found.append(lambda axes: _scatter(axes, {name: stored[..., places] for name, stored in sets.items()}))
    if any(np.isnan(stored).any() for stored in sets.values()):
        lengths = {name: (~np.isnan(stored[..., 0])).sum(axis=1) for name, stored in sets.items()}
        found.append(lambda axes: _histogram(axes, lengths, "length"))
    for place, column in enumerate(static[:MAX_STATIC], start=len(features)):
        found.append(_static(column, {name: stored[:, 0, place] for name, stored in sets.items()}))
    return found


def _static(column: Column, values: Mapping[str, Stored]) -> Callable[[Any], None]:
    def draw(axes: Any) -> None:
        if column.categories:
            _bars(axes, column, values, _short(column.name))
        else:
            _histogram(axes, values, _short(column.name))

    return draw


def _histogram(axes: Any, values: Mapping[str, Stored], title: str) -> None:
    """Outlines over the range of the real set; values outside are counted in the outer bins."""
    low, high = values["real"].min(), values["real"].max()
    edges = np.linspace(low, high if high > low else low + 1, 16)
    for name, one in values.items():
        axes.hist(np.clip(one, edges[0], edges[-1]), edges, density=True, histtype="step", color=COLOURS[name])
    axes.set_yticks([])
    axes.set_title(title, fontsize=7, pad=2)


def _scatter(axes: Any, sets: Sets) -> None:
    axes.set_title("two principal components", fontsize=7, pad=2)
    for name, points in components(sets).items():
        axes.scatter(*points.T, s=5, color=COLOURS[name], alpha=0.6, linewidths=0)


def components(sets: Sets) -> dict[str, Stored]:
    """Series [n, time, numbers] of both sets in two principal axes of the real ones, [n, 2].

    Numbers are standardised by the real ones' mean and deviation; after the end of a series they are 0.
    """
    few = {
        name: one[np.linspace(0, len(one) - 1, min(len(one), COMPONENTS_OF)).astype(int)] for name, one in sets.items()
    }
    mean, deviation = np.nanmean(few["real"], axis=(0, 1)), np.nanstd(few["real"], axis=(0, 1))
    flat = {
        name: np.nan_to_num((one - mean) / np.where(deviation > 0, deviation, 1.0)).reshape(len(one), -1)
        for name, one in few.items()
    }
    centre = flat["real"].mean(axis=0)
    axes = np.linalg.svd(flat["real"] - centre, full_matrices=False)[2][:2].T
    return {name: np.pad((one - centre) @ axes, ((0, 0), (0, 2 - axes.shape[1]))) for name, one in flat.items()}


def _limits(series: Stored) -> tuple[float, float]:
    """The range of the values, extended by a tenth on each side."""
    low, high = float(np.nanmin(series)), float(np.nanmax(series))
    margin = max(0.1 * (high - low), 1e-3)
    return low - margin, high + margin


def _common(values: Mapping[str, Stored]) -> tuple[float, float]:
    """The limits of real values, extended by their width at most to show where most generated ones lie."""
    low, high = _limits(values["real"])
    if "generated" not in values:
        return low, high
    lowest, highest = (float(value) for value in np.nanquantile(values["generated"], (0.02, 0.98)))
    width = high - low
    return max(min(low, lowest), low - width), min(max(high, highest), high + width)


def _short(name: str, most: int = 14) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
