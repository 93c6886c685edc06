"""A Laplacian pyramid of adversarial networks (LAPGAN, Denton et al. 2015)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Literal

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from pydantic import Field, PositiveInt
from torch import Tensor, nn
from torch.optim import SGD

from ganwright.core.condition import Labels
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.rendering import RenderInput, plain
from ganwright.core.turn import Stage
from ganwright.games.pyramid import Pyramid, Size, enlarged, gaussian_pyramid, pyramid_sizes
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.non_saturating import NonSaturating
from ganwright.nets.conditional import ConcatenationDiscriminator, ConditionalGenerator
from ganwright.nets.conv import BASE, ConvDiscriminator, ConvGenerator
from ganwright.nets.laplacian import (
    DetailDiscriminator,
    DetailGenerator,
    SourceCoarseDiscriminator,
    SourceCoarseGenerator,
    SourceDetailDiscriminator,
    SourceDetailGenerator,
    Standard,
)
from ganwright.nets.mlp import MlpDiscriminator, MlpGenerator
from ganwright.recipes._convolutional import Shape, picture_shape
from ganwright.recipes._two_player import Rules, stages, two_player

FOR = "pictures"
DATA = "cifar10"
SOURCE_DATA = "cifar10"
FEWEST = 2  # pixels of the coarsest level's smaller side
EMBEDDING = 32  # numbers that the coarsest generator gets of a class
TAKEN_APART = 8  # samples of a sheet that are shown level by level
CONTRAST = 2.0  # of details on a sheet
APART = 16  # pixels
EXAMPLES = 100_000

RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=0.5,
    penalty_every=8,
    batch=8,
    generator_lr=1e-3,
    discriminator_lr=1e-3,
    beta1=0.0,
    beta2=0.99,
    lr_schedule="cosine",
    ema_half_life=5_000,
)

Pair = tuple[nn.Module, nn.Module]
Order = Literal["together", "sequence"]
Levels = Annotated[int, Field(ge=2)]


def recipe(
    data: Data,
    *,
    levels: Annotated[Levels | None, "levels of the pyramid; none: as many as leave the coarsest 4 pixels"] = None,
    order: Annotated[Order, "whether levels are trained all in each round, or one after another"] = "together",
    rarer: Annotated[PositiveInt, "how many times rarer a level's turns are than those of the next coarser one"] = 1,
    labels: Annotated[bool, "tell every level each picture's class"] = False,
    latent: Annotated[PositiveInt, "numbers in the coarsest level's latent"] = 64,
    hidden: Annotated[PositiveInt, "neurons, or channels from 8 pixels on, of the coarsest level's layers"] = 256,
    noise: Annotated[PositiveInt, "planes of noise at every other level"] = 4,
    width: Annotated[PositiveInt, "channels of every other level's players"] = 32,
    depth: Annotated[PositiveInt, "residual blocks of every other level's generator"] = 1,
    rules: Rules = RULES,
) -> Recipe:
    """A Laplacian pyramid of GANs: small pictures, then a generator of details for each size above.

    With `--rarer 2` each level has half the turns of the next coarser one, or, one after another, half the images: the
    coarser ones cost less. The images seen are the coarsest's.

    What to expect on CIFAR-10: 14,000 images took 117 s of one busy core (AMD EPYC); textures without things,
    fd_natural32 10.3 and 10.9 on 5,000 samples with two seeds, where `dcgan` had 13.9 and 12.4 after 112 s
    (benchmarks/pictures/lapgan.py).
    """
    shape, rules = picture_shape(data), unaugmented(rules)
    sizes = pyramid_sizes(*shape[1:], checked_levels(data, levels))
    condition = Labels.of_data(data, "lapgan --labels") if labels else None
    classes = 0 if condition is None else len(condition.classes)
    coarsest = coarsest_players((shape[0], *sizes[0]), latent, hidden, classes)
    pairs = [two_player(data, *coarsest, Latent(latent), rules, examples=EXAMPLES, condition=condition)]
    for size in sizes[1:]:
        players = detail_players((shape[0], *size), classes, noise, width, depth)
        pairs.append(two_player(data, *players, Latent(noise, plane=half(size)), rules, examples=EXAMPLES))
    game = Pyramid([two_player_of(pair) for pair in pairs], sizes, classes)
    played = _ORDERS[order](game, [pair.stages for pair in pairs], rarer)
    return replace(pairs[0], game=game, stages=tuple(played), display=DisplayConfig(renderer=partial(drawn, game)))


def as_source(data: Data) -> Recipe:
    """The LAPGAN of CIFAR-10: three levels (8, 16, 32), its networks layer by layer; hours here.

    Channels have mean 0 and deviation 1; noise is uniform; 64 real and 64 generated pictures a step; SGD 0.02 with
    momentum 0.5 on the mean over both, which is half of our sum. What decays in the course of training is left out.
    """
    shape = picture_shape(data)
    sizes, moments = pyramid_sizes(*shape[1:], checked_levels(data, 3)), channel_moments(data)
    coarse = (shape[0], *sizes[0])
    players: list[Pair] = [
        (SourceCoarseGenerator(100, coarse, Standard(*moments)), SourceCoarseDiscriminator(coarse, Standard(*moments))),
        *(
            (
                SourceDetailGenerator(shape[0], Standard(*moments)),
                SourceDetailDiscriminator(size, shape[0], Standard(*moments)),
            )
            for size in sizes[1:]
        ),
    ]
    latents = [Latent(100, "uniform"), *(Latent(1, "uniform", size) for size in sizes[1:])]
    make = partial(Player, optimizer=partial(SGD, lr=0.01, momentum=0.5))
    games = [
        TwoPlayer(make(pair[0]), make(pair[1]), NonSaturating(), latent)
        for pair, latent in zip(players, latents, strict=True)
    ]
    game = Pyramid(games, sizes)
    played = [tuple(stages(one, Rules(), lazy=False)) for one in games]
    display = DisplayConfig(renderer=partial(drawn, game))
    return Recipe(data, game, tuple(together(game, played, rarer=1)), Stream(64), 100 * len(data), display)


# -- the levels


def checked_levels(data: Data, levels: int | None) -> int:
    """How many there are to be; a UserError where the pictures are too small for so many."""
    sides = [side for _, side in zip(range(32), halves(min(data.domain.shape[1:])), strict=False)]
    usual, most = (sum(side >= least for side in sides) for least in (BASE, FEWEST))
    levels = usual if levels is None else levels
    if usual < 2:
        raise UserError(
            f"A pyramid has two levels at least, the coarsest of {BASE} pixels a side, and {data.name} has "
            f"{data.domain.describe()}: give it larger pictures."
        )
    if levels > most:
        raise UserError(
            f"--levels {levels} is too much for {data.domain.describe()}: {most} end at {sides[most - 1]} pixels."
        )
    return levels


def unaugmented(rules: Rules) -> Rules:
    """A level's condition is made of its picture, and would have to be augmented with it."""
    if rules.augment not in ("auto", "none"):
        raise UserError("--augment is not for lapgan, whose levels see two sizes of one picture: leave it out.")
    return replace(rules, augment="none")


def halves(side: int) -> Iterator[int]:
    """A side in pixels at each level, from fine to coarse, down to one pixel."""
    while side > 1:
        yield side
        side = -(-side // 2)


def half(size: Size) -> Size:
    return -(-size[0] // 2), -(-size[1] // 2)


def coarsest_players(shape: Shape, latent: int, hidden: int, classes: int) -> Pair:
    """Dense on a few pixels, convolutional from 8 a side on."""
    inputs = latent + (EMBEDDING if classes else 0)
    seen = shape[0] + (1 if classes else 0), *shape[1:]
    generator: nn.Module
    discriminator: nn.Module
    if min(shape[1:]) >= 2 * BASE:
        generator, discriminator = ConvGenerator(inputs, shape, hidden), ConvDiscriminator(seen, hidden)
    else:
        generator = MlpGenerator(inputs, shape, (hidden,) * 3, batch_norm=True)
        discriminator = MlpDiscriminator(seen, (hidden,) * 3)
    if not classes:
        return generator, discriminator
    told = ConcatenationDiscriminator(discriminator, classes, shape[1:])
    return ConditionalGenerator(generator, classes, EMBEDDING), told


def detail_players(shape: Shape, classes: int, noise: int, width: int, depth: int) -> Pair:
    seen = shape[0] + classes
    return DetailGenerator(shape, seen, noise, width, depth), DetailDiscriminator(shape, seen, width)


def two_player_of(pair: Recipe) -> TwoPlayer:
    assert isinstance(pair.game, TwoPlayer)
    return pair.game


def channel_moments(data: Data) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel of the encoded pictures, of at most 10,000 spread over the data."""
    rows = np.unique(np.linspace(0, len(data) - 1, 10_000).astype(int))
    encoded = data.domain.encode(torch.from_numpy(np.array(data.samples[rows])))
    deviation, mean = torch.std_mean(encoded, dim=(0, 2, 3))
    return mean, deviation.clamp_min(1e-3)


# -- the stages


def together(game: Pyramid, played: Sequence[tuple[Stage, ...]], rarer: int) -> Iterator[Stage]:
    """All levels in the same rounds, as often as is said."""
    for stages_ in zip(*played, strict=True):
        lifted = [lift(game, level, stage, rarer**level) for level, stage in enumerate(stages_)]
        turns = tuple(turn for stage in lifted for turn in stage.turns)
        yield replace(
            lifted[0], turns=turns, schedules=tuple(schedule for stage in lifted for schedule in stage.schedules)
        )


def sequence(game: Pyramid, played: Sequence[tuple[Stage, ...]], rarer: int) -> Iterator[Stage]:
    """One level after another, from the coarsest on, each for its share of the horizon."""
    parts = [rarer**-level for level in range(len(played))]
    shares = [*(part / sum(parts) for part in parts[:-1]), None]
    for level, (stages_, share) in enumerate(zip(played, shares, strict=True)):
        *first, adversarial = (lift(game, level, stage) for stage in stages_)
        yield from first
        yield replace(adversarial, share=share)


_ORDERS = {"together": together, "sequence": sequence}


def lift(game: Pyramid, level: int, stage: Stage, rarer: int = 1) -> Stage:
    """A stage of a level's game as one of the pyramid's, its turns so many times rarer."""
    turns = (game.turn(level, turn) for turn in stage.turns)
    return replace(stage, turns=tuple(replace(turn, every=rarer * turn.every) for turn in turns))


# -- the sheet


def drawn(game: Pyramid, shown: RenderInput) -> Image.Image:
    """Fakes beside real pictures; below, some of both level by level: what a level adds, and what that gives."""
    label = None if shown.condition is None else shown.condition[:TAKEN_APART]
    fake = game.sample_levels(shown.draws.rows(slice(0, TAKEN_APART)), label)
    real = gaussian_pyramid(shown.real.real[:TAKEN_APART], game.sizes)
    columns = min(TAKEN_APART, len(shown.fake), len(real[0]))
    whole, domain = plain(shown), shown.domain
    parts = [domain.preview(domain.decode(strips(levels, game.sizes)), columns=columns) for levels in (fake, real)]
    below = whole.height + APART
    width = max(whole.width, sum(part.width for part in parts) + APART)
    sample_grid = Image.new(whole.mode, (width, below + parts[0].height), "white")
    sample_grid.paste(whole, (0, 0))
    sample_grid.paste(parts[0], (0, below))
    sample_grid.paste(parts[1], (width - parts[1].width, below))
    return sample_grid


def strips(levels: Sequence[Tensor], sizes: Sequence[Size]) -> Tensor:
    """A row of pictures for the coarsest level, then for each other one its details, amplified, and its pictures."""
    rows = [levels[0]]
    for coarser, finer, size in zip(levels[:-1], levels[1:], sizes[1:], strict=True):
        rows += [CONTRAST * (finer - enlarged(coarser, size)), finer]
    return torch.cat([F.interpolate(row, size=sizes[-1], mode="nearest") for row in rows])
