"""Values from files are checked against the types that were written, without conversions."""

from typing import Any

import pytest
from pydantic import with_config
from typing_extensions import TypedDict

from ganwright.core import schema
from ganwright.core.errors import DamagedError
from ganwright.core.schema import EXACT, Count


@with_config(EXACT)
class Example(TypedDict):
    count: Count
    share: float
    names: list[str]


GOOD: dict[str, Any] = {"count": 3, "share": 1, "names": ["a"]}


def test_a_value_of_the_type_has_no_mismatch() -> None:
    assert schema.mismatch(Example, GOOD) == ""
    assert schema.mismatch(Example, GOOD | {"share": "1"}) == "share should be a valid number"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"count": True}, "part.count should be a valid integer"),
        ({"count": 3.0}, "part.count should be a valid integer"),
        ({"count": "3"}, "part.count should be a valid integer"),
        ({"count": -1}, "part.count should be greater than or equal to 0"),
        ({"count": 2**53 + 1}, "part.count should be less than or equal to"),
        ({"share": "1"}, "part.share should be a valid number"),
        ({"names": "a"}, "part.names should be a valid list"),
        ({"names": [1]}, "part.names.0 should be a valid string"),
        ({"other": 1}, "part.other is unknown"),
    ],
)
def test_anything_else_is_named(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(DamagedError, match=reason):
        schema.check(Example, GOOD | change, "file", "part")


def test_a_missing_entry_is_named() -> None:
    with pytest.raises(DamagedError, match=r"file is damaged \(count is missing\)"):
        schema.check(Example, {"share": 1.0, "names": []}, "file")


class Stateful:
    def load_state_dict(self, state: Example) -> None:
        self.first = state["names"][0]


def test_a_state_is_checked_by_the_type_of_the_parameter() -> None:
    stateful = Stateful()
    schema.restore(stateful.load_state_dict, GOOD, "file", "part")
    assert stateful.first == "a"
    with pytest.raises(DamagedError, match=r"file is damaged \(part.share is missing\)"):
        schema.restore(stateful.load_state_dict, {"count": 1, "names": ["a"]}, "file", "part")


def test_a_state_that_fails_to_load_is_damage() -> None:
    with pytest.raises(DamagedError, match="part cannot be restored: IndexError"):
        schema.restore(Stateful().load_state_dict, GOOD | {"names": []}, "file", "part")
