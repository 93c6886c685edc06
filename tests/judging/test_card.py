"""The card: estimates, number formats, and its three forms."""

import json
from dataclasses import replace

import pytest
from rich.console import Console

from ganwright.judging.card import EXPLANATION, Card, Estimate, Score, counted, short

CARD = Card(
    "runs/a",
    (
        Score("fd_grey28_10k", "lower", Estimate(9.976, 0.078, 3), Estimate(0.184, 0.016, 3)),
        Score("class_fd_mean_10k", "lower", None, None, "Class 3 has too few samples."),
    ),
    {"samples": 10_000, "features": {"name": "grey28", "size": 128}, "baseline samples": [10, 20]},
)


def test_an_estimate_is_the_mean_and_standard_deviation_of_repetitions() -> None:
    assert Estimate.of([1.0, 2.0, 3.0]) == Estimate(2.0, 1.0, 3)
    assert Estimate.of([5.0]) == Estimate(5.0, None, 1)
    assert Estimate.of([float("inf"), 1.0]) == Estimate(float("inf"), None, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [(10.0, "10"), (9.97612, "9.976"), (0.000123456, "0.0001235"), (123456.7, "123,457"), (float("inf"), "infinite")],
)
def test_numbers_have_four_significant_digits(value: float, text: str) -> None:
    assert short(value) == text


def test_numbers_of_samples_are_abbreviated_in_names() -> None:
    assert [counted(n) for n in (10_000, 2_500, 50_000, 898)] == ["10k", "2500", "50k", "898"]


def test_a_card_is_written_as_json_markdown_and_table() -> None:
    assert json.loads(json.dumps(CARD.to_dict()))["values"][0]["baseline"]["value"] == 0.184
    assert "| metric | better | samples | real data | note |" in CARD.markdown
    assert "| fd_grey28_10k | lower | 9.976 ± 0.078 | 0.184 ± 0.016 |  |" in CARD.markdown
    assert "- features: name: grey28; size: 128" in CARD.markdown
    assert "class_fd_mean_10k" in printed(CARD, 80)


def test_a_card_fits_80_columns() -> None:
    for card in (CARD, replace(CARD, values=CARD.values[:1])):
        lines = printed(card, 80).splitlines()
        assert max(map(len, lines)) <= 80
        assert any("fd_grey28_10k" in line and "9.976 ± 0.078" in line and "0.184 ± 0.016" in line for line in lines)
    assert max(map(len, EXPLANATION.splitlines())) <= 80


def test_a_card_says_what_its_uncertainty_leaves_out() -> None:
    for part in ("varies with the samples drawn", "leaves out the training seed", "train --seeds N", "the reference's"):
        assert part in EXPLANATION
        assert part in CARD.markdown
    assert "- ± leaves out the training seed: train --seeds N shows that spread." in CARD.markdown.splitlines()


def test_notes_stand_below_the_table_each_with_the_names_of_its_values() -> None:
    long = replace(CARD.values[0], name="fd_natural32_tiles_10k", note="At least 367 samples are needed, not 200.")
    card = replace(CARD, values=(CARD.values[0], long, replace(long, name="kd"), CARD.values[-1]))
    assert "needed" not in printed(card, 80)
    assert "fd_natural32_tiles_10k" in printed(card, 80)
    assert card.remarks == [
        "fd_natural32_tiles_10k, kd: At least 367 samples are needed, not 200.",
        "class_fd_mean_10k: Class 3 has too few samples.",
    ]


def printed(card: Card, width: int) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(card.table)
    return capture.get()


def test_a_value_is_read_by_its_name() -> None:
    assert CARD["fd_grey28_10k"] == 9.976
    with pytest.raises(KeyError, match="the card has fd_grey28_10k"):
        CARD["class_fd_mean_10k"]


def test_metrics_that_are_left_out_for_the_same_reason_share_a_sentence() -> None:
    left_out = {"a": "it needs labels", "b": "it needs labels", "c": "it needs labels", "d": "it needs more"}
    card = Card("run", (), {"left out": left_out})
    assert card.left_out == ["a, b and c are left out: they need labels.", "d is left out: it needs more."]
    assert "- left out: a, b and c are left out: they need labels. d" in card.markdown
