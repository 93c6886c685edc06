"""The rules by which two players play, as options that every recipe shares, and the recipe they make.

These are the remedies that the classic texts name: label smoothing, several turns of one player for each of the
other, separate rates, the discriminator trained first, penalties, clipping, averaging.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from ganwright.core.condition import Condition, Unconditional
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.recipe import Recipe, Showing
from ganwright.core.schedule import Schedule, rates
from ganwright.core.shelf import part
from ganwright.core.turn import Knob, Stage, Turn, View, same
from ganwright.games.cycle import Cycle
from ganwright.games.two_player import Augmentation, Loss, Penalty, TwoPlayer
from ganwright.recipes._few_pictures import Flip, decided


@dataclass(frozen=True)
class Rules:
    """How two players play. Losses and penalties are names on their shelves or, from Python, objects."""

    loss: Annotated[str | Loss, "the loss: a file in losses/"] = "non-saturating"
    penalty: Annotated[str | Penalty, "the penalty on the discriminator: a file in penalties/, or none"] = "none"
    penalty_weight: Annotated[NonNegativeFloat | None, "its weight; without it the penalty's usual one"] = None
    penalty_end: Annotated[float, Field(gt=0, le=1), "share of its weight that is left at the end"] = 1.0
    penalty_every: Annotated[PositiveInt, "rounds between penalties; above 1 they are lazy turns"] = 1
    penalty_with_batch_norm: Annotated[bool, "allow a penalty although batch norm mixes the samples"] = False
    real_label: Annotated[float, Field(ge=0, le=1), "label of real samples; 0.9 is one-sided smoothing"] = 1.0
    batch: Annotated[PositiveInt, "global batch"] = 64
    optimizer: Annotated[Literal["adam", "rmsprop", "sgd"], "of both players"] = "adam"
    generator_rate: Annotated[PositiveFloat, "the generator's learning rate"] = 2e-4
    discriminator_rate: Annotated[PositiveFloat, "the discriminator's learning rate"] = 2e-4
    beta1: Annotated[float, Field(ge=0, lt=1), "Adam's first decay, or SGD's momentum"] = 0.5
    beta2: Annotated[float, Field(ge=0, lt=1), "Adam's second decay, or RMSprop's"] = 0.99
    schedule: Annotated[Schedule, "of both rates over the run"] = "constant"
    generator_times: Annotated[PositiveInt, "generator turns a round"] = 1
    discriminator_times: Annotated[PositiveInt, "discriminator turns a round"] = 1
    discriminator_first: Annotated[NonNegativeInt, "images for which the discriminator is trained alone at first"] = 0
    draw: Annotated[Literal["shared", "fresh"], "whether both turns of a round see the same pictures and latents"] = (
        "shared"
    )
    gradient_clip: Annotated[PositiveFloat | None, "largest gradient norm of a player"] = None
    weight_clip: Annotated[PositiveFloat | None, "largest discriminator weight (Arjovsky et al. 2017)"] = None
    average: Annotated[NonNegativeFloat, "half-life of the weights' average in images; 0 keeps none"] = 10_000
    augment: Annotated[
        str | Augmentation, "what the discriminator sees pictures through: a file in augmentations/, none, or auto"
    ] = "auto"
    augment_images: Annotated[PositiveInt, "real pictures in which ADA's probability may rise from 0 to 1"] = 20_000
    flip: Annotated[Flip, "mirror images count as real pictures; auto: where they could be the set's own"] = "auto"


def two_player(
    data: Data,
    generator: nn.Module,
    discriminator: nn.Module,
    latent: Callable[[Draws], Tensor],
    rules: Rules,
    images: int,
    showing: Showing | None = None,
    knobs: Sequence[Knob] = (),
    condition: Condition | None = None,
    kind: Callable[..., TwoPlayer] = TwoPlayer,
) -> Recipe:
    """The recipe of two networks and their rules, with a horizon of so many images, and `knobs` of its own.

    Samples are drawn under the `condition`; `kind` makes the game.
    """
    condition = condition or Unconditional()
    few = decided(data, condition, rules.augment, rules.flip, rules.batch, rules.augment_images)
    game = the_game(generator, discriminator, latent, rules, partial(kind, augmentation=few.augmentation))
    played = tuple(stages(game, rules, is_lazy(rules), knobs, few.view))
    showing = showing or Showing()
    return Recipe(data, game, played, Stream(rules.batch), images, showing, condition, few.notes)


def the_game(
    generator: nn.Module,
    discriminator: nn.Module,
    latent: Callable[[Draws], Tensor],
    rules: Rules,
    kind: Callable[..., TwoPlayer] = TwoPlayer,
) -> TwoPlayer:
    """Two networks as players by the rules."""
    penalty, lazy = the_penalty(rules, discriminator), is_lazy(rules)
    make = partial(Player, average=rules.average or None, gradient_clip=rules.gradient_clip)
    constraint = None if rules.weight_clip is None else partial(clip_weights, limit=rules.weight_clip)
    return kind(
        make(generator, the_optimizer(rules, rules.generator_rate)),
        make(discriminator, the_optimizer(rules, rules.discriminator_rate, lazy), constraint=constraint),
        the_loss(rules),
        latent,
        penalty,
        penalty_inside=not lazy,
    )


def is_lazy(rules: Rules) -> bool:
    """Whether there is a penalty with turns of its own."""
    return rules.penalty != "none" and rules.penalty_every > 1


def stages(
    game: TwoPlayer | Cycle, rules: Rules, lazy: bool, knobs: Sequence[Knob] = (), view: View = same
) -> Iterable[Stage]:
    """The discriminators alone, if asked for; then the adversarial stage."""
    generators, discriminators = (
        tuple(name for name in game.players if name.startswith(side)) for side in ("generator", "discriminator")
    )
    play_discriminator = Turn(discriminators, game.discriminator_terms, rules.discriminator_times, 1, rules.draw)
    play_generator = Turn(generators, game.generator_terms, rules.generator_times, 1, rules.draw)
    penalise = Turn(discriminators, game.penalty_terms, 1, rules.penalty_every, rules.draw)
    turns = (play_discriminator, *([penalise] if lazy else []))
    if rules.discriminator_first > 0:
        yield Stage(turns, rules.discriminator_first, view=view)
    usual = rates(game.players.values(), rules.schedule), fading_penalty(game, rules.penalty_end)
    yield Stage((*turns, play_generator), during=(*usual, *knobs), view=view)


def fading_penalty(game: TwoPlayer | Cycle, end: float) -> Knob:
    """Lets the penalty's weight fall from 1 to `end` of itself, evenly in its logarithm.

    A strong penalty first brings every mode together, a weak one then lets the discriminator see how wide a mode is.
    R3GAN (Huang et al. 2024) lets it fall to a tenth, along a cosine.
    """

    def turn_to(progress: float) -> None:
        game.penalty_share = end ** min(progress, 1.0)

    return turn_to


def the_loss(rules: Rules) -> Loss:
    """The loss of the rules, with smoothed labels where it has labels."""
    loss: Any = part("losses", rules.loss)() if isinstance(rules.loss, str) else rules.loss
    if rules.real_label == 1.0:
        return loss  # type: ignore[no-any-return]
    if not is_dataclass(loss) or "real_label" not in {field.name for field in fields(loss)}:
        raise UserError(f"--real-label has no meaning for the loss {type(loss).__name__}: it has no labels to smooth.")
    return replace(loss, real_label=rules.real_label)  # type: ignore[return-value, type-var]


def the_penalty(rules: Rules, discriminator: nn.Module) -> Penalty | None:
    """The penalty of the rules; the rarity of a lazy one is made up for by its weight (StyleGAN2, appendix B)."""
    if rules.penalty == "none":
        return None
    mixes = any(isinstance(layer, _BatchNorm) for layer in discriminator.modules())
    if mixes and not rules.penalty_with_batch_norm:
        raise UserError(
            "A penalty needs a discriminator that treats samples one by one, and this one has batch norm: "
            "choose another --discriminator-norm, or --penalty-with-batch-norm if you mean it."
        )
    if not isinstance(rules.penalty, str):
        return rules.penalty
    kind = part("penalties", rules.penalty)
    penalty = kind() if rules.penalty_weight is None else kind(weight=rules.penalty_weight)
    return replace(penalty, weight=penalty.weight * rules.penalty_every)  # type: ignore[no-any-return]


def the_optimizer(rules: Rules, rate: float, lazy: bool = False) -> Callable[[Iterable[nn.Parameter]], Optimizer]:
    """A maker of optimizers. With a lazy penalty there are (k+1)/k steps a round, and rate and betas are
    corrected for it (Karras et al. 2020, StyleGAN2, appendix B)."""
    share = rules.penalty_every / (rules.penalty_every + 1) if lazy else 1.0
    beta1, beta2 = rules.beta1**share, rules.beta2**share
    makers: dict[str, Callable[[Iterable[nn.Parameter]], Optimizer]] = {
        "adam": lambda p: torch.optim.Adam(p, lr=rate * share, betas=(beta1, beta2), fused=True),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=rate * share, alpha=beta2),
        "sgd": lambda p: torch.optim.SGD(p, lr=rate * share, momentum=beta1),
    }
    return makers[rules.optimizer]


@torch.no_grad()
def clip_weights(network: nn.Module, limit: float) -> None:
    """Keeps every weight within [-limit, limit] (Arjovsky et al. 2017, algorithm 1)."""
    for parameter in network.parameters():
        parameter.clamp_(-limit, limit)
