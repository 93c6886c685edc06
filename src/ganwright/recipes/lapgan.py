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

from ganwright.core.batch import Batch
from ganwright.core.condition import Labels
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.rendering import RenderInput, plain
from ganwright.core.turn import Stage, Terms, TurnLoss
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
from ganwright.recipes._sizes import nearest_size
from ganwright.recipes._two_player import Rules, stages, two_player

FOR = "pictures"
DATA = "cifar10"
SOURCE_DATA = "cifar10"
MIN_SIZE = 2  # pixels: minimum of the coarsest level's smaller side
EMBEDDING = 32  # dimension of the coarsest generator's class embedding
DETAILED_SAMPLES = 8  # samples on a sample grid that are displayed level by level
CONTRAST = 2.0  # of details on a sample grid
SPACING = 16  # pixels
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
    levels: Annotated[Levels | None, "pyramid levels (default: down to 4 pixels)"] = None,
    order: Annotated[Order, "train all levels together in each step, or in sequence"] = "together",
    level_interval: Annotated[PositiveInt, "interval of a level's turns over that of the next coarser level"] = 1,
    conditional: Annotated[bool, "condition every level on the class"] = False,
    latent: Annotated[PositiveInt, "latent dimension of the coarsest level"] = 64,
    hidden: Annotated[PositiveInt, "width of the coarsest level's layers: neurons, or channels from 8 pixels on"] = 256,
    noise: Annotated[PositiveInt, "noise channels at the finer levels"] = 4,
    width: Annotated[PositiveInt, "channels at the finer levels"] = 32,
    depth: Annotated[PositiveInt, "generator residual blocks at the finer levels"] = 1,
    rules: Rules = RULES,
) -> Recipe:
    """A Laplacian pyramid of GANs: small images, then a generator of details for each finer size.

    With `--level-interval 2` each level has half the turns of the next coarser level or, in sequence, half the
    examples: coarser levels cost less. The horizon counts the examples of the coarsest level.

    Results on CIFAR-10: 14,000 examples in 117 s of one busy core (AMD EPYC); textures without objects; fd_natural32
    10.3 and 10.9 on 5,000 samples with two seeds, where `dcgan` had 13.9 and 12.4 after 112 s
    (benchmarks/pictures/lapgan.py).
    """
    shape, rules = picture_shape(data), unaugmented(rules)
    sizes = pyramid_sizes(*shape[1:], checked_levels(data, levels))
    condition = Labels.of_data(data, "lapgan --conditional") if conditional else None
    classes = 0 if condition is None else len(condition.classes)
    coarsest = coarsest_networks((shape[0], *sizes[0]), latent, hidden, classes)
    recipes = [two_player(data, *coarsest, Latent(latent), rules, examples=EXAMPLES, condition=condition)]
    for size in sizes[1:]:
        networks = detail_networks((shape[0], *size), classes, noise, width, depth)
        recipes.append(two_player(data, *networks, Latent(noise, plane=half(size)), rules, examples=EXAMPLES))
    game = Pyramid([game_of(one) for one in recipes], sizes, classes)
    game_stages = tuple(_ORDERS[order](game, [one.stages for one in recipes], level_interval))
    return replace(recipes[0], game=game, stages=game_stages, display=DisplayConfig(renderer=partial(render, game)))


def as_source(data: Data) -> Recipe:
    """The LAPGAN of CIFAR-10, reproduced layer by layer: three levels (8, 16, 32); it takes hours on a CPU.

    Channels have mean 0 and deviation 1; noise is uniform; SGD 0.02 with momentum 0.5. The discriminator learns from 64
    real and 64 generated images per step, by the mean over both, which is half of our sum, so its rate is 0.01 here.
    The generator learns from 128 new latents. The source draws 128 images for their conditions and 64 for those that
    the discriminator sees; here it is 64 new ones, each with two latents, and the real images themselves. The source's
    schedules of rate and momentum are omitted.
    """
    shape = picture_shape(data)
    sizes, moments = pyramid_sizes(*shape[1:], checked_levels(data, 3)), channel_moments(data)
    coarse = (shape[0], *sizes[0])
    networks: list[Pair] = [
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
    games = [
        TwoPlayer(source_player(pair[0], lr=0.02), source_player(pair[1], lr=0.01), NonSaturating(), latent)
        for pair, latent in zip(networks, latents, strict=True)
    ]
    game = Pyramid(games, sizes)
    level_stages = [(source_stage(one),) for one in games]
    display = DisplayConfig(renderer=partial(render, game))
    return Recipe(data, game, tuple(together(game, level_stages, interval=1)), Stream(64), 100 * len(data), display)


def source_player(network: nn.Module, lr: float) -> Player:
    return Player(network, partial(SGD, lr=lr, momentum=0.5))


def source_stage(game: TwoPlayer) -> Stage:
    """The discriminator's turn, then the generator's, with its own latents, and images for their conditions."""
    (stage,) = stages(game, Rules(), lazy=False)
    discriminator, generator = stage.turns
    return replace(stage, turns=(discriminator, replace(generator, loss=partial(twice, generator.loss), draw="fresh")))


def twice(loss: TurnLoss, batch: Batch, draws: Draws) -> Terms:
    """A loss with two latents for each image."""
    return loss(batch.mapped(doubled), draws.sized(2 * len(draws)))


def doubled(batch: Batch) -> Batch:
    """Each row twice, one after the other."""
    condition = None if batch.condition is None else batch.condition.repeat_interleave(2, 0)
    return Batch(batch.real.repeat_interleave(2, 0), condition)


# -- the levels


def checked_levels(data: Data, levels: int | None) -> int:
    """The number of levels, resolved from None; a UserError if the images are too small."""
    sides = [side for _, side in zip(range(32), halves(min(picture_shape(data)[1:])), strict=False)]
    default, maximum = (sum(side >= size for side in sides) for size in (BASE, MIN_SIZE))
    levels = default if levels is None else levels
    if default < 2:
        raise UserError(
            f"A pyramid needs at least two levels, the coarsest of at least {BASE} pixels a side, but {data.name} has "
            f"{data.domain.describe()}; the nearest size that fits is "
            f"{nearest_size(*picture_shape(data)[1:], least=2 * BASE - 1)}."
        )
    if levels > maximum:
        raise UserError(
            f"--levels {levels} is too large for {data.domain.describe()}: the maximum is {maximum}, down to "
            f"{sides[maximum - 1]} pixels."
        )
    return levels


def unaugmented(rules: Rules) -> Rules:
    """Disables augmentation, because a level's condition is derived from its image; a UserError if it is requested."""
    if rules.augment not in ("auto", "none"):
        raise UserError("--augment is not supported by lapgan, whose levels compare two sizes of a picture: omit it.")
    return replace(rules, augment="none")


def halves(side: int) -> Iterator[int]:
    """The side in pixels at each level, from fine to coarse, down to two pixels."""
    while side > 1:
        yield side
        side = -(-side // 2)


def half(size: Size) -> Size:
    return -(-size[0] // 2), -(-size[1] // 2)


def coarsest_networks(shape: Shape, latent: int, hidden: int, classes: int) -> Pair:
    """Dense networks below 8 pixels a side, convolutional networks from 8 on."""
    inputs = latent + (EMBEDDING if classes else 0)
    input_shape = shape[0] + (1 if classes else 0), *shape[1:]
    generator: nn.Module
    discriminator: nn.Module
    if min(shape[1:]) >= 2 * BASE:
        generator, discriminator = ConvGenerator(inputs, shape, hidden), ConvDiscriminator(input_shape, hidden)
    else:
        generator = MlpGenerator(inputs, shape, (hidden,) * 3, batch_norm=True)
        discriminator = MlpDiscriminator(input_shape, (hidden,) * 3)
    if not classes:
        return generator, discriminator
    conditional = ConcatenationDiscriminator(discriminator, classes, shape[1:])
    return ConditionalGenerator(generator, classes, EMBEDDING), conditional


def detail_networks(shape: Shape, classes: int, noise: int, width: int, depth: int) -> Pair:
    planes = shape[0] + classes
    return DetailGenerator(shape, planes, noise, width, depth), DetailDiscriminator(shape, planes, width)


def game_of(recipe: Recipe) -> TwoPlayer:
    assert isinstance(recipe.game, TwoPlayer)
    return recipe.game


def channel_moments(data: Data) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel of the encoded images, over at most 10,000 equally spaced examples."""
    rows = np.unique(np.linspace(0, len(data) - 1, 10_000).astype(int))
    encoded = data.domain.encode(torch.from_numpy(np.array(data.samples[rows])))
    deviation, mean = torch.std_mean(encoded, dim=(0, 2, 3))
    return mean, deviation.clamp_min(1e-3)


# -- the stages


def together(game: Pyramid, level_stages: Sequence[tuple[Stage, ...]], interval: int) -> Iterator[Stage]:
    """All levels in the same steps; each level's interval is `interval` times that of the next coarser one."""
    for stages_ in zip(*level_stages, strict=True):
        lifted = [lift(game, level, stage, interval**level) for level, stage in enumerate(stages_)]
        turns = tuple(turn for stage in lifted for turn in stage.turns)
        yield replace(
            lifted[0], turns=turns, schedules=tuple(schedule for stage in lifted for schedule in stage.schedules)
        )


def sequence(game: Pyramid, level_stages: Sequence[tuple[Stage, ...]], interval: int) -> Iterator[Stage]:
    """One level after another, from coarse to fine; each has 1 / `interval` of the examples of the next coarser one."""
    parts = [interval**-level for level in range(len(level_stages))]
    shares = [*(part / sum(parts) for part in parts[:-1]), None]
    for level, (stages_, share) in enumerate(zip(level_stages, shares, strict=True)):
        *first, adversarial = (lift(game, level, stage) for stage in stages_)
        yield from first
        yield replace(adversarial, share=share)


_ORDERS = {"together": together, "sequence": sequence}


def lift(game: Pyramid, level: int, stage: Stage, interval: int = 1) -> Stage:
    """A stage of a level's game as a stage of the pyramid's game, with its turns' intervals times `interval`."""
    turns = (game.turn(level, turn) for turn in stage.turns)
    return replace(stage, turns=tuple(replace(turn, every=interval * turn.every) for turn in turns))


# -- the sample grid


def render(game: Pyramid, shown: RenderInput) -> Image.Image:
    """Fakes beside real images; below, some of both level by level: each level's details and its images."""
    label = None if shown.condition is None else shown.condition[:DETAILED_SAMPLES]
    fake = game.sample_levels(shown.draws.rows(slice(0, DETAILED_SAMPLES)), label)
    real = gaussian_pyramid(shown.real.real[:DETAILED_SAMPLES], game.sizes)
    columns = min(DETAILED_SAMPLES, len(shown.fake), len(real[0]))
    whole, domain = plain(shown), shown.domain
    parts = [domain.preview(domain.decode(strips(levels, game.sizes)), columns=columns) for levels in (fake, real)]
    below = whole.height + SPACING
    width = max(whole.width, sum(part.width for part in parts) + SPACING)
    sample_grid = Image.new(whole.mode, (width, below + parts[0].height), "white")
    sample_grid.paste(whole, (0, 0))
    sample_grid.paste(parts[0], (0, below))
    sample_grid.paste(parts[1], (width - parts[1].width, below))
    return sample_grid


def strips(levels: Sequence[Tensor], sizes: Sequence[Size]) -> Tensor:
    """A row of images for the coarsest level, then two rows for each finer one: amplified details, and images."""
    rows = [levels[0]]
    for coarser, finer, size in zip(levels[:-1], levels[1:], sizes[1:], strict=True):
        rows += [CONTRAST * (finer - enlarged(coarser, size)), finer]
    return torch.cat([F.interpolate(row, size=sizes[-1], mode="nearest") for row in rows])
