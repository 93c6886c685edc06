"""Artefacts of a run: the animation of its sample grids, its first and last ones side by side, and loss curves."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganwright.core.errors import MissingExtraError, UserError
from ganwright.domains._picture_file import flat
from ganwright.runs import atomic_files
from ganwright.runs.run import Run

FRAMES = 120  # maximum, evenly spaced
FRAME_MS = 120
LAST_FRAME_MS = 2000


def write_artefacts(run: Run) -> list[str]:
    """Writes all artefacts; returns a message for each that an optional package is missing for."""
    unreadable = animate(run)
    problems = [f"{len(unreadable):,} sample grids cannot be read, such as {unreadable[0]}."] if unreadable else []
    try:
        picture = plot_terms(run.log())
    except MissingExtraError as error:
        return [*problems, f"losses.png is missing: {error}"]
    atomic_files.write(run.path / "losses.png", picture)
    return problems


def animate(run: Run) -> list[Path]:
    """Writes animation.webp, animation.gif and first-and-last.png of the sample grids; returns unreadable ones."""
    sample_grids, unreadable = [], []
    for path in evenly_spaced(run.sample_grids()):
        try:
            sample_grids.append(Image.fromarray(flat(path, channels=3).pixels))
        except UserError:
            unreadable.append(path)
    if sample_grids:
        atomic_files.write(run.path / "animation.webp", animation(sample_grids, "WEBP", quality=80))
        atomic_files.write(run.path / "animation.gif", animation(sample_grids, "GIF"))
        atomic_files.write(
            run.path / "first-and-last.png", atomic_files.png(side_by_side(sample_grids[0], sample_grids[-1]))
        )
    return unreadable


def evenly_spaced(paths: Sequence[Any]) -> list[Any]:
    """Returns at most FRAMES of the paths, including the first and the last."""
    if len(paths) <= FRAMES:
        return list(paths)
    return [paths[i] for i in np.linspace(0, len(paths) - 1, FRAMES).round().astype(int)]


def animation(sample_grids: list[Image.Image], kind: str, **options: Any) -> bytes:
    """Encodes an animation (`kind`: WEBP or GIF); the last frame is displayed longer."""
    durations = [FRAME_MS] * (len(sample_grids) - 1) + [LAST_FRAME_MS]
    buffer = io.BytesIO()
    sample_grids[0].save(
        buffer, kind, save_all=True, append_images=sample_grids[1:], duration=durations, loop=0, **options
    )
    return buffer.getvalue()


def side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    """Returns both pictures on white, aligned at the top."""
    both = Image.new("RGB", (left.width + right.width + 24, max(left.height, right.height)), "white")
    both.paste(left, (0, 0))
    both.paste(right, (left.width + 24, 0))
    return both


def plot_terms(log: list[dict[str, Any]]) -> bytes:
    """Plots every term of a log over the examples, as PNG; terms with the same unit share a panel."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("plots", "plotting losses") from None
    names = list(dict.fromkeys(name for line in log for name in line["terms"]))
    panels = [panel for panel in _panels(names) if panel]
    figure = Figure(figsize=(8, 2.4 * max(len(panels), 1)), dpi=100)
    canvas = FigureCanvasAgg(figure)
    for place, panel in enumerate(panels):
        axes = figure.add_subplot(len(panels), 1, place + 1)
        for name in panel:
            points = [(line["examples"], line["terms"][name]) for line in log if line["terms"].get(name) is not None]
            axes.plot(*zip(*points, strict=True), label=name) if points else None
        axes.legend(fontsize=8, loc="upper left")
        axes.grid(alpha=0.3)
    if panels:
        axes.set_xlabel("examples")
    figure.tight_layout()
    buffer = io.BytesIO()
    canvas.print_png(buffer)  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def _panels(names: list[str]) -> list[list[str]]:
    """Groups the terms into losses, probabilities, the value function, and scores."""
    probabilities = [name for name in names if name in ("D(x)", "D(G(z))")]
    scores = [name for name in names if name.endswith("score")]
    value = [name for name in names if name == "V(D,G)"]
    losses = [name for name in names if name not in {*probabilities, *scores, *value}]
    return [losses, probabilities, value, scores]
