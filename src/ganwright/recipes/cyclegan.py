"""Unpaired picture to picture (CycleGAN, Zhu et al. 2017): two sets of pictures, and a way from each to the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

from PIL import Image
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

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
from ganwright.recipes._convolutional import Shape, picture_shape
from ganwright.recipes._small_data import decided
from ganwright.recipes._translation import Jitter, condition_shape, in_rows, mirrors
from ganwright.recipes._two_player import Rules, is_lazy, make_game, stages

FOR = "two sets of pictures"
DATA = "outlines"
SHOWN = 8  # pictures of each set on a sheet
EXAMPLES = 20_000
IDENTITY = 0.5  # of the cycle's weight, where both sets have the same channels

RULES = Rules(
    loss="least-squares",
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
    width: Annotated[PositiveInt, "channels at the generators' finest resolution"] = 16,
    depth: Annotated[PositiveInt, "their halvings"] = 2,
    blocks: Annotated[NonNegativeInt, "their residual blocks at the coarsest resolution"] = 4,
    discriminator_width: Annotated[PositiveInt, "channels of the discriminators' first layer"] = 32,
    field: Annotated[int | None, "pixels of a patch: 16, 34, 70, ...; without it the largest to 70 that fits"] = None,
    cycle_weight: Annotated[PositiveFloat, "weight of the round trip's mean absolute difference"] = 10.0,
    identity_weight: Annotated[
        NonNegativeFloat | None, "weight of a sample's own translation; without it 5, or 0 between grey and colour"
    ] = None,
    history: Annotated[NonNegativeInt, "earlier fakes that a discriminator may meet again"] = 50,
    enlarged: Annotated[float, Field(ge=1, le=2), "size of pictures before they are cut at random"] = 1.0,
    rules: Rules = RULES,
) -> Recipe:
    """Pictures of one set made of those of another, with no pairs: `--data A --other B`, each a data set or a folder.

    Two residual generators that must undo each other, against two discriminators of patches that also meet fakes of
    earlier rounds. `ganwright sample RUN --condition photo.png` goes from A to B, with `--back` from B to A.

    What to expect of `--data mnist --other fashion-mnist --batch 8 --width 12 --blocks 3 --discriminator-width 16`:
    after 12,800 pictures in 310 s of processor time (AMD EPYC, one thread, one seed) a digit comes back from its round
    trip with a mean difference of 6.8 of 255, a piece of clothing with 18.2 (benchmarks/pictures/cycle.py).

    As published: `--size 256 --batch 1 --width 64 --blocks 9 --discriminator-width 64 --field 70 --ema-half-life 0
    --enlarged 1.117 --flip yes`, 200 epochs.
    """
    shape = picture_shape(data)
    if data.condition_domain is None:
        raise UserError(f"cyclegan translates between two sets of pictures, and {data.name} is one: add --other.")
    data, given = replace(data, paired=False), condition_shape(data)
    patches = halvings(field, min(shape[1:]))

    def way(origin: Shape, target: Shape) -> TwoPlayer:
        translator = Translator(origin, target[0], width, depth, blocks)
        discriminator = DiscriminatorWithPool(
            PatchDiscriminator(target[0], discriminator_width, patches), target, history
        )
        kind = partial(TwoPlayer, history=discriminator.query)
        return make_game(translator, discriminator, Latent(0), rules, kind)

    game = Cycle(way(given, shape), way(shape, given), cycle_weight, identity_of(identity_weight, cycle_weight, data))
    condition = DataConditions(data)
    decided(data, condition, rules.augment, "no", rules.batch, rules.ada_examples)
    mirrored = mirrors(data, rules.flip) and mirrors(turned(data), rules.flip)
    played = tuple(stages(game, rules, is_lazy(rules), view=Unpaired(condition, Jitter(enlarged, mirrored))))
    display, order = DisplayConfig(samples=SHOWN, renderer=partial(sample_grid, game)), Stream(rules.batch)
    back = Recipe(turned(data), game.b_to_a, (), order, EXAMPLES, condition=Opposite(data))
    return Recipe(data, game, played, order, EXAMPLES, display, condition, back=back)


def identity_of(weight: float | None, cycle_weight: float, data: Data) -> float:
    """The identity's weight; a UserError where it is asked for between grey and colour."""
    assert data.condition_domain is not None
    alike = data.condition_domain.shape == data.domain.shape
    if weight and not alike:
        raise UserError("A grey picture is no colour picture's translation of itself: leave --identity-weight out.")
    return IDENTITY * cycle_weight * alike if weight is None else weight


def turned(data: Data) -> Data:
    """The way back: samples are the conditions."""
    assert data.conditions is not None
    assert data.condition_domain is not None
    return replace(data, domain=data.condition_domain, samples=data.conditions, labels=None, classes=())


@dataclass(frozen=True)
class Opposite(DataConditions):
    """Conditions that are the data's samples."""

    def held(self, data: Data) -> tuple[Domain, Stored]:
        return data.domain, data.samples


@dataclass(frozen=True)
class Unpaired:
    """A view: conditions are a draw of their own."""

    condition: DataConditions
    further: StageView

    def __call__(self, batch: Batch, draws: Draws) -> Batch:
        drawn = self.condition.drawn(draws.sized(len(batch)).at("condition"))
        return self.further(Batch(batch.real, drawn), draws)


def sample_grid(game: Cycle, shown: RenderInput) -> Image.Image:
    """A, from A to B, and back to A; B, from B to A, and back to B in each row."""
    assert shown.condition is not None
    there_and_back = game.b_to_a.sample(shown.draws, shown.fake)
    back = game.b_to_a.sample(shown.draws, shown.real.real)
    back_and_there = game.a_to_b.sample(shown.draws, back)
    rows = in_rows(shown.condition, shown.fake, there_and_back, shown.real.real, back, back_and_there)
    return grid(rows, columns=6)
