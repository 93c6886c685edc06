"""Reads numbers as people write them: decimal point or comma, thousands separators, currency and percent signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal, NamedTuple

Decimal = Literal["point", "comma"]

ERRORS = (  # of spreadsheets in English, German, French and Spanish
    *("#n/a", "#div/0!", "#ref!", "#name?", "#num!", "#value!", "#null!", "#calc!", "#spill!"),
    *("#nv", "#wert!", "#bezug!", "#zahl!", "#nom?", "#valeur!", "#nombre!", "#nul!", "#n/d", "#¡valor!", "#¿nombre?"),
)
MARKS = ("", "?", "-", "--", ".", "na", "n/a", "#na", "<na>", "nan", "null", "none", *ERRORS)  # without regard to case
PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
GROUP = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}(?:[eE][+-]?[0-9]+)?")  # a plain number, or thousands
CODE = re.compile(r"[+-]?0[0-9]+")  # leading zeros: a postal code or a number of an account, not an amount
INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
SPACES = " \u00a0\u2009\u202f"  # the last three are the narrow and the fixed ones
SIGNS = {"point": (r"\.", ","), "comma": (",", r"\.")}  # decimal and thousands


class Number(NamedTuple):
    """A cell's value, its currency or percent sign if it has one, and whether thousands are separated."""

    value: float
    unit: str = ""
    grouped: bool = False


class Marks(NamedTuple):
    """The words that stand for a missing value; `given` replaces the usual ones."""

    given: tuple[str, ...] | None = None

    def has(self, cell: str) -> bool:
        return cell == "" or (cell.lower() in MARKS if self.given is None else cell in self.given)


def number(cell: str, decimal: Decimal = "point") -> Number | None:
    """The cell as a number, which may be infinite; None for words, marks of missing values, and NaN."""
    if PLAIN.fullmatch(cell) and (decimal == "point" or "." not in cell):
        return Number(float(cell))
    if INFINITE.fullmatch(cell):
        return Number(float(cell))
    body, unit = _without_unit(cell)
    match = _GRAMMAR[decimal].fullmatch(body)
    if match is None:
        return None
    whole = re.sub(r"[^0-9+-]", "", match["whole"] or "")
    fraction = (match["fraction"] or "")[1:]
    if not fraction and not any(digit.isdigit() for digit in whole):
        return None
    return Number(float(f"{whole}.{fraction}{match['exponent'] or ''}"), unit, match["sign"] is not None)


def is_code(cell: str) -> bool:
    """Whether leading zeros make the cell a code, such as 02134."""
    return CODE.fullmatch(cell) is not None


class DecimalSigns(NamedTuple):
    """Cells that are numbers with a decimal comma only, with a decimal point only, and in both ways, as 1,234."""

    comma: list[str]
    point: list[str]
    both: list[str]


def decimal_signs(cells: Iterable[str]) -> DecimalSigns:
    """What the cells show about the decimal sign."""
    found = DecimalSigns([], [], [])
    for cell in cells:
        if "," not in cell and "." not in cell:
            continue
        point = number(cell, "point")
        comma = None if PLAIN.fullmatch(cell) and not GROUP.fullmatch(cell) else number(cell, "comma")
        if point is not None and comma is not None:
            found.both.append(cell)
        elif point is not None:
            found.point.append(cell)
        elif comma is not None:
            found.comma.append(cell)
    return found


def _grammar(decimal: Decimal) -> re.Pattern[str]:
    sign, thousands = SIGNS[decimal]
    grouped = rf"[1-9][0-9]{{0,2}}(?P<sign>[{thousands}'’{SPACES}])[0-9]{{3}}(?:(?P=sign)[0-9]{{3}})*"
    return re.compile(rf"(?P<whole>[+-]?(?:{grouped}|[0-9]*))(?P<fraction>{sign}[0-9]*)?(?P<exponent>[eE][+-]?[0-9]+)?")


_GRAMMAR: dict[Decimal, re.Pattern[str]] = {"point": _grammar("point"), "comma": _grammar("comma")}


def _without_unit(cell: str) -> tuple[str, str]:
    """A cell without its currency or percent sign, and this sign: `-$ 12` is -12 and $."""
    body = cell.replace("\u2212", "-").strip()
    sign = body[0] if body[:1] in ("+", "-") else ""
    body = body.removeprefix(sign).strip()
    if body and (body[-1] in "%‰" or _is_currency(body[-1])):
        return sign + body[:-1].strip(), body[-1]
    if body and _is_currency(body[0]):
        return sign + body[1:].strip(), body[0]
    return sign + body, ""


def _is_currency(sign: str) -> bool:
    return unicodedata.category(sign) == "Sc"
