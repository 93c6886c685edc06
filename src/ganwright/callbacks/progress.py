"""What a person sees while a run trains: a bar on a terminal, plain lines elsewhere, a redrawn sheet in a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import Any, Protocol

from PIL import Image
from rich.console import RenderableType
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

PLAIN_SECONDS = 5.0  # between plain lines


class Display(Protocol):
    """Where a run's reports, notes and sheets go; `horizon` is the images to be seen, which may be corrected."""

    horizon: int

    def report(self, report: dict[str, Any]) -> None: ...

    def note(self, sentence: str) -> None: ...

    def sample_grid(self, sample_grid: Image.Image) -> None: ...

    def close(self) -> None: ...


def display(horizon: int, total: int, quiet: bool) -> Display:
    """The display that suits the place; `total` is the size of the data set, `horizon` the images to be seen."""
    if quiet:
        return Silent(horizon)
    if _in_notebook():
        return Notebook(horizon, total)
    return Bar(horizon, total) if sys.stdout.isatty() else Lines(horizon, total)


class Silent:
    """Shows nothing but notes."""

    def __init__(self, horizon: int = 0) -> None:
        self.horizon = horizon

    def report(self, report: dict[str, Any]) -> None:
        """Nothing to show."""

    def note(self, sentence: str) -> None:
        print(sentence, flush=True)

    def sample_grid(self, sample_grid: Image.Image) -> None:
        """Nothing to show."""

    def close(self) -> None:
        """Nothing to close."""


class Lines(Silent):
    """A line every few seconds and at the end of every epoch that took longer."""

    def __init__(self, horizon: int, total: int) -> None:
        super().__init__(horizon)
        self.total, self.printed = total, 0.0

    def report(self, report: dict[str, Any]) -> None:
        now = time.monotonic()
        if now - self.printed >= PLAIN_SECONDS or report["examples"] >= self.horizon:
            self.printed = now
            print(sentence(report, self.horizon, self.total), flush=True)


class _OverWords(Progress):
    """A progress bar with words beneath it, wrapped to the terminal's width."""

    words = Text("")

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        yield self.words


class Bar:
    """A progress bar over the newest report."""

    def __init__(self, horizon: int, total: int) -> None:
        self.horizon, self.total = horizon, total
        self.progress = _OverWords(TextColumn("{task.percentage:>3.0f} %"), BarColumn(48))
        self.task = self.progress.add_task("", total=horizon)

    def report(self, report: dict[str, Any]) -> None:
        self.progress.words = Text(sentence(report, self.horizon, self.total))
        self.progress.update(self.task, completed=report["examples"], total=self.horizon)
        self.progress.start()

    def note(self, sentence: str) -> None:
        self.progress.console.print(sentence, highlight=False, markup=False)

    def sample_grid(self, sample_grid: Image.Image) -> None:
        """A terminal shows no pictures."""

    def close(self) -> None:
        self.progress.stop()


class Notebook(Silent):
    """Two outputs of a cell that are redrawn in place: the newest sheet and the newest report."""

    def __init__(self, horizon: int, total: int) -> None:
        super().__init__(horizon)
        self.total = total
        self.picture, self.words = Place(), Place()

    def report(self, report: dict[str, Any]) -> None:
        self.words.show({"text/plain": sentence(report, self.horizon, self.total)}, raw=True)

    def sample_grid(self, sample_grid: Image.Image) -> None:
        self.picture.show(sample_grid)


class Place:
    """A place in a cell's output: shown once, then updated."""

    def __init__(self) -> None:
        self.handle: Any = None

    def show(self, content: Any, **options: Any) -> None:
        from IPython.display import display  # type: ignore[import-not-found, unused-ignore]

        if self.handle is None:
            self.handle = display(content, display_id=True, **options)
        else:
            self.handle.update(content, **options)


def _in_notebook() -> bool:
    """Whether an IPython kernel runs this process."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def sentence(report: dict[str, Any], horizon: int, total: int) -> str:
    """A report in one line: images, epoch, time to go, every term, speed."""
    speed = max(report["examples_per_second"], 1e-9)
    terms = "  ".join(f"{name} {value:.3f}" for name, value in report["terms"].items())
    verdict = report["verdict"]
    parts = [
        f"images {report['examples']:,} of {horizon:,}",
        f"epoch {report['epoch']:.2f}",
        f"{clock_time(max(horizon - report['examples'], 0) / speed)} to go",
        terms,
        f"{speed:,.0f} images/s",
        f"{total / speed:,.1f} s an epoch",
        f"{verdict['name']}: {verdict['evidence']}" if "try" in verdict else verdict["name"],
    ]
    return " | ".join(parts)


def clock_time(seconds: float) -> str:
    """4:05, or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
