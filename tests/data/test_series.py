"""Tests of series from delimited text: windows in chronological order, two parts, and errors that name the cell."""

from pathlib import Path

import numpy as np
import pytest

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _files, _find
from ganwright.domains.series import Series


def load(tmp_path: Path, text: str, **options: object) -> Data:
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    return _files.load(tmp_path / "s.csv", **options)  # type: ignore[arg-type]


COUNT = "a,b\n" + "".join(f"{i},{-i}\n" for i in range(10))


def test_train_and_test_windows_share_no_line(tmp_path: Path) -> None:
    train, test = (load(tmp_path, COUNT, window=2, split=split) for split in ("train", "test"))
    assert train.samples[:, :, 0].tolist() == [[i, i + 1] for i in range(7)]
    assert test.samples.tolist() == [[[8, -8], [9, -9]]]
    assert train.domain == test.domain == Series(2, ("a", "b"), (0.0, -7.0), (7.0, 0.0))
    assert train.samples.dtype == np.float32
    assert "first 8 lines are the training part, the last 2 the test part" in train.notes[-1]


@pytest.mark.parametrize(
    "dates",
    [
        ["2016-07-01 00:00:00", "2016-07-01 01:00:00", "2016-07-02"],
        ["01/02/2020", "13/02/2020", "14/02/2020"],
        ["3.1.2020 10:00", "3.1.2020 11:30", "4.1.2020 00:00"],
        ["2020-01-01T00:00+02:00", "2020-01-01T00:00+01:00", "2020-01-01T00:00Z"],
    ],
)
def test_columns_of_times_determine_the_order_only(dates: list[str], tmp_path: Path) -> None:
    lines = [f"{date},{i}\n" for i, date in enumerate(dates)]
    forward, backward = (load(tmp_path, "".join(some), window=1) for some in (lines, lines[::-1]))
    assert forward.samples.ravel().tolist() == backward.samples.ravel().tolist() == [0, 1]
    assert "1 is a time" in forward.notes[1]
    assert "reversed" in backward.notes[2]


def test_a_column_named_timestamp_can_hold_numbers(tmp_path: Path) -> None:
    assert load(tmp_path, "x,Timestamp\n5,1\n6,2\n7,2\n", window=1).samples.ravel().tolist() == [5, 6]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x\n1\n2\n\n\nnan\n", r"s\.csv, line 6, column 1 \(x\): 'nan' stands for a missing value; series "),
        ("x,y\n1,2\n2,\n3,4\n", r"line 3, column 2 \(y\): '' stands for a missing value"),
        ("x,place\n1,here\n", r"column 2 \(place\): 'here' is not"),
        ("date,x\n2020-01-01,1\n2020-01-03,2\n2020-01-02,3\n", "line 4, .*goes back in time; sort"),
        ("x\n1\n2\n", "The train part of .* has 1 lines: too few for windows of 2"),
        ("x\n", "no lines below"),
        ("date\n2020-01-01\n", "no columns of numbers besides"),
    ],
)
def test_errors_name_the_cell_or_the_part(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, text, window=2)


def test_a_part_shorter_than_a_window_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"s\.csv has a test part of 2 lines: too few for windows of 3\."):
        load(tmp_path, COUNT, window=3, split="test")
    with pytest.raises(UserError, match=r"The train part of .* has 0 lines"):
        load(tmp_path, "x\n1\n", window=1, split="test")


def test_incompatible_options_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="window excludes table"):
        load(tmp_path, COUNT, window=2, table=True)
    with pytest.raises(UserError, match="window must be at least 1"):
        load(tmp_path, COUNT, window=0)
    with pytest.raises(UserError, match="has times in column date: use --window 24"):
        load(tmp_path, "date,x\n2020-01-01,1\n")
    np.save(tmp_path / "a.npy", np.zeros((3, 2)))
    with pytest.raises(UserError, match="are options of delimited text"):
        _files.load(tmp_path / "a.npy", window=3)


def test_another_file_is_read_in_the_same_domain(tmp_path: Path) -> None:
    data = load(tmp_path, COUNT, window=2)
    assert len(data.domain.read(tmp_path / "s.csv", {"window": 2}).samples) == 9
    (tmp_path / "t.csv").write_text("1\n2\n")
    with pytest.raises(UserError, match=r"1 column \(1\) that do not match the data's: a, b"):
        data.domain.read(tmp_path / "t.csv", {})


@pytest.mark.usefixtures("own_data")
def test_published_series_have_their_known_sizes() -> None:
    import os

    folder = os.environ["GANWRIGHT_DATA"].split(os.pathsep)[0] + "/series/"
    stock = _find.load(folder + "stock_data.csv", window=24)
    assert stock.samples.shape == (2925, 24, 6)
    data = _find.load(folder + "ETTh1.csv", window=24, split="test")
    assert data.samples.shape == (3461, 24, 7)
    assert data.domain.names[0] == "HUFL"  # type: ignore[attr-defined]


def test_saved_windows_are_read_again(tmp_path: Path) -> None:
    data = load(tmp_path, COUNT, window=2)
    data.domain.writers[".csv"](data.samples, None, tmp_path / "out.csv")
    assert np.array_equal(data.domain.read(tmp_path / "out.csv").samples, data.samples)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    for damaged in (lines[:-1], [lines[0], *lines[2:], lines[1]], lines[:1]):
        (tmp_path / "out.csv").write_text("\n".join(damaged) + "\n")
        with pytest.raises(UserError, match=r"out\.csv should hold windows of the steps 0 to 1 each, in this order"):
            data.domain.read(tmp_path / "out.csv")


def test_features_are_matched_by_name(tmp_path: Path) -> None:
    domain = load(tmp_path, COUNT, window=2).domain
    (tmp_path / "t.csv").write_text("b,date,a\n-1,2020-01-01,1\n-2,2020-01-02,2\n")
    assert domain.read(tmp_path / "t.csv").samples.tolist() == [[[1, -1], [2, -2]]]


def test_how_times_are_read_is_said(tmp_path: Path) -> None:
    notes = " ".join(load(tmp_path, "when,x\n01/02/2020,1\n01/03/2020,2\n01/05/2020,3\n", window=1).notes)
    assert "when has the month first: 01/02/2020." in notes
    assert "The steps of when differ, and windows take them as equal: 86400 to 172800 seconds." in notes
    notes = " ".join(load(tmp_path, "time,x\nq1,1\nq2,2\nq1,3\n", window=1).notes)
    assert "time cannot be read as times: the lines keep their order." in notes


def test_series_with_decimal_commas_and_leading_zeros_are_read(tmp_path: Path) -> None:
    data = load(tmp_path, "hour;x\n08;1,5\n09;2,5\n10;3,25\n", window=1)
    assert data.samples[:, 0].tolist() == [[8, 1.5], [9, 2.5]]
    assert "Leading zeros left out: hour (2 cells, such as 08)." in data.notes
