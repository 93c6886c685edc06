"""The recipe progan: its stages, the transitions between them, and its errors."""

import shutil
from pathlib import Path

import pytest
import torch

import ganwright
from conftest import pictures, points
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.discovery import names
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import apply_schedules, loop, play_step
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution.eager import eager_step
from ganwright.games.two_player import TwoPlayer
from ganwright.nets.growing import shrunk
from ganwright.recipes import progan
from ganwright.recipes._two_player import Rules

MACHINE = Machine(torch.device("cpu"))
SMALL = {"width": 4, "finest_width": 4, "latent": 4}


def recipe_of(rules: Rules, size: int = 8, **options: object) -> Recipe:
    torch.manual_seed(0)
    return progan.recipe(pictures(size=size), rules=rules, **SMALL, **options)  # type: ignore[arg-type]


def train(recipe: Recipe, examples: int, clock: Clock | None = None) -> None:
    loop(
        recipe.game,
        recipe.stages,
        clock or Clock(),
        Feed(recipe.data, recipe.order, 0, MACHINE),
        Horizon(examples),
        [],
        eager_step,
    )


def test_stages_have_the_published_shares_of_the_horizon() -> None:
    """600,000 examples at the coarsest level, 1,200,000 at each other one."""
    stages, ends, start = recipe_of(Rules(batch=4), 32).stages, [], 0
    for stage in stages:
        start = stage.end(start, 4_200_000)
        ends.append(start)
    assert ends == [600_000, 1_800_000, 3_000_000, 4_200_000]


def test_a_level_fades_in_over_half_of_its_stage() -> None:
    recipe, opacities = recipe_of(Rules(batch=4)), []
    stage = recipe.stages[-1]
    stage.enter()
    growth = recipe.game.players["generator"].network.growth
    for examples in (0, 25, 50, 99):
        apply_schedules(stage, Clock(examples=examples), 100)
        opacities.append(growth.opacity[-1].item())
    assert opacities == [0, 0.5, 1, 1]


def test_the_ema_grows_with_its_network() -> None:
    recipe = recipe_of(Rules(batch=4, ema_half_life=100), 16)
    train(recipe, 40)
    for player in recipe.game.players.values():
        assert player.ema is not None
        assert torch.equal(player.ema.network.growth.opacity, player.network.growth.opacity)
        assert player.ema.network.growth.level == player.network.growth.level


def test_optimizers_are_reset_when_a_level_starts() -> None:
    recipe, clock = recipe_of(Rules(batch=4)), Clock()
    first = recipe.stages[0].end(0, 48)
    train(recipe, 48, clock)
    steps = {int(s["step"]) for p in recipe.game.players.values() for s in p.optimizer.state.values()}
    assert steps == {(48 - first) // 4}
    for stage in recipe.stages[:1]:
        stage.begin()
    assert not any(player.optimizer.state for player in recipe.game.players.values())


def test_real_images_have_the_detail_of_the_level() -> None:
    recipe = recipe_of(Rules(batch=4, flip="no"))
    recipe.stages[0].enter()
    real = torch.randn(4, 1, 8, 8)
    viewed = recipe.stages[0].view(Batch(real), Draws(0, 0, 0, 4)).real
    assert viewed.shape == real.shape
    torch.testing.assert_close(shrunk(viewed), shrunk(real))
    assert torch.equal(viewed[..., 0::2, 0::2], viewed[..., 1::2, 1::2])


def test_mirror_images_have_the_detail_of_the_level() -> None:
    recipe = recipe_of(Rules(batch=4, flip="yes"))
    recipe.stages[0].enter()
    real = torch.arange(8.0).expand(32, 1, 8, 8)
    viewed = recipe.stages[0].view(Batch(real), Draws(0, 0, 0, 32)).real
    assert {row.item() for row in viewed[:, 0, 0, 0]} == {0.5, 6.5}


@pytest.mark.parametrize("augment", names("augmentations"))
def test_every_augmentation_works_at_every_level(augment: str) -> None:
    recipe = recipe_of(Rules(batch=8, augment=augment, penalty="r1-r2"))
    for stage in recipe.stages:
        stage.enter()
        terms = play_step(recipe.game, stage, Clock(), Feed(recipe.data, recipe.order, 0, MACHINE), 8)
        assert all(torch.isfinite(value) for value in terms.values())


@pytest.mark.parametrize("penalty", names("penalties"))
@pytest.mark.parametrize("every", [1, 2])
def test_penalties_are_with_respect_to_the_levels_pixels(penalty: str, every: int) -> None:
    """Images of the level's size and of the full size have the same penalty."""
    penalties = []
    for size in (8, 4):
        recipe = recipe_of(Rules(penalty=penalty, penalty_every=every, batch=8, augment="none"))
        game = recipe.game
        assert isinstance(game, TwoPlayer)
        recipe.stages[0].enter()
        real, fake = (torch.randn(8, 1, 4, 4, generator=torch.Generator().manual_seed(i)) for i in (0, 1))
        if size == 8:
            real, fake = (pictures.repeat_interleave(2, 2).repeat_interleave(2, 3) for pictures in (real, fake))
        assert game.penalty is not None
        score = game.players["discriminator"].network
        penalties.append(game.penalty(score, real, fake, Draws(0, 0, 0, 8)).item())
    assert penalties[0] == pytest.approx(penalties[1], rel=1e-5)


@pytest.mark.parametrize("loss", names("losses"))
def test_every_loss_works(loss: str) -> None:
    recipe = recipe_of(Rules(loss=loss, batch=8))
    feed = Feed(recipe.data, recipe.order, 0, MACHINE)
    for stage in recipe.stages:
        stage.enter()
        assert all(torch.isfinite(value) for value in play_step(recipe.game, stage, Clock(), feed, 8).values())


def test_the_discriminator_warmup_is_at_the_coarsest_level() -> None:
    recipe = recipe_of(Rules(batch=4, discriminator_warmup=8))
    assert len(recipe.stages) == 3
    recipe.stages[0].enter()
    assert recipe.game.players["discriminator"].network.growth.level == 0


@pytest.mark.parametrize("fade", [0.0, 1.0])
def test_the_fade_in_may_take_none_or_all_of_a_stage(fade: float) -> None:
    recipe = recipe_of(Rules(batch=4), fade=fade)
    recipe.stages[-1].enter()
    for schedule in recipe.stages[-1].schedules:
        schedule(0.5)
    assert recipe.game.players["generator"].network.growth.opacity[-1].item() == (0.5 if fade else 1.0)


def test_small_images_and_points_are_refused() -> None:
    with pytest.raises(UserError, match="at least 8 pixels"):
        progan.recipe(pictures(size=7))
    with pytest.raises(UserError, match="for pictures"):
        progan.recipe(points())


@pytest.mark.parametrize("examples", [64, 96], ids=["between two stages", "while a level fades in"])
def test_a_run_resumes_bit_for_bit(examples: int, tmp_path: Path) -> None:
    options = {"examples": 192, "batch": 32, "sample_every": 192, "keep_every": 32, "quiet": True, **SMALL}
    uninterrupted = ganwright.train("progan", "digits", tmp_path / "uninterrupted", **options)
    shutil.copytree(uninterrupted.path, tmp_path / "stopped")
    for path in (tmp_path / "stopped" / "checkpoint").iterdir():
        if path.name.isdigit() and int(path.name) > examples:
            shutil.rmtree(path)
    assert ganwright.open(tmp_path / "stopped").checkpoint_state["clock"]["stage"] == (examples > 64)
    resumed = ganwright.train("progan", "digits", tmp_path / "stopped", **options)
    for name, player in uninterrupted.recipe.game.players.items():
        expected, actual = player.weights(), resumed.recipe.game.players[name].weights()
        assert all(torch.equal(expected[key], actual[key]) for key in expected)
