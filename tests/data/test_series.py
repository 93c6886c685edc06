"""Tests of series from files: windows in chronological order, keys, static features, parts, and errors that name the
cell."""

import os
from pathlib import Path

import numpy as np
import pytest

from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.errors import MissingPartError, UserError
from ganwright.data import _files, _find
from ganwright.domains.series import Series
from ganwright.domains.table import Table

COUNT = "a,b\n" + "".join(f"{i},{-i}\n" for i in range(10))
LENGTHS = {"k1": 4, "k2": 6, "k3": 5, "k4": 6, "k5": 3}


def load(tmp_path: Path, text: str, **options: object) -> Data:
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    data = _files.load(tmp_path / "s.csv", **options)  # type: ignore[arg-type]
    data.check()
    return data


def keyed(lengths: dict[str, int] | None = None) -> str:
    """Series of these lengths, whose lines alternate: x counts, w is a word, size and region are static."""
    lengths = lengths or LENGTHS
    lines = [
        (step, f"{key},2024-01-{step + 1:02d},{100 * place + step}.5,{'uvw'[step % 3]},{10 + place},{'ns'[place % 2]}")
        for place, (key, length) in enumerate(lengths.items())
        for step in range(length)
    ]
    return "id,day,x,w,size,region\n" + "".join(f"{line}\n" for _, line in sorted(lines, key=lambda one: one[0]))


def series_of(data: Data) -> Series:
    assert isinstance(data.domain, Series)
    return data.domain


def lengths(samples: np.ndarray) -> list[int]:
    return (~np.isnan(samples[:, :, 0])).sum(axis=1).tolist()


# -- one series


def test_train_and_test_windows_share_no_line(tmp_path: Path) -> None:
    train, test = (load(tmp_path, COUNT, window=2, split=split) for split in ("train", "test"))
    assert train.samples[:, :, 0].tolist() == [[i, i + 1] for i in range(7)]
    assert test.samples.tolist() == [[[8, -8], [9, -9]]]
    features = (Column("a", (), 1.0, 3.5, 3.5), Column("b", (), 1.0, -3.5, 3.5))  # the training part fills [-1, 1]
    assert train.domain == test.domain == Series(2, features)
    assert train.samples.dtype == np.float32
    assert "the first 8 lines are the training part, the last 2 the test part" in train.notes[-1]


def test_windows_of_one_series_take_no_memory_of_their_own(tmp_path: Path) -> None:
    samples = load(tmp_path, COUNT, window=4).samples
    assert samples.strides[0] == samples.strides[1]


def test_the_share_of_the_test_part_can_be_chosen(tmp_path: Path) -> None:
    assert len(load(tmp_path, COUNT, window=2, test_share=0.5).samples) == 4
    everything = load(tmp_path, COUNT, window=2, test_share=0.0)
    assert len(everything.samples) == 9
    assert "there is no test part" in everything.notes[-1]
    with pytest.raises(MissingPartError, match="has no test part: --test-share is 0"):
        load(tmp_path, COUNT, window=2, test_share=0.0, split="test")


@pytest.mark.parametrize(
    "dates",
    [
        ["2016-07-01 00:00:00", "2016-07-01 01:00:00", "2016-07-02"],
        ["01/02/2020", "13/02/2020", "14/02/2020"],
        ["3.1.2020 10:00", "3.1.2020 11:30", "4.1.2020 00:00"],
        ["2020-01-01T00:00+02:00", "2020-01-01T00:00+01:00", "2020-01-01T00:00Z"],
        ["1949-01", "1949-02", "1949-03"],
    ],
)
def test_columns_of_times_determine_the_order_only(dates: list[str], tmp_path: Path) -> None:
    lines = [f"{date},{i}\n" for i, date in enumerate(dates)]
    forward, backward = (load(tmp_path, "".join(some), window=1) for some in (lines, lines[::-1]))
    assert forward.samples.ravel().tolist() == backward.samples.ravel().tolist() == [0, 1]
    assert "1 is a time and gives the order only." in forward.notes
    assert "The newest line came first: the order is reversed." in backward.notes
    assert series_of(forward).times == series_of(backward).times == (dates[0],)


def test_a_column_named_timestamp_can_hold_numbers(tmp_path: Path) -> None:
    assert load(tmp_path, "x,Timestamp\n5,1\n6,2\n7,4\n", window=1).samples.ravel().tolist() == [5, 6]


def test_the_column_of_times_can_be_chosen(tmp_path: Path) -> None:
    data = load(tmp_path, "hour,step,x\n3,1.5,5\n2,2.5,6\n1,3.5,7\n", window=1, time="hour", test_share=0)
    assert data.samples[:, 0].tolist() == [[3.5, 7], [2.5, 6], [1.5, 5]]  # `step` is a feature then
    assert (series_of(data).time, series_of(data).times) == ("hour", ("1",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x\n1\n2\n\n\nnan\n", r"s\.csv, line 6, column 1 \(x\): 'nan' stands for a missing value; numbers of series"),
        ("x,y\n1,2\n2,\n3,4\n", r"line 3, column 2 \(y\): '' stands for a missing value"),
        ("x\n1\n5\ninf\n", r"line 4, column 1 \(x\): 'inf' is not a finite number"),
        ("x\n1\n5\n1e39\n", r"line 4, column 1 \(x\): '1e39' is outside the range of float32; scale the column"),
        ("x\n1\n5\nfive\n", r"line 4, column 1 \(x\): 'five' is not a finite number"),
        ("date,x\n2020-01-01,1\n2020-01-03,2\n2020-01-02,3\n", "line 4, .*goes back in time; sort the lines by it, or"),
        ("date,x\n2020-01-01,1\n2020-01-01,2\n2020-01-02,3\n", "line 3, .*is the time of another step too; .*--key"),
        ("date,x\n2020-01-01,1\n,2\n2020-01-02,3\n", "line 3, .*'' stands for a missing value; every line needs its"),
        ("date,x\n2020-01-01,1\nmonday,2\n2020-01-02,3\n", "line 3, .*'monday' is no time as those before it are"),
        ("x\n1\n2\n", "The train part of .* has 1 lines: too few for windows of 2"),
        ("x\n", "no lines below"),
        ("date\n2020-01-01\n", "no columns besides its times"),
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
    with pytest.raises(UserError, match=r"The train part of .* has 8 lines: too few for windows of 1180591620717"):
        load(tmp_path, COUNT, window=2**70)


def test_how_times_are_read_is_said(tmp_path: Path) -> None:
    notes = " ".join(load(tmp_path, "when,x\n01/02/2020,1\n01/03/2020,2\n01/05/2020,3\n", window=1).notes)
    assert "when has the month first: 01/02/2020." in notes
    assert "The steps of when differ, and series take them as equal: 1 day to 2 days, most often 1 day; " in notes
    assert "the first other one leads to line 4, 01/05/2020." in notes
    hours = "".join(f"2020-01-01 {hour:02}:00,{hour}\n" for hour in (0, 1, 2, 5))
    notes = " ".join(load(tmp_path, f"time,x\n{hours}", window=1).notes)
    assert "1 hour to 3 hours, most often 1 hour; the first other one leads to line 5, 2020-01-01 05:00." in notes
    months = "".join(f"a,2024-{month:02}-{day},{month % 5}\n" for month, day in ((1, 31), (2, 29), (3, 31), (4, 30)))
    notes = " ".join(load(tmp_path, f"id,time,x\n{months}{months.replace('a,', 'b,')}", key="id", window=2).notes)
    assert "differ, and" not in notes  # the ends of successive months
    notes = " ".join(load(tmp_path, "time,x\nq1,1\nq2,2\nq1,3\n", window=1).notes)
    assert "time cannot be read as times: the lines keep their order." in notes


# -- kinds of columns


def test_words_codes_and_two_whole_numbers_are_categories(tmp_path: Path) -> None:
    text = "hour;on;sky;x;level\n08;0;sun;1,5;1\n09;1;rain;2,5;2\n10;1;sun;3,25;3\n"
    data = load(tmp_path, text, window=1, categories=("level",))
    assert data.samples[:, 0].tolist() == [[0, 0, 1, 1.5, 0], [1, 1, 0, 2.5, 1]]
    categories = [column.categories for column in series_of(data).features]
    assert categories == [("08", "09", "10"), ("0", "1"), ("rain", "sun"), (), ("1", "2", "3")]
    assert "Leading zeros, so categories: hour (such as 08)." in data.notes
    assert "Two whole numbers, so categories: on (0 and 1)." in data.notes


def test_columns_without_content_or_of_too_many_words_are_left_out_and_said(tmp_path: Path) -> None:
    text = "x,empty,name\n" + "".join(f"{i}.5,,n{i}\n" for i in range(1001))
    data = load(tmp_path, text, window=2)
    assert [column.name for column in series_of(data).features] == ["x"]
    assert "empty is left out: it is empty." in data.notes
    assert "name is left out: it has 1,001 distinct words, over 1,000." in data.notes
    with pytest.raises(UserError, match="column name cannot be used: it has 1,001 distinct words"):
        load(tmp_path, text, window=2, categories=("name",))


def test_a_constant_column_is_kept_and_said(tmp_path: Path) -> None:
    data = load(tmp_path, "x,y\n1,4\n2,4\n3,4\n", window=1)
    assert "Constant: y (4)." in data.notes
    assert series_of(data).features[1] == Column("y", (), 1.0, 4.0, 1.0)


# -- several series


def test_numbers_that_are_equal_at_every_step_are_copies(tmp_path: Path) -> None:
    lines = [f"{i},{i % 3},{'ab'[i % 2]},{i},{i % 3 + (i == 9)}\n" for i in range(12)]
    data = load(tmp_path, "x,y,w,z,v\n" + "".join(lines), window=2)
    assert series_of(data).copies == ((3, 0),)  # v differs from y at one step
    assert "Generated as copies: z is equal to x at every step." in data.notes


def test_changes_that_float32_does_not_hold_are_said(tmp_path: Path) -> None:
    said = "Rounded to float32 by over 0.1% of the standard deviation: "
    for offset, is_said in ((1e9, True), (1e3, False)):
        text = "x,y\n" + "".join(f"{offset + i % 7 / 10},{i}\n" for i in range(20))
        notes = [note for note in load(tmp_path, text, window=2).notes if note.startswith(said)]
        assert [note.removeprefix(said).split(";")[0] for note in notes] == ["x"] * is_said


def test_lines_of_a_key_need_not_follow_one_another(tmp_path: Path) -> None:
    data = load(tmp_path, keyed(), key="id", test_share=0)
    assert lengths(data.samples) == list(LENGTHS.values())
    assert data.samples[1, :, 0].tolist() == [100.5, 101.5, 102.5, 103.5, 104.5, 105.5]
    domain = series_of(data)
    assert (domain.steps, domain.variable, domain.key, domain.time) == (6, True, "id", "day")
    assert domain.times == tuple(f"2024-01-0{day}" for day in range(1, 7))
    assert "5 series (column id) of 3 to 6 time steps." in data.notes


def test_columns_with_one_value_for_each_key_are_static(tmp_path: Path) -> None:
    data = load(tmp_path, keyed(), key="id", test_share=0)
    assert [column.name for column in series_of(data).static] == ["size", "region"]
    assert data.samples[:, 0, 2].tolist() == [10, 11, 12, 13, 14]
    assert series_of(data).static[0] == Column("size", (), 1.0, 12.0, 2.0)
    assert "Static, with one value for each series: size, region." in data.notes
    chosen = series_of(load(tmp_path, keyed(), key="id", static=("size",)))
    assert [column.name for column in chosen.features] == ["x", "w", "region"]
    assert not series_of(load(tmp_path, keyed(), key="id", static=())).static


def test_static_columns_can_be_conditions(tmp_path: Path) -> None:
    data = load(tmp_path, keyed(), key="id", conditions=("region", "size"), test_share=0)
    assert isinstance(data.condition_domain, Table)
    assert data.condition_domain.columns[0] == Column("region", ("n", "s"))
    assert data.conditions is not None
    assert data.conditions.tolist() == [[0, 10], [1, 11], [0, 12], [1, 13], [0, 14]]
    assert not series_of(data).static
    assert isinstance(data.condition_domain, Table)
    assert data.condition_domain.columns[1].resolution == 1
    tens = "id,size,x\n" + "".join(f"{key},{10 * key},{step * step / 2}\n" for key in range(1, 6) for step in range(3))
    coarse = load(tmp_path, tens, key="id", conditions=("size",), test_share=0).condition_domain
    assert isinstance(coarse, Table)
    assert coarse.columns[0].resolution == 1  # samples of size 15 have this size
    windows = load(tmp_path, keyed(), key="id", window=3, conditions=("size",), test_share=0)
    assert windows.conditions is not None
    assert windows.conditions.ravel().tolist() == (windows.samples[:, 0, 0] // 100 + 10).tolist()


def test_a_fixed_share_of_whole_series_is_the_test_part(tmp_path: Path) -> None:
    train, test = (load(tmp_path, keyed(), key="id", split=split, test_share=0.4) for split in ("train", "test"))
    assert sorted([*train.samples[:, 0, 0], *test.samples[:, 0, 0]]) == [0.5, 100.5, 200.5, 300.5, 400.5]
    assert train.domain == test.domain
    assert len(test) == 2
    with pytest.raises(MissingPartError, match="has 5 series, too few for a test part"):
        load(tmp_path, keyed(), key="id", test_share=0.1, split="test")


def test_windows_of_several_series_lie_within_one_and_within_a_part(tmp_path: Path) -> None:
    options = {"key": "id", "window": 2, "test_share": 0.5}
    train, test = (load(tmp_path, keyed(), split=split, **options) for split in ("train", "test"))
    assert (train.samples[:, 1, 0] - train.samples[:, 0, 0]).tolist() == [1] * len(train)
    assert train.samples[:, 0, 0].tolist() == [0.5, 100.5, 101.5, 200.5, 300.5, 301.5, 400.5, 401.5]
    assert test.samples[:, 0, 0].tolist() == [2.5, 103.5, 104.5, 202.5, 203.5, 303.5, 304.5]
    assert "1 of 5 series are too short for a test part." in train.notes


def test_whole_series_are_the_test_part_where_none_can_be_divided(tmp_path: Path) -> None:
    train, test = (load(tmp_path, keyed(), key="id", window=3, split=split) for split in ("train", "test"))
    assert len(test) > 0
    assert not {*(train.samples[:, 0, 0] // 100)} & {*(test.samples[:, 0, 0] // 100)}
    assert any("1 of 5 series are the test part, as they are too short to be divided" in note for note in train.notes)


def test_series_shorter_than_a_window_are_left_out_and_counted(tmp_path: Path) -> None:
    data = load(tmp_path, keyed(), key="id", window=5, test_share=0)
    assert data.samples[:, 0, 0].tolist() == [100.5, 101.5, 200.5, 300.5, 301.5]
    assert "2 of 5 series are shorter than a window and left out." in data.notes
    assert any(note.endswith("5 windows for training, 0 for the test; there is no test part.") for note in data.notes)
    with pytest.raises(UserError, match=r"Every series of .*s\.csv is shorter than a window of 7 time steps"):
        load(tmp_path, keyed(), key="id", window=7)
    with pytest.raises(MissingPartError, match="has 3 series that hold a window, too few for a test part"):
        load(tmp_path, keyed(), key="id", window=5, split="test")


def test_series_whose_times_descend_are_reversed(tmp_path: Path) -> None:
    text = "id,t,x\na,1.5,10\nb,3,2.5\na,2,20\nb,1,1.5\n"
    data = load(tmp_path, text, key="id", time="t", test_share=0)
    assert data.samples[:, :, 0].tolist() == [[10, 20], [1.5, 2.5]]
    assert "The newest line came first in 1 of 2 series: their order is reversed." in data.notes


def test_a_column_that_counts_the_steps_of_each_key_is_their_time(tmp_path: Path) -> None:
    data = load(tmp_path, "id,n,x\na,0,1.5\na,1,2.5\nb,0,3.5\nb,1,4.5\n", key="id", test_share=0)
    assert data.samples.ravel().tolist() == [1.5, 2.5, 3.5, 4.5]
    assert "n is a time and gives the order only." in data.notes


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("id,x\na,1\n,2\n", {}, r"line 3, column 1 \(id\): '' stands for a missing value; every line needs its key"),
        ("id,x\na,1\na,5\n", {}, "has one series only, id a: whole series need several; say --window 24"),
        ("id,x\na,1\nb,2\n", {}, "every id has one line only: these are no series|nothing that changes over time"),
        ("id,t,x\na,1,5\na,1,6\nb,1,7\n", {"time": "t"}, r"line 3, column 2 \(t\): '1' is the time of another step"),
        (
            "id,t,x\na,1,5\nb,2,6\na,3,7\na,2,8\n",
            {"time": "t"},
            r"line 5, .*'2' goes back in time; sort the lines by it\.",
        ),
        (
            "id,t,x\na,1,5\na,2,6\na,3,7\nb,1,7\na,1,8\n",
            {"time": "t"},
            r"line 6, .*'1' is the time of another step too; mend the file",
        ),
        (
            "id,s,x\na,1,5\na,3,6\nb,1,7\n",
            {"static": ("s",)},
            "line 3, .*'3' is another value than in the",
        ),
        ("id,s,x\na,1,5\na,3,6\nb,1,7\n", {"static": ("S",)}, "has no column 'S' for --static"),
        ("id,region,x\na,n,5\n", {"conditions": ("regoin",)}, "'regoin' for --conditions. Did you mean region"),
        ("id,x\na,1\n", {"time": "id"}, "column id cannot be both key and time"),
        ("id,x\na,1\n", {"categories": ("id",)}, "column id is the key, and cannot be one of --categories too"),
        ("id,when\na,2020-01-01\na,2020-01-02\n", {}, "has no columns besides its key, times and static columns"),
        ("id,x\na,1\na,5\nb,1\n", {"given": 2}, "no series has more than the 2 given time steps"),
    ],
)
def test_errors_of_several_series(text: str, options: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, text, key="id", **options)


# -- the beginning is given


def test_given_steps_are_the_conditions(tmp_path: Path) -> None:
    data = load(tmp_path, COUNT, window=4, given=3)
    assert data.conditions is not None
    assert np.array_equal(data.conditions, data.samples[:, :3])
    domain, known = series_of(data), data.condition_domain
    assert isinstance(known, Series)
    assert (domain.given, domain.times, known.steps, known.variable) == (3, (), 3, False)
    whole = load(tmp_path, keyed(), key="id", given=4, test_share=0)
    assert lengths(whole.samples) == [6, 5, 6]
    assert "2 series have no more than the 4 given steps and are left out." in whole.notes


def test_the_last_steps_of_each_series_of_a_file_are_the_condition_of_a_forecast(tmp_path: Path) -> None:
    known = load(tmp_path, COUNT, window=4, given=3).condition_domain
    assert known is not None
    assert known.read(tmp_path / "s.csv").samples.tolist() == [[[7, -7], [8, -8], [9, -9]]]
    several = load(tmp_path, keyed(), key="id", given=2).condition_domain
    assert several is not None
    assert several.read(tmp_path / "s.csv").samples[:, :, 0].tolist()[:2] == [[2.5, 3.5], [104.5, 105.5]]
    (tmp_path / "t.csv").write_text("a,b\n1,2\n2,3\n")
    with pytest.raises(UserError, match=r"t\.csv has 2 lines: too few for series of 3 time steps"):
        known.read(tmp_path / "t.csv")


# -- scaling


def test_series_of_very_different_ranges_are_scaled_by_their_own(tmp_path: Path) -> None:
    lines = [f"{key},{10.0**key * (1 + step % 3)},{step}.5\n" for key in range(6) for step in range(4)]
    text = "id,x,y\n" + "".join(lines)
    data = load(tmp_path, text, key="id", test_share=0)
    own = series_of(data).own_ranges
    assert [one.middle.name for one in own] == ["middle of x", "middle of y"]
    assert own[0].smallest == pytest.approx(1e-4 * series_of(data).features[0].scale)
    assert any("--scaling global" in note for note in data.notes)
    assert not series_of(load(tmp_path, text, key="id", scaling="global")).own_ranges
    given = series_of(load(tmp_path, text, key="id", given=2, test_share=0)).own_ranges
    assert given[0].smallest == pytest.approx(0.05 * series_of(data).features[0].scale)


def test_series_of_similar_ranges_are_scaled_by_that_of_the_data(tmp_path: Path) -> None:
    text = "id,x\n" + "".join(f"{key},{step % 3}.5\n" for key in range(6) for step in range(4))
    data = load(tmp_path, text, key="id")
    assert not series_of(data).own_ranges
    assert any("--scaling own" in note for note in data.notes)
    assert series_of(load(tmp_path, text, key="id", scaling="own")).own_ranges


# -- options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 2, "table": True}, "--window excludes --table"),
        ({"key": "a", "test": "x.csv"}, "--key excludes --table and --test"),
        ({"window": 0}, "window must be at least 1"),
        ({"window": 2, "given": 2}, "--given 2 leaves nothing to draw of a --window of 2"),
        ({"key": "a", "conditions": ("b",), "given": 2}, "--conditions and --given exclude each other"),
        ({"window": 2, "static": ("b",)}, "--static needs --key COLUMN"),
        ({"given": 2}, "--given is an option of series: say --window 24 for windows of one series, or --key COLUMN"),
        ({"scaling": "own"}, "--scaling is an option of series"),
        ({"window": 2, "scaling": "owm"}, "scaling must be one of auto, global, own, not 'owm'. Did you mean own"),
        ({"window": 2, "test_share": 1.0}, "--test-share must be from 0 to below 1"),
        ({"key": "A"}, "has no column 'A' for --key"),
    ],
)
def test_incompatible_options_are_refused(options: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, COUNT, **options)


def test_options_of_series_are_refused_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has times in column date: use --window 24"):
        load(tmp_path, "date,x\n2020-01-01,1\n")
    np.save(tmp_path / "a.npy", np.zeros((3, 2)))
    with pytest.raises(UserError, match="is read as arrays: --window is an option of columns and sound"):
        _files.load(tmp_path / "a.npy", window=3)


def test_a_file_that_does_not_exist_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nosuch\.csv does not exist"):
        _files.load(tmp_path / "nosuch.csv", window=3)


def test_one_step_has_no_range_of_its_own(tmp_path: Path) -> None:
    assert not series_of(load(tmp_path, COUNT, window=3, given=1)).own_ranges
    assert not series_of(load(tmp_path, COUNT, window=1)).own_ranges


# -- other files, and saved ones


def test_another_file_is_read_in_the_same_domain(tmp_path: Path) -> None:
    data = load(tmp_path, COUNT, window=2)
    assert len(data.domain.read(tmp_path / "s.csv", {"window": 2}).samples) == 9
    (tmp_path / "t.csv").write_text("1\n2\n")
    with pytest.raises(UserError, match=r"1 column \(1\) that do not match the data's: a, b"):
        data.domain.read(tmp_path / "t.csv", {})


def test_features_are_matched_by_name(tmp_path: Path) -> None:
    domain = load(tmp_path, COUNT, window=2).domain
    (tmp_path / "t.csv").write_text("b,date,a\n-1,2020-01-01,1\n-2,2020-01-02,2\n")
    assert domain.read(tmp_path / "t.csv").samples.tolist() == [[[1, -1], [2, -2]]]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("options", [{}, {"window": 3}, {"given": 2}])
def test_saved_series_are_read_again_by_domain_and_loader(options: dict[str, int], suffix: str, tmp_path: Path) -> None:
    data = load(tmp_path, keyed(), key="id", test_share=0, **options)
    saved = tmp_path / f"out{suffix}"
    data.domain.writers[suffix](np.asarray(data.samples), None, saved)
    read = data.domain.read(saved)
    again = _files.load(saved, key="id", test_share=0, **options)  # type: ignore[arg-type]
    assert np.array_equal(read.samples, data.samples, equal_nan=True)
    assert np.array_equal(again.samples, data.samples, equal_nan=True)
    assert again.domain == data.domain


def test_saved_windows_of_one_series_are_read_as_they_are(tmp_path: Path) -> None:
    data = load(tmp_path, "date,x\n" + "".join(f"2024-01-{i + 1:02d},{i}.1\n" for i in range(20)), window=5)
    data.domain.writers[".csv"](data.samples, None, tmp_path / "out.csv")
    first, *lines = (tmp_path / "out.csv").read_text().splitlines()
    assert first == "series,date,x"
    assert lines[5] == "1,2024-01-01,1.1"
    assert np.array_equal(data.domain.read(tmp_path / "out.csv").samples, data.samples)
    (tmp_path / "out.csv").write_text("\n".join([first, *lines[:-1]]) + "\n")
    read = data.domain.read(tmp_path / "out.csv")
    assert np.array_equal(read.samples, data.samples[:-1])
    assert "1 of 12 series of out.csv are shorter than 5 time steps and left out." in read.notes


def test_what_does_not_fit_the_domain_is_refused_or_left_out(tmp_path: Path) -> None:
    domain = load(tmp_path, keyed(), key="id", test_share=0).domain
    head, other = "id,day,x,w,size,region\n", tmp_path / "t.csv"
    other.write_text(head + "a,1,0,u,1,n\na,2,0,z,1,n\n")
    with pytest.raises(UserError, match=r"line 3, column 4 \(w\): 'z' is no category of the data, which are u, v, w"):
        domain.read(other)
    other.write_text(head + "a,1,0,u,1,n\na,2,0,v,2,n\n")
    with pytest.raises(UserError, match=r"line 3, column 5 \(size\): '2' is another value than in the lines before"):
        domain.read(other)
    other.write_text(head.replace("id,", "") + "1,0,u,1,n\n2,0,v,1,n\n")
    with pytest.raises(UserError, match="has no column id, which tells series apart"):
        domain.read(other)
    long = "".join(f"b,{step},0,u,1,n\n" for step in range(7))
    other.write_text(head + "a,1,0,u,1,n\na,2,0,v,1,n\n" + long)
    read = domain.read(other)
    assert lengths(read.samples) == [2]
    assert "1 of 2 series of t.csv are longer than 6 time steps and left out." in read.notes


@pytest.mark.usefixtures("own_data")
def test_published_series_have_their_known_sizes() -> None:
    folder = os.environ["GANWRIGHT_DATA"].split(os.pathsep)[0] + "/series/"
    stock = _find.load(folder + "stock_data.csv", window=24)
    assert stock.samples.shape == (2925, 24, 6)
    assert series_of(stock).own_ranges  # prices rose by a factor of twenty
    data = _find.load(folder + "ETTh1.csv", window=24, split="test")
    assert data.samples.shape == (3461, 24, 7)
    assert series_of(data).features[0].name == "HUFL"
    assert not series_of(data).own_ranges
