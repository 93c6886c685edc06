"""Comparisons of runs: mean and spread over seeds, missing cards, and the forms of the table."""

import json
import statistics

import pytest
from rich.console import Console

from ganwright.judging.card import Card, Estimate, Score
from ganwright.judging.comparison import Comparison, Outcome


def card(fd: float | None) -> Card:
    samples = None if fd is None else Estimate(fd, 0.5, 3)
    values = Score("sw_2k", "lower", Estimate(1.0)), Score("fd_grey28_2k", "lower", samples, Estimate(0.1, 0.01, 3))
    return Card("run", values, {"samples": 2_000, "features": {"name": "grey28"}, "seed": 0})


def outcome(seed: int, fd: float | None, combination: str = "a") -> Outcome:
    return Outcome(combination, seed, f"{combination}/seed-{seed}", "healthy", 10.0 * (seed + 1), card(fd))


FAILED = Outcome("b", 0, "b/seed-0", "failed", 0.0, None, "no.")
VALUES = [2.0, 5.0, 11.0]
THREE = Comparison("t", [*(outcome(seed, fd) for seed, fd in enumerate(VALUES)), FAILED], {"seeds": [0, 1, 2]})


def test_a_row_has_the_mean_and_the_standard_deviation_over_its_seeds() -> None:
    estimate = THREE.rows[0].estimate("fd_grey28_2k")
    assert estimate == Estimate(statistics.fmean(VALUES), statistics.stdev(VALUES), 3)
    assert THREE.rows[0].seconds == 20


def test_a_single_seed_has_the_estimate_of_its_card() -> None:
    single = Comparison("t", [outcome(0, 2.0)])
    assert single.rows[0].estimate("fd_grey28_2k") == Estimate(2.0, 0.5, 3)
    assert "for a single judged seed, over draws of its run" in single.explanation
    assert "against one reference of real data" in single.explanation
    assert "for a single judged seed" not in Comparison("t", THREE.outcomes[:3]).explanation


def test_the_order_of_the_seeds_does_not_matter() -> None:
    turned = Comparison("t", THREE.outcomes[::-1])
    assert [row.combination for row in turned.rows] == ["b", "a"]
    assert turned.rows[1].estimate("fd_grey28_2k") == THREE.rows[0].estimate("fd_grey28_2k")


def test_main_values_and_those_that_are_missing() -> None:
    outcomes = [
        Outcome("a", 0, "a/seed-0", "healthy", 10.0, card(2.0)),
        Outcome("a", 1, "a/seed-1", "undecided", 20.0, card(None)),
        FAILED,
    ]
    table = Comparison("t", outcomes, {})
    assert list(table.lines) == ["fd_grey28_2k"]
    one, other = table.rows
    assert (one.estimate("fd_grey28_2k"), one.seconds) == (Estimate(2.0, 0.5, 3), 15.0)
    assert other.estimate("fd_grey28_2k") is None
    assert other.cells[0] == "0 of 1"
    console = Console(width=80)
    with console.capture() as capture:
        console.print(table.table)
    assert "…" not in capture.get()
    only = [Score("odd_2k", "lower", Estimate(1.0))]
    odd = Comparison("t", [Outcome("a", 0, "a", "healthy", 1.0, Card("r", tuple(only), {"samples": 2_000}))], {})
    assert list(odd.lines) == ["odd_2k"]


def test_verdicts_are_counted() -> None:
    runs = [Outcome("a", seed, "a", verdict, 1.0) for seed, verdict in enumerate(["healthy", "diverged", "healthy"])]
    assert Comparison("t", runs).rows[0].cells == ("0 of 3", "2 healthy, 1 diverged", "1")


def test_a_run_without_a_card_is_listed_with_its_reason() -> None:
    assert THREE.problems == ["b, seed 0: no."]
    assert "## Not judged\n- b, seed 0: no.\n" in THREE.markdown
    assert "Not judged" not in Comparison("t", THREE.outcomes[:3]).markdown


def test_the_last_row_is_the_baseline() -> None:
    rows = [line for line in THREE.markdown.splitlines() if line.startswith("| ")]
    assert rows == [
        "|  | fd_grey28_2k ↓ | seeds | verdicts | seconds |",
        "| --- | --- | --- | --- | --- |",
        "| a | 6 ± 4.6 | 3 | 3 healthy | 20 |",
        "| b | – | 0 of 1 | 1 failed | 0 |",
        "| real data | 0.1 ± 0.01 |  |  |  |",
    ]


def test_runs_without_any_card_have_no_baseline() -> None:
    table = Comparison("t", [FAILED])
    assert table.lines == {}
    assert "| real data |" not in table.markdown


def test_the_protocol_is_what_all_runs_share() -> None:
    assert THREE.common == {"seeds": [0, 1, 2], "samples": 2_000, "features": {"name": "grey28"}}
    assert "- seeds: 0, 1, 2\n" in THREE.markdown


def test_the_dict_is_json_with_every_run() -> None:
    written = json.loads(json.dumps(THREE.to_dict()))
    assert written["rows"][0]["values"]["fd_grey28_2k"]["value"] == 6
    assert written["rows"][1]["values"] == {"fd_grey28_2k": None}
    assert written["real data"]["fd_grey28_2k"] == {"value": 0.1, "deviation": 0.01, "repetitions": 3}
    assert [(run["combination"], run["seed"], run["card"] is None) for run in written["runs"]] == [
        ("a", 0, False),
        ("a", 1, False),
        ("a", 2, False),
        ("b", 0, True),
    ]


@pytest.mark.parametrize(("name", "expected"), [("fd_grey28_2k", 2.0), ("other", None)])
def test_a_value_is_found_by_its_name(name: str, expected: float | None) -> None:
    line = outcome(0, 2.0).value(name)
    assert (line and line.samples and line.samples.value) == expected
    assert outcome(0, None).value("fd_grey28_2k") is None
    assert FAILED.value(name) is None


def test_cards_of_different_protocols_share_no_baseline_and_what_differs_is_named() -> None:
    one, other = card(2.0), card(3.0)
    other = Card(other.subject, other.values, {**other.protocol, "data": "other"})
    one = Card(one.subject, one.values, {**one.protocol, "data": "mine"})
    outcomes = [Outcome(name, 0, name, "healthy", 1.0, found) for name, found in (("a", one), ("b", other))]
    both = Comparison("t", outcomes)
    assert both.lines["fd_grey28_2k"].baseline is None
    assert both.common == {"samples": 2_000, "features": {"name": "grey28"}, "differs between runs": ["data"]}
    assert "| real data | – |" in both.markdown
