"""What a user's own code raises is one sentence with the user's own line."""

import sys
from typing import Any

import numpy as np
import pytest
import torch

from ganwright.core import user_code
from ganwright.core.discovery import load_module
from ganwright.core.errors import UserError
from ganwright.data._arrays import from_dataset

HERE = "test_user_code.py"


class Items:
    """A data set of a user's whose item fails as it is told to."""

    def __init__(self, act: Any) -> None:
        self.act = act

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Any:
        return self.act()


def endless() -> Any:
    return endless()


def matrices() -> Any:
    return torch.zeros(2, 3) @ torch.zeros(2, 3)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (
            lambda: 1 / 0,
            rf"^Item 0 of dataset failed: ZeroDivisionError: division by zero \(.*{HERE}:\d+, in <lambda>\)\.$",
        ),
        (matrices, rf"^Item 0 of dataset failed: RuntimeError: mat1 and mat2 .*\(.*{HERE}:\d+, in matrices\)\.$"),
        (endless, rf"^Item 0 of dataset failed: RecursionError: .*\(.*{HERE}:\d+, in endless\)\.$"),
        (
            lambda: np.load("/nowhere"),
            rf"^Item 0 of dataset failed: FileNotFoundError: .*\(.*{HERE}:\d+, in <lambda>\)\.$",
        ),
        (lambda: sys.exit("enough"), r"^Item 0 of dataset called sys\.exit\('enough'\) \(.*\)\.$"),
        (lambda: exec("raise ValueError"), rf"^Item 0 of dataset failed: ValueError \(.*{HERE}:\d+, in <lambda>\)\.$"),
        (lambda: load_module("recipes", "rnig"), "^There is no 'rnig' among recipes"),
    ],
)
def test_the_users_own_line_is_named(act: Any, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        from_dataset(Items(act))
    assert "\n" not in str(caught.value)


def test_long_messages_are_cut_and_only_their_first_line_is_said() -> None:
    assert user_code.described(ValueError("\n first. \n second")) == "ValueError: first"
    assert user_code.described(ValueError("x" * 1000)) == f"ValueError: {'x' * user_code.LONGEST}..."
    assert user_code.described(ValueError()) == "ValueError"


def test_an_error_without_a_line_of_the_users_is_passed_on() -> None:
    with pytest.raises(AttributeError) as caught:
        user_code.own_line(None)  # type: ignore[arg-type]
    assert user_code.own_line(caught.value) == ""  # the test called the package, not the package the test


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't allocate memory"), KeyboardInterrupt()])
def test_memory_and_interruptions_are_passed_on(error: BaseException) -> None:
    with pytest.raises(type(error)), user_code.running("It"):
        raise error
