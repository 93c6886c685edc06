"""Continues times as they are written in a file: numbers, dates and months that have one constant interval."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import pairwise

from ganwright.domains._times import ISO, moment

Write = Callable[[datetime], str]

MONTHS = 12  # of a year
LAST = 31  # a day of the month that stands for its end
TIMESPECS = ("hours", "minutes", "seconds", "milliseconds", "microseconds")
ZERO_OF_DATE = re.compile(r"(?<![\d: ])0(?=\d)")  # leading zeros of day and month
ZERO = re.compile(r"(?<![\d:])0(?=\d)")  # and of the hour


def following(times: Sequence[str], count: int, form: str) -> list[str] | None:
    """The next `count` times after at least two, written as they are, if these have one constant interval; else None.

    `form` is the format of dates, see `_times.format_of`, or "" for numbers. Dates at an interval of whole months are
    continued by these, on the same day of the month or, where all are its last day, on the last one.
    """
    if len(times) < 2:
        return None
    try:
        return _numbers(times, count) if form == "" else _dates(times, count, form)
    except (OverflowError, TypeError, ValueError, InvalidOperation):  # a year above 9999, or no such times
        return None


def _numbers(times: Sequence[str], count: int) -> list[str] | None:
    numbers = [Decimal(time) for time in times]
    intervals = {after - before for before, after in pairwise(numbers)}
    if len(intervals) > 1 or [str(number) for number in numbers] != list(times):
        return None
    interval = intervals.pop()
    return [str(numbers[-1] + interval * place) for place in range(1, count + 1)]


def _dates(times: Sequence[str], count: int, form: str) -> list[str] | None:
    moments = [moment(time, form) for time in times]
    write = next((write for write in _forms(form) if [write(one) for one in moments] == list(times)), None)
    after = _after_months(moments) or _after(moments)
    if write is None or after is None:
        return None
    return [write(after(place)) for place in range(1, count + 1)]


def _after(moments: Sequence[datetime]) -> Callable[[int], datetime] | None:
    """The moment so many steps after the last one; None where the intervals differ."""
    intervals: set[timedelta] = {after - before for before, after in pairwise(moments)}
    if len(intervals) > 1:
        return None
    interval = intervals.pop()
    return lambda place: moments[-1] + interval * place


def _after_months(moments: Sequence[datetime]) -> Callable[[int], datetime] | None:
    """As `_after`, where all intervals are the same number of whole months."""
    months = [one.year * MONTHS + one.month - 1 for one in moments]
    intervals = {after - before for before, after in pairwise(months)}
    day = LAST if all(one.day == _days(one.year, one.month) for one in moments) else max(one.day for one in moments)
    same = all(one.day == min(day, _days(one.year, one.month)) for one in moments)
    if len(intervals) > 1 or 0 in intervals or not same or len({one.timetz() for one in moments}) > 1:
        return None
    interval = intervals.pop()

    def after(place: int) -> datetime:
        year, month = divmod(months[-1] + interval * place, MONTHS)
        return moments[-1].replace(year=year, month=month + 1, day=min(day, _days(year, month + 1)))

    return after


def _days(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def _forms(form: str) -> Iterable[Write]:
    """The ways to write the dates of a format: of ISO 8601 with any digits of the time of day, of others without
    leading zeros too."""
    if form == ISO:
        yield lambda one: one.date().isoformat()
        for separator in "T ":
            for digits in TIMESPECS:
                written = partial(datetime.isoformat, sep=separator, timespec=digits)
                yield written
                yield partial(_zulu, written)
        return
    yield lambda one: one.strftime(form)
    for zero in (ZERO, ZERO_OF_DATE):
        yield partial(_without, zero, form)


def _zulu(written: Write, one: datetime) -> str:
    return written(one).replace("+00:00", "Z")


def _without(zero: re.Pattern[str], form: str, one: datetime) -> str:
    return zero.sub("", one.strftime(form))
