"""Matplotlib figures without a display, and their conversion to pictures."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image

from ganwright.core.errors import MissingExtraError

COLOURS = {"real": "#1f77b4", "generated": "#d62728"}  # blue, red


def figure(width: int, height: int, purpose: str) -> Any:
    """An empty figure of `width` x `height` pixels. Raises MissingExtraError, with the purpose, without matplotlib."""
    try:
        import_matplotlib()
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("plots", purpose) from None
    empty = Figure(figsize=(width / 100, height / 100), dpi=100)
    FigureCanvasAgg(empty)
    return empty


def import_matplotlib() -> None:
    """Imports matplotlib also where MPLBACKEND names no backend: all figures here have their own."""
    try:
        import matplotlib
    except ValueError:
        wrong = os.environ.pop("MPLBACKEND", None)
        if wrong is None:
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
            del sys.modules[name]  # half of it was imported
        try:
            import matplotlib  # noqa: F401
        finally:
            os.environ["MPLBACKEND"] = wrong


def to_image(plot: Any) -> Image.Image:
    """The figure as an RGB picture."""
    plot.canvas.draw()
    return Image.fromarray(np.asarray(plot.canvas.buffer_rgba())[..., :3])


@contextmanager
def release_figures() -> Iterator[None]:
    """Frees figures that were created inside the context, at its end.

    The parts of a figure refer to each other, so that only the garbage collector frees them. It rarely visits objects
    that survived a collection: 60 plots of points held 50 MB. The context prevents collections until its end.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
        gc.collect(0)
