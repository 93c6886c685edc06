"""The Laplacian pyramid: reconstruction, the levels' games and stages, sampling, errors."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from conftest import pictures, points
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.discovery import names
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.latent import Latent
from ganwright.core.loop import loop, play_step
from ganwright.core.machine import Machine
from ganwright.core.player import Player
from ganwright.core.recipe import Recipe
from ganwright.execution.eager import eager_step
from ganwright.games.pyramid import Pyramid, enlarged, gaussian_pyramid, pyramid_sizes
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.non_saturating import NonSaturating
from ganwright.recipes import lapgan
from ganwright.recipes._two_player import Rules

MACHINE = Machine(torch.device("cpu"))
SMALL = {"latent": 4, "hidden": 8, "width": 4, "noise": 1}
DRAWS = Draws(0, 0, 0, 6)


def recipe_of(size: int = 16, channels: int = 1, rules: Rules | None = None, **options: object) -> Recipe:
    torch.manual_seed(0)
    rules = rules or Rules(batch=4, loss="relativistic", penalty="r1-r2", penalty_every=2)
    return lapgan.recipe(pictures(size=size, channels=channels), rules=rules, **SMALL, **options)  # type: ignore[arg-type]


def game_of(recipe: Recipe) -> Pyramid:
    assert isinstance(recipe.game, Pyramid)
    return recipe.game


@pytest.mark.parametrize("size", [(32, 32), (28, 28), (9, 33), (67, 40)], ids=str)
@pytest.mark.parametrize("levels", [2, 3, 4])
def test_a_pyramid_reconstructs_images_from_their_details(size: tuple[int, int], levels: int) -> None:
    """The tolerance is 1e-6; sums of numbers near 1 are rounded to half of 1.2e-7."""
    sizes, whole = pyramid_sizes(*size, levels), torch.rand(6, 3, *size) * 2 - 1
    pictures = gaussian_pyramid(whole, sizes)
    assert [picture.shape[2:] for picture in pictures] == [torch.Size(one) for one in sizes]
    upsampled = [enlarged(coarser, finer) for coarser, finer in zip(pictures[:-1], sizes[1:], strict=True)]
    details = [picture - coarse for picture, coarse in zip(pictures[1:], upsampled, strict=True)]
    game = Pyramid([adding(part) for part in (pictures[0], *details)], sizes)
    assert (game.sample(DRAWS) - whole).abs().max() <= 1e-6


class Adding(nn.Module):
    """A generator that adds `part` to its condition, if there is one."""

    def __init__(self, part: Tensor) -> None:
        super().__init__()
        self.part = nn.Parameter(part)

    def forward(self, latent: Tensor, condition: Tensor | None = None) -> Tensor:
        return self.part if condition is None else condition + self.part


def adding(part: Tensor) -> TwoPlayer:
    """A level's game whose generator adds `part`."""
    players = (Player(network, lambda p: torch.optim.SGD(p, lr=0.1)) for network in (Adding(part), nn.Linear(1, 1)))
    return TwoPlayer(*players, NonSaturating(), Latent(1))


def test_sizes_halve_rounding_up() -> None:
    assert pyramid_sizes(67, 40, 3) == [(17, 10), (34, 20), (67, 40)]


def test_constant_images_have_no_details() -> None:
    sizes = pyramid_sizes(32, 32, 4)
    pictures = gaussian_pyramid(torch.full((2, 1, 32, 32), 0.3), sizes)
    for (coarse, fine), size in zip(pairwise(pictures), sizes[1:], strict=True):
        assert (fine - enlarged(coarse, size)).abs().max() < 1e-6


def test_an_untrained_pyramid_returns_the_upsampled_coarsest_image() -> None:
    game = game_of(recipe_of())
    samples = game.sample_levels(DRAWS)
    for (coarser, finer), size in zip(pairwise(samples), game.sizes[1:], strict=True):
        torch.testing.assert_close(finer, enlarged(coarser, size))


def test_every_level_is_conditioned_on_real_coarser_images() -> None:
    game, batch = game_of(recipe_of()), Batch(torch.randn(4, 1, 16, 16))
    levels = gaussian_pyramid(batch.real, game.sizes)
    for level in (1, 2):
        shown = game.at(level, batch)
        assert torch.equal(shown.real, levels[level])
        assert shown.condition is not None
        assert torch.equal(shown.condition, enlarged(levels[level - 1], game.sizes[level]))
    assert game.at(0, batch).condition is None


def test_the_score_is_the_sum_over_the_levels() -> None:
    game, samples = game_of(recipe_of()), torch.randn(4, 1, 16, 16)
    levels = [game.at(level, Batch(samples)) for level in range(3)]
    scores = [one.score(at.real, at.condition) for one, at in zip(game.levels, levels, strict=True)]
    torch.testing.assert_close(game.score(samples), sum(scores))


def test_there_is_no_classifier() -> None:
    assert game_of(recipe_of()).classify(torch.randn(4, 1, 16, 16)) is None


def test_a_level_is_trained_independently_of_the_others() -> None:
    together, sequence = recipe_of(), recipe_of(order="sequence")
    feed = Feed(together.data, together.order, 0, MACHINE)
    play_step(together.game, together.stages[0], Clock(), feed, 4)
    play_step(sequence.game, sequence.stages[2], Clock(), feed, 4)
    for name in ("generator", "discriminator"):
        first, second = (recipe.game.players[name].weights() for recipe in (together, sequence))
        assert all(torch.equal(first[key], second[key]) for key in first)


def test_levels_train_in_sequence_or_together() -> None:
    players = [
        {name for turn in stage.turns for name in turn.players}
        for stage in recipe_of(order="sequence").stages + recipe_of(order="together").stages
    ]
    by_level = [{f"generator{of}", f"discriminator{of}"} for of in (" 4x4", " 8x8", "")]
    assert players == [*by_level, set.union(*by_level)]


def test_finer_levels_have_longer_intervals() -> None:
    turns = recipe_of(level_interval=3).stages[0].turns
    assert [turn.every for turn in turns] == [1, 2, 1, 3, 6, 3, 9, 18, 9]  # the second turn is the lazy penalty
    stages = recipe_of(level_interval=3, order="sequence").stages
    assert [turn.every for stage in stages for turn in stage.turns] == [1, 2, 1] * 3
    assert [stage.end(0, 1_300) for stage in stages] == [900, 300, 1_300]


@pytest.mark.parametrize("order", ["together", "sequence"])
def test_the_discriminator_may_be_trained_first(order: str) -> None:
    rules = Rules(batch=4, discriminator_warmup=8)
    stages = recipe_of(order=order, rules=rules, level_interval=2).stages
    assert [stage.examples for stage in stages] == {"together": [8, None], "sequence": [8, None] * 3}[order]
    assert [stage.share for stage in stages] == {
        "together": [None, None],
        "sequence": [None, 4 / 7, None, 2 / 7, None, None],
    }[order]


def test_classes_condition_every_level() -> None:
    recipe = recipe_of(conditional=True)
    game, condition = game_of(recipe), torch.tensor([3, 3, 5, 5, 0, 9])
    planes = game.level_condition(2, torch.randn(6, 1, 8, 8), condition)
    assert planes.shape == (6, 11, 16, 16)
    assert torch.equal(planes[:, 1:].amax((2, 3)), torch.eye(10)[condition])
    loop(
        game,
        recipe.stages,
        Clock(),
        Feed(recipe.data, recipe.order, 0, MACHINE, recipe.condition),
        Horizon(16),
        [],
        eager_step,
    )
    one, other = (game.sample(DRAWS, torch.full((6,), label)) for label in (0, 1))
    assert not torch.equal(one, other)


@pytest.mark.parametrize("loss", names("losses"))
@pytest.mark.parametrize("penalty", names("penalties"))
def test_every_loss_and_penalty_works_at_every_level(loss: str, penalty: str) -> None:
    recipe = recipe_of(8, rules=Rules(loss=loss, penalty=penalty, batch=4))
    terms = play_step(recipe.game, recipe.stages[0], Clock(), Feed(recipe.data, recipe.order, 0, MACHINE), 4)
    assert {"penalty", "penalty 4x4", "generator 4x4", "discriminator 4x4"} <= terms.keys()
    assert all(torch.isfinite(value) for value in terms.values())


@pytest.mark.parametrize(("size", "levels", "coarsest"), [(32, None, 4), (28, None, 4), (32, 5, 2), (32, 2, 16)])
def test_a_pyramid_of_any_number_of_levels(size: int, levels: int | None, coarsest: int) -> None:
    game = game_of(recipe_of(size, levels=levels))
    assert game.sizes[0] == (coarsest, coarsest)
    assert game.sample(DRAWS).shape == (6, 1, size, size)


def test_invalid_pyramids_are_refused() -> None:
    for size, levels, sentence in ((4, None, "at least two levels"), (32, 6, "the maximum is 5, down to 2 pixels")):
        with pytest.raises(UserError, match=sentence):
            lapgan.recipe(pictures(size=size), levels=levels)
    with pytest.raises(UserError, match="for pictures"):
        lapgan.recipe(points())
    with pytest.raises(UserError, match="at least two levels"):
        lapgan.as_source(pictures(size=5))
    with pytest.raises(UserError, match="--augment"):
        recipe_of(rules=Rules(augment="diffaugment"))
    unlabelled = pictures()
    object.__setattr__(unlabelled, "labels", None)
    with pytest.raises(UserError, match="needs a class"):
        lapgan.recipe(unlabelled, conditional=True)
