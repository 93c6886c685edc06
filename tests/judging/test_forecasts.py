"""Forecasts: the proper score of continuations, its uncertainty, and the naive forecasts beside a run's."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ganwright
from ganwright.core.column import Column
from ganwright.core.condition import DataConditions
from ganwright.core.data import Data
from ganwright.core.domain import Stored
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.domains.series import Series
from ganwright.judging import forecasts
from ganwright.metrics.crps import by_series, fair_crps
from ganwright.recipes import Rules, two_player
from ganwright.recipes._continuations import Continuations

STEPS, GIVEN, SLOPE = 6, 2, 2.0
STATES = ("rest", "walk")


def test_the_score_of_a_normal_forecast_is_the_known_one() -> None:
    """CRPS(N(0, 1), y) = y (2 Phi(y) - 1) + 2 phi(y) - 1 / sqrt(pi) (Gneiting & Raftery 2007, section 4.2)."""
    drawn = np.random.default_rng(0).standard_normal((40_000, 2))
    known = [0.2337, 0.6024]  # at 0 and at 1
    assert fair_crps(drawn, np.array([0.0, 1.0])) == pytest.approx(known, abs=0.01)


def test_the_score_is_unbiased_for_two_draws_and_proper() -> None:
    g = np.random.default_rng(0)
    true, real = g.standard_normal((2, 40_000)), g.standard_normal(40_000)
    expected = 1 / np.sqrt(np.pi)
    assert fair_crps(true, real).mean() == pytest.approx(expected, abs=0.01)
    for wrong in (true + 0.5, 2 * true, 0.5 * true):
        assert fair_crps(wrong, real).mean() > expected + 0.02


def test_equal_draws_score_their_absolute_error() -> None:
    assert fair_crps(np.full((3, 2), 5.0), np.array([4.0, 7.0])).tolist() == [1, 2]
    real = np.array([[[1.0], [np.nan]]])
    assert by_series(np.full((1, 3, 2, 1), 5.0), real, np.array([2.0])) == pytest.approx(2)


def test_a_continuation_that_has_ended_keeps_its_last_value() -> None:
    drawn = np.array([1.0, 3.0, np.nan, np.nan]).reshape(1, 1, 4, 1)
    assert forecasts.extended(drawn).ravel().tolist() == [1, 3, 3, 3]


def test_overlapping_windows_make_blocks_and_others_none() -> None:
    one, other = (np.random.default_rng(seed).standard_normal((30, 2)) for seed in (0, 1))
    overlapping = np.concatenate([[series[at : at + 5] for at in range(26)] for series in (one, other)])
    assert forecasts.independent_blocks(overlapping, 5).tolist() == np.repeat(range(6), [10, 10, 6] * 2).tolist()
    assert forecasts.independent_blocks(overlapping[::5], 5).tolist() == list(range(11))


def test_the_standard_error_of_blocks_counts_what_is_independent() -> None:
    g = np.random.default_rng(0)
    values = g.standard_normal(100)
    alone = forecasts.over_blocks(values, np.arange(100))
    assert alone.deviation == pytest.approx(values.std(ddof=1) / 10)
    repeated = forecasts.over_blocks(np.repeat(values, 7), np.repeat(np.arange(100), 7))
    assert (repeated.value, repeated.repetitions) == (pytest.approx(alone.value), 100)
    assert repeated.deviation == pytest.approx(alone.deviation)
    assert forecasts.over_blocks(values, np.zeros(100, int)).deviation is None


def ramps(count: int = 240) -> Data:
    """Lines that rise or fall by 2 a step, with a little noise, and a state; the first two steps are given."""
    g = np.random.default_rng(0)
    slope = SLOPE * g.choice([-1, 1], (count, 1))
    x = 20 * g.standard_normal((count, 1)) + slope * np.arange(STEPS) + 0.1 * g.standard_normal((count, STEPS))
    samples = np.stack([x, np.broadcast_to(g.integers(2, size=(count, 1)), x.shape)], axis=2).astype(np.float32)
    columns = Column.spanning("x", samples[..., 0].astype(np.float64)), Column("state", STATES)
    domain, known = Series(STEPS, columns, given=GIVEN), Series(GIVEN, columns)
    return Data("ramps", domain, samples, conditions=samples[:, :GIVEN], condition_domain=known)


class Line(nn.Module):
    """Continues the line through the given steps; the last state remains."""

    def __init__(self) -> None:
        super().__init__()
        self.steepness = nn.Parameter(torch.ones(()))

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        ahead = torch.arange(1, STEPS - GIVEN + 1)[None, :, None].to(latent.dtype)
        slope = self.steepness * (condition[:, -1:, :1] - condition[:, -2:-1, :1])
        last = condition[:, -1:].expand(-1, STEPS - GIVEN, -1)
        moved = last[..., :1] + slope * ahead + 1e-3 * latent[:, :1, None]
        return torch.cat([condition, torch.cat([moved, last[..., 1:]], 2)], 1)


class Score(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(STEPS * 3, 1)

    def forward(self, samples: Tensor, condition: Tensor) -> Tensor:
        scores: Tensor = self.layer(samples.flatten(1))
        return scores.squeeze(1)


def recipe(data: Data) -> Recipe:
    """Lines, which are not changed by training."""
    rules = Rules(batch=16, generator_lr=1e-9)
    made = two_player(data, Line(), Score(), Latent(4), rules, 32, condition=DataConditions(data))
    return replace(made, display=replace(made.display, renderer=Continuations(made.game)))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ganwright.Run:
    return ganwright.train(recipe, ramps(), tmp_path_factory.mktemp("runs") / "run", quiet=True, threads=1)


def test_the_card_of_a_run_has_its_forecasts_beside_naive_ones(run: ganwright.Run, tmp_path: Path) -> None:
    card = ganwright.judge(run, ramps(), metric=["autocorrelation", "crps"], n=110, repetitions=1, out=tmp_path)
    assert card["crps"] < 0.03
    assert card["crps_persistence"] == pytest.approx(2.5 * SLOPE / ramps().samples[..., 0].std(), rel=0.03)
    assert card["crps"] < card["crps_random_walk"] < card["crps_persistence"]
    notes = {line.name: line.note for line in card.values}
    assert notes["crps"] == "better than persistence and random walk"
    said = card.protocol["forecasts"]
    assert said["given steps"] == GIVEN
    assert said["series"] == "240 of the data trained on, evenly spread"
    assert said["left out"] == ["state (categorical)"]
    assert said["uncertainty"] == "standard error over series"
    assert "autocorrelation_110" in notes
    assert {"compared.png", "forecasts.png", "card.json"} <= {path.name for path in tmp_path.iterdir()}


def test_sample_grids_show_fans_of_continuations(run: ganwright.Run) -> None:
    pytest.importorskip("matplotlib")
    grid = Image.open(next((run.path / "samples").glob("*.png")))
    assert grid.height > run.domain.render(ramps().samples[:9], ramps().samples).height + 100


def test_forecasts_alone_can_be_measured(run: ganwright.Run, tmp_path: Path) -> None:
    card = ganwright.judge(run, ramps(), metric=["crps"], n=2, repetitions=1, out=tmp_path)
    assert [line.name for line in card.values] == ["crps", "crps_persistence", "crps_random_walk"]
    assert card.protocol["metrics"] == ["crps"]
    assert card.protocol["checkpoint"]


def test_notes_say_which_naive_forecasts_are_beaten() -> None:
    g = np.random.default_rng(0)
    values = 1 + 0.1 * g.standard_normal(50)
    naive = {"persistence": values + 0.5, "random walk": values - 0.3, "third": g.permutation(values)}
    crps, *others = forecasts.scored(values, naive, np.arange(50))
    assert crps.note == "better than persistence; worse than random walk; not distinguishable from third"
    assert others[0].name == "crps_persistence"
    assert others[0].note.startswith("naive forecast; the run's is 0.5 ± ")
    assert others[0].note.endswith("lower")
    assert others[1].note.endswith("higher")


def test_what_continues_nothing_has_no_such_score(tmp_path: Path) -> None:
    samples: Stored = ramps().samples
    with pytest.raises(UserError, match=r"--metric crps cannot be measured here: it needs a run that continues series"):
        ganwright.judge(samples[:120], ramps(), metric=["crps"], out=tmp_path)
