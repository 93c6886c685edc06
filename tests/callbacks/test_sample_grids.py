"""Sample grids: when they are rendered, of which latents and real samples, and under which conditions."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from conftest import SMALL, pictures, points
from ganwright.callbacks.sample_grids import SampleGrids
from ganwright.config.recipe import resolve_recipe
from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.errors import MissingExtraError
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.core.machine import Machine
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.data import drums
from ganwright.runs.run import Run

BATCH = 10  # examples per step
OPTIONS = {name: value for name, value in SMALL.items() if name != "quiet"}
CONV = {"batch": 32, "latent": 2, "width": 4, "depth": 1}


def build(name: str = "vanilla", data: Data | None = None, **options: Any) -> Recipe:
    return resolve_recipe(name, False, 0, options or OPTIONS).build(data or pictures(40))


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return build()


def grids(folder: Path, recipe: Recipe, horizon: int = 100, **display: Any) -> SampleGrids:
    recipe = replace(recipe, display=DisplayConfig(**display))
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)
    shown: Any = SimpleNamespace(notes=[], grids=[])
    shown.note, shown.sample_grid = shown.notes.append, shown.grids.append
    run = Run(folder)
    run.samples.mkdir()
    return SampleGrids(run, recipe, feed, Horizon(horizon), shown)


def play(callback: SampleGrids, examples: int) -> list[int]:
    """Plays steps up to `examples`; returns the names of the grids."""
    clock = Clock()
    while clock.examples < examples:
        clock.tick(BATCH)
        callback(clock, Played(BATCH, {}))
    return [int(path.stem) for path in callback.run.sample_grids()]


# -- when


def test_grids_are_rendered_before_training_at_intervals_and_at_the_end(trained: Path) -> None:
    assert [path.stem for path in Run(trained).sample_grids()] == [f"{n:08d}" for n in (0, 32, 64, 96, 128)]


def test_a_grid_is_rendered_where_an_interval_is_reached_or_crossed_and_at_the_horizon(
    recipe: Recipe, tmp_path: Path
) -> None:
    assert play(grids(tmp_path, recipe, horizon=90, every=25), 90) == [30, 50, 80, 90]


def test_intervals_count_from_the_first(recipe: Recipe, tmp_path: Path) -> None:
    assert play(grids(tmp_path, recipe, horizon=100, every=40, first=10), 100) == [10, 50, 90, 100]


def test_the_default_interval_follows_a_revised_horizon(recipe: Recipe, tmp_path: Path) -> None:
    callback = grids(tmp_path, recipe, horizon=5_000)
    assert callback.every.n == 100
    callback.horizon.examples = 10_000
    assert callback.every.n == 200


# -- what


def test_each_grid_is_displayed_and_written(recipe: Recipe, tmp_path: Path) -> None:
    callback = grids(tmp_path, recipe, every=10**6)
    callback.render(Clock(examples=70))
    (displayed,) = callback.display.grids  # type: ignore[attr-defined]
    with Image.open(tmp_path / "samples" / "00000070.png") as written:
        assert np.array_equal(np.asarray(written.convert("RGB")), np.asarray(displayed.convert("RGB")))


def test_all_grids_have_the_same_latents_and_real_samples(recipe: Recipe, tmp_path: Path) -> None:
    callback = grids(tmp_path, recipe)
    one, other = (callback.contents(Clock(examples=examples)) for examples in (0, 70))
    assert torch.equal(one.fake, other.fake)
    assert torch.equal(one.real.real, other.real.real)


def test_new_latents_give_new_samples_beside_the_same_real_ones(recipe: Recipe, tmp_path: Path) -> None:
    callback = grids(tmp_path, recipe, new_latents=True)
    one, other, again = (callback.contents(Clock(examples=examples)) for examples in (0, 70, 70))
    assert not torch.equal(one.fake, other.fake)
    assert torch.equal(other.fake, again.fake)
    assert torch.equal(one.real.real, other.real.real)


@pytest.mark.parametrize(("samples", "count"), [(5, 5), (64, 40)])
def test_real_samples_are_spread_from_the_first_to_the_last(
    samples: int, count: int, recipe: Recipe, tmp_path: Path
) -> None:
    callback = grids(tmp_path, recipe, samples=samples)
    gaps = np.diff(callback.rows)
    assert (callback.rows[0], callback.rows[-1], len(callback.rows)) == (0, 39, count)
    assert gaps.max() - gaps.min() <= 1
    contents = callback.contents(Clock())
    assert len(contents.fake) == samples
    stored = torch.from_numpy(recipe.data.samples[callback.rows])
    assert torch.equal(contents.real.real, recipe.data.domain.encode(stored))


def test_classes_have_a_row_each(tmp_path: Path) -> None:
    contents = grids(tmp_path, build("cgan", **CONV), samples=20).contents(Clock())
    assert contents.columns == 2
    assert contents.condition is not None
    assert contents.condition.tolist() == [label for label in range(10) for _ in range(2)]
    assert len(contents.fake) == 20
    assert contents.field is None


def test_rendering_changes_no_weights(recipe: Recipe, tmp_path: Path) -> None:
    players = recipe.game.players.values()
    before = [{name: value.clone() for name, value in player.weights().items()} for player in players]
    grids(tmp_path, recipe).render(Clock())
    for saved, player in zip(before, players, strict=True):
        assert all(torch.equal(value, saved[name]) for name, value in player.weights().items())


def test_the_real_data_are_written_alone(recipe: Recipe, tmp_path: Path) -> None:
    callback = grids(tmp_path, recipe, samples=9)
    callback.render_data()
    expected = recipe.data.domain.preview(recipe.data.samples[callback.rows])
    with Image.open(tmp_path / "data.png") as written:
        assert np.array_equal(np.asarray(written.convert("RGB")), np.asarray(expected.convert("RGB")))


@pytest.mark.parametrize("loss", ["non-saturating", "wasserstein"])
def test_the_field_is_the_probability_of_being_real_or_the_score(loss: str, tmp_path: Path) -> None:
    recipe = build("ring", points(), loss=loss, penalty="none")
    plane = np.random.default_rng(0).standard_normal((6, 2)).astype(np.float32)
    contents = grids(tmp_path, recipe, samples=4).contents(Clock())
    assert contents.field is not None
    score = recipe.game.score(torch.from_numpy(plane))
    expected = torch.sigmoid(score) if loss == "non-saturating" else score
    assert contents.field(plane) == pytest.approx(expected.detach().numpy(), rel=1e-5)


def test_a_missing_optional_package_is_noted_and_training_continues(recipe: Recipe, tmp_path: Path) -> None:
    def refuse(inputs: object) -> Image.Image:
        raise MissingExtraError("plots", "plotting points")

    callback = grids(tmp_path, recipe, horizon=10, renderer=refuse)
    assert play(callback, 10) == []
    assert callback.display.notes == [  # type: ignore[attr-defined]
        "plotting points needs an optional dependency: pip install 'ganwright[plots]'"
    ]


def test_of_sound_a_playable_file_lies_beside_each_grid(tmp_path: Path) -> None:
    callback = grids(tmp_path, build(data=drums.load(count=8, length=256)), every=10)
    assert play(callback, 20) == [10, 20]
    assert [path.name for path in callback.run.audio()] == ["00000010.wav", "00000020.wav"]
    callback.render_data()
    domain = callback.recipe.data.domain
    assert (tmp_path / "data.wav").read_bytes() == domain.audio(callback.recipe.data.samples)
    contents = callback.contents(Clock(20, 2))
    assert callback.run.audio()[-1].read_bytes() == domain.audio(domain.decode(contents.fake))
