"""Parquet: read as delimited text is, written with types, and refused in a sentence where it is damaged."""

import random
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ganwright.core.column import Column
from ganwright.core.domain import Domain
from ganwright.core.errors import MissingExtraError, UserError
from ganwright.data import _files
from ganwright.domains import _parquet
from ganwright.domains._text import TextOptions
from ganwright.domains.points import Points
from ganwright.domains.series import Series
from ganwright.domains.table import Table

polars = pytest.importorskip("polars")

JOBS = Table(
    (
        Column("age", resolution=1.0),
        Column("job", ("", "clerk")),
        Column("paid", ("false", "true")),
        Column("height", mark="NA"),
        Column("rooms", resolution=1.0, mark="?"),
    )
)
ROWS = np.array([[40, 1, 1, 1.75, 3], [30, 0, 0, np.nan, np.nan]])


def saved(tmp_path: Path, **columns: object) -> Path:
    polars.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


def test_cells_are_those_of_delimited_text(tmp_path: Path) -> None:
    moment = datetime(2024, 1, 2, 3, 4, 5)
    path = saved(
        tmp_path,
        whole=[1, None],
        number=[0.1, 1e-7],
        short=polars.Series([0.1, 2.5], dtype=polars.Float32),
        word=[" a ", None],
        flag=[True, False],
        day=[date(2024, 1, 2), None],
        moment=[moment, moment + timedelta(microseconds=1500)],
        zoned=polars.Series([moment, moment]).dt.replace_time_zone("Europe/Berlin"),
        kind=polars.Series(["x", "y"], dtype=polars.Categorical),
        nothing=[None, None],
    )
    text = _parquet.opened(path)
    assert dict(zip(text.names, text.columns, strict=True)) == {
        "whole": ["1", ""],
        "number": ["0.1", "1e-7"],
        "short": ["0.1", "2.5"],
        "word": ["a", ""],
        "flag": ["true", "false"],
        "day": ["2024-01-02", ""],
        "moment": ["2024-01-02 03:04:05", "2024-01-02 03:04:05.001500"],
        "zoned": ["2024-01-02 03:04:05+01:00"] * 2,
        "kind": ["x", "y"],
        "nothing": ["", ""],
    }


def test_tables_points_and_series_are_loaded_and_errors_name_the_row(tmp_path: Path) -> None:
    assert isinstance(_files.load(saved(tmp_path, x=[1.5, 2.5], y=[0.1, 0.2])).domain, Points)
    table = _files.load(saved(tmp_path, x=[1.5, 2.5] * 5, w=["a", "b"] * 5))
    assert isinstance(table.domain, Table)
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(10)]
    series = _files.load(saved(tmp_path, day=days, x=np.arange(10.0)), window=2)
    assert series.samples[:2].ravel().tolist() == [0, 1, 1, 2]
    assert "t.parquet is read as Parquet." in series.notes
    with pytest.raises(UserError, match=r"t\.parquet, row 2, column 1 \(x\): '' stands for a missing value"):
        _files.load(saved(tmp_path, x=[1.5, None, 2.5]), window=1)


@pytest.mark.parametrize(
    ("domain", "samples"),
    [
        (JOBS, ROWS),
        (Points.plain(2), np.array([[0.1, 2.5], [1e-7, 3e8]], np.float32)),
        (
            Series(2, (Column("x"), Column("w", ("a", "b"))), (Column("size"),), times=("2024-01-01", "2024-01-02")),
            np.array([[[0.1, 0, 5], [0.3, 1, 5]], [[1, 1, 6], [2, 1, 6]]], np.float32),
        ),
    ],
)
def test_what_is_written_is_read_again(domain: Domain, samples: np.ndarray, tmp_path: Path) -> None:
    domain.writers[".parquet"](samples, None, tmp_path / "a.parquet")
    assert np.array_equal(domain.read(tmp_path / "a.parquet").samples, samples, equal_nan=True)


def test_columns_are_written_with_their_types(tmp_path: Path) -> None:
    JOBS.writers[".parquet"](ROWS, np.array(["one", "two"]), tmp_path / "a.parquet")
    found = polars.read_parquet(tmp_path / "a.parquet")
    assert [str(kind) for kind in found.dtypes] == ["Int64", "String", "Boolean", "Float64", "Int64", "String"]
    assert found.rows() == [(40, "clerk", True, 1.75, 3, "one"), (30, "", False, None, None, "two")]
    series = Series(2, (Column("x"),), times=("2024-01-01 00:00:00", "2024-01-01 01:00:00"))
    series.writers[".parquet"](np.zeros((1, 2, 1), np.float32), None, tmp_path / "a.parquet")
    found = polars.read_parquet(tmp_path / "a.parquet")
    assert found.columns == ["series", "step", "x"]
    assert [kind.base_type() for kind in found.dtypes] == [polars.Int64, polars.Datetime, polars.Float32]


@pytest.mark.parametrize(
    ("times", "kind"),
    [
        (("0", "1"), int),
        (("2024-01-01", "2024-02-01"), date),
        (("2024-01-01 10:00:00",), datetime),
        (("01/02/2024",), str),
        (("2024-01-01 10:00",), str),
        (("07", "08"), str),
    ],
)
def test_times_have_a_type_if_that_changes_no_sign(times: tuple[str, ...], kind: type) -> None:
    assert {type(time) for time in _parquet.as_values(times)} == {kind}


def test_what_is_no_column_of_cells_is_refused(tmp_path: Path) -> None:
    for values in ([[1, 2]], [b"x"], [{"a": 1}], [timedelta(1)]):
        with pytest.raises(UserError, match=r"column x: .* is neither numbers, words, dates nor true and false"):
            _parquet.opened(saved(tmp_path, x=values))
    with pytest.raises(UserError, match=r"has no columns\."):
        _parquet.opened(saved(tmp_path))
    with pytest.raises(UserError, match="--header and --decimal are options of delimited text"):
        _parquet.opened(saved(tmp_path, x=[1]), TextOptions(header="no"))


def test_a_file_of_too_many_cells_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_parquet, "MAX_CELLS", 9)
    with pytest.raises(UserError, match="too large: it has 1,000 rows of 2 columns, and at most"):
        _parquet.opened(saved(tmp_path, x=[1] * 1000, y=[2] * 1000))


def test_a_file_of_too_many_words_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, w=["word" * 50] * 1000, x=[1] * 1000)
    assert len(_parquet.opened(path)) == 1000
    monkeypatch.setattr(_parquet, "MAX_BYTES", 199_999)
    with pytest.raises(UserError, match="too large: its words have 200,000 bytes, and at most 199,999 bytes can"):
        _parquet.opened(path)
    with pytest.raises(UserError, match="its words have 400,000 bytes"):
        _parquet.opened(saved(tmp_path, w=polars.Series(["word" * 100] * 1000, dtype=polars.Categorical)))


def test_damaged_files_are_read_or_refused_in_a_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = saved(tmp_path, k=["a", "b"] * 20, t=[datetime(2024, 1, 1)] * 40, x=np.arange(40.0)).read_bytes()
    g, refused = random.Random(0), []
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(g.choice((1, 2, 20))):
            content[g.randrange(len(content))] = g.randrange(256)
        (tmp_path / "d.parquet").write_bytes(content[: g.choice((None, None, g.randrange(len(content))))])
        try:
            _parquet.opened(tmp_path / "d.parquet")
        except UserError as error:
            refused.append(str(error))
    assert 50 < len(refused) < 150
    assert all("\n" not in sentence and sentence.endswith(".") for sentence in refused)
    assert capfd.readouterr().err == ""


def test_without_polars_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, x=[1])
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match=r"Reading \.parquet needs .* pip install 'ganwright\[parquet\]'"):
        _parquet.opened(path)
    with pytest.raises(MissingExtraError, match=r"Writing \.parquet needs"):
        _parquet.write(path, {"x": [1]})
