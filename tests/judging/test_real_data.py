"""The real data of a judgement: disjoint sets for the reference, the baseline, and the choice of checkpoints."""

from dataclasses import replace

import numpy as np
import pytest

from conftest import pictures, points
from ganwright.config import data_source
from ganwright.core.errors import UserError
from ganwright.judging import real_data
from ganwright.judging.real_data import RealData, load_real_data, set_aside
from ganwright.judging.views import ViewedSamples, Views


def rows(samples: ViewedSamples) -> list[tuple[float, ...]]:
    return [tuple(row) for row in samples.stored.reshape(len(samples), -1).tolist()]


def real(count: int) -> RealData:
    viewed = ViewedSamples(Views(points().domain), points(count).samples)
    return RealData(viewed, viewed, None, {})


@pytest.mark.parametrize(("n", "count", "sets"), [(30, 5, 3), (30, 2, 2), (100, 4, 1), (1, 3, 3)])
def test_baselines_are_disjoint_sets_of_the_pool(n: int, count: int, sets: int) -> None:
    baselines = list(real(100).baselines(n, count))
    assert [len(baseline) for baseline in baselines] == [n] * sets
    together = [row for baseline in baselines for row in rows(baseline)]
    assert len(set(together)) == len(together)
    assert set(together) <= set(rows(real(100).pool))


def test_a_pool_that_is_too_small_is_the_whole_baseline() -> None:
    (baseline,) = real(20).baselines(50, 3)
    assert sorted(rows(baseline)) == sorted(rows(real(20).pool))


@pytest.mark.parametrize("count", [2, 7, 40])
def test_the_held_out_halves_share_no_sample_and_cover_the_reference(count: int) -> None:
    one, other = real(count).held_out
    assert 0 <= len(one) - len(other) <= 1
    assert sorted(rows(one) + rows(other)) == sorted(rows(real(count).reference))


@pytest.mark.parametrize("count", [2, 5, 200])
def test_samples_set_aside_are_outside_the_reference(count: int) -> None:
    source = data_source.find(points(count), {})
    views = Views(source.data.domain)
    mine, theirs = set_aside(source, views, 50), load_real_data(source, views, 50)
    assert len(mine) == min(50, count - count // 2)
    assert set(rows(mine)) <= set(rows(theirs.pool))
    assert set(rows(mine)).isdisjoint(rows(theirs.reference))


def test_data_without_a_test_part_are_halved() -> None:
    source = data_source.find(points(41), {})
    loaded = load_real_data(source, Views(source.data.domain), 10)
    assert (len(loaded.reference), len(loaded.pool), loaded.train) == (20, 21, None)
    assert sorted(rows(loaded.reference) + rows(loaded.pool)) == sorted(map(tuple, source.data.samples.tolist()))
    assert loaded.protocol["reference"] == "a random half of the data"
    assert loaded.protocol["reference samples"] == 20


def test_the_test_part_is_the_reference_of_data_that_have_one() -> None:
    source = data_source.find("ring", {"count": 60})
    loaded = load_real_data(source, Views(source.data.domain), 10)
    test = data_source.find("ring", {"count": 60, "split": "test"}).data
    assert sorted(rows(loaded.reference)) == sorted(map(tuple, test.samples.tolist()))
    assert sorted(rows(loaded.pool)) == sorted(map(tuple, source.data.samples.tolist()))
    assert loaded.train is loaded.pool
    assert loaded.protocol["reference"] == "the test part"
    assert set(rows(set_aside(source, loaded.pool.views, 30))) <= set(rows(loaded.pool))


@pytest.mark.parametrize(("n", "size"), [(5, 12), (20, 20)])
def test_the_reference_is_limited_unless_more_samples_are_judged(
    n: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real_data, "REFERENCE", 12)
    monkeypatch.setattr(real_data, "TRAIN", 25)
    source = data_source.find(points(100), {})
    loaded = load_real_data(source, Views(source.data.domain), n)
    assert (len(loaded.reference), len(loaded.pool)) == (size, 25)


def test_labels_stay_with_their_samples() -> None:
    data = pictures(30)
    assert data.labels is not None
    label_of = {row.tobytes(): label for row, label in zip(data.samples, data.labels, strict=True)}
    loaded = load_real_data(data_source.find(data, {}), Views(data.domain), 10)
    for part in (loaded.reference, loaded.pool, *loaded.held_out):
        assert part.labels is not None
        assert [label_of[row.tobytes()] for row in part.stored] == part.labels.tolist()


@pytest.mark.parametrize("classes", [1, 101])
def test_labels_of_too_few_or_too_many_classes_are_ignored(classes: int) -> None:
    data = replace(points(200), labels=np.arange(200) % classes, classes=tuple(map(str, range(classes))))
    loaded = load_real_data(data_source.find(data, {}), Views(data.domain), 10)
    assert loaded.reference.labels is None


def test_a_single_sample_is_refused() -> None:
    source = data_source.find(points(1), {})
    with pytest.raises(UserError, match="cloud has 1 sample: judging needs at least 2 real samples"):
        load_real_data(source, Views(source.data.domain), 10)
