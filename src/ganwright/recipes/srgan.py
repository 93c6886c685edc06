"""Super-resolution by a GAN (SRGAN, Ledig et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Annotated, Any, Literal, cast

import numpy as np
import torch.nn.functional as F
from PIL import Image
from pydantic import AfterValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from torch import Tensor, nn

from ganwright.auxiliary_losses._content_networks import content32, vgg19
from ganwright.auxiliary_losses.content import Content
from ganwright.auxiliary_losses.pixels import Pixels
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.condition import DerivedConditions
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.rendering import RenderInput
from ganwright.core.schedules import lr_schedule
from ganwright.core.system import expanded
from ganwright.core.tiling import strips
from ganwright.core.turn import Stage, StageView, Turn
from ganwright.domains.images import Images
from ganwright.games.two_player import TwoPlayer
from ganwright.nets.srresnet import Base, Norm, SrganDiscriminator, SRResNet, UpsamplingOrder
from ganwright.recipes._low_resolution import Cropped, Whole
from ganwright.recipes._sizes import nearest_size
from ganwright.recipes._two_player import Rules, two_player

FOR = "low-resolution pictures"
DATA = "cifar10"
CROP = 64  # pixels: maximum of the default crop size
REACH = 32  # pixels: assumed receptive field radius of a user's generator without the attribute `reach`
OWN = "own"  # the content network of this package
GRID_SAMPLES = 8  # samples on a sample grid, each in four versions, two in a row

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

PRESETS: dict[str, dict[str, Any]] = {
    "published-networks": {
        "width": 64,
        "blocks": 16,
        "norm": "batch",
        "base": "none",
        "upsampling": "steps",
        "kernel_size": 9,
        "discriminator_width": 64,
        "discriminator_norm": "batch",
    }
}


def _absolute(content: str) -> str:
    """A path relative to the working folder as an absolute one: a run may be resumed in another folder."""
    return content if content == OWN else str(expanded(content).absolute())


@dataclass(frozen=True)
class GeneratorOptions:
    """Options of the generator. The defaults are cheap and without batch norm."""

    width: Annotated[PositiveInt, "generator channels"] = 32
    blocks: Annotated[NonNegativeInt, "generator residual blocks"] = 8
    norm: Annotated[Norm, "generator normalisation"] = "none"
    base: Annotated[Base, "interpolation to which the generator's output is added"] = "bicubic"
    upsampling: Annotated[UpsamplingOrder, "sub-pixel convolution: once, or in steps as in the paper"] = "once"
    kernel_size: Annotated[Literal[1, 3, 5, 7, 9], "size of the generator's first and last kernels"] = 3

    def network(self, scale: int, channels: int) -> SRResNet:
        sizes = self.width, self.blocks
        return SRResNet(scale, channels, *sizes, self.norm, self.base, self.upsampling, self.kernel_size)


@dataclass(frozen=True)
class AuxiliaryLosses:
    """The generator's auxiliary losses: pixels at first, then pixels and content."""

    pixels: Annotated[Literal["l1", "mse"], "pixel loss"] = "l1"
    pixel_share: Annotated[float, Field(ge=0, le=1), "share of the run with the pixel loss only"] = 0.75
    pixel_rate: Annotated[PositiveFloat, "generator learning rate with the pixel loss only"] = 1e-3
    pixel_weight: Annotated[NonNegativeFloat, "weight of the pixel loss with the adversarial loss"] = 30.0
    content: Annotated[str, AfterValidator(_absolute), "content network: own, or a file of VGG19's weights"] = OWN
    content_weight: Annotated[NonNegativeFloat, "weight of the content loss with the adversarial loss"] = 30.0

    @property
    def network(self) -> nn.Module:
        return content32() if self.content == OWN else vgg19(expanded(self.content))

    def first(self) -> tuple[AuxiliaryLoss, ...]:
        return (Pixels(1.0, self.pixels),)

    def later(self) -> tuple[AuxiliaryLoss, ...]:
        return Pixels(self.pixel_weight, self.pixels), Content(self.network, self.content_weight)


def recipe(
    data: Data,
    *,
    scale: Annotated[int, Field(ge=2, le=8), "upscaling factor"] = 4,
    crop_size: Annotated[PositiveInt | None, "side of training crops, in pixels (default: at most 64)"] = None,
    generator_options: GeneratorOptions = GeneratorOptions(),
    discriminator_width: Annotated[PositiveInt, "channels of the discriminator's first layers"] = 16,
    discriminator_norm: Annotated[Norm, "discriminator normalisation"] = "none",
    auxiliary_losses: AuxiliaryLosses = AuxiliaryLosses(),
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    rules: Rules = RULES,
) -> Recipe:
    """Super-resolution: a residual network trained on a pixel loss, then against a discriminator.

    Photographs of any size are cut into tiles at their own resolution: `ganwright train srgan --data PHOTOS --tiles
    96`. `ganwright sample RUN --condition photo.png --out big.png` upscales any image. `--preset published-networks`
    sets the paper's networks, which need a GPU and have not been trained; `--content vgg19.pth` its content network.

    Results on 400 photographs of 481x321, x4, one thread of a busy two-core machine (AMD EPYC), one seed
    (benchmarks/pictures/super_resolution.py): a default run takes 384 s of CPU time. Set5 has 28.60 dB (Y; bicubic
    28.43), Set14 26.30 (26.09); images are sharp, with a feature distance of 0.107 on Set5 (bicubic 0.149). The pixel
    loss only, 30,000 crops in 129 s, gives 30.58 and 27.62 dB and softer images (0.123).
    """
    channels = checked(data, scale, crop_size)
    generator = generator or generator_options.network(scale, channels)
    made = two_player(
        data,
        generator,
        discriminator or SrganDiscriminator(channels, discriminator_width, discriminator_norm),
        Latent(0),
        rules,
        examples=40_000,
        display=DisplayConfig(samples=GRID_SAMPLES, renderer=render),
        condition=DerivedConditions(data, Whole(scale)),
    )
    view = Cropped(scale, crop_size or min(CROP // scale * scale, *data.require(Images).shape[1:]))
    stages = tuple(make_stages(made, auxiliary_losses, rules, view))
    upscale = Upscale(made, scale, getattr(generator, "reach", REACH))
    return replace(made, stages=stages, transform=upscale, notes=(*made.notes, *notes_of(generator)))


def notes_of(generator: nn.Module) -> tuple[str, ...]:
    """What is assumed of a generator that does not state its receptive field."""
    if hasattr(generator, "reach"):
        return ()
    return (
        f"The generator has no attribute `reach`: pictures are upscaled in strips, as if an output pixel depended on "
        f"at most {REACH} input pixels in each direction.",
    )


def checked(data: Data, scale: int, crop_size: int | None) -> int:
    """The images' channels; a UserError for data that do not fit the scale and the crop size."""
    channels, *sides = data.require(Images).shape
    height, width = sides
    if any(side % scale for side in sides):
        raise UserError(
            f"{data.name} has {data.domain.describe()}, which --scale {scale} does not divide: the nearest size that "
            f"fits is {nearest_size(height, width, scale)}; or set --tiles to a multiple of {scale}, or change --scale."
        )
    if crop_size is not None and (crop_size % scale or crop_size > min(sides)):
        raise UserError(
            f"--crop-size {crop_size} must be a multiple of the scale, {scale}, and at most the {min(sides)} pixels "
            f"of the pictures of {data.name}."
        )
    return channels


def make_stages(made: Recipe, auxiliary_losses: AuxiliaryLosses, rules: Rules, view: StageView) -> Iterator[Stage]:
    """The pixel stage, then the adversarial stages, which load the content network when they are entered.

    Sampling enters no stage and does not need the content network.
    """
    game = cast(TwoPlayer, made.game)
    game.auxiliary_losses = auxiliary_losses.first()
    if auxiliary_losses.pixel_share > 0:
        turn = Turn(("generator",), game.generator_auxiliary_terms)
        start = auxiliary_losses.pixel_rate / rules.learning_rates[0]
        schedule = lr_schedule([game.players["generator"]], rules.lr_schedule, rules.lr_end, start)
        enter = partial(set_auxiliary_losses, game, auxiliary_losses.first)
        yield Stage((turn,), share=auxiliary_losses.pixel_share, schedules=(schedule,), enter=enter, view=view)
    later = cache(auxiliary_losses.later)
    for stage in made.stages:
        yield replace(stage, enter=partial(set_auxiliary_losses, game, later), view=view)


def set_auxiliary_losses(game: TwoPlayer, auxiliary_losses: Callable[[], tuple[AuxiliaryLoss, ...]]) -> None:
    """Sets the game's auxiliary losses."""
    game.auxiliary_losses = auxiliary_losses()


@dataclass(frozen=True)
class Upscale:
    """Applies the generator to images of any size, in strips (core/recipe.py:Applied)."""

    recipe: Recipe
    scale: int
    reach: int

    def __call__(self, pictures: Tensor) -> Iterator[Tensor]:
        def function(window: Tensor) -> Tensor:
            return self.recipe.game.sample(Draws(0, 0, 0, len(window), "", window.device, window.dtype), window)

        return strips(function, pictures, self.scale, self.reach)


def render(shown: RenderInput) -> Image.Image:
    """Low resolution | bicubic | fake | real, two samples in a row."""
    small = cast(Tensor, shown.real.condition)
    scale = shown.fake.shape[-1] // small.shape[-1]
    pixels = F.interpolate(small, scale_factor=scale)
    bicubic = F.interpolate(small, scale_factor=scale, mode="bicubic")
    versions = [shown.domain.decode(pictures) for pictures in (pixels, bicubic, shown.fake, shown.real.real)]
    return shown.domain.preview(np.stack(versions, 1).reshape(-1, *versions[0].shape[1:]), 2 * len(versions))
