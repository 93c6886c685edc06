"""Flaws: which figures of a health check have them, how long they must last, and how they are said."""

from dataclasses import replace

import pytest

from ganwright.health import flaws
from ganwright.health.evidence import Evidence
from ganwright.health.flaws import BLURRED, MEMORISING, MESH, NOISY, REMOTE
from ganwright.health.verdict import HEALTHY, PATIENCE, UNDECIDED, verdict

HORIZON = 100_000
GOOD = Evidence(0, True, 10, 0, diversity=0.98, distance=0.01, shown=0.01, separation=0.8, movement=0.05, multiple=1.5)
FIGURES = {MESH: {"artefacts": 18.0}, BLURRED: {"missing_detail": 15.0}, MEMORISING: {"copies": 0.8}} | {
    NOISY: {"artefacts": 18.0, "noise": 12.0},
    REMOTE: {"multiple": 20.0},
}


def checks(*figures: dict[str, float]) -> list[Evidence]:
    return [replace(GOOD, examples=30_000 + 1_000 * place, **one) for place, one in enumerate(figures)]


@pytest.mark.parametrize("name", FIGURES)
def test_a_flawed_run_is_not_called_healthy_and_raises_no_alarm(name: str) -> None:
    found = verdict(checks(*[FIGURES[name]] * PATIENCE), HORIZON)
    assert (found.name, found.passing, found.alarming) == (name, True, False)
    assert found.advice.startswith("try ")
    assert "try" not in found.words


@pytest.mark.parametrize("name", FIGURES)
def test_a_flaw_of_one_check_of_several_is_not_named(name: str) -> None:
    assert verdict(checks({}, {}, FIGURES[name]), HORIZON).name == HEALTHY
    assert verdict(checks(*[FIGURES[name]] * PATIENCE, {}), HORIZON).name == HEALTHY


@pytest.mark.parametrize("name", FIGURES)
def test_while_it_is_undecided_visible_flaws_are_named_but_no_distance(name: str) -> None:
    figures = FIGURES[name] | {"distance": 0.08}
    found = verdict(checks(*[figures] * PATIENCE), HORIZON)
    assert found.name == (UNDECIDED if name == REMOTE else name)
    assert not found.passing
    assert verdict(checks(*[figures] * PATIENCE), 10 * HORIZON).name == UNDECIDED  # early


def test_words_say_how_far_and_what_is_seen() -> None:
    check = replace(GOOD, artefacts=18.2, missing_detail=13.0, copies=0.8, multiple=9.04)
    assert flaws.in_words(check) == [
        "80% of the samples are nearly copies of training samples",
        "textures: periodic pattern, 18 dB over real samples",
        "textures: missing detail, 13 dB under real samples",
        "9.0 times as far from the data as real samples are",
    ]


def test_what_is_no_flaw_is_said_after_the_distance() -> None:
    assert flaws.in_words(replace(GOOD, artefacts=5.0, missing_detail=13.0)) == [
        "textures: missing detail, 13 dB under real samples",
        "1.5 times as far from the data as real samples are",
        "textures: periodic pattern, 5 dB over real samples",
    ]


def test_small_differences_of_textures_are_not_mentioned() -> None:
    assert flaws.in_words(replace(GOOD, artefacts=3.0, missing_detail=3.0)) == [
        "1.5 times as far from the data as real samples are"
    ]
    assert flaws.in_words(replace(GOOD, multiple=0.0)) == []


def test_a_run_with_too_few_checks_is_undecided() -> None:
    found = verdict(checks(*[FIGURES[MESH] | {"distance": 0.08}] * (PATIENCE - 1)), HORIZON)
    assert found.name == UNDECIDED
