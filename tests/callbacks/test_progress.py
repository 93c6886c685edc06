"""Progress displays: lines, a bar, a notebook's cell."""

import re
import sys
import types
from typing import Any

import pytest
from PIL import Image
from rich.console import Console

from ganwright.callbacks import progress
from ganwright.callbacks.progress import (
    BarDisplay,
    LineDisplay,
    NotebookDisplay,
    SilentDisplay,
    clock_time,
    fit,
    full_line,
    main_terms,
    make_display,
    number,
)

ALARM = {"name": "discriminator overpowers", "evidence": "it separates all samples", "try": "try a lower rate"}
HEALTHY = {"name": "healthy", "evidence": "all is well"}
UNDECIDED = {"name": "undecided", "evidence": "too early"}


def log_line(examples: int, speed: float = 100.0, verdict: dict[str, str] = HEALTHY, **terms: float) -> dict[str, Any]:
    return {
        "examples": examples,
        "epoch": examples / 50,
        "examples_per_second": speed,
        "terms": terms or {"[red]": 1.0, "real score": 0.1, "discriminator": 1.3861, "generator": 0.6931},
        "verdict": verdict,
    }


def test_a_log_line_with_all_terms() -> None:
    line = log_line(500, loss=0.5, other=1.0)
    start = (
        "500 of 1,000 examples | epoch 10.00 | ETA 0:05 | loss 0.500  other 1.000 | 100 examples/s | 0.5 s per epoch"
    )
    assert full_line(line, 1000, 50) == f"{start} | healthy"
    assert full_line({**line, "verdict": ALARM}, 1000, 50).endswith("overpowers: it separates all samples")
    assert "ETA 0:00" in full_line(log_line(2000), 1000, 50)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (65, "1:05"), (3723.4, "1:02:03")])
def test_durations(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.69314, "0.693"), (-12.3456, "-12.35"), (1234.56, "1234.6"), (-98765.4, "-98765"), (1e6, "1e+06")],
)
def test_losses_have_at_most_6_characters(value: float, text: str) -> None:
    assert number(value) == text


def test_main_terms_are_the_losses_of_both_players() -> None:
    assert main_terms({"D(x)": 0.0, "discriminator": 1.0, "generator": 2.0}) == [
        ("generator", 2.0),
        ("discriminator", 1.0),
    ]
    assert main_terms({"generator 8x8": 1.0, "generator": 2.0}) == [("generator", 2.0)]
    assert main_terms({"generator 8x8": 1.0, "discriminator 8x8": 2.0, "generator 4x4": 3.0}) == [
        ("generator 8x8", 1.0),
        ("discriminator 8x8", 2.0),
    ]
    assert main_terms({"loss": 1.0, "other": 2.0, "third": 3.0}) == [("loss", 1.0), ("other", 2.0)]


def test_the_least_important_fields_are_omitted_first() -> None:
    fields = [(2, "losses"), (0, "verdict"), (1, "ETA")]
    assert [fit(fields, width) for width in (20, 19, 12, 11, 1)] == [
        "losses  verdict  ETA",
        "verdict  ETA",
        "verdict  ETA",
        "verdict",
        "verdict",
    ]


# -- lines


def test_lines_are_aligned_below_one_header(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0)
    display = make_display(100_000, 50, quiet=False)
    assert isinstance(display, LineDisplay)
    display.report(log_line(500, speed=12_345, generator=-12.3456, discriminator=0.0))
    display.report(log_line(45_000, speed=7, generator=0.6931, discriminator=1.3861))
    display.report(log_line(100_000, speed=123_456.7, generator=1234.56, discriminator=-0.5))
    header, *lines = capsys.readouterr().out.splitlines()
    assert re.split(r"\s{2,}", header.strip()) == ["done", "epoch", "speed", "time left", "losses", "verdict"]
    columns = ("%", "ex/s", "ETA", "generator", "discriminator", "healthy")
    assert all(len({line.index(column) for line in lines}) == 1 for column in columns)
    assert lines[1] == (
        " 45 %  epoch  900.0         7 ex/s  ETA 2:10:57  generator  0.693  discriminator  1.386  healthy"
    )
    assert header.index("verdict") == lines[0].index("healthy")
    assert header.index("losses") == lines[0].index("generator")


def test_lines_are_seconds_apart(capsys: pytest.CaptureFixture[str]) -> None:
    display = LineDisplay(1000, 50)
    for examples in (100, 200, 1000):
        display.report(log_line(examples))
    display.note("A note.")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == ["done", "10 %", "100 %", "A note."]


def test_an_alarming_verdict_is_noted_once_until_another_is_decided(capsys: pytest.CaptureFixture[str]) -> None:
    display = LineDisplay(1000, 50)
    for verdict in (HEALTHY, ALARM, ALARM, UNDECIDED, ALARM, HEALTHY, ALARM):
        display.report(log_line(100, verdict=verdict))
    note = "Verdict at 100 examples: discriminator overpowers: it separates all samples; try a lower rate."
    assert capsys.readouterr().out.splitlines()[2:] == [note, note]


def test_quiet_prints_notes_only(capsys: pytest.CaptureFixture[str]) -> None:
    display = make_display(1000, 50, quiet=True)
    assert isinstance(display, SilentDisplay)
    display.report(log_line(1000, verdict=ALARM))
    display.sample_grid(Image.new("L", (8, 8)))
    display.note("A note.")
    display.close()
    assert capsys.readouterr().out == "A note.\n"


# -- a bar


def rows(width: int, verdict: dict[str, str] = HEALTHY, **line: Any) -> list[str]:
    """The bar as a terminal of that width displays it."""
    display = BarDisplay(1000)
    display.progress.live.console = console = Console(width=width, force_terminal=True, color_system=None)
    display.progress.start = lambda: None  # type: ignore[method-assign]
    display.report(log_line(450, verdict=verdict, **line))
    with console.capture() as capture:
        console.print(display.progress.get_renderable())
    return capture.get().splitlines()


def test_a_bar_fits_80_columns_with_all_fields() -> None:
    first, second = rows(80, speed=12_345.0)
    assert first.startswith(" 45 % ━")
    assert first.endswith("  epoch 9.0  12,345 ex/s  ETA 0:00")
    assert second == "      generator 0.693  discriminator 1.386  healthy"
    assert len(first) == 80


@pytest.mark.parametrize("width", [120, 80, 60, 50, 40, 30])
@pytest.mark.parametrize("verdict", [HEALTHY, ALARM])
def test_a_bar_never_wraps(width: int, verdict: dict[str, str]) -> None:
    first, second = (row for row in rows(width, verdict, speed=0.1) if "overpowers:" not in row and "rate." not in row)
    assert max(len(first), len(second)) <= width
    assert verdict["name"] in second
    assert "ETA 1:31:40" in first
    assert first.count("━") + first.count("╸") + first.count("╺") >= 5


def test_a_narrow_bar_omits_the_least_important_fields() -> None:
    first, second = rows(60, speed=12_345.0)
    assert first.endswith("  epoch 9.0  12,345 ex/s  ETA 0:00")
    assert second == "      generator 0.693  discriminator 1.386  healthy"
    first, second = rows(44, speed=12_345.0)
    assert "epoch" not in first
    assert first.endswith("  12,345 ex/s  ETA 0:00")
    assert second == "      generator 0.693  healthy"


def test_a_bar_in_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    display = make_display(1000, 50, quiet=False)
    assert isinstance(display, BarDisplay)
    display.note("A note with [brackets].")
    display.report(log_line(500, loss=0.5))
    display.report(log_line(600, verdict=ALARM))
    display.sample_grid(Image.new("L", (8, 8)))
    display.horizon = 800
    display.report(log_line(600, verdict=ALARM))
    display.close()
    output = capsys.readouterr().out
    assert "A note with [brackets]." in output
    assert output.count("Verdict at 600 examples: discriminator overpowers") == 1
    assert " 75 %" in output


# -- a notebook


class Kernel:
    """A substitute for IPython that records what is displayed and updated."""

    def __init__(self) -> None:
        self.displayed: list[Any] = []
        self.updated: list[Any] = []

    def display(self, content: Any, display_id: bool, raw: bool = False) -> "Kernel":
        assert display_id
        self.displayed.append(content)
        return self

    def update(self, content: Any, raw: bool = False) -> None:
        self.updated.append(content)


def test_a_notebook_updates_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel()
    shell = types.SimpleNamespace(kernel=kernel)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "IPython.display", types.SimpleNamespace(display=kernel.display))  # type: ignore[arg-type]
    display = make_display(1000, 50, quiet=False)
    assert isinstance(display, NotebookDisplay)
    sample_grids = [Image.new("L", (8, 8), place) for place in range(3)]
    for sample_grid in sample_grids:
        display.sample_grid(sample_grid)
    display.report(log_line(500))
    display.report(log_line(600))
    assert kernel.displayed == [sample_grids[0], {"text/plain": full_line(log_line(500), 1000, 50)}]
    assert kernel.updated == [*sample_grids[1:], {"text/plain": full_line(log_line(600), 1000, 50)}]
