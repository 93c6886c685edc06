"""Kinds of files: each option belongs to one at least, and those of the kind of a path are its own."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganwright.config import data_source
from ganwright.core.errors import UserError
from ganwright.data import _files, _find
from ganwright.data._files import KINDS
from ganwright.data._kind import Chosen
from ganwright.domains._wav import wav


def test_every_option_of_the_loader_is_that_of_a_kind() -> None:
    known = set(_find.options("a.csv"))
    assert {name for kind in KINDS for name in kind.options} == known | {"other"}
    assert all("split" in kind.options for kind in KINDS)  # each has parts, or raises MissingPartError


@pytest.mark.parametrize(
    ("name", "own", "others"),
    [
        ("a.csv", ["window", "table", "decimal"], ["size", "cut", "alphabet", "range", "other"]),
        ("a.npy", ["size", "range", "other"], ["tiles", "pairs", "sampling_rate", "table"]),
        ("a.wav", ["sampling_rate", "cut", "window"], ["size", "key", "other"]),
        ("a.txt", ["symbols", "alphabet", "test_share"], ["window", "size", "header"]),
        ("folder", ["size", "tiles", "pairs", "classes"], ["window", "range", "cut"]),
    ],
)
def test_only_the_options_of_its_kind_are_those_of_a_path(
    name: str, own: list[str], others: list[str], tmp_path: Path
) -> None:
    path = tmp_path / name
    (tmp_path / "folder").mkdir()
    for place in range(2):
        Image.fromarray(np.full((8, 8), place, np.uint8)).save(tmp_path / "folder" / f"{place}.png")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,4\n")
    (tmp_path / "a.txt").write_text("one\ntwo\nthree\nfour\nfive\n")
    (tmp_path / "a.wav").write_bytes(wav(np.arange(99, dtype=np.int16), 8_000))
    np.save(tmp_path / "a.npy", np.arange(12.0).reshape(6, 2))
    source = data_source.find(str(path), {"window": 16} if name == "a.wav" else {})
    listed = source.own_options
    assert set(own) <= listed.keys()
    assert not set(others) & listed.keys()
    assert "split" in listed


def test_options_of_a_data_set_are_listed_as_they_are() -> None:
    source = data_source.find("digits", {})
    assert source.own_options == source.known_options


@pytest.mark.parametrize("name", ["a.png", "a.bin"])
def test_what_no_kind_claims_is_refused_with_all_that_are(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(
        UserError, match=r"cannot be read\. Supported: strings in .*; points, series or tables in "
    ) as no:
        _files.load(tmp_path / name)
    assert ("One picture is not a data set" in str(no.value)) == (name == "a.png")


def test_a_group_of_options_is_taken_of_those_that_are_chosen(tmp_path: Path) -> None:
    chosen = Chosen(
        tmp_path, {"split": "train", "window": 3, "key": None}, {"split": "train", "window": None, "key": None}
    )
    assert chosen.names == {"window"}
    assert (chosen.suffix, chosen.files) == ("", [])
