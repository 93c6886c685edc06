"""A row of a table in words: values by name, and sentences that list what is known."""

import numpy as np
import pytest

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.domains._table_words import row_of
from ganwright.domains.table import Table

SHOPS = Table((Column("region", ("north", "south")), Column("size", resolution=1.0), Column("floor", mark="NA")))


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ("region=north,size=3,floor=1.5", [0, 3, 1.5]),
        ("size=-2e1, floor = NA, region=South", [1, -20, np.nan]),
        ('"size=1,000",region=north,floor=0', [0, 1000, 0]),
    ],
)
def test_values_are_given_by_name(words: str, row: list[float]) -> None:
    assert np.array_equal(SHOPS.described(words), [row], equal_nan=True)


@pytest.mark.parametrize("words", ["shops.csv", "", "a\nb=c"])
def test_words_of_another_kind_are_refused_with_an_example(words: str) -> None:
    with pytest.raises(UserError, match=r"is no file, and no values such as region=north,size=0,floor=0; known are "):
        SHOPS.described(words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("region=nort,size=3,floor=1", r"'nort' is no category of region \(north, south\)\. Did you mean north\?"),
        ("region=north,size=big,floor=1", "size is a number, and 'big' is none"),
        ("region=north,size=inf,floor=1", "size is a number, and 'inf' is none"),
        ("region=north,size=,floor=1", "size is a number, and '' is none"),
        ("region=north,floor=1", r"size is missing; needed are region \(north, south\) and size \(a number\) and"),
        ("regoin=north,size=3", r"'regoin' is unknown; known are region .* Did you mean region\?"),
        ("region=north,region=south,size=3", "region is given twice"),
        ("region=north,3", "'3' is not of the kind NAME=VALUE"),
    ],
)
def test_errors_list_what_is_known(words: str, message: str) -> None:
    with pytest.raises(UserError, match=f"--condition {words}: {message}"):
        SHOPS.described(words)


def test_a_column_of_whole_numbers_takes_no_other() -> None:
    with pytest.raises(UserError, match=r"size is a whole number in the data, and '2\.5' is none"):
        row_of("size=2.5", [Column("size", resolution=1.0)])
