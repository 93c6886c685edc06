"""Picture to picture (pix2pix, Isola et al. 2017): what a picture would be in another form, learned from pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Literal

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
from ganwright.recipes._convolutional import Shape, picture_shape
from ganwright.recipes._inpainting import Missing, SquareMissing
from ganwright.recipes._translation import Jitter, condition_shape, in_rows, mirrors
from ganwright.recipes._two_player import Rules, two_player

FOR = "pairs"
DATA = "outlines"
SHOWN = 16  # pairs on a sheet

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


def recipe(
    data: Data,
    *,
    width: Annotated[PositiveInt, "channels at the U-Net's finest resolution"] = 32,
    depth: Annotated[PositiveInt | None, "its halvings; without it down to one pixel"] = None,
    dropout: Annotated[float, Field(ge=0, lt=1), "share that its dropout, the noise, puts to zero"] = 0.5,
    discriminator_width: Annotated[PositiveInt, "channels of the discriminator's first layer"] = 32,
    field: Annotated[int | None, "pixels of a patch: 16, 34, 70, ...; without it the largest to 70 that fits"] = None,
    l1_weight: Annotated[NonNegativeFloat, "weight of the mean absolute difference"] = 100.0,
    enlarged: Annotated[float, Field(ge=1, le=2), "size of pairs before they are cut at random"] = 286 / 256,
    mask: Annotated[Literal["none", "square"], "a square is cut out of pictures, to be painted in"] = "none",
    hole: Annotated[float, Field(gt=0, lt=1), "its side over the picture's"] = 0.5,
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    rules: Rules = RULES,
) -> Recipe:
    """Picture to picture, learned from pairs; with `--mask square` pictures of which a part is missing, painted in.

    A U-Net against a discriminator of patches, guided by the mean absolute difference (equation 4 of the paper).
    Pictures have any size; instance norm takes each by itself, in training and later, as the published batches of one
    do. The halved loss of the published discriminator is left out: Adam's steps do not depend on a loss's scale.

    What to expect of `--data mnist --mask square --width 12 --discriminator-width 12 --batch 16 --generator-lr 1e-3
    --discriminator-lr 1e-3 --examples 14000`: 45 s of processor time (AMD EPYC, one thread, one seed); test digits
    differ from the truth by 11.0 of 255 on average, by 17.1 with the training digits' mean in the hole
    (benchmarks/pictures/pairs.py).

    As published: `--size 256 --batch 1 --width 64 --discriminator-width 64 --ema-half-life 0 --flip yes`, 200
    epochs.
    """
    shape = picture_shape(data)
    mirrored = mirrors(data, rules.flip)
    task = painting_in(data, hole, mirrored) if mask == "square" else translating(data, Jitter(enlarged, mirrored))
    unet = UNet(task.given, shape[0], width, depth, dropout)
    made = Inpainting(unet) if mask == "square" else unet
    patches = halvings(field, min(shape[1:]))
    played = two_player(
        data,
        generator or made,
        discriminator or PatchDiscriminator(shape[0] + task.given[0], discriminator_width, patches),
        unet.latent if generator is None else Latent(64),
        replace(rules, flip="no"),
        examples=20_000,
        display=DisplayConfig(samples=SHOWN, renderer=partial(sample_grid, channels=task.visible)),
        condition=task.condition,
        kind=partial(TwoPlayer, auxiliary_losses={"pixels": Pixels(l1_weight)} if l1_weight else {}),
    )
    return replace(played, stages=tuple(replace(stage, view=task.view) for stage in played.stages))


@dataclass(frozen=True)
class Task:
    """What the generator is given: conditions of the shape `given`, `visible` channels of them a picture."""

    condition: Condition
    view: StageView
    given: Shape
    visible: int


def translating(data: Data, view: StageView) -> Task:
    """The conditions of pairs; a UserError where the data hold none."""
    if data.condition_domain is None:
        raise UserError(
            f"pix2pix learns from pairs, and {data.name} has none: say how they lie with --pairs left-right, "
            "right-left or folders, or take --mask square, to paint in missing parts."
        )
    if not data.paired:
        raise UserError(f"pix2pix learns from pairs, and those of {data.name} belong to none: try the recipe cyclegan.")
    given = condition_shape(data)
    return Task(DataConditions(data), view, given, given[0])


def painting_in(data: Data, hole: float, mirrored: bool) -> Task:
    """Pictures that lack a square."""
    channels, height, width = picture_shape(data)
    view = SquareMissing(hole, mirrored)
    return Task(Missing(data, view), view, (channels + 1, height, width), channels)


def sample_grid(shown: RenderInput, channels: int) -> Image.Image:
    """Condition, fake, real, condition, fake, real in each row."""
    assert shown.condition is not None
    rows = in_rows(shown.condition[:, :channels], shown.fake, shown.real.real)
    return grid(rows, columns=6)
