"""Classes from a file beside the pictures: StyleGAN's dataset.json, Hugging Face's metadata.csv and metadata.jsonl."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganwright.config import data_source
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _files

NAMES = ["00000/a.png", "00000/b.png", "00001/c.png", "00001/d.png"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures in folders that only shelve them; their shades are 10, 20, 30, 40."""
    for index, name in enumerate(NAMES):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), 10 * index + 10).save(path)
    return tmp_path / "set"


def stylegan(folder: Path, labels: Any) -> None:
    (folder / "dataset.json").write_text(json.dumps({"labels": labels}))


def words(data: Data) -> list[str] | None:
    """The class of each picture, by their names."""
    return None if data.labels is None else [data.classes[label] for label in data.labels]


def test_labels_of_stylegans_format_are_read(folder: Path) -> None:
    stylegan(folder, list(zip(NAMES, [10, 2, 2, 10], strict=True)))
    data = _files.load(folder)
    assert data.classes == ("2", "10")  # in the order of numbers
    assert words(data) == ["10", "2", "2", "10"]
    assert "Classes are read from dataset.json." in data.notes
    assert not any("not a picture" in note for note in data.notes)


def test_they_are_read_from_a_zip_too(folder: Path) -> None:
    stylegan(folder, list(zip(NAMES, [1, 0, 0, 1], strict=True)))
    with zipfile.ZipFile(folder.parent / "set.zip", "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, path.relative_to(folder))
    assert words(_files.load(folder.parent / "set.zip")) == ["1", "0", "0", "1"]


def test_null_labels_make_the_folders_shelves(folder: Path) -> None:
    stylegan(folder, None)
    data = _files.load(folder)
    assert (data.labels, len(data)) == (None, 4)
    assert "dataset.json gives no classes." in data.notes
    assert words(_files.load(folder, classes="folders")) == ["00000", "00000", "00001", "00001"]


@pytest.mark.parametrize("labels", [[[0, 1], [1, 0], [1, 0], [0, 1]], [1.0, 0.0, 0.0, 1.0], ["1", "0", "0", "1"]])
def test_the_same_labels_are_written_in_several_ways(folder: Path, labels: list[Any]) -> None:
    stylegan(folder, list(zip(NAMES, labels, strict=True)))
    assert words(_files.load(folder)) == ["1", "0", "0", "1"]


def test_another_dataset_json_is_ignored_and_said(folder: Path) -> None:
    (folder / "dataset.json").write_text('{"name": "mine"}')
    data = _files.load(folder)
    assert data.classes == ("00000", "00001")
    assert "dataset.json holds no labels in StyleGAN's form and is ignored." in data.notes


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_column_label_of_an_imagefolder_is_read(folder: Path, form: str) -> None:
    rows = [{"file_name": name, "label": label, "text": "x"} for name, label in zip(NAMES, "baab", strict=True)]
    if form == "csv":
        lines = ["file_name,label,text", *(",".join(row.values()) for row in rows)]
    else:
        lines = [json.dumps(row) for row in rows]
    (folder / f"metadata.{form}").write_text("\n".join(lines), encoding="utf-8-sig" if form == "csv" else "utf-8")
    data = _files.load(folder)
    assert words(data) == ["b", "a", "a", "b"]
    assert f"Classes are read from metadata.{form}." in data.notes


def table(folder: Path, content: str, name: str = "metadata.csv") -> None:
    (folder / name).write_text(content)


def test_without_a_column_label_the_columns_are_named(folder: Path) -> None:
    table(folder, "file_name,species,text\n" + "\n".join(f"{name},{name[0:5]},x{name}" for name in NAMES))
    with pytest.raises(UserError, match=r"no column label \(its columns are species, text\): .* --classes COLUMN"):
        _files.load(folder)
    assert words(_files.load(folder, classes="species")) == ["00000", "00000", "00001", "00001"]
    with pytest.raises(UserError, match=r"no column specie .*Did you mean species?"):
        _files.load(folder, classes="specie")
    assert _files.load(folder, classes="none").labels is None
    assert _files.load(folder, classes="folders").classes == ("00000", "00001")


def test_leading_zeros_are_part_of_a_label(folder: Path) -> None:
    table(
        folder,
        "file_name,label\n"
        + "\n".join(f"{name},{label}" for name, label in zip(NAMES, ["01", "1", "1.0", "01"], strict=True)),
    )
    assert words(_files.load(folder)) == ["01", "1", "1", "01"]


def test_each_part_has_a_file_of_its_own_and_classes_match_by_name(tmp_path: Path) -> None:
    for part, labels in (("train", "abc"), ("test", "cb")):
        (tmp_path / part).mkdir()
        for index in range(len(labels)):
            Image.new("L", (8, 8), index).save(tmp_path / part / f"{index}.png")
        table(tmp_path / part, "file_name,label\n" + "".join(f"{i}.png,{one}\n" for i, one in enumerate(labels)))
    source = data_source.find(str(tmp_path), {})
    test = data_source.the_test_part(source)
    assert test is not None
    assert (test.classes, np.asarray(test.labels).tolist()) == (("a", "b", "c"), [2, 1])


def test_a_few_pictures_without_a_label_are_left_out_many_are_refused(tmp_path: Path) -> None:
    for index in range(150):
        Image.new("L", (8, 8), index).save(tmp_path / f"{index:03d}.png")
    table(tmp_path, "file_name,label\n" + "".join(f"{i:03d}.png,{i % 2}\n" for i in range(1, 150)) + "gone.png,1\n")
    data = _files.load(tmp_path)
    assert len(data) == 149
    assert "Left out: 1 picture without a label, 000.png." in data.notes
    assert "metadata.csv describes 1 picture that is not there." in data.notes
    table(tmp_path, "file_name,label\n" + "".join(f"{i:03d}.png,{i % 2}\n" for i in range(50, 150)))
    with pytest.raises(UserError, match=r"50 pictures of 150 without a label: 000.png, .* and 40 more; --classes none"):
        _files.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("dataset.json", "{", "dataset.json is not JSON"),
        ("dataset.json", "[" * 50_000, "dataset.json is not JSON"),
        ("dataset.json", '{"labels": 3}', "entry 0 of labels should be"),
        ("dataset.json", '{"labels": [["a.png"]]}', "entry 0 of labels should be"),
        ("dataset.json", '{"labels": [["00000/a.png", {"x": 1}]]}', "is a mapping, not the name of a class"),
        ("dataset.json", '{"labels": [["00000/a.png", [0.1, 0.2]]]}', "is a list, not the name of a class"),
        ("dataset.json", '{"labels": [["00000/a.png", 1], ["00000/a.png", 2]]}', "gives 00000/a.png two classes"),
        ("metadata.csv", "name,label\nx,1\n", "no column file_name"),
        ("metadata.csv", "file_name,label,label\nx,1,2\n", "two columns label"),
        ("metadata.csv", "file_name,label\n00000/a.png\n", "row 1 has more or fewer cells"),
        ("metadata.csv", "file_name,label\n00000/a.png,1,2\n", "row 1 has more or fewer cells"),
        ("metadata.csv", "\xff\xfe", "no column file_name|cannot be read as a table"),
        ("metadata.csv", "", "no column file_name"),
        ("metadata.csv", 'file_name,label\n"00000/a.png,1\n', "cannot be read as a table"),
        ("metadata.jsonl", "3\n", "row 1 is no object"),
        ("metadata.jsonl", '{"file_name": 3, "label": 1}\n', "row 1 has no file_name"),
        ("metadata.jsonl", '{"file_name": "a"\n', "line 1 is not JSON"),
        ("metadata.parquet", "PAR1", "is not read: save it as metadata.csv"),
    ],
)
def test_a_damaged_file_is_one_sentence(folder: Path, name: str, content: str, message: str) -> None:
    (folder / name).write_text(content, encoding="latin-1")
    with pytest.raises(UserError, match=message):
        _files.load(folder)
    assert _files.load(folder, classes="folders").classes == ("00000", "00001")


def test_two_files_about_the_same_pictures_are_refused(folder: Path) -> None:
    stylegan(folder, None)
    table(folder, "file_name,label\n")
    with pytest.raises(UserError, match="both describe the pictures: keep one of them"):
        _files.load(folder)


def test_a_file_that_is_too_large_is_not_read(folder: Path) -> None:
    with (folder / "metadata.csv").open("wb") as file:
        file.truncate(1 << 40)  # sparse
    with pytest.raises(UserError, match="too many for a file of labels"):
        _files.load(folder)
