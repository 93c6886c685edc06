"""Times that follow others: by their interval, in the form in which they are written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganwright.domains._following_times import following
from ganwright.domains._times import written_format


@pytest.mark.parametrize(
    ("times", "after"),
    [
        ("7 8 9", "10 11"),
        ("0.5 0.75", "1.00 1.25"),
        ("-2 -1", "0 1"),
        ("2024-02-27 2024-02-28", "2024-02-29 2024-03-01"),
        ("2024-01-01T22 2024-01-01T23", "2024-01-02T00 2024-01-02T01"),
        ("2024-01-01T23:30:00Z 2024-01-01T23:45:00Z", "2024-01-02T00:00:00Z 2024-01-02T00:15:00Z"),
        ("2024-01-01T00:00+01:00 2024-01-01T00:30+01:00", "2024-01-01T01:00+01:00 2024-01-01T01:30+01:00"),
        ("12/30/2023 12/31/2023", "01/01/2024 01/02/2024"),
        ("9/9/2024 9/10/2024", "9/11/2024 9/12/2024"),
        ("30.12.2023 31.12.2023", "01.01.2024 02.01.2024"),
        ("20231230 20231231", "20240101 20240102"),
        ("2023-11 2023-12", "2024-01 2024-02"),
        ("2024-01-01 2024-02-01", "2024-03-01 2024-04-01"),  # not 31 days later
        ("2023-12-31 2024-01-31", "2024-02-29 2024-03-31"),
        ("2023-12-30 2024-01-30", "2024-02-29 2024-03-30"),
        ("2023-06-30 2023-09-30", "2023-12-31 2024-03-31"),
        ("2019-02-03 2020-02-03 2021-02-03", "2022-02-03 2023-02-03"),
        ("2024-02-01 2024-02-29", "2024-03-28 2024-04-25"),  # four weeks
    ],
)
def test_a_constant_interval_is_continued(times: str, after: str) -> None:
    cells = times.split()
    assert following(cells, 2, written_format(cells)) == after.split()


def test_hours_without_leading_zeros_stay_so() -> None:
    cells = ["1/2/2024 22:05", "1/2/2024 23:05"]
    assert following(cells, 2, written_format(cells)) == ["1/3/2024 0:05", "1/3/2024 1:05"]
    column = ["2/1/2024 22:00", "13/1/2024 22:00"]  # the day comes first
    assert following(["2/1/2024 22:00", "3/1/2024 22:00"], 1, written_format(column)) == ["4/1/2024 22:00"]


@pytest.mark.parametrize(
    "times",
    [
        "5",
        "1 2 4",
        "2024-01-05 2024-01-08 2024-01-09",
        "2024-01 2024-02 2024-04",
        "9999-12-30 9999-12-31",
        "1e3 2e3",
        "001 002",
        "2024-W01-1 2024-W01-2",
        "monday tuesday",
    ],
)
def test_other_times_are_not(times: str) -> None:
    cells = times.split()
    assert following(cells, 1, written_format(cells)) is None


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.datetimes(), st.timedeltas(), st.integers(2, 9))
def test_the_parts_of_a_sequence_continue_each_other(start, interval, known) -> None:  # type: ignore[no-untyped-def]
    interval = abs(interval) % (interval.resolution * 10**12)
    try:
        cells = [(start + interval * place).isoformat(" ", "microseconds") for place in range(12)]
    except OverflowError:
        return
    if interval:
        assert following(cells[:known], 12 - known, written_format(cells)) == cells[known:]
