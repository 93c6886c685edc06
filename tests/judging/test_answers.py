"""Answers to a sheet: their file, and what the binomial distribution says of them."""

from fractions import Fraction
from math import comb
from pathlib import Path

import pytest

from ganwright.core.errors import UserError
from ganwright.judging.answers import GENERATED, REAL, at_least, blank, interval, least_right, read, scored

KEY = [REAL, GENERATED, GENERATED, REAL]


def test_guessing_follows_the_binomial_distribution() -> None:
    for right, total in ((0, 7), (32, 50), (50, 50), (520, 1000)):
        exact = Fraction(sum(comb(total, k) for k in range(right, total + 1)), 2**total)
        assert at_least(right, total) == pytest.approx(float(exact), rel=1e-9)
    assert (least_right(4), least_right(5), least_right(50)) == (None, 5, 32)


def test_the_interval_is_that_of_clopper_and_pearson() -> None:
    low, high = interval(32, 50)
    assert at_least(32, 50, low) == pytest.approx(0.05)
    assert 1 - at_least(33, 50, high) == pytest.approx(0.05)
    assert interval(0, 10) == (0, pytest.approx(1 - 0.05**0.1))
    assert interval(10, 10) == (pytest.approx(0.05**0.1), 1)


@pytest.mark.parametrize("total", [5, 50, 101])
def test_more_than_guessing_is_an_interval_above_one_half(total: int) -> None:
    least = least_right(total)
    assert least is not None
    assert interval(least, total)[0] > 0.5 >= interval(least - 1, total)[0]


def answered(right: int, total: int) -> str:
    key = [REAL, GENERATED] * (total // 2)
    other = {REAL: GENERATED, GENERATED: REAL}
    return str(scored({place: kind if place <= right else other[kind] for place, kind in enumerate(key, 1)}, key))


def test_what_is_said_of_answers() -> None:
    assert answered(32, 50).startswith(
        "32 of 50 right: 64%, exact 90 % interval 51% to 75% (5 % on each side). That is"
    )
    assert "more than guessing, which gets as many right in 3.2% of cases" in answered(32, 50)
    assert "no more than guessing, which gets as many right in 5.9% of cases; it would be from 32 on" in answered(
        31, 50
    )
    assert "less than 0.1% of cases" in answered(50, 50)
    assert "taken for each other" in answered(18, 50)
    assert "too few" in answered(4, 4)
    assert "16 of 25 real ones were called real, and 16 of 25 generated ones generated." in answered(32, 50)


def test_a_file_of_answers(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    for text in (
        "number,answer\n1,real\n2,generated\n3,real\n4,real\n",
        "\ufeffnumber;answer\r\n4; Real\r\n3;real\r\n2;GENERATED\r\n1;real\r\n\r\n",
        "1\treal\n2\tgenerated\n3\treal\n4\treal",
        "1,real,\n2,generated,\n03,real,\n4,real,\n",
    ):
        path.write_text(text, encoding="utf-8")
        found = read(path, 4)
        assert found == {1: REAL, 2: GENERATED, 3: REAL, 4: REAL}
        result = scored(found, KEY)
        assert (result.right, result.real_right, result.generated_right, result.total) == (3, 2, 1, 4)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1,real\n5,real\n", "line 2: '5' is no number of the sheet, which has 1 to 4"),
        ("0,real\n", "line 1: '0' is no number"),
        ("one,real\n", "line 1: 'one' is no number"),
        ("1,real\n1,generated\n", "line 2: number 1 is answered a second time"),
        ("1,fake\n", "line 1: 'fake' is no answer: write real or generated"),
        (blank(4), "line 2: number 1 has no answer"),
        ("1,real\n4,real\n", r"no answer for 2 of 4 numbers \(2, 3\)"),
        ("", r"no answer for 4 of 4 numbers \(1, 2, 3, 4\)"),
        ("1,real,sure\n", "line 1 should be a number and an answer"),
        ("number,kind\n", "line 1: 'number' is no number"),
        ("0000000012,real\n", "line 1: '0000000012' is no number of the sheet"),
        ("1" * 5_000 + ",real\n", r"line 1: '1{40}\.\.\.' is no number"),
        ("1," + "r" * 1_000 + "\n", r"line 1: 'r{40}\.\.\.' is no answer"),
        ("1," + "r" * 200_000 + "\n", "line 1 should be a number and an answer"),
    ],
)
def test_refusals(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=problem):
        read(path, 4)
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path / "none.csv", 4)
