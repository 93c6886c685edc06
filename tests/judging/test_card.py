"""The card: numbers as a reader sees them."""

import json

import pytest
from rich.console import Console

from ganwright.judging.card import Card, Estimate, Score, counted, short

CARD = Card(
    "runs/a",
    (
        Score("fd_grey28_10k", "lower", Estimate(9.976, 0.078, 3), Estimate(0.184, 0.016, 3)),
        Score("class_fd_mean_10k", "lower", None, None, "Class 3 has too few samples."),
    ),
    {"samples": 10_000, "features": {"name": "grey28", "size": 128}, "floors": [10, 20]},
)


def test_repetitions_become_mean_and_deviation() -> None:
    assert Estimate.of([1.0, 2.0, 3.0]) == Estimate(2.0, 1.0, 3)
    assert Estimate.of([5.0]) == Estimate(5.0, None, 1)
    assert Estimate.of([float("inf"), 1.0]) == Estimate(float("inf"), None, 2)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(10.0, "10"), (9.97612, "9.976"), (0.000123456, "0.0001235"), (123456.7, "123,457"), (float("inf"), "infinite")],
)
def test_numbers_are_short(value: float, shown: str) -> None:
    assert short(value) == shown


def test_numbers_of_samples_in_names() -> None:
    assert [counted(n) for n in (10_000, 2_500, 50_000, 898)] == ["10k", "2500", "50k", "898"]


def test_the_same_card_in_three_forms() -> None:
    assert json.loads(json.dumps(CARD.to_dict()))["values"][0]["baseline"]["value"] == 0.184
    assert "| fd_grey28_10k | ↓ | 9.976 ± 0.078 | 0.184 ± 0.016 |  |" in CARD.markdown
    assert "- features: name grey28; size 128" in CARD.markdown
    console = Console(width=120)
    with console.capture() as capture:
        console.print(CARD.table)
    assert "Class 3 has too few samples." in capture.get()


def test_a_value_by_its_name() -> None:
    assert CARD["fd_grey28_10k"] == 9.976
    with pytest.raises(KeyError, match="there are fd_grey28_10k"):
        CARD["class_fd_mean_10k"]
