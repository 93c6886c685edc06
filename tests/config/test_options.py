"""Options: what a function takes becomes what a person may write."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import PositiveInt
from torch import nn

from ganwright.commands.command_line import parsed
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import Option, arguments, checked, filled, options_of
from ganwright.config.training_config import CallbackOptions, Hardware, RunOptions
from ganwright.core.errors import UserError
from ganwright.games.two_player import Loss
from ganwright.losses.hinge import Hinge


@dataclass(frozen=True)
class Group:
    rate: Annotated[float, "how fast"] = 0.5
    every: PositiveInt | None = None


def function(
    data: object,
    *,
    width: Annotated[PositiveInt, "channels"] = 16,
    sizes: tuple[int, ...] = (1, 2),
    norm: Literal["batch", "none"] = "batch",
    grey: bool = False,
    network: nn.Module | None = None,
    loss: str | Loss = "hinge",
    group: Group = Group(),
) -> dict[str, object]:
    """A function with options.

    grey: make it grey
    """
    return {"width": width, "sizes": sizes, "norm": norm, "grey": grey, "rate": group.rate, "every": group.every}


KNOWN = options_of(function)
VALUES = {
    "width": st.integers(1, 10**9),
    "sizes": st.lists(st.integers(-(10**6), 10**6)).map(tuple),
    "norm": st.sampled_from(["batch", "none"]),
    "grey": st.booleans(),
    "rate": st.floats(allow_nan=False, allow_infinity=False),
    "every": st.none() | st.integers(1, 10**9),
}


def written(name: str, value: object) -> list[str]:
    """A value as words of the command line."""
    if isinstance(value, bool):
        return [KNOWN[name].flag if value else f"--no-{name}"]
    word = ",".join(map(str, value)) if isinstance(value, tuple) else "none" if value is None else str(value)
    return [f"{KNOWN[name].flag}={word}"]


def test_every_parameter_with_a_default_is_an_option_and_groups_are_flattened() -> None:
    assert list(KNOWN) == ["width", "sizes", "norm", "grey", "network", "loss", "rate", "every"]
    assert [KNOWN[name].help for name in ("width", "grey", "rate")] == ["channels", "make it grey", "how fast"]
    assert [name for name, option in KNOWN.items() if not option.on_command_line] == ["network"]


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_values_written_as_words_come_back_equal(values: dict[str, object]) -> None:
    words = [word for name, value in values.items() for word in written(name, value)]
    name, options = parsed(words)
    assert name is None
    found = checked(KNOWN, options, "It")
    assert {name: found[name] for name in values} == values
    assert arguments(KNOWN, found, function)["group"] == Group(found["rate"], found["every"])


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_a_function_is_called_with_what_was_given_and_its_defaults(values: dict[str, object]) -> None:
    called = function(None, **arguments(KNOWN, checked(KNOWN, values, "It"), function))
    assert called == function(None) | values


@given(st.from_regex(r"[a-z]{1,12}(_[a-z]{1,12})?", fullmatch=True).filter(lambda name: name not in KNOWN))
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="has no option --"):
        checked(KNOWN, {name: 1}, "It")


def test_notes_of_a_docstring_continue_on_indented_lines() -> None:
    def load(size: int = 8, split: str = "train", grey: bool = False) -> None:
        """Loads pictures.

        Args:
            size: pixels a side,
                of each picture
            `split` (a word): train or test
        grey: one channel

        Raises UserError.
        """

    notes = {name: option.help for name, option in options_of(load).items()}
    assert notes == {"size": "pixels a side, of each picture", "split": "train or test", "grey": "one channel"}


def test_the_nearest_name_is_suggested() -> None:
    with pytest.raises(UserError, match=r"^It has no option --widht\. Did you mean --width\?$"):
        checked(KNOWN, {"widht": 1}, "It")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("width", "abc", "a valid integer"),
        ("width", 0, "greater than 0"),
        ("width", 1.5, "a valid integer, got a number with a fractional part"),
        ("sizes", "1,b", "a valid integer"),
        ("norm", "bach", "'batch' or 'none'"),
        ("grey", "perhaps", "true or false"),
        ("rate", math.inf, "a finite number"),
        ("rate", "nan", "a finite number"),
        ("every", "-3", "greater than 0"),
        ("network", 3, "an instance of Module"),
        ("loss", 3, "a valid string or an instance of Loss"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name: str, value: object, reason: str) -> None:
    with pytest.raises(UserError) as caught:
        KNOWN[name].check(value)
    assert str(caught.value) == f"--{name} cannot be {value!r}: it should be {reason}."


def test_objects_pass_where_names_do() -> None:
    loss, network = Hinge(), nn.Identity()
    assert KNOWN["loss"].check(loss) is loss
    assert KNOWN["network"].check(network) is network
    assert KNOWN["loss"].check("hinge") == "hinge"


def test_a_type_that_cannot_be_checked_is_left_to_the_recipe() -> None:
    class Quiet(Protocol):
        def say(self) -> None: ...

    @dataclass
    class Mine:
        x: int = 0

    assert Option("mine", Mine, None, "").check(3) == 3
    assert Option("quiet", Quiet, None, "").check(3) == 3


def test_a_group_takes_its_own_and_checks_what_it_had() -> None:
    assert filled(Group(), {"rate": "2", "width": 3}) == Group(2.0)
    assert filled(Group(3.0), {}) == Group(3.0)
    with pytest.raises(UserError, match="--every"):
        filled(Group(every=0), {})


@pytest.mark.parametrize("word", ["--width", "--no-width"])
def test_a_missing_value_is_one_sentence(word: str) -> None:
    with pytest.raises(UserError, match=r"^--width needs a value\.$"):
        checked(KNOWN, parsed([word])[1], "It")


def test_an_object_cannot_be_written_as_a_word() -> None:
    with pytest.raises(UserError, match=r"^--network takes an object from Python, not 'linear'\.$"):
        KNOWN["network"].check("linear")
    assert KNOWN["network"].check("none") is None


def test_several_values_for_one() -> None:
    options = parsed(["--width", "3", "--width=4", "--sizes", "1", "--sizes", "2"])[1]
    assert KNOWN["sizes"].check(options["sizes"]) == (1, 2)
    with pytest.raises(UserError, match=r"^--width takes one value, not 2\.$"):
        KNOWN["width"].check(options["width"])


@pytest.mark.parametrize(
    ("words", "name", "options"),
    [
        ([], None, {}),
        (["ring"], "ring", {}),
        (["ring", "--width", "3"], "ring", {"width": "3"}),
        (["--rate", "-3", "--other=-4"], None, {"rate": "-3", "other": "-4"}),
        (["--grey", "--no-flip", "--from", "run"], None, {"grey": True, "flip": False, "start_from": "run"}),
        (["--no-noise=1", "--equation=a=b"], None, {"no_noise": "1", "equation": "a=b"}),
    ],
)
def test_words_become_names_and_values(words: list[str], name: str | None, options: dict[str, object]) -> None:
    assert parsed(words) == (name, options)


@pytest.mark.parametrize("words", [["ring", "3"], ["--width", "3", "ring"], ["-x"], ["ring", "width=3"]])
def test_a_word_that_is_no_option_is_refused(words: list[str]) -> None:
    with pytest.raises(UserError, match=r"Unexpected .*: a name comes first, then options, which begin with --"):
        parsed(words)


@pytest.mark.parametrize(
    ("value", "word"), [(True, "on"), (False, "off"), ("on", "on"), ("auto", "auto"), (None, None)]
)
def test_what_yaml_reads_of_on_and_off_is_that_choice(value: object, word: str | None) -> None:
    assert Option("compile", Literal["auto", "on", "off"] | None, None, "").check(value) == word


def test_yaml_booleans_of_other_choices() -> None:
    assert Option("x", Literal["yes", "no"], "no", "").check(True) == "yes"
    assert Option("x", Literal["yes", "no"], "no", "").check(False) == "no"
    assert Option("x", bool, True, "").check(True) is True
    with pytest.raises(UserError, match="--x needs a value"):
        Option("x", Literal["a", "b"], "a", "").check(True)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(int, 2**63), (int, "-" + "9" * 30), (int | None, 10**400), (tuple[int, ...], [1, 2**64]), (float | int, 2**70)],
)
def test_numbers_beyond_64_bits_are_refused(kind: object, value: object) -> None:
    with pytest.raises(UserError, match=r"it should be below 2\^63\."):
        Option("x", kind, 1, "").check(value)


@pytest.mark.parametrize("group", [RunOptions(), RequestedHorizon(), Hardware(), CallbackOptions()])
def test_every_option_of_training_checks_types(group: object) -> None:
    """Nothing that is neither a word nor a number fits, and no word that is no value fits a switch or a number."""
    for option in options_of(group).values():
        for wrong in (object(), {"a": 1}, [[1]], b"\xff", 1j):
            with pytest.raises(UserError, match=rf"^{option.flag} (cannot be|takes one value)"):
                option.check(wrong)
        if option.is_switch or option.takes(int, float):
            for word in ("maybe", "", "nan", "inf", "1e400", "0x10", "1,5", "\u0665\u0665x"):
                with pytest.raises(UserError, match=rf"^{option.flag} cannot be"):
                    option.check(word)
