"""Progress displays: a bar in a terminal, aligned lines elsewhere, and a live sample grid in a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, Protocol, cast

from PIL import Image
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress
from rich.table import Table
from rich.text import Text

from ganwright.core.output import Output
from ganwright.health import flaws
from ganwright.health.verdict import HEALTHY, UNDECIDED

LINE_SECONDS = 5.0  # minimum interval between two lines
REFRESHES = 4  # per second, of the bar
MIN_BAR = 10  # columns
INDENT = 6  # columns of the bar's second row, below the bar
STYLES = {HEALTHY: "green", UNDECIDED: "default", **dict.fromkeys(flaws.TRY, "yellow")}  # all other verdicts alarm


class ProgressDisplay(Protocol):
    """Displays a run's log lines, notes and sample grids; `horizon`, in examples, may be reassigned."""

    horizon: int

    def report(self, line: dict[str, Any]) -> None:
        """Displays a log line."""

    def note(self, sentence: str) -> None:
        """Displays a message."""

    def sample_grid(self, picture: Image.Image) -> None:
        """Displays a sample grid, where pictures can be displayed."""

    def close(self) -> None:
        """Ends the display; notes can still follow."""


def make_display(horizon: int, total: int, quiet: bool) -> ProgressDisplay:
    """Returns the display for this environment; `total` is the number of examples in the data."""
    if quiet:
        return SilentDisplay(horizon)
    if _in_notebook():
        return NotebookDisplay(horizon, total)
    return BarDisplay(horizon) if Output().isatty() else LineDisplay(horizon, total)


class SilentDisplay:
    """Prints notes and nothing else."""

    def __init__(self, horizon: int = 0) -> None:
        self.horizon, self.output = horizon, Output()

    def report(self, line: dict[str, Any]) -> None:
        """Displays nothing."""

    def note(self, sentence: str) -> None:
        print(sentence, file=self.output, flush=True)

    def sample_grid(self, picture: Image.Image) -> None:
        """Displays nothing."""

    def close(self) -> None:
        """Does nothing."""


class LineDisplay(SilentDisplay):
    """Prints a header, then an aligned line every few seconds and at the horizon."""

    def __init__(self, horizon: int, total: int) -> None:
        super().__init__(horizon)
        self.total, self.alarms = total, Alarms()
        self.printed_at: float | None = None

    def report(self, line: dict[str, Any]) -> None:
        if alarm := self.alarms.new(line):
            self.note(alarm)
        now = time.monotonic()
        if self.printed_at is not None and now - self.printed_at < LINE_SECONDS and line["examples"] < self.horizon:
            return
        columns = line_columns(line, self.horizon, self.total)
        if self.printed_at is None:
            print("  ".join(heading.ljust(len(cell)) for heading, cell in columns).rstrip(), file=self.output)
        self.note("  ".join(cell for _, cell in columns).rstrip())
        self.printed_at = now


class BarDisplay:
    """A progress bar in a terminal, with a row of losses and the verdict below it."""

    def __init__(self, horizon: int) -> None:
        self.horizon, self.alarms = horizon, Alarms()
        console = Console(file=cast(IO[str], Output(sys.stdout)))
        self.progress = _TrainingProgress(console=console, refresh_per_second=REFRESHES)
        self.task = self.progress.add_task("", total=horizon)

    def report(self, line: dict[str, Any]) -> None:
        if alarm := self.alarms.new(line):
            self.note(alarm)
        self.progress.update(
            self.task, completed=line["examples"], total=self.horizon, line=line, reported=time.monotonic()
        )
        self.progress.start()

    def note(self, sentence: str) -> None:
        self.progress.console.print(sentence, highlight=False, markup=False)

    def sample_grid(self, picture: Image.Image) -> None:
        """A terminal displays no pictures."""

    def close(self) -> None:
        self.progress.stop()


class _TrainingProgress(Progress):
    """Renders the newest log line in two rows that never wrap; narrow terminals omit the least important fields."""

    def get_renderables(self) -> Iterable[RenderableType]:
        for task in self.tasks:
            if "line" in task.fields:
                since = time.monotonic() - task.fields["reported"]
                remaining = (task.total or 0) - task.completed
                width = self.console.width
                row = Table.grid(padding=(0, 1), expand=True)
                row.add_column(no_wrap=True)
                row.add_column(ratio=1)
                row.add_column(no_wrap=True)
                position = fit(position_fields(task.fields["line"], remaining, since), width - INDENT - MIN_BAR - 2)
                row.add_row(f"{min(task.percentage, 100):3.0f} %", BarColumn(None).render(task), f" {position}")
                yield row
                yield verdict_row(task.fields["line"], width)


def position_fields(line: Mapping[str, Any], remaining: float, since: float = 0.0) -> list[tuple[int, str]]:
    """Returns (rank, text) of epoch, speed and remaining time, `since` seconds after the log line; see `fit`."""
    speed = max(line["examples_per_second"], 1e-9)
    return [
        (2, f"epoch {line['epoch']:.1f}"),
        (1, f"{speed:,.0f} ex/s"),
        (0, f"ETA {clock_time(max(remaining / speed - since, 0))}"),
    ]


def verdict_row(line: Mapping[str, Any], width: int) -> Text:
    """Returns the main losses and the verdict in at most `width` columns."""
    verdict = line["verdict"]["name"]
    losses = [(rank, f"{name} {number(value)}") for rank, (name, value) in enumerate(main_terms(line["terms"]), 1)]
    row = Text(" " * INDENT + fit([*losses, (0, verdict)], width - INDENT), no_wrap=True, overflow="ellipsis")
    row.stylize(STYLES.get(verdict, "bold red"), len(row) - len(verdict))
    return row


def fit(fields: Sequence[tuple[int, str]], width: int) -> str:
    """Joins the texts of (rank, text) fields, omitting the highest ranks until they fit; rank 0 always remains."""
    for last in range(max(rank for rank, _ in fields), -1, -1):
        text = "  ".join(text for rank, text in fields if rank <= last)
        if len(text) <= width:
            break
    return text


def line_columns(line: Mapping[str, Any], horizon: int, total: int) -> list[tuple[str, str]]:
    """Returns (heading, cell) for each column; cells of a column have the same width in every line of a run."""
    speed = max(line["examples_per_second"], 1e-9)
    remaining = max(horizon - line["examples"], 0) / speed
    epochs = len(f"{horizon / total:.1f}")
    losses = "  ".join(f"{name} {number(value):>6}" for name, value in main_terms(line["terms"]))
    return [
        (" done", f"{min(100 * line['examples'] / horizon, 100):3.0f} %"),
        ("epoch", f"epoch {line['epoch']:{epochs}.1f}"),
        ("   speed", f"{speed:8,.0f} ex/s"),
        ("time left", f"ETA {clock_time(remaining):7}"),
        ("losses", losses),
        ("verdict", line["verdict"]["name"]),
    ]


def main_terms(terms: Mapping[str, float]) -> list[tuple[str, float]]:
    """Returns the generator's and the discriminator's loss; without either, the first two terms."""
    names: list[str] = []
    for player in ("generator", "discriminator"):
        matching = [name for name in terms if name.split(" ")[0] == player]
        names += [player] if player in matching else matching[:1]
    return [(name, terms[name]) for name in names or list(terms)[:2]]


def number(value: float) -> str:
    """Formats a loss in at most 6 characters: 0.693, 12.346, 1234.5, 1e+06."""
    texts = (f"{value:{form}}" for form in (".3f", ".2f", ".1f", ".0f"))
    return next((text for text in texts if len(text) <= 6), f"{value:.0e}")


class Alarms:
    """Reports each change to an alarming verdict once; an undecided verdict in between is no change."""

    def __init__(self) -> None:
        self.verdict = UNDECIDED

    def new(self, line: Mapping[str, Any]) -> str | None:
        """Returns the verdict of a log line with evidence and advice if it is alarming and new."""
        verdict = line["verdict"]
        if verdict["name"] in (UNDECIDED, self.verdict):
            return None
        self.verdict = verdict["name"]
        if "try" not in verdict:
            return None
        return f"Verdict at {line['examples']:,} examples: {verdict['name']}: {verdict['evidence']}; {verdict['try']}."


class NotebookDisplay(SilentDisplay):
    """Two outputs of a notebook's cell, updated in place: the newest sample grid and the newest log line."""

    def __init__(self, horizon: int, total: int) -> None:
        super().__init__(horizon)
        self.total = total
        self.picture, self.line = CellOutput(), CellOutput()

    def report(self, line: dict[str, Any]) -> None:
        self.line.update({"text/plain": full_line(line, self.horizon, self.total)}, raw=True)

    def sample_grid(self, picture: Image.Image) -> None:
        self.picture.update(picture)


class CellOutput:
    """An output of a notebook's cell: displayed once, then updated."""

    def __init__(self) -> None:
        self.handle: Any = None

    def update(self, content: Any, **options: Any) -> None:
        """Displays or replaces the content."""
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


def full_line(line: Mapping[str, Any], horizon: int, total: int) -> str:
    """Formats a log line with all terms."""
    speed = max(line["examples_per_second"], 1e-9)
    terms = "  ".join(f"{name} {value:.3f}" for name, value in line["terms"].items())
    verdict = line["verdict"]
    parts = [
        f"{line['examples']:,} of {horizon:,} examples",
        f"epoch {line['epoch']:.2f}",
        f"ETA {clock_time(max(horizon - line['examples'], 0) / speed)}",
        terms,
        f"{speed:,.0f} examples/s",
        f"{total / speed:,.1f} s per epoch",
        f"{verdict['name']}: {verdict['evidence']}" if "try" in verdict else verdict["name"],
    ]
    return " | ".join(parts)


def clock_time(seconds: float) -> str:
    """Formats a duration as 4:05 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
