"""Plots series: the curves of each feature, real and generated ones side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganwright.core.column import Column
from ganwright.core.domain import Stored
from ganwright.domains._figure import COLOURS, figure
from ganwright.domains._plotted import Sets

PANEL = (280, 110)  # width, height of a panel in pixels
MAX_PANELS = 8  # features plotted
LINES = 30  # series per panel


def curves(features: Sequence[Column], sets: Sets) -> Any:
    """One row of panels per feature and one column per set of series [n, time, features]."""
    plotted = features[:MAX_PANELS]
    plot = figure(PANEL[0] * len(sets), PANEL[1] * len(plotted) + 20, "plotting series")
    panels = plot.subplots(len(plotted), len(sets), squeeze=False, sharex=True, sharey="row")
    low, high = _limits(sets["real"])
    for feature, column in enumerate(plotted):
        panels[feature, 0].set_ylabel(column.name, fontsize=7)
        panels[feature, 0].set_ylim(low[feature], high[feature])
        for axes, (title, shown) in zip(panels[feature], sets.items(), strict=True):
            axes.plot(shown[:LINES, :, feature].T, color=COLOURS[title], alpha=0.5, linewidth=0.7)
            axes.tick_params(labelsize=5, length=2)
    for axes, title in zip(panels[0], sets, strict=True):
        axes.set_title(title, fontsize=8, pad=2)
    plot.tight_layout(pad=0.4)
    return plot


def _limits(series: Stored) -> tuple[Any, Any]:
    """The range of each feature, extended by a tenth on each side."""
    low, high = np.nanmin(series, axis=(0, 1)), np.nanmax(series, axis=(0, 1))
    margin = np.maximum(0.1 * (high - low), 1e-3)
    return low - margin, high + margin
