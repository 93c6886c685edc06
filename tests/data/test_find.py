"""Tests of loading data by name or path, and of the options that the command line offers."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

from ganwright.commands.data import describe, show
from ganwright.core import discovery
from ganwright.core.errors import UserError
from ganwright.data import _find


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_name_takes_precedence_over_a_path(here: Path) -> None:
    assert len(_find.load("ring", count=7)) == 7
    (here / "digits").mkdir()
    np.save(here / "own.npy", np.zeros((3, 2)))
    assert len(_find.load("own.npy")) == 3
    assert "./digits" in _find.load("digits").notes[-1]
    with pytest.raises(UserError, match="holds no pictures"):
        _find.load("./digits")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("fashon-mnist", {}, "Did you mean fashion-mnist"),
        ("nothing", {}, "nor a file or folder"),
        ("no.npy", {}, "no.npy does not exist"),
        ("ring", {"mode": 3}, "Did you mean modes"),
        ("digits", {"size": 32}, "no option 'size'"),
    ],
)
def test_unknown_names_and_options_are_refused_with_suggestions(
    name: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        _find.load(name, **options)


@pytest.mark.parametrize("name", [*discovery.names("data"), "some/path"])
def test_options_have_simple_types_and_documentation(name: str) -> None:
    loader = discovery.load_module("data", name).load if name in discovery.names("data") else _find._files.load
    for option, parameter in _find.options(name).items():
        assert all(
            kind in (str, int, float, bool, type(None), ...) or isinstance(kind, str)
            for kind in _kinds(parameter.annotation)
        )
        assert f"\n    {option}: " in (loader.__doc__ or "")


def _kinds(annotation: Any) -> list[Any]:
    """The simple types of an annotation, or the words of a Literal."""
    members = get_args(annotation)
    return [kind for member in members for kind in _kinds(member)] if members else [annotation]


def test_describe_summarises_a_data_set() -> None:
    summary = dict(describe(_find.load("digits")))
    assert summary["count"] == "1,797"
    assert summary["domain"] == "pictures of 8x8, grey"
    assert summary["classes"].startswith("10: 0 (178), 1 (182)")
    assert summary["values"] == "uint8, 0 to 255"
    assert "CC BY 4.0" in summary["note"]


@pytest.mark.parametrize("name", ["digits", "curve"])
def test_show_prints_a_summary_and_saves_a_sample_grid(
    name: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if name == "curve":
        pytest.importorskip("matplotlib")
    show(_find.load(name), here / "new" / "grid.png")
    assert name in capsys.readouterr().out
    with Image.open(here / "new" / "grid.png") as sample_grid:
        assert min(sample_grid.size) > 200


def test_show_refuses_an_unknown_format(here: Path) -> None:
    with pytest.raises(UserError, match="pictures are saved"):
        show(_find.load("digits"), here / "grid.nonsense")
