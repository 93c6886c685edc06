"""Progressive growing of GANs (Karras et al. 2018)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated

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
from ganwright.games.two_player import Penalty, TwoPlayer
from ganwright.nets.growing import GrowingDiscriminator, GrowingGenerator, Growth, faded, growing_sizes, growing_widths
from ganwright.recipes._convolutional import Shape, picture_shape
from ganwright.recipes._two_player import Rules, two_player

FOR = "pictures"
DATA = "mnist"
SMALLEST = 8  # pixels of the smaller side: two levels

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


def recipe(
    data: Data,
    *,
    latent: Annotated[PositiveInt, "numbers in a latent"] = 64,
    width: Annotated[PositiveInt, "channels at the coarsest level"] = 64,
    finest_width: Annotated[PositiveInt, "channels at the finest level; each coarser one has twice as many"] = 16,
    fade: Annotated[float, Field(ge=0, le=1), "share of a level's images in which it fades in"] = 0.5,
    rules: Rules = RULES,
) -> Recipe:
    """Progressive growing: players that begin with 4x4 pixels and fade in one level after the other.

    What to expect of `--data mnist --examples 9000`: 42 s of one busy core; fd_grey28 151, 146, 101 and 44 after the four
    stages (benchmarks/pictures/progan.py, seed 0, 2,000 samples); crude digits, a default run is eleven times as long.

    Every level but the coarsest has the same share of the horizon, the coarsest half of it, as published; when one
    begins, the optimizers are reset. The loss is that of our other recipes: at so few images it was nearer to real
    digits than the published one. As published, at 32x32: `--loss wasserstein-drift --penalty gradient-penalty
    --penalty-weight 10 --penalty-every 1 --generator-lr 1e-3 --discriminator-lr 1e-3 --latent 512 --width 512
    --finest-width 512 --batch 16 --ema-half-life 11000 --examples 4200000` (256x256: `--finest-width 64`, and so on).
    """
    shape = growing_shape(data)
    sizes = growing_sizes(*shape[1:])
    widths = growing_widths(finest_width, width, len(sizes))
    generator, discriminator = GrowingGenerator(latent, shape, widths), GrowingDiscriminator(shape, widths)
    whole = two_player(data, generator, discriminator, Latent(latent), rules, examples=100_000)
    game = whole.game
    assert isinstance(game, TwoPlayer)
    if game.penalty is not None:
        game.penalty = AtLevel(game.penalty, discriminator)
    *first, adversarial = whole.stages
    alone = [level_stage(stage, game, 0, fade) for stage in first]
    grown = [
        replace(level_stage(adversarial, game, level, fade), share=share) for level, share in enumerate(shares(sizes))
    ]
    return replace(whole, stages=(*alone, *grown))


def growing_shape(data: Data) -> Shape:
    """Channels, height, width; a UserError for what cannot grow."""
    shape = picture_shape(data)
    if min(shape[1:]) < SMALLEST:
        raise UserError(
            f"progan grows from 4 pixels a side to {SMALLEST} at least, and {data.name} has {data.domain.describe()}: "
            "give it larger pictures."
        )
    return shape


def shares(sizes: list[tuple[int, int]]) -> Iterator[float | None]:
    """Of the horizon, for each level: the coarsest need not fade in; the last one plays to the end."""
    each = 2 / (2 * len(sizes) - 1)
    yield each / 2
    yield from [each] * (len(sizes) - 2)
    yield None


def level_stage(stage: Stage, game: TwoPlayer, level: int, fade: float) -> Stage:
    """A stage whose turns are played at a level."""
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
        seen = stage.view(batch, draws)
        return replace(seen, real=faded(seen.real, growths[0]))

    return replace(stage, begin=begin, enter=enter, schedules=(*stage.schedules, fade_in), view=view)


def growths_of(player: Player) -> Iterator[Growth]:
    """Those of the network and of its ema."""
    for network in (player.network, player.sampling_network):
        yield from (module for module in network.modules() if isinstance(module, Growth))


@dataclass(frozen=True)
class AtLevel:
    """A penalty on pictures in the size of the level that is reached: its slopes are those of the level's pixels."""

    penalty: Penalty
    discriminator: GrowingDiscriminator

    def __call__(self, score: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        shrink, enlarge = self.discriminator.at_level, self.discriminator.whole
        return self.penalty(lambda small: score(enlarge(small)), shrink(real), shrink(fake), draws)
