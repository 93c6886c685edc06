"""A matplotlib figure without a screen, and the picture that it becomes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image

from ganwright.core.errors import MissingExtraError

REAL, GENERATED = "#1f77b4", "#d62728"  # blue, red


def figure(width: int, height: int, purpose: str) -> Any:
    """An empty figure of so many pixels; a MissingExtraError that names the purpose where matplotlib is missing."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("plots", purpose) from None
    empty = Figure(figsize=(width / 100, height / 100), dpi=100)
    FigureCanvasAgg(empty)
    return empty


def to_image(drawn: Any) -> Image.Image:
    """The figure as a picture in RGB."""
    drawn.canvas.draw()
    return Image.fromarray(np.asarray(drawn.canvas.buffer_rgba())[..., :3])


@contextmanager
def release_figures() -> Iterator[None]:
    """Within it figures are drawn, and at its end they are gone.

    Their parts point at each other, so they wait for the garbage collector; those that have grown old while they were
    drawn it hardly ever looks at, and 60 sheets of points held 50 MB. Here none grows old.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
        gc.collect(0)
