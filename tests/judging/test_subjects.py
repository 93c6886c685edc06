"""Subjects: fixed samples, of which parts are judged, and runs, which are sampled again."""

import statistics
from pathlib import Path

import numpy as np
import pytest

import ganwright
from conftest import points
from ganwright.core.errors import UserError
from ganwright.judging.card import Estimate
from ganwright.judging.subjects import RunSamples, StoredSamples
from ganwright.judging.views import ViewedSamples, Views

VIEWS = Views(points().domain)
NUMBERED = np.arange(50.0).repeat(2).reshape(50, 2).astype(np.float32)
STORED = StoredSamples("mine", NUMBERED, np.arange(50) % 7)


def numbers(samples: ViewedSamples) -> list[int]:
    return [int(number) for number in samples.stored[:, 0]]


def test_stored_samples_are_judged_without_repetition() -> None:
    assert sorted(numbers(STORED.whole(VIEWS, 50))) == list(range(50))
    some = numbers(STORED.whole(VIEWS, 30))
    assert len(set(some)) == 30
    assert some != sorted(some)  # a file may be in order of its classes


def test_conditions_stay_with_their_samples() -> None:
    whole = STORED.whole(VIEWS, 30)
    assert whole.labels is not None
    assert whole.labels.tolist() == [number % 7 for number in numbers(whole)]
    assert StoredSamples("mine", NUMBERED).whole(VIEWS, 30).labels is None


@pytest.mark.parametrize(("n", "count"), [(50, 3), (40, 4), (9, 9)])
def test_parts_of_stored_samples_are_disjoint(n: int, count: int) -> None:
    parts = [numbers(part) for part in STORED.others(VIEWS, n, count)]
    assert [len(part) for part in parts] == [n // count] * count
    together = [number for part in parts for number in part]
    assert len(set(together)) == len(together)
    assert set(together) <= set(numbers(STORED.whole(VIEWS, n)))


def test_more_parts_than_samples_are_none() -> None:
    assert list(STORED.others(VIEWS, 3, 4)) == []


def test_more_samples_than_there_are_is_an_error() -> None:
    assert STORED.most == 50
    with pytest.raises(UserError, match="mine has 50 samples, fewer than the 51 of -n"):
        STORED.whole(VIEWS, 51)


def test_stored_samples_have_their_value_and_the_standard_error_over_parts() -> None:
    others = [1.0, 2.0, 4.0, 7.0]
    assert STORED.estimate(3.0, others) == Estimate(3.0, statistics.stdev(others) / 2, 4)
    assert STORED.estimate(3.0, []) == Estimate(3.0, None, 1)
    assert STORED.estimate(3.0, [1.0]) == Estimate(3.0, None, 1)


@pytest.fixture(scope="module")
def run(trained: Path) -> ganwright.Run:
    return ganwright.open(trained)


def test_repetitions_of_a_run_are_independent_draws(run: ganwright.Run) -> None:
    subject, views = RunSamples(run), Views(run.domain)
    sets = [subject.whole(views, 40), *subject.others(views, 40, 3)]
    assert [len(samples) for samples in sets] == [40] * 3
    assert len({samples.stored.tobytes() for samples in sets}) == 3
    assert subject.most is None


def test_the_seed_alone_decides_the_samples_of_a_run(run: ganwright.Run) -> None:
    views = Views(run.domain)
    one, again, other = (RunSamples(run, seed).whole(views, 20).stored for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_run_has_the_mean_and_the_standard_deviation_over_draws(run: ganwright.Run) -> None:
    assert RunSamples(run).estimate(1.0, [2.0, 3.0]) == Estimate(2.0, 1.0, 3)
    assert RunSamples(run).estimate(1.0, []) == Estimate(1.0, None, 1)


def test_the_protocol_of_a_run_names_its_checkpoint_and_seed(run: ganwright.Run) -> None:
    protocol = RunSamples(run, seed=4).protocol
    assert protocol["checkpoint"] == "newest, 128 examples"
    assert protocol["seed"] == 4
    raw = RunSamples(ganwright.open(run.path, raw=True)).protocol
    assert (raw["weights"], protocol["weights"]) == ("as trained", "EMA where available")
