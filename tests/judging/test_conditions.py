"""Conditions that series are drawn under: metrics of windows read them as static columns."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch

from ganwright.config.data_source import DataSource
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.metric import Compared, Samples
from ganwright.domains.series import Series
from ganwright.domains.table import Table
from ganwright.judging.real_data import load_real_data
from ganwright.judging.subjects import RunSamples
from ganwright.judging.views import ViewedSamples, Views, with_static
from ganwright.metrics import discriminative, static_features

PEOPLE = Table((Column("age", mark="?", shift=40.0, scale=10.0), Column("job", ("clerk", "smith"))))
DOMAIN = Series(5, (Column("x"),), variable=True)


def data(count: int = 600) -> Data:
    """Smiths have rising series, clerks falling ones; of 2 to 5 steps."""
    g = np.random.default_rng(0)
    people = np.column_stack([g.integers(20, 60, count), g.integers(2, size=count)]).astype(np.float64)
    stored = (people[:, 1:] - 0.5) * np.arange(1, 6) + 0.2 * g.standard_normal((count, 5))
    stored[np.arange(5) >= g.integers(2, 6, size=(count, 1))] = np.nan
    return Data("people", DOMAIN, stored[..., None].astype(np.float32), conditions=people, condition_domain=PEOPLE)


def run() -> Any:
    """A run whose samples are real ones, under the conditions of others."""
    made = data()
    assert made.conditions is not None
    conditions = PEOPLE.encode(torch.from_numpy(made.conditions[np.random.default_rng(1).permutation(len(made))]))
    return SimpleNamespace(
        sharded_samples=lambda n, seed: made.samples[:n],
        conditions=lambda n, seed: conditions[:n],
        stored_conditions=lambda n, seed: None,
    )


def test_a_generator_that_ignores_its_conditions_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the series are under a wrong job, so that at most 3/4 are told from real ones."""
    monkeypatch.setattr(discriminative, "STEPS", 80)
    views = Views(DOMAIN, condition=PEOPLE)
    fake = RunSamples(cast(Any, run())).whole(views, 600)
    real = load_real_data(DataSource(data(), "<Data>", {}), views, 600)
    samples = Compared(fake("windows"), real.reference("windows"))
    assert ([column.name for column in samples.real.columns], samples.real.static) == (["x", "age", "job"], 2)
    score = discriminative.METRIC.measure(samples)["discriminative_score"]
    assert score > 0.2
    assert static_features.METRIC.measure(samples)["static_features"] < 0.1
    assert fake.rows(np.arange(3))("windows").values.shape == (3, 5, 3)


def test_conditions_are_static_columns_which_end_with_the_series() -> None:
    windows = Samples(data(3).samples, columns=DOMAIN.columns)
    joined = with_static(windows, Samples(np.array([[20.0, 1], [np.nan, 0], [30, 1]]), columns=PEOPLE.columns))
    ended = np.isnan(windows.values[..., 0])
    assert np.array_equal(np.isnan(joined.values[..., 1]), ended)
    assert joined.values[1, 0].tolist()[1:] == [40, 0]  # a missing age is the mean
    assert joined.static == 2


def test_the_same_series_under_other_conditions_are_other_content() -> None:
    one, views = data(4), Views(DOMAIN, condition=PEOPLE)
    assert one.conditions is not None
    contents = {ViewedSamples(views, one.samples, None, True, people).content for people in (None, one.conditions)}
    contents.add(ViewedSamples(views, one.samples, None, True, one.conditions[::-1]).content)
    assert len(contents) == 3
