"""Tests of points from delimited text: separators, headers, labels, and errors that name the cell."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ganwright.core.errors import UserError
from ganwright.data import _files
from ganwright.domains.points import Points


def load(tmp_path: Path, text: str, name: str = "points.csv", **options: object):  # type: ignore[no-untyped-def]
    (tmp_path / name).write_text(text, encoding="utf-8")
    return _files.load(tmp_path / name, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4\n",
        "x,y\n1,2\n3,4",
        "\ufeffx;y\r\n1;2\r\n\r\n3;4",
        "# points\n1\t2\n3\t4\n",
        '"x","y"\n1,2\n3,4',
        "1 2\n3  4",
    ],
)
def test_every_dialect_gives_the_same_points(text: str, tmp_path: Path) -> None:
    data = load(tmp_path, text)
    assert data.samples.tolist() == [[1, 2], [3, 4]]
    assert data.samples.dtype == np.float32
    assert data.domain.shape == (2,)


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=st.integers(-999, 999)))
def test_loading_a_saved_file_returns_its_points(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("csv") / "points.csv"
    Points.plain(array.shape[1]).writers[".csv"](array, np.arange(len(array)), path)
    data = _files.load(path)
    assert np.array_equal(data.samples, array)
    assert data.classes == tuple(map(str, range(len(array))))


def test_a_column_named_label_holds_the_labels(tmp_path: Path) -> None:
    data = load(tmp_path, "Label,x\nb,1\na,2\n")
    assert (data.samples.tolist(), data.classes, data.labels.tolist()) == ([[1], [2]], ("a", "b"), [1, 0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x,y\n1,2\n3,?\n",
            r"points.csv, line 3, column 2 \(y\): '\?' stands for a missing value; points .* --table\.$",
        ),
        ("x,job\n1,2\n1,clerk\n", r"line 3, column 2 \(job\): 'clerk' is not a finite number"),
        ("1,2\n3,nan\n", "line 2, column 2 .*'nan'"),
        ("1,2\n3,\n", "line 2, column 2 .*''"),
        ("1,2\n3\n", "line 2: 1 cell, expected 2"),
        ("1,1e39\n", "outside the range of float32"),
        ("", "no lines"),
        ("x,y\n", "no points"),
    ],
)
def test_errors_name_the_cell(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, text)


def test_binary_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read as delimited text"):
        _files.load(tmp_path / "b.csv")


def test_options_of_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        UserError,
        match="read as columns: --size is an option of pictures, tar shards and arrays; those of columns are --window",
    ):
        load(tmp_path, "1,2\n", size=16)


def test_points_keep_the_names_of_their_columns_and_are_matched_by_them(tmp_path: Path) -> None:
    data = load(tmp_path, "height,width\n1,2\n3,4\n")
    data.domain.writers[".csv"](data.samples, None, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "height,width\n1,2\n3,4\n"
    (tmp_path / "turned.csv").write_text("width,id,height\n4,7,3\n")
    turned = data.domain.read(tmp_path / "turned.csv")
    assert turned.samples.tolist() == [[3, 4]]
    assert turned.notes[0] == "Columns of turned.csv that the data lack are left out: id."
    (tmp_path / "other.csv").write_text("a,b\n3,4\n")
    assert data.domain.read(tmp_path / "other.csv").notes[0] == (
        "Columns of other.csv are taken by their order: a as height, b as width."
    )


def test_labels_with_leading_zeros_stay_apart_and_missing_ones_are_counted(tmp_path: Path) -> None:
    assert load(tmp_path, "label,x\n01,1\n1,2\n").classes == ("01", "1")
    assert load(tmp_path, "label,x\n10,1\n9.0,2\n").classes == ("9", "10")
    data = load(tmp_path, "label,x\na,1\nNA,2\n,3\n")
    assert "Missing labels are a class of their own: label (2: NA, empty)." in data.notes
    assert "Column label holds the labels." in data.notes


@pytest.mark.parametrize("huge", ["1e300", "inf", "9" * 400])
def test_labels_of_any_size_are_read_as_words(huge: str, tmp_path: Path) -> None:
    assert len(load(tmp_path, f"label,x\n{huge},1\n2,2\n").classes) == 2


def test_points_of_text_with_only_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no columns besides its labels"):
        load(tmp_path, "label\n1\n2\n")
