"""Messages about options name them as they are typed."""

import pytest

from ganwright.core.choices import Part, at_least, at_most, check, flagged
from ganwright.core.errors import UserError


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("max_length", "--max-length"),
        ("classes (of sound)", "--classes (of sound)"),
        ("count x length", "count x length"),
        ("a.npy: the samples of a clip", "a.npy: the samples of a clip"),
    ],
)
def test_options_are_named_as_on_the_command_line(option: str, words: str) -> None:
    assert flagged(option) == words


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(UserError, match=r"^--window must be at least 16, not 3\.$"):
        at_least("window", 3, 16)
    with pytest.raises(UserError, match=r"^--count must be at most 1,000, not 2000\.$"):
        at_most("count", 2000, 1000)
    with pytest.raises(UserError, match=r"^--split must be one of train, validation, .* Did you mean test\?$"):
        check("split", "tets", Part)
