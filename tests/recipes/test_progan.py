"""Progressive growing, as a recipe: its stages, what happens at their seams, and what it refuses."""

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
from ganwright.core.loop import apply_schedules, loop, play_step
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.games.two_player import TwoPlayer
from ganwright.nets.growing import shrunk
from ganwright.recipes import progan
from ganwright.recipes._two_player import Rules

MACHINE = Machine(torch.device("cpu"))
SMALL = {"width": 4, "finest_width": 4, "latent": 4}


def recipe_of(rules: Rules, size: int = 8, **options: object) -> Recipe:
    torch.manual_seed(0)
    return progan.recipe(pictures(size=size), rules=rules, **SMALL, **options)  # type: ignore[arg-type]


def played(recipe: Recipe, examples: int, clock: Clock | None = None) -> None:
    loop(recipe.game, recipe.stages, clock or Clock(), Feed(recipe.data, recipe.order, 0, MACHINE), examples, [])


def test_stages_are_shares_of_the_horizon_as_published() -> None:
    """600,000 images of the coarsest level, 1,200,000 of each other one."""
    stages, ends, began = recipe_of(Rules(batch=4), 32).stages, [], 0
    for stage in stages:
        began = stage.end(began, 4_200_000)
        ends.append(began)
    assert ends == [600_000, 1_800_000, 3_000_000, 4_200_000]


def test_a_level_fades_in_over_half_of_its_stage() -> None:
    recipe, found = recipe_of(Rules(batch=4)), []
    stage = recipe.stages[-1]
    stage.enter()
    growth = recipe.game.players["generator"].network.growth
    for seen in (0, 25, 50, 99):
        apply_schedules(stage, Clock(examples=seen), 100)
        found.append(growth.opacity[-1].item())
    assert found == [0, 0.5, 1, 1]


def test_averages_grow_with_their_networks() -> None:
    recipe = recipe_of(Rules(batch=4, ema_half_life=100), 16)
    played(recipe, 40)
    for player in recipe.game.players.values():
        assert player.ema is not None
        assert torch.equal(player.ema.network.growth.opacity, player.network.growth.opacity)
        assert player.ema.network.growth.level == player.network.growth.level


def test_optimizers_are_reset_when_a_level_begins_and_hold_what_is_reached() -> None:
    recipe, clock = recipe_of(Rules(batch=4)), Clock()
    first = recipe.stages[0].end(0, 48)
    played(recipe, 48, clock)
    steps = {int(s["step"]) for p in recipe.game.players.values() for s in p.optimizer.state.values()}
    assert steps == {(48 - first) // 4}
    for stage in recipe.stages[:1]:
        stage.begin()
    assert not any(player.optimizer.state for player in recipe.game.players.values())


def test_real_pictures_are_seen_at_the_level() -> None:
    recipe = recipe_of(Rules(batch=4, flip="no"))
    recipe.stages[0].enter()
    real = torch.randn(4, 1, 8, 8)
    seen = recipe.stages[0].view(Batch(real), Draws(0, 0, 0, 4)).real
    assert seen.shape == real.shape
    torch.testing.assert_close(shrunk(seen), shrunk(real))
    assert torch.equal(seen[..., 0::2, 0::2], seen[..., 1::2, 1::2])


def test_mirror_images_are_seen_at_the_level_too() -> None:
    recipe = recipe_of(Rules(batch=4, flip="yes"))
    recipe.stages[0].enter()
    real = torch.arange(8.0).expand(32, 1, 8, 8)
    seen = recipe.stages[0].view(Batch(real), Draws(0, 0, 0, 32)).real
    assert {row.item() for row in seen[:, 0, 0, 0]} == {0.5, 6.5}


@pytest.mark.parametrize("augment", names("augmentations"))
def test_every_augmentation_plays_at_every_level(augment: str) -> None:
    recipe = recipe_of(Rules(batch=8, augment=augment, penalty="r1-r2"))
    for stage in recipe.stages:
        stage.enter()
        terms = play_step(recipe.game, stage, Clock(), Feed(recipe.data, recipe.order, 0, MACHINE), 8)
        assert all(torch.isfinite(value) for value in terms.values())


@pytest.mark.parametrize("penalty", names("penalties"))
@pytest.mark.parametrize("every", [1, 2])
def test_penalties_have_the_slopes_of_the_levels_pixels(penalty: str, every: int) -> None:
    """The same networks on pictures that are as small as the level have the same penalty."""
    found = []
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
        found.append(game.penalty(score, real, fake, Draws(0, 0, 0, 8)).item())
    assert found[0] == pytest.approx(found[1], rel=1e-5)


@pytest.mark.parametrize("loss", names("losses"))
def test_every_loss_plays(loss: str) -> None:
    recipe = recipe_of(Rules(loss=loss, batch=8))
    feed = Feed(recipe.data, recipe.order, 0, MACHINE)
    for stage in recipe.stages:
        stage.enter()
        assert all(torch.isfinite(value) for value in play_step(recipe.game, stage, Clock(), feed, 8).values())


def test_a_discriminator_trained_first_is_trained_at_the_coarsest_level() -> None:
    recipe = recipe_of(Rules(batch=4, discriminator_warmup=8))
    assert len(recipe.stages) == 3
    recipe.stages[0].enter()
    assert recipe.game.players["discriminator"].network.growth.level == 0


@pytest.mark.parametrize("fade", [0.0, 1.0])
def test_fading_may_take_no_time_or_all_of_it(fade: float) -> None:
    recipe = recipe_of(Rules(batch=4), fade=fade)
    recipe.stages[-1].enter()
    for schedule in recipe.stages[-1].schedules:
        schedule(0.5)
    assert recipe.game.players["generator"].network.growth.opacity[-1].item() == (0.5 if fade else 1.0)


def test_what_cannot_grow_is_refused() -> None:
    with pytest.raises(UserError, match="8 at least"):
        progan.recipe(pictures(size=7))
    with pytest.raises(UserError, match="for pictures"):
        progan.recipe(points())


@pytest.mark.parametrize("examples", [64, 96], ids=["at the seam of two stages", "while a level fades in"])
def test_a_run_goes_on_from_any_moment(examples: int, tmp_path: Path) -> None:
    given = {"examples": 192, "batch": 32, "sample_every": 192, "keep_every": 32, "quiet": True, **SMALL}
    unbroken = ganwright.train("progan", "digits", tmp_path / "unbroken", **given)
    shutil.copytree(unbroken.path, tmp_path / "stopped")
    for path in (tmp_path / "stopped" / "checkpoint").iterdir():
        if path.name.isdigit() and int(path.name) > examples:
            shutil.rmtree(path)
    assert ganwright.open(tmp_path / "stopped").checkpoint_state["clock"]["stage"] == (examples > 64)
    resumed = ganwright.train("progan", "digits", tmp_path / "stopped", **given)
    for name, player in unbroken.recipe.game.players.items():
        mine, theirs = player.weights(), resumed.recipe.game.players[name].weights()
        assert all(torch.equal(mine[key], theirs[key]) for key in mine)
