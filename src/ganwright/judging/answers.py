"""A person's answers to a sheet of real and generated samples, scored against its key by the binomial distribution."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ganwright.core.errors import UserError
from ganwright.domains._lines import decoded

Kind = Literal["real", "generated"]

REAL: Kind = "real"
GENERATED: Kind = "generated"
HEADER = ("number", "answer")
QUOTED = 40  # characters of a wrong answer in a message
LEVEL = 0.05  # guessing that does as well in less than this share of cases is taken for none
SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Answers:
    """How many of the real entries of a sheet were called real, and of the generated ones generated."""

    real_right: int
    real: int
    generated_right: int
    generated: int

    @property
    def right(self) -> int:
        return self.real_right + self.generated_right

    @property
    def total(self) -> int:
        return self.real + self.generated

    @property
    def interval(self) -> tuple[float, float]:
        """The exact interval of the probability of a right answer, see `interval`."""
        return interval(self.right, self.total)

    @property
    def by_guessing(self) -> float:
        """The probability of at least as many right answers by guessing. Each entry is real with probability 1/2,
        whatever the others are, so that this holds for any way of guessing."""
        return at_least(self.right, self.total)

    def __str__(self) -> str:
        low, high = self.interval
        of_real = f"{self.real_right} of {self.real} real ones were called real"
        of_generated = f"{self.generated_right} of {self.generated} generated ones generated"
        return (
            f"{self.right} of {self.total} right: {self.right / self.total:.0%}, exact 90 % interval {low:.0%} to "
            f"{high:.0%} (5 % on each side). {self._verdict} {of_real}, and {of_generated}."
        )

    @property
    def _verdict(self) -> str:
        least = least_right(self.total)
        if least is None:
            counted = "1 answer is" if self.total == 1 else f"{self.total} answers are"
            return f"{counted} too few: even if all are right, that may be luck. Make a longer sheet (-n)."
        if self.right >= least:
            return (
                "That is more than guessing, which gets as many right in "
                f"{_percent(self.by_guessing)} of cases: real and generated ones can be told apart."
            )
        if self.total - self.right >= least:
            return (
                "That is fewer than by guessing: real and generated ones can be told apart, and are taken for each "
                "other."
            )
        return (
            f"That is no more than guessing, which gets as many right in {_percent(self.by_guessing)} of cases; it "
            f"would be from {least} on."
        )


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "less than 0.1%"


def at_least(right: int, total: int, chance: float = 0.5) -> float:
    """The probability that `right` or more of `total` independent answers are right: the binomial distribution."""
    if chance <= 0 or chance >= 1:
        return float(chance >= 1 or right <= 0)
    log = math.lgamma(total + 1)
    terms = (
        log - math.lgamma(k + 1) - math.lgamma(total - k + 1) + k * math.log(chance) + (total - k) * math.log1p(-chance)
        for k in range(max(right, 0), total + 1)
    )
    return min(math.fsum(map(math.exp, terms)), 1.0)


def least_right(total: int) -> int | None:
    """The smallest number of right answers that guessing reaches in less than LEVEL of cases; None if there is none."""
    return next((right for right in range(total + 1) if at_least(right, total) < LEVEL), None)


def interval(right: int, total: int) -> tuple[float, float]:
    """The exact interval of the probability of a right answer with LEVEL on each side (Clopper & Pearson, The use of
    confidence or fiducial limits illustrated in the case of the binomial, Biometrika 1934).

    Its lower end is above 1/2 exactly where guessing gets as many right in less than LEVEL of cases.
    """
    low = 0.0 if right == 0 else _solved(lambda chance: at_least(right, total, chance) >= LEVEL)
    high = 1.0 if right == total else _solved(lambda chance: at_least(right + 1, total, chance) >= 1 - LEVEL)
    return low, high


def _solved(reached: Callable[[float], bool]) -> float:
    """The smallest chance from which on `reached(chance)` is true, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def scored(answers: Mapping[int, str], key: Sequence[str]) -> Answers:
    """The answers to the entries of a sheet, numbered from 1, whose kinds are `key`."""
    right = [answers[number] == kind for number, kind in enumerate(key, 1)]
    of_real, of_generated = (
        [one for one, kind in zip(right, key, strict=True) if kind == wanted] for wanted in (REAL, GENERATED)
    )
    return Answers(sum(of_real), len(of_real), sum(of_generated), len(of_generated))


def blank(count: int) -> str:
    """A file of answers to fill in."""
    return "\n".join([",".join(HEADER), *(f"{number}," for number in range(1, count + 1))]) + "\n"


def read(path: Path, count: int) -> dict[int, str]:
    """The answers in a file, one for each of the numbers 1 to `count`: lines `NUMBER,real` or `NUMBER,generated`.

    Columns may be separated by commas, semicolons or tabs. Raises UserError, which names the line, for a number that
    the sheet lacks, or that occurs twice, for other words, and for numbers without an answer.
    """
    found: dict[int, str] = {}
    for line, text in enumerate(decoded(path).text.split("\n"), 1):
        cells = [cell.strip() for cell in _cells(text)]
        if not any(cells) or (line == 1 and [cell.lower() for cell in cells] == [*HEADER]):
            continue
        number, answer = _answer(f"{path}, line {line}", cells, count)
        if number in found:
            raise UserError(f"{path}, line {line}: number {number} is answered a second time: leave one of them out.")
        found[number] = answer
    missing = [number for number in range(1, count + 1) if number not in found]
    if missing:
        which = ", ".join(map(str, missing[:5])) + ", ..." * (len(missing) > 5)
        raise UserError(
            f"{path} has no answer for {len(missing)} of {count} numbers ({which}): write {REAL} or {GENERATED}, and "
            "guess where you cannot tell."
        )
    return found


def _cells(text: str) -> list[str]:
    separator = next((one for one in SEPARATORS if one in text), ",")
    try:
        cells = next(csv.reader([text], delimiter=separator), [])
    except csv.Error:  # a cell of more than 131,072 characters
        return [text]
    return cells[:-1] if len(cells) == len(HEADER) + 1 and not cells[-1].strip() else cells


def _answer(where: str, cells: Sequence[str], count: int) -> tuple[int, str]:
    """A line's number and answer; `where` begins what is wrong with it."""
    if len(cells) != len(HEADER):
        raise UserError(f"{where} should be a number and an answer, such as 7,{REAL}.")
    number, answer = cells[0], cells[1].lower()
    digits = number.lstrip("0")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9 and int(digits) <= count):
        raise UserError(f"{where}: {_short(number)} is no number of the sheet, which has 1 to {count}.")
    if not answer:
        raise UserError(
            f"{where}: number {number} has no answer: write {REAL} or {GENERATED}; guess where you cannot tell."
        )
    if answer not in (REAL, GENERATED):
        raise UserError(f"{where}: {_short(cells[1])} is no answer: write {REAL} or {GENERATED}.")
    return int(digits), answer


def _short(word: str) -> str:
    """The quoted beginning of a word."""
    return repr(word if len(word) <= QUOTED else word[:QUOTED] + "...")
