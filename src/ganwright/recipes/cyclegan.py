"""Unpaired image translation between two sets of images (CycleGAN, Zhu et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from PIL import Image
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from ganwright.auxiliary_losses.cycle_consistency import CycleConsistency
from ganwright.auxiliary_losses.identity import Identity
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.batch import Batch
from ganwright.core.condition import DataConditions
from ganwright.core.data import Data
from ganwright.core.domain import Domain, Stored
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.order import Stream
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.rendering import RenderInput
from ganwright.core.turn import StageView
from ganwright.domains.images import grid
from ganwright.games.cycle import Cycle
from ganwright.games.history import DiscriminatorWithPool
from ganwright.games.two_player import TwoPlayer
from ganwright.nets.patch import PatchDiscriminator, halvings
from ganwright.nets.translator import Translator
from ganwright.recipes._any_size import OwnSize
from ganwright.recipes._convolutional import Shape, picture_shape
from ganwright.recipes._small_data import small_data_config
from ganwright.recipes._translation import Jitter, condition_shape, in_rows, mirrors
from ganwright.recipes._two_player import Rules, is_lazy, make_game, stages

FOR = "two sets of pictures"
DATA = "outlines"
GRID_SAMPLES = 8  # images of each set on a sample grid
EXAMPLES = 20_000
IDENTITY = 0.5  # default identity weight over the cycle weight, where both sets have the same channels

RULES = Rules(
    loss="least-squares-cyclegan",
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
        "blocks": 9,
        "discriminator_width": 64,
        "patch_size": 70,
        "ema_half_life": 0.0,
        "jitter_scale": 1.117,
        "flip": "yes",
        "epochs": 200,
    }
}


def recipe(
    data: Data,
    *,
    width: Annotated[PositiveInt, "channels at the generators' finest resolution"] = 16,
    depth: Annotated[PositiveInt, "halvings of the generators"] = 2,
    blocks: Annotated[NonNegativeInt, "residual blocks of the generators"] = 4,
    discriminator_width: Annotated[PositiveInt, "channels of the discriminators' first layer"] = 32,
    patch_size: Annotated[int | None, "patch size: 16, 34, 70, ... (default: the largest to 70 that fits)"] = None,
    cycle_weight: Annotated[PositiveFloat, "weight of the cycle-consistency loss"] = 10.0,
    identity_weight: Annotated[
        NonNegativeFloat | None, "weight of the identity loss (default: half the cycle weight; grey to colour: 0)"
    ] = None,
    pool_size: Annotated[NonNegativeInt, "earlier fakes in each discriminator's pool"] = 50,
    jitter_scale: Annotated[float, Field(ge=1, le=2), "enlargement of images before random crops"] = 1.0,
    rules: Rules = RULES,
) -> Recipe:
    """Unpaired image translation between two sets: `--data A --other B`, each a data set or a folder.

    Two residual generators, trained to be inverse to each other, against two patch discriminators with pools of
    earlier fakes. `ganwright sample RUN --condition photo.png` translates from A to B, with `--back` from B to A.

    Results of `--data mnist --other fashion-mnist --batch 8 --width 12 --blocks 3 --discriminator-width 16
    --cycle-weight 20`: 12,800 examples in 310 s of CPU time (AMD EPYC, one thread, one seed). The mean absolute
    difference after a cycle is 6.8 of 255 for digits and 18.2 for clothing (benchmarks/pictures/cycle.py).

    `--preset published` sets the paper's sizes: batches of one, 256x256 pixels, 200 epochs. It needs pictures of your
    own and a GPU, and has not been trained.
    """
    shape = picture_shape(data)
    if data.condition_domain is None:
        raise UserError(f"cyclegan translates between two sets of pictures, but {data.name} is one; add --other.")
    data, shape_a = replace(data, paired=False), condition_shape(data)
    patch_halvings = halvings(patch_size, min(shape[1:]))

    def networks(source: Shape, target: Shape) -> tuple[Translator, DiscriminatorWithPool]:
        translator = Translator(source, target[0], width, depth, blocks)
        discriminator = PatchDiscriminator(target[0], discriminator_width, patch_halvings)
        return translator, DiscriminatorWithPool(discriminator, target, pool_size)

    (to_b, discriminator_b), (to_a, discriminator_a) = networks(shape_a, shape), networks(shape, shape_a)
    identity = resolve_identity_weight(identity_weight, cycle_weight, data)

    def translation(translator: Translator, inverse: Translator, discriminator: DiscriminatorWithPool) -> TwoPlayer:
        auxiliary_losses: list[AuxiliaryLoss] = [CycleConsistency(inverse, cycle_weight)]
        auxiliary_losses += [Identity(translator, identity)] if identity else []
        return make_game(translator, discriminator, Latent(0), rules, auxiliary_losses, history=discriminator.query)

    game = Cycle(translation(to_b, to_a, discriminator_b), translation(to_a, to_b, discriminator_a))
    condition = DataConditions(data)
    small_data_config(data, condition, rules.augment, "no", rules.batch, rules.ada_examples)
    mirrored = mirrors(data, rules.flip) and mirrors(reversed_data(data), rules.flip)
    game_stages = tuple(stages(game, rules, is_lazy(rules), view=Unpaired(condition, Jitter(jitter_scale, mirrored))))
    display, order = DisplayConfig(samples=GRID_SAMPLES, renderer=partial(sample_grid, game)), Stream(rules.batch)
    forth, back = (OwnSize(one, *shape[1:]) for one in (game.a_to_b, game.b_to_a))
    from_b, reverse = SamplesAsConditions(data), reversed_data(data)
    b_to_a = Recipe(reverse, game.b_to_a, (), order, EXAMPLES, condition=from_b, any_size=back)
    return Recipe(data, game, game_stages, order, EXAMPLES, display, condition, back=b_to_a, any_size=forth)


def resolve_identity_weight(weight: float | None, cycle_weight: float, data: Data) -> float:
    """The identity loss's weight; a UserError if it is requested between grey and colour."""
    assert data.condition_domain is not None
    same_shape = data.condition_domain == data.domain
    if weight and not same_shape:
        raise UserError("The identity loss needs two sets with the same channels: omit --identity-weight.")
    return IDENTITY * cycle_weight * same_shape if weight is None else weight


def reversed_data(data: Data) -> Data:
    """The data of the reverse translation, whose samples are the conditions."""
    assert data.conditions is not None
    assert data.condition_domain is not None
    return replace(data, domain=data.condition_domain, samples=data.conditions, labels=None, classes=())


@dataclass(frozen=True)
class SamplesAsConditions(DataConditions):
    """Conditions that are the data's samples."""

    def held(self, data: Data) -> tuple[Domain, Stored]:
        return data.domain, data.samples


@dataclass(frozen=True)
class Unpaired:
    """A view whose conditions are drawn independently of the samples, followed by the view `further`."""

    condition: DataConditions
    further: StageView

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        drawn = self.condition.draw(draws.sized(len(batch)).at("condition"))
        return self.further(Batch(batch.real, drawn), draws)


def sample_grid(game: Cycle, shown: RenderInput) -> Image.Image:
    """Rows of A, A to B, A to B to A, B, B to A, B to A to B."""
    assert shown.condition is not None
    cycle_a = game.b_to_a.sample(shown.draws, shown.fake)
    fake_a = game.b_to_a.sample(shown.draws, shown.real.real)
    cycle_b = game.a_to_b.sample(shown.draws, fake_a)
    rows = in_rows(shown.condition, shown.fake, cycle_a, shown.real.real, fake_a, cycle_b)
    return grid(rows, columns=6)
