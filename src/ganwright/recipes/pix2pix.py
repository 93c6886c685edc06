"""Paired image translation and inpainting (pix2pix, Isola et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal, cast

from PIL import Image
from pydantic import Field, NonNegativeFloat, PositiveInt
from torch import nn

from ganwright.auxiliary_losses.pixels import Pixels
from ganwright.core.condition import Condition, DataConditions
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.rendering import RenderInput
from ganwright.core.turn import StageView
from ganwright.domains.images import grid
from ganwright.games.two_player import TwoPlayer
from ganwright.nets.patch import PatchDiscriminator, halvings
from ganwright.nets.unet import Inpainting, UNet
from ganwright.recipes._any_size import OwnSize
from ganwright.recipes._convolutional import Shape, picture_shape
from ganwright.recipes._inpainting import InpaintingConditions, SquareMask
from ganwright.recipes._translation import Jitter, condition_shape, in_rows, mirrors
from ganwright.recipes._two_player import Rules, two_player

FOR = "pairs"
DATA = "outlines"
GRID_SAMPLES = 16  # pairs on a sample grid

RULES = Rules(
    loss="non-saturating",
    batch=4,
    generator_lr=2e-4,
    discriminator_lr=2e-4,
    beta1=0.5,
    beta2=0.999,
    lr_schedule="late-linear",
    ema_half_life=2_000,
)

PRESETS: dict[str, dict[str, Any]] = {
    "published": {
        "size": 256,
        "batch": 1,
        "width": 64,
        "discriminator_width": 64,
        "ema_half_life": 0.0,
        "flip": "yes",
        "epochs": 200,
    }
}


def recipe(
    data: Data,
    *,
    width: Annotated[PositiveInt, "channels at the U-Net's finest resolution"] = 32,
    depth: Annotated[PositiveInt | None, "halvings of the U-Net (default: down to one pixel)"] = None,
    dropout: Annotated[float, Field(ge=0, lt=1), "dropout rate of the U-Net, which is its noise"] = 0.5,
    discriminator_width: Annotated[PositiveInt, "channels of the discriminator's first layer"] = 32,
    patch_size: Annotated[int | None, "patch size: 16, 34, 70, ... (default: the largest to 70 that fits)"] = None,
    l1_weight: Annotated[NonNegativeFloat, "weight of the L1 loss"] = 100.0,
    jitter_scale: Annotated[float, Field(ge=1, le=2), "enlargement of pairs before random crops"] = 286 / 256,
    mask: Annotated[Literal["none", "square"], "square: inpainting of a masked square"] = "none",
    hole_size: Annotated[float, Field(gt=0, lt=1), "side of the square, as a share of the image's shorter side"] = 0.5,
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    rules: Rules = RULES,
) -> Recipe:
    """Paired image translation; with `--mask square`, inpainting of images.

    A U-Net with an L1 loss (equation 4 of the paper) against a patch discriminator, for images of any size. Instance
    norm treats each image separately in training and evaluation, as the published batches of one do. The halved loss
    of the published discriminator is omitted, because Adam's steps do not depend on a loss's scale.

    Results of `--data mnist --mask square --width 12 --discriminator-width 12 --batch 16 --generator-lr 1e-3
    --discriminator-lr 1e-3 --examples 14000`: 45 s of CPU time (AMD EPYC, one thread, one seed). The mean absolute
    difference of test digits from the truth is 11.0 of 255, and 17.1 with the training digits' mean in the hole
    (benchmarks/pictures/pairs.py).

    `--preset published` sets the paper's sizes: batches of one, 256x256 pixels, 200 epochs. It needs pictures of your
    own and a GPU, and has not been trained.
    """
    shape = picture_shape(data)
    mirrored = mirrors(data, rules.flip)
    inpaints = mask == "square"
    task = inpainting(data, hole_size, mirrored) if inpaints else translation(data, Jitter(jitter_scale, mirrored))
    unet = UNet(task.shape, shape[0], width, depth, dropout)
    patch_halvings = halvings(patch_size, min(shape[1:]))
    made = two_player(
        data,
        generator or (Inpainting(unet) if inpaints else unet),
        discriminator or PatchDiscriminator(shape[0] + task.shape[0], discriminator_width, patch_halvings),
        unet.latent if generator is None else Latent(64),
        replace(rules, flip="no"),
        examples=20_000,
        display=DisplayConfig(samples=GRID_SAMPLES, renderer=partial(sample_grid, channels=task.image_channels)),
        condition=task.condition,
        auxiliary_losses=(Pixels(l1_weight),) if l1_weight else (),
    )
    viewed = tuple(replace(stage, view=task.view) for stage in made.stages)
    return replace(made, stages=viewed, any_size=OwnSize(cast(TwoPlayer, made.game), *shape[1:]))


@dataclass(frozen=True)
class Task:
    """The generator's conditions: their `shape`, and how many of their channels are an image (`image_channels`)."""

    condition: Condition
    view: StageView
    shape: Shape
    image_channels: int


def translation(data: Data, view: StageView) -> Task:
    """The conditions of pairs; a UserError if the data have none."""
    if data.condition_domain is None:
        raise UserError(
            f"pix2pix needs pairs, but {data.name} has none; set their layout by --pairs left-right, right-left or "
            "folders, or choose inpainting by --mask square."
        )
    if not data.paired:
        raise UserError(f"pix2pix needs pairs, but {data.name} is unpaired; try the recipe cyclegan.")
    shape = condition_shape(data)
    return Task(DataConditions(data), view, shape, shape[0])


def inpainting(data: Data, hole_size: float, mirrored: bool) -> Task:
    """Images that lack a square."""
    channels, height, width = picture_shape(data)
    view = SquareMask(hole_size, mirrored)
    return Task(InpaintingConditions(data, view), view, (channels + 1, height, width), channels)


def sample_grid(shown: RenderInput, channels: int) -> Image.Image:
    """Rows of condition, fake, real, condition, fake, real."""
    assert shown.condition is not None
    rows = in_rows(shown.condition[:, :channels], shown.fake, shown.real.real)
    return grid(rows, columns=6)
