"""The figures of the papers' tables, on samples with known results."""

import math
from pathlib import Path
from typing import Any

import mixtures
import numpy as np
import pytest
import stacked_mnist

from conftest import pictures
from ganwright.config.recipe import resolve_recipe
from ganwright.core.discovery import load_module
from ganwright.losses.non_saturating import NonSaturating
from ganwright.losses.relativistic import Relativistic
from results import Results, markdown, mean


def blob(centre: np.ndarray, deviation: float, count: int = 4000) -> np.ndarray:
    return centre + deviation * np.random.default_rng(0).standard_normal((count, 2))


@pytest.mark.parametrize("recipe", ["ring", "grid"])
def test_real_points_cover_every_mode_with_its_true_width(recipe: str) -> None:
    centres = mixtures.MODES[recipe]
    figures = mixtures.quality(load_module("data", recipe).load(count=50_000).samples, centres, mixtures.SIGMA[recipe])
    assert figures.modes == len(centres)
    assert figures.high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.002)  # a disc of 3 sigma
    assert figures.reverse_kl == pytest.approx(0, abs=0.001)
    assert figures.deviations == pytest.approx([1] * len(centres), abs=0.06)


def test_missing_and_shrunken_modes_are_measured() -> None:
    centres = mixtures.MODES["ring"]
    points = np.concatenate([blob(centres[mode], 0.005) for mode in range(4)])
    figures = mixtures.quality(points, centres, 0.01)
    assert (figures.modes, figures.high_quality) == (4, 1.0)
    assert figures.reverse_kl == pytest.approx(math.log(2))
    assert figures.deviations == pytest.approx([0.5 / 0.973] * 4, rel=0.05)


def test_points_far_from_every_mode_cover_none() -> None:
    figures = mixtures.quality(np.full((10, 2), 50.0), mixtures.MODES["grid"], 0.05)
    assert (figures.modes, figures.high_quality, figures.deviations) == (0, 0.0, ())


def test_kl_compares_with_the_uniform_distribution() -> None:
    assert stacked_mnist.modes_and_kl(np.arange(1000)) == (1000, pytest.approx(0, abs=1e-9))
    assert stacked_mnist.modes_and_kl(np.full(50, 7)) == (1, pytest.approx(math.log(1000)))
    modes, kl = stacked_mnist.modes_and_kl(np.repeat([3, 900], [1, 3]))
    assert (modes, kl) == (2, pytest.approx(math.log(1000) + 0.25 * math.log(0.25) + 0.75 * math.log(0.75)))


def test_results_are_stored_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.jsonl"
    results = Results(path, ["column", "seed"])
    results.add({"column": "ours", "seed": 0, "modes": 8})
    again = Results(path, ["column", "seed"])
    assert again.has(column="ours", seed=0, more="ignored")
    assert not again.has(column="ours", seed=1)
    assert again.of(column="ours") == [{"column": "ours", "seed": 0, "modes": 8}]
    assert again.of(column="source") == []


def test_markdown_tables_and_means() -> None:
    assert markdown(["a", "b"], [[1, "x"]]) == "| a | b |\n| --- | --- |\n| 1 | x |"
    assert (mean([8, 8]), mean([0.5], percent=True), mean([1, 3])) == ("8.0", "50.0", "2.0 ± 1.4")


@pytest.mark.parametrize("column", mixtures.NETWORKS)
def test_every_column_of_mixtures_uses_options_of_the_recipe(column: str) -> None:
    for recipe in ("ring", "grid"):
        resolved = resolve_recipe(recipe, False, 0, mixtures.options(column, 0))
        game: Any = resolved.build(load_module("data", recipe).load(count=500)).game
        source = column.startswith("source")
        assert isinstance(game.loss, NonSaturating if source else Relativistic)
        assert (game.penalty is None) == source


@pytest.mark.parametrize("column", stacked_mnist.COLUMNS)
def test_every_column_of_stacks_uses_options_of_the_recipe(column: str) -> None:
    options = stacked_mnist.COLUMNS[column][1]
    resolved = resolve_recipe("stacked-mnist", False, 0, options)
    game: Any = resolved.build(pictures(size=28, channels=3)).game
    assert isinstance(game.loss, Relativistic if column == "ours" else NonSaturating)
    assert (game.penalty is None) == column.startswith("source")
