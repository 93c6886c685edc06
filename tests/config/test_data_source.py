"""Data sets are found by name, path or object, and recorded so that they are found again."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import TensorDataset

from conftest import pairs, pictures, points
from ganwright.config import data_source
from ganwright.config.fingerprint import fingerprint
from ganwright.config.serialization import domain_from_json
from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.domains.table import Table

RING = {"count": 50}


def test_paths_are_recorded_so_that_they_are_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "mine.npy", points().samples)
    monkeypatch.chdir(tmp_path)
    source = data_source.find("mine.npy", {})
    assert source.to_dict()["source"] == str(tmp_path / "mine.npy")
    assert source.default_recipe == "curve"
    assert data_source.find("ring", {"count": 9}).to_dict()["source"] == "ring"


def test_recorded_data_are_found_again() -> None:
    source = data_source.find("ring", RING)
    recorded = json.loads(json.dumps(source.to_dict()))
    again = data_source.find(recorded["source"], recorded["options"])
    assert again.to_dict() == source.to_dict()
    assert np.array_equal(again.data.samples, source.data.samples)
    assert domain_from_json(recorded["domain"], "here") == source.data.domain
    assert (recorded["count"], sum(recorded["class_counts"])) == (50, 50)
    assert recorded["fingerprint"] == fingerprint(source.data).digest
    assert "condition_domain" not in recorded


def test_conditions_are_recorded_with_their_domain() -> None:
    recorded = data_source.find(pairs(), {}).to_dict()
    assert domain_from_json(recorded["condition_domain"], "here") == pairs().condition_domain
    assert recorded["paired"] is True


@pytest.mark.parametrize(
    ("python", "marker"),
    [
        (points(), "<Data>"),
        (points().samples, "<ndarray>"),
        (points().samples.tolist(), "<list>"),
        (TensorDataset(torch.from_numpy(points().samples)), "<TensorDataset>"),
    ],
)
def test_data_may_be_a_python_object(python: Any, marker: str) -> None:
    source = data_source.find(python, {})
    assert np.array_equal(source.data.samples, points().samples)
    assert (source.name, source.options, source.known_options) == (marker, {}, {})


def test_options_are_those_of_the_loader() -> None:
    known = data_source.find("ring", RING).known_options
    assert {"split", "count", "modes", "other"} <= known.keys()
    assert data_source.find("ring", RING).options["modes"] == 8


@pytest.mark.parametrize(
    ("data", "options", "sentence"),
    [
        ("rign", {}, "Did you mean ring?"),
        ("ring", {"cuont": 3}, "The data ring has no option --cuont. Did you mean --count?"),
        ("ring", {"count": "many"}, "--count cannot be 'many'"),
        ("ring", {"other": "rign"}, "Did you mean ring?"),
        (points(), {"count": 3}, "Data from Python has no option --count."),
    ],
)
def test_a_mistake_is_one_sentence(data: Any, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        data_source.find(data, options)
    assert sentence in str(caught.value)


def test_the_test_part_is_the_one_that_was_not_loaded() -> None:
    train, test = (data_source.find("ring", {**RING, "split": split}) for split in ("train", "test"))
    for source, other in ((train, test), (test, train)):
        part = data_source.the_test_part(source)
        assert part is not None
        assert np.array_equal(part.samples, other.data.samples)
        assert not np.array_equal(part.samples, source.data.samples)


def test_data_without_parts_have_no_test_part(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", points().samples)
    assert data_source.the_test_part(data_source.find(str(tmp_path / "mine.npy"), {})) is None
    assert data_source.the_test_part(data_source.find(points(), {})) is None


def test_the_data_choose_their_recipe() -> None:
    chosen = [
        data_source.find(data, {}).default_recipe
        for data in (replace(points(), name="grid"), points(), pictures(), pairs(), replace(pairs(), paired=False))
    ]
    assert chosen == ["grid", "curve", "r3gan", "pix2pix", "cyclegan"]


def test_data_that_no_recipe_supports_are_an_error() -> None:
    table = replace(points(), domain=Table((Column("x"),)), samples=np.zeros((9, 1)), labels=None)
    with pytest.raises(UserError, match=r"cloud has rows of 1 column.* there is no recipe for such data yet"):
        _ = data_source.find(table, {}).default_recipe


def test_samples_are_read_as_the_data_they_are_compared_with(tmp_path: Path) -> None:
    ring = data_source.find("ring", RING).data
    np.save(tmp_path / "a.npy", ring.samples.astype(np.float64))
    for samples in (tmp_path / "a.npy", ring.samples.astype(np.float64)):
        read = data_source.samples_of(samples, ring.domain)
        assert read.samples.dtype == np.float32
        assert np.array_equal(read.samples, ring.samples)
        assert read.conditions is None


@pytest.mark.parametrize("samples", [np.zeros((4, 3)), np.full((4, 2), np.nan), np.full((4, 2), "a"), np.zeros(4)])
def test_samples_that_are_no_points_are_refused(samples: np.ndarray) -> None:
    with pytest.raises(UserError, match=r"the array (should hold numbers \[n, 2\], points|holds values .* not finite)"):
        data_source.samples_of(samples, points().domain)


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    domain = pictures().domain
    assert np.array_equal(data_source.samples_of(pictures(5).samples, domain).samples, pictures(5).samples)
    with pytest.raises(UserError, match=r"the array should hold numbers \[n, 8, 8\], pictures of 8x8, grey, but holds"):
        data_source.samples_of(pictures(5, size=9).samples, domain)
    pictures(1, size=9).domain.write_folder(pictures(1, size=9).samples, None, tmp_path)
    with pytest.raises(UserError, match="is a picture of 9x9, and expected are pictures of 8x8, grey"):
        data_source.samples_of(tmp_path, domain)
    assert data_source.samples_of(tmp_path, domain, {"crop": "none"}).samples.shape == (1, 8, 8, 1)


def test_a_zip_is_loaded_as_a_data_set(tmp_path: Path) -> None:
    data = pictures(9)
    data.domain.write_folder(data.samples, np.array(["cat"] * 5 + ["dog"] * 4), tmp_path / "in")
    shutil.make_archive(str(tmp_path / "all"), "zip", tmp_path / "in")
    read = data_source.samples_of(tmp_path / "all.zip", data.domain)
    assert np.array_equal(read.samples, data.samples)
    assert read.conditions is not None
    assert read.conditions.tolist() == ["cat"] * 5 + ["dog"] * 4
    with pytest.raises(UserError, match="holds pictures of 8x8, grey, and expected are points of 2 dimensions"):
        data_source.samples_of(tmp_path / "all.zip", points().domain)


def test_files_of_another_kind_are_named_as_what_they_are(tmp_path: Path) -> None:
    expected = "and expected are pictures of 8x8, grey"
    pictures(1).domain.write_folder(pictures(1).samples, None, tmp_path)
    (tmp_path / "texts").mkdir()
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    (tmp_path / "mixed.txt").write_text("one\n2\nthree\nfour\n")
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    for name in ("a.txt", "texts/a.txt"):
        (tmp_path / name).write_text("one\ntwo\n")
    for name, what in {
        "a.txt": "read as strings",
        "texts": "read as strings",
        "mixed.txt": "a text",
        "a.csv": "read as columns",
        "a.wav": "read as sound",
        "a.pdf": "of no kind that is read",
    }.items():
        with pytest.raises(UserError, match=f"{name} is {what}, {expected}"):
            data_source.samples_of(tmp_path / name, pictures().domain, {"size": 8})
    with pytest.raises(UserError, match="png is a picture, and expected are points of 2 dimensions"):
        data_source.samples_of(tmp_path / "000000.png", points().domain)


@pytest.mark.parametrize("name", ["ring", "grid", "curve", "stacked-mnist"])
def test_absurd_counts_of_generated_samples_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="count must be at most 10,000,000, not 100000000"):
        data_source.find(name, {"count": 100_000_000})
