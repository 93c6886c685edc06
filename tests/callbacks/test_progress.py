"""What a person sees: lines, a bar, a notebook's cell."""

import sys
import types
from typing import Any

import pytest
from PIL import Image

from ganwright.callbacks import progress
from ganwright.callbacks.progress import Bar, Lines, Notebook, Silent, clock_time, display, sentence


def report(examples: int, speed: float = 100.0) -> dict[str, Any]:
    return {
        "examples": examples,
        "epoch": examples / 50,
        "examples_per_second": speed,
        "terms": {"loss": 0.5, "[red]": 1.0},
        "verdict": {"name": "healthy", "evidence": "all is well"},
    }


def test_a_report_in_one_line() -> None:
    line = "images 500 of 1,000 | epoch 10.00 | 0:05 to go | loss 0.500  [red] 1.000 | 100 images/s | 0.5 s an epoch"
    assert sentence(report(500), 1000, 50) == f"{line} | healthy"
    alarming = {**report(500), "verdict": {"name": "mode collapse", "evidence": "all alike", "try": "this"}}
    assert sentence(alarming, 1000, 50) == f"{line} | mode collapse: all alike"
    assert "0:00 to go" in sentence(report(2000), 1000, 50)


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (65, "1:05"), (3723.4, "1:02:03")])
def test_time_in_words(seconds: float, words: str) -> None:
    assert clock_time(seconds) == words


def test_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    shown = display(1000, 50, quiet=False)
    assert isinstance(shown, Lines)
    for examples in (100, 200, 1000):
        shown.report(report(examples))
    shown.note("A note.")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" |")[0] for line in lines] == ["images 100 of 1,000", "images 1,000 of 1,000", "A note."]


def test_quiet_shows_notes_alone(capsys: pytest.CaptureFixture[str]) -> None:
    shown = display(1000, 50, quiet=True)
    assert isinstance(shown, Silent)
    shown.report(report(1000))
    shown.sample_grid(Image.new("L", (8, 8)))
    shown.note("A note.")
    shown.close()
    assert capsys.readouterr().out == "A note.\n"


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    shown = display(1000, 50, quiet=False)
    assert isinstance(shown, Bar)
    shown.note("A note with [brackets].")
    shown.report(report(500))
    shown.sample_grid(Image.new("L", (8, 8)))
    shown.close()
    said = capsys.readouterr().out
    assert "A note with [brackets]." in said
    assert "50 %" in said
    assert "images 500 of 1,000" in said


class Kernel:
    """Stands in for IPython: what is shown, and what is updated."""

    def __init__(self) -> None:
        self.shown: list[Any] = []
        self.updated: list[Any] = []

    def display(self, content: Any, display_id: bool, raw: bool = False) -> "Kernel":
        assert display_id
        self.shown.append(content)
        return self

    def update(self, content: Any, raw: bool = False) -> None:
        self.updated.append(content)


def test_a_notebook_redraws_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel()
    shell = types.SimpleNamespace(kernel=kernel)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "IPython.display", types.SimpleNamespace(display=kernel.display))  # type: ignore[arg-type]
    shown = progress.display(1000, 50, quiet=False)
    assert isinstance(shown, Notebook)
    sample_grids = [Image.new("L", (8, 8), place) for place in range(3)]
    for sample_grid in sample_grids:
        shown.sample_grid(sample_grid)
    shown.report(report(500))
    shown.report(report(600))
    assert kernel.shown == [sample_grids[0], {"text/plain": sentence(report(500), 1000, 50)}]
    assert kernel.updated == [*sample_grids[1:], {"text/plain": sentence(report(600), 1000, 50)}]
