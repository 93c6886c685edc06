"""Super-resolution by a GAN (SRGAN, Ledig et al. 2017): pictures two, three, four times as large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Literal, cast

import numpy as np
import torch.nn.functional as F
from PIL import Image
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from torch import Tensor, nn

from ganwright.auxiliary_losses._content_networks import content32, vgg19
from ganwright.auxiliary_losses.content import Content
from ganwright.auxiliary_losses.pixels import Pixels
from ganwright.core.condition import DerivedConditions
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.player import Player
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.rendering import RenderInput
from ganwright.core.schedules import FACTORS, LrSchedule
from ganwright.core.tiling import strips
from ganwright.core.turn import Schedule, Stage, StageView, Turn
from ganwright.games.two_player import AuxiliaryLoss, TwoPlayer
from ganwright.nets.srresnet import Base, Norm, SrganDiscriminator, SRResNet, UpsamplingOrder
from ganwright.recipes._low_resolution import Cropped, Whole
from ganwright.recipes._two_player import Rules, two_player

FOR = "low-resolution pictures"
DATA = "cifar10"
CROP = 64  # pixels, where the data's pictures are as large
REACH = 32  # pixels that a user's own generator is trusted not to look beyond, unless it says so
SHOWN = 8  # samples on a sheet, each in four versions, two in a row

RULES = Rules(
    loss="relativistic",
    batch=16,
    generator_lr=1e-4,
    discriminator_lr=4e-4,
    beta1=0.5,
    beta2=0.99,
    lr_schedule="cosine",
    ema_half_life=1_000,
    augment="none",
    flip="no",
)


@dataclass(frozen=True)
class Enlarger:
    """The generator: without batch norm, and cheap, unless told; the paper's is given in `recipe`."""

    width: Annotated[PositiveInt, "channels of the generator"] = 32
    blocks: Annotated[NonNegativeInt, "its residual blocks"] = 8
    norm: Annotated[Norm, "its normalisation"] = "none"
    base: Annotated[Base, "the interpolation that its layers add to"] = "bicubic"
    upsampling: Annotated[UpsamplingOrder, "pixels made at once at the end, or step by step as in the paper"] = "once"
    ends: Annotated[Literal[1, 3, 5, 7, 9], "pixels a side of its first and last kernels"] = 3

    def network(self, scale: int, channels: int) -> SRResNet:
        return SRResNet(scale, channels, self.width, self.blocks, self.norm, self.base, self.upsampling, self.ends)


@dataclass(frozen=True)
class AuxiliaryLosses:
    """What guides the generator: pixels alone at first, then pixels and content."""

    pixels: Annotated[Literal["l1", "mse"], "absolute or squared differences"] = "l1"
    pixel_share: Annotated[float, Field(ge=0, le=1), "share of the run that is played on pixels alone"] = 0.75
    pixel_rate: Annotated[PositiveFloat, "the generator's learning rate there"] = 1e-3
    pixel_weight: Annotated[NonNegativeFloat, "weight of pixels beside the adversarial loss"] = 30.0
    content: Annotated[str, "the content network: own, or a file of VGG19's weights"] = "own"
    content_weight: Annotated[NonNegativeFloat, "its weight beside the adversarial loss"] = 30.0

    @property
    def network(self) -> nn.Module:
        return content32() if self.content == "own" else vgg19(Path(self.content).expanduser())

    def first(self) -> dict[str, AuxiliaryLoss]:
        return {"pixels": Pixels(1.0, self.pixels)}

    def later(self) -> dict[str, AuxiliaryLoss]:
        pixels, content = Pixels(self.pixel_weight, self.pixels), Content(self.network, self.content_weight)
        return {"pixels": pixels, "content": content}


def recipe(
    data: Data,
    *,
    scale: Annotated[int, Field(ge=2, le=8), "how many times as large a picture becomes"] = 4,
    crop_size: Annotated[PositiveInt | None, "pixels a side of what is trained on; at most 64 if not told"] = None,
    enlarger: Enlarger = Enlarger(),
    discriminator_width: Annotated[PositiveInt, "channels of the discriminator's first layers"] = 16,
    discriminator_norm: Annotated[Norm, "its normalisation"] = "none",
    auxiliary_losses: AuxiliaryLosses = AuxiliaryLosses(),
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    rules: Rules = RULES,
) -> Recipe:
    """Super-resolution: a residual network learns it pixel by pixel, then against a discriminator.

    Photographs of any sizes are cut at their own resolution: `ganwright train srgan --data PHOTOS --tiles 96`.
    `ganwright sample RUN --condition photo.png --out big.png` then enlarges any picture. The paper's generator is
    `--width 64 --blocks 16 --norm batch --base none --upsampling steps --ends 9`.

    What to expect on 400 photographs of 481x321, x4, one thread of a busy two-core machine (AMD EPYC), one seed, by
    benchmarks/pictures/super_resolution.py: a default run took 384 s of processor time; Set5 28.60 dB (Y, bicubic
    28.43), Set14 26.30 (26.09), sharp, and nearer to the originals in features (0.107 on Set5; bicubic 0.149). Pixels
    alone, 30,000 crops in 129 s, have 30.58 and 27.62 dB, and are softer (0.123).
    """
    channels = checked(data, scale, crop_size)
    generator = generator or enlarger.network(scale, channels)
    made = two_player(
        data,
        generator,
        discriminator or SrganDiscriminator(channels, discriminator_width, discriminator_norm),
        Latent(0),
        rules,
        examples=40_000,
        display=DisplayConfig(samples=SHOWN, renderer=drawn),
        condition=DerivedConditions(data, Whole(scale)),
    )
    view = Cropped(scale, crop_size or min(CROP // scale * scale, *data.domain.shape[1:]))
    stages = tuple(guided(made, auxiliary_losses, rules, view))
    return replace(made, stages=stages, transform=Enlarged(made, scale, getattr(generator, "reach", REACH)))


def checked(data: Data, scale: int, crop_size: int | None) -> int:
    """The pictures' channels; a UserError where they don't go together with scale and crop."""
    if len(data.domain.shape) != 3:
        raise UserError(f"srgan is for pictures, and {data.name} has {data.domain.describe()}.")
    channels, *sides = data.domain.shape
    if any(side % scale for side in sides):
        raise UserError(
            f"{data.name} has {data.domain.describe()}, which --scale {scale} does not divide: give another --scale, "
            f"or --tiles or --size with a multiple of {scale}."
        )
    if crop_size is not None and (crop_size % scale or crop_size > min(sides)):
        raise UserError(
            f"--crop-size {crop_size} should be a multiple of the scale, {scale}, and at most the {min(sides)} pixels "
            f"of the pictures of {data.name}."
        )
    return channels


def guided(made: Recipe, auxiliary_losses: AuxiliaryLosses, rules: Rules, view: StageView) -> Iterator[Stage]:
    """The pixel stage, then the adversarial ones, which read the content network when they are entered.

    A run that is opened to be used enters no stage, and needs no such network.
    """
    game = cast(TwoPlayer, made.game)
    game.auxiliary_losses = auxiliary_losses.first()
    if auxiliary_losses.pixel_share > 0:
        turn = Turn(("generator",), game.auxiliary_terms)
        schedule = pixel_rate(
            game.players["generator"], auxiliary_losses.pixel_rate / rules.learning_rates[0], rules.lr_schedule
        )
        entered = partial(follow, game, auxiliary_losses.first)
        yield Stage((turn,), share=auxiliary_losses.pixel_share, schedules=(schedule,), enter=entered, view=view)
    later = cache(auxiliary_losses.later)
    for stage in made.stages:
        yield replace(stage, enter=partial(follow, game, later), view=view)


def follow(game: TwoPlayer, auxiliary_losses: Callable[[], dict[str, AuxiliaryLoss]]) -> None:
    """From now on these guide the generator."""
    game.auxiliary_losses = auxiliary_losses()


def pixel_rate(generator: Player, factor: float, schedule: LrSchedule) -> Schedule:
    """Lets the generator's rate follow the schedule from `factor` times that of the adversarial stage on."""

    def set_to(progress: float) -> None:
        generator.scale_lr(factor * FACTORS[schedule](min(progress, 1.0)))

    return set_to


@dataclass(frozen=True)
class Enlarged:
    """What the generator makes of pictures of any size, in strips (core/recipe.py:Applied)."""

    recipe: Recipe
    scale: int
    reach: int

    def __call__(self, pictures: Tensor) -> Iterator[Tensor]:
        def function(window: Tensor) -> Tensor:
            return self.recipe.game.sample(Draws(0, 0, 0, len(window), "", window.device, window.dtype), window)

        return strips(function, pictures, self.scale, self.reach)


def drawn(shown: RenderInput) -> Image.Image:
    """Low resolution | bicubic | fake | real, two samples in a row."""
    small = cast(Tensor, shown.real.condition)
    scale = shown.fake.shape[-1] // small.shape[-1]
    pixels = F.interpolate(small, scale_factor=scale)
    bicubic = F.interpolate(small, scale_factor=scale, mode="bicubic")
    versions = [shown.domain.decode(pictures) for pictures in (pixels, bicubic, shown.fake, shown.real.real)]
    return shown.domain.preview(np.stack(versions, 1).reshape(-1, *versions[0].shape[1:]), 2 * len(versions))
