"""Pictures of series, of any number of series, features and lengths, and the quantities that they show."""

import numpy as np
import pytest

from ganwright.core.column import Column
from ganwright.domains._series_plot import components, quantiles
from ganwright.domains.series import Series

pytest.importorskip("matplotlib")

STATES = Column("state", tuple(f"state {place}" for place in range(14)))
STATIC = (Column("a level"), Column("kind", ("one", "other")))


def series(count: int, steps: int, features: int = 1, ends: bool = False) -> np.ndarray:
    """Random walks, a state, and two static columns."""
    g = np.random.default_rng(0)
    walks = g.standard_normal((count, steps, features)).cumsum(axis=1)
    constant = np.broadcast_to(np.stack([g.random(count), g.integers(2, size=count)], 1)[:, None], (count, steps, 2))
    stored = np.concatenate([walks, g.integers(14, size=(count, steps, 1)), constant], axis=2).astype(np.float32)
    if ends:
        stored[np.arange(steps) >= g.integers(1, steps + 1, size=(count, 1))] = np.nan
    return stored


@pytest.mark.parametrize(("count", "steps", "features", "ends"), [(1, 1, 1, False), (2, 2, 1, True), (9, 12, 9, True)])
def test_any_series_are_plotted(count: int, steps: int, features: int, ends: bool) -> None:
    numbers = tuple(Column(f"feature {place}") for place in range(features))
    domain = Series(steps, (*numbers, STATES), STATIC, variable=ends)
    stored = series(count, steps, features, ends)
    picture = domain.render(stored, stored[::-1])
    assert 200 < picture.height < picture.width
    picture = Series(steps, numbers, given=1).preview(series(count, steps, features)[..., :features])
    assert 100 < picture.height < 1000


def test_constant_and_flat_series_are_plotted() -> None:
    domain = Series(8, (Column("x"),))
    flat = 100 * np.arange(5.0)[:, None, None] + 0 * np.arange(8.0)[None, :, None]
    assert domain.render(flat[:1], flat).size == domain.render(flat[:1], 0 * flat).size


def test_forecasts_have_a_row_for_each_series() -> None:
    domain = Series(12, (Column("x"), STATES), STATIC, given=5)
    real = series(3, 12)
    drawn = np.repeat(real[:, None], 7, axis=1)
    assert domain.render_forecasts(real, drawn).height > domain.render_forecasts(real[:2], drawn[:2]).height


def test_quantiles_are_those_of_the_series_that_last() -> None:
    values = np.random.default_rng(0).standard_normal((40, 6))
    values[:30, 3], values[:39, 5] = np.nan, np.nan
    found = quantiles(values)
    assert found[:, :5] == pytest.approx(np.nanquantile(values[:, :5], (0.05, 0.25, 0.5, 0.75, 0.95), axis=0))
    assert np.isnan(found[:, 5]).all()  # one series tells nothing


def test_principal_components_are_those_of_the_real_series() -> None:
    real = np.random.default_rng(0).standard_normal((60, 1, 2)) * np.ones((60, 5, 2))
    found = components({"real": real, "generated": real[:7] + 10})
    assert found["real"].mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert (found["real"].var(axis=0) > 4).all()
    assert np.linalg.norm(found["generated"] - found["real"][:7], axis=1).min() > 10
