"""Progressive growing of GANs (Karras et al. 2018)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field, PositiveInt
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.player import Player
from ganwright.core.recipe import Recipe
from ganwright.core.turn import Stage
from ganwright.games.two_player import Penalty, Score, TwoPlayer, of_batch
from ganwright.nets.growing import GrowingDiscriminator, GrowingGenerator, Growth, faded, growing_sizes, growing_widths
from ganwright.recipes._convolutional import Shape, picture_shape
from ganwright.recipes._sizes import nearest_size
from ganwright.recipes._two_player import Rules, two_player

FOR = "pictures"
DATA = "mnist"
MIN_SIZE = 8  # pixels: minimum of the smaller side, for two levels

RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=0.5,
    penalty_every=8,
    batch=32,
    generator_lr=1e-2,
    discriminator_lr=1e-2,
    beta1=0.0,
    beta2=0.99,
    ema_half_life=1_500,
)

PRESETS: dict[str, dict[str, Any]] = {
    "published": {
        "loss": "wasserstein-drift",
        "penalty": "gradient-penalty",
        "penalty_weight": 10.0,
        "penalty_every": 1,
        "generator_lr": 1e-3,
        "discriminator_lr": 1e-3,
        "latent": 512,
        "width": 512,
        "finest_width": 512,
        "batch": 16,
        "ema_half_life": 11_000.0,
        "examples": 4_200_000,
    }
}


def recipe(
    data: Data,
    *,
    latent: Annotated[PositiveInt, "latent dimension"] = 64,
    width: Annotated[PositiveInt, "channels at the coarsest level"] = 64,
    finest_width: Annotated[
        PositiveInt, "channels at the finest level; they double at each coarser one up to width"
    ] = 16,
    fade: Annotated[float, Field(ge=0, le=1), "share of a level's examples in which it fades in"] = 0.5,
    rules: Rules = RULES,
) -> Recipe:
    """Progressive growing: networks that start at 4x4 pixels and fade in one level after the other.

    Results of `--data mnist --examples 9000`: 42 s of one busy core; fd_grey28 151, 146, 101 and 44 after the four
    stages (benchmarks/pictures/progan.py, seed 0, 2,000 samples); crude digits. A default run is eleven times as long.

    As published, every level has the same share of the horizon, except for the coarsest, which has half of it, and the
    optimizers are reset when a level starts. The loss is that of the other recipes; with few examples it gave a lower
    distance than the published one. `--preset published` sets the paper's loss, sizes and 600,000 examples for each
    level and each transition, at 32x32 (at 256x256 add `--finest-width 64 --examples 7800000`). It needs a GPU, and
    has not been trained.
    """
    shape = growing_shape(data)
    sizes = growing_sizes(*shape[1:])
    widths = growing_widths(finest_width, width, len(sizes))
    generator, discriminator = GrowingGenerator(latent, shape, widths), GrowingDiscriminator(shape, widths)
    made = two_player(data, generator, discriminator, Latent(latent), rules, examples=100_000)
    game = made.game
    assert isinstance(game, TwoPlayer)
    if game.penalty is not None:
        game.penalty = AtLevel(game.penalty, discriminator)
    *warmup, adversarial = made.stages
    stages = [level_stage(stage, game, 0, fade) for stage in warmup]
    stages += [
        replace(level_stage(adversarial, game, level, fade), share=share) for level, share in enumerate(shares(sizes))
    ]
    return replace(made, stages=tuple(stages))


def growing_shape(data: Data) -> Shape:
    """Channels, height, width; a UserError for data that are too small or are not images."""
    shape = picture_shape(data)
    if min(shape[1:]) < MIN_SIZE:
        raise UserError(
            f"progan needs pictures of at least {MIN_SIZE} pixels a side, but {data.name} has "
            f"{data.domain.describe()}; the nearest size that fits is {nearest_size(*shape[1:], least=MIN_SIZE)}."
        )
    return shape


def shares(sizes: list[tuple[int, int]]) -> Iterator[float | None]:
    """Each level's share of the horizon: half a share for the coarsest, which does not fade in; None for the last."""
    each = 2 / (2 * len(sizes) - 1)
    yield each / 2
    yield from [each] * (len(sizes) - 2)
    yield None


def level_stage(stage: Stage, game: TwoPlayer, level: int, fade: float) -> Stage:
    """A stage at a level of growth."""
    players = list(game.players.values())
    growths = [growth for player in players for growth in growths_of(player)]

    def begin() -> None:
        for player in players:
            player.optimizer.state.clear()

    def enter() -> None:
        for growth in growths:
            growth.reach(level)

    def fade_in(progress: float) -> None:
        for growth in growths:
            growth.fade(level, min(progress / fade, 1.0) if fade and level else 1.0)

    def view(batch: Batch, draws: Draws) -> Batch:
        viewed = stage.view(batch, draws)
        return replace(viewed, real=faded(viewed.real, growths[0]))

    return replace(stage, begin=begin, enter=enter, schedules=(*stage.schedules, fade_in), view=view)


def growths_of(player: Player) -> Iterator[Growth]:
    """The growths of a player's network and of its EMA."""
    for network in (player.network, player.sampling_network):
        yield from (module for module in network.modules() if isinstance(module, Growth))


@dataclass(frozen=True)
class AtLevel:
    """A penalty on images of the current level's size: its gradients are with respect to the level's pixels."""

    penalty: Penalty
    discriminator: GrowingDiscriminator

    def of_batch(self, real: Tensor) -> AtLevel:
        return replace(self, penalty=of_batch(self.penalty, lambda: self.discriminator.at_level(real)))

    def __call__(self, score: Score, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        shrink, enlarge = self.discriminator.at_level, self.discriminator.whole
        return self.penalty(lambda small: score(enlarge(small)), shrink(real), shrink(fake), draws)
