"""Paths of options are relative to the working folder, and recorded as absolute ones."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganwright
from conftest import SMALL
from ganwright.config import data_source
from ganwright.config.options import options_of
from ganwright.config.resolve import resolve
from ganwright.recipes import srgan


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "in").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GANWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


ROWS = "x,job\n" + "".join(f"{place / 8},{'ab'[place % 2]}\n" for place in range(40))


def test_a_tables_test_part_is_sought_in_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "in" / "train.csv").write_text(ROWS)
    (tmp_path / "in" / "test.csv").write_text("".join(ROWS.splitlines(keepends=True)[:9]))
    source = data_source.find("in/train.csv", {"test": "in/test.csv"})
    assert source.options["test"] == str(tmp_path / "in" / "test.csv")
    test = data_source.the_test_part(source)
    assert test is not None
    assert len(test) == 8


def test_samples_beside_a_table_in_another_folder_are_found(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    rows = ROWS + "".join(3 * ROWS.splitlines(keepends=True)[1:])
    (tmp_path / "in" / "plain.csv").write_text(rows)
    (tmp_path / "made" / "s.csv").write_text(rows)
    card = ganwright.judge("made/s.csv", "in/plain.csv", metric=["marginals"])
    assert card.subject == "made/s.csv"
    assert (tmp_path / "cards" / "s" / "card.json").is_file()


@pytest.mark.parametrize("word", ["in/photos", "~/photos"])
def test_pictures_of_outlines_are_found_from_any_folder(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(word).expanduser().absolute()
    folder.mkdir()
    for place in range(3):
        Image.fromarray(np.full((16, 16), 9 * place, np.uint8)).save(folder / f"{place}.png")
    source = data_source.find("outlines", {"of": word})
    assert source.options["of"] == str(folder)
    monkeypatch.chdir("/")
    assert len(data_source.find(source.name, source.options).data) == 3


def test_the_name_of_a_data_set_is_no_path() -> None:
    assert data_source.find("outlines", {"of": "digits"}).options["of"] == "digits"


def test_weights_of_a_content_network_and_of_another_run_are_absolute(tmp_path: Path) -> None:
    content = options_of(srgan.recipe)["content"]
    assert content.check("in/vgg19.pth") == str(tmp_path / "in" / "vgg19.pth")
    assert content.check("~/vgg19.pth") == str(tmp_path / "home" / "vgg19.pth")
    assert content.check("own") == "own"
    assert resolve({"recipe": "vanilla", "start_from": "~/run"}).start_from == str(tmp_path / "home" / "run")


def test_a_run_folder_may_begin_with_a_tilde(tmp_path: Path) -> None:
    ganwright.train("vanilla", "digits", "~/run", examples=32, **SMALL)
    assert (tmp_path / "home" / "run" / "recipe.json").is_file()
    assert not (tmp_path / "~").exists()
