"""A Laplacian pyramid of adversarial networks (LAPGAN, Denton et al. 2015)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, PositiveInt
from torch import Tensor, nn

from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.core.turn import Stage
from ganwright.games.pyramid import Pyramid, Size, pyramid_sizes
from ganwright.games.two_player import TwoPlayer
from ganwright.nets.conv import BASE, ConvDiscriminator, ConvGenerator
from ganwright.nets.laplacian import DetailDiscriminator, DetailGenerator
from ganwright.nets.mlp import MlpDiscriminator, MlpGenerator
from ganwright.recipes._two_player import Rules, two_player

FOR = "pictures"
DATA = "cifar10"
FEWEST = 2  # pixels of the coarsest level's smaller side

RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=0.5,
    penalty_every=8,
    batch=64,
    generator_rate=2e-3,
    discriminator_rate=2e-3,
    beta1=0.0,
    beta2=0.99,
    schedule="cosine",
    average=5_000,
)


def recipe(
    data: Data,
    *,
    levels: Annotated[int | None, Field(ge=2), "levels of the pyramid; without it down to 4 pixels"] = None,
    order: Annotated[Literal["together", "sequence"], "whether levels are trained at once or one by one"] = "together",
    latent: Annotated[PositiveInt, "numbers in the coarsest level's latent"] = 64,
    noise: Annotated[PositiveInt, "planes of noise at every other level"] = 4,
    hidden: Annotated[PositiveInt, "neurons or channels of the coarsest level's layers"] = 256,
    width: Annotated[PositiveInt, "channels of every other level's players"] = 48,
    depth: Annotated[PositiveInt, "residual blocks of every other level's generator"] = 2,
    rules: Rules = RULES,
) -> Recipe:
    """A Laplacian pyramid of GANs: small pictures, then a generator of details for each size above."""
    shape = picture_shape(data)
    sizes = pyramid_sizes(*shape[1:], checked_levels(data, levels))
    base = coarsest_players((shape[0], *sizes[0]), latent, hidden)
    pairs = [two_player(data, *base, lambda draws: draws.normal(latent), rules, 200_000)]
    for size in sizes[1:]:
        players = DetailGenerator((shape[0], *size), shape[0], noise, width, depth), DetailDiscriminator((shape[0], *size), shape[0], width)
        pairs.append(two_player(data, *players, noise_planes(noise, size), rules, 200_000))
    game = Pyramid([pair.game for pair in pairs], sizes)
    stages = {"together": together, "sequence": sequence}[order](game, pairs)
    return replace(pairs[0], game=game, stages=tuple(stages))


def picture_shape(data: Data) -> tuple[int, int, int]:
    """Channels, height, width; a UserError for data that are no pictures."""
    if len(data.domain.shape) != 3:
        raise UserError(
            f"lapgan is for pictures, and {data.name} has {data.domain.describe()}: try the recipe "
            f"{data.domain.usual_recipe}."
        )
    channels, height, width = data.domain.shape
    return channels, height, width


def checked_levels(data: Data, levels: int | None) -> int:
    side = min(data.domain.shape[1:])
    if levels is None:
        levels = 2
        while side >> levels >= BASE: levels += 1
    return levels


def coarsest_players(shape: tuple[int, int, int], latent: int, width: int) -> tuple[nn.Module, nn.Module]:
    if min(shape[1:]) >= 2 * BASE:
        return ConvGenerator(latent, shape, width), ConvDiscriminator(shape, width)
    return MlpGenerator(latent, shape, (width,) * 3, batch_norm=True), MlpDiscriminator(shape, (width,) * 3)


def noise_planes(count: int, size: Size) -> Callable[[Draws], Tensor]:
    height, width = (-(-side // 2) for side in size)
    return lambda draws: draws.normal(count, height, width)


def together(game: Pyramid, pairs: Sequence[Recipe]) -> Iterator[Stage]:
    """All levels in every round."""
    for stages in zip(*(pair.stages for pair in pairs), strict=True):
        lifted = [lift(game, level, stage) for level, stage in enumerate(stages)]
        turns = tuple(turn for stage in lifted for turn in stage.turns)
        yield replace(lifted[0], turns=turns, during=tuple(knob for stage in lifted for knob in stage.during))


def sequence(game: Pyramid, pairs: Sequence[Recipe]) -> Iterator[Stage]:
    """A level after the other, from the coarsest on, each for the same share of the horizon."""
    for level, pair in enumerate(pairs):
        *first, adversarial = (lift(game, level, stage) for stage in pair.stages)
        yield from first
        yield replace(adversarial, share=1 / len(pairs) if level < len(pairs) - 1 else None)


def lift(game: Pyramid, level: int, stage: Stage) -> Stage:
    """A stage of a level's game as one of the pyramid's."""
    return replace(stage, turns=tuple(game.turn(level, turn) for turn in stage.turns))
