"""Artefacts of a run: the animation of its sample grids, its first and last ones side by side, and loss curves."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganwright.core.errors import DamagedError, MissingExtraError
from ganwright.domains._figure import import_matplotlib
from ganwright.runs import atomic_files
from ganwright.runs.folder import read_picture
from ganwright.runs.run import Run

FRAMES = 120  # maximum, evenly spaced
POINTS = 4_096  # of a curve
PIXELS = 2**27  # of all frames together, each of three bytes
CURVES, LEGEND_ROWS = 40, 10  # of all panels together, of a panel
FRAME_MS = 120
LAST_FRAME_MS = 2000


def write_artefacts(run: Run) -> list[str]:
    """Writes all artefacts; returns a message for each that an optional package is missing for."""
    problems = animate(run)
    try:
        picture = plot_terms(thinned(run.log_lines()))
    except MissingExtraError as error:
        return [*problems, f"losses.png is missing: {error}"]
    atomic_files.write(run.path / "losses.png", picture)
    return problems


def animate(run: Run) -> list[str]:
    """Writes animation.webp, animation.gif and first-and-last.png, if there are sample grids.

    Returns a message for each grid that cannot be read and is left out.
    """
    sample_grids: list[Image.Image] = []
    problems: list[str] = []
    paths = run.sample_grids()
    for path in reversed(evenly_spaced(paths, frames_that_fit(paths))):  # the last one has the size of all
        try:
            grid = read_picture(path).convert("RGB")
        except DamagedError as error:
            problems.append(f"The animation lacks a sample grid: {error.damage}.")
            continue
        if sample_grids and grid.size != sample_grids[0].size:
            problems.append(f"The animation lacks a sample grid: {path} has another size than the last one.")
        else:
            sample_grids.append(grid)
    sample_grids.reverse()
    if sample_grids:
        atomic_files.write(run.path / "animation.webp", animation(sample_grids, "WEBP", quality=80))
        atomic_files.write(run.path / "animation.gif", animation(sample_grids, "GIF"))
        atomic_files.write(
            run.path / "first-and-last.png", atomic_files.png(side_by_side(sample_grids[0], sample_grids[-1]))
        )
    return problems


def frames_that_fit(paths: Sequence[Path]) -> int:
    """How many frames of the size of the newest readable grid are kept in memory at once."""
    for path in reversed(paths):
        with contextlib.suppress(DamagedError):
            return min(FRAMES, max(PIXELS // math.prod(read_picture(path).size), 2))
    return FRAMES


def thinned(log: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every line of a log, or every second, fourth, ... and the last, so that there are at most POINTS."""
    kept: list[dict[str, Any]] = []
    every, line = 1, None
    for place, line in enumerate(log):
        if place % every == 0:
            kept.append(line)
        if len(kept) == POINTS:
            kept, every = kept[::2], 2 * every
    return kept if line is None or kept[-1] is line else [*kept, line]


def evenly_spaced(paths: Sequence[Any], most: int = FRAMES) -> list[Any]:
    """Returns at most `most` of the paths, including the first and the last."""
    if len(paths) <= most:
        return list(paths)
    return [paths[i] for i in np.linspace(0, len(paths) - 1, most).round().astype(int)]


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
        import_matplotlib()
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("plots", "plotting losses") from None
    every = list(dict.fromkeys(name for line in log for name in line["terms"]))
    names = every[:CURVES]
    panels = [panel for panel in _panels(names) if panel]
    figure = Figure(figsize=(8, 2.4 * max(len(panels), 1)), dpi=100)
    canvas = FigureCanvasAgg(figure)
    for place, panel in enumerate(panels):
        axes = figure.add_subplot(len(panels), 1, place + 1)
        for name in panel:
            points = [(line["examples"], line["terms"][name]) for line in log if line["terms"].get(name) is not None]
            axes.plot(*zip(*points, strict=True), label=name.replace("$", r"\$")) if points else None
        if axes.get_lines():
            axes.legend(fontsize=8, loc="upper left", ncols=1 + len(panel) // LEGEND_ROWS)
        axes.grid(alpha=0.3)
    if panels:
        more = len(every) - len(names)
        axes.set_xlabel("examples" + (f" ({more:,} more terms are in log.jsonl)" if more else ""))
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
