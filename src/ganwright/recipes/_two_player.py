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

from ganwright.core.batch import Batch
from ganwright.core.condition import Condition, Unconditional
from ganwright.core.data import Data
from ganwright.core.discovery import load_component
from ganwright.core.draws import Draws
from ganwright.core.ema import Ema
from ganwright.core.errors import UserError
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.core.schedules import LrSchedule, cosine_between, lr_schedule
from ganwright.core.turn import Schedule, Stage, StageView, Terms, Turn, same
from ganwright.games.cycle import Cycle
from ganwright.games.two_player import Augmentation, Loss, Penalty, TwoPlayer
from ganwright.recipes._small_data import Flip, decided

Decay = Annotated[float, Field(ge=0, lt=1)]


@dataclass(frozen=True)
class Rules:
    """How two players play. Losses and penalties are names on their shelves or, from Python, objects."""

    loss: Annotated[str | Loss, "the loss: a file in losses/"] = "non-saturating"
    penalty: Annotated[str | Penalty, "the penalty on the discriminator: a file in penalties/, or none"] = "none"
    penalty_weight: Annotated[NonNegativeFloat | None, "its weight; without it the penalty's usual one"] = None
    penalty_end: Annotated[float, Field(gt=0, le=1), "share of its weight that is left at the end"] = 1.0
    penalty_schedule: Annotated[Literal["exponential", "cosine"], "how it gets there"] = "exponential"
    penalty_every: Annotated[PositiveInt, "rounds between penalties; above 1 they are lazy turns"] = 1
    penalty_with_batch_norm: Annotated[bool, "allow a penalty although batch norm mixes the samples"] = False
    real_label: Annotated[float, Field(ge=0, le=1), "label of real samples; 0.9 is one-sided smoothing"] = 1.0
    batch: Annotated[PositiveInt, "global batch"] = 64
    optimizer: Annotated[Literal["adam", "rmsprop", "sgd"], "of both players"] = "adam"
    generator_lr: Annotated[PositiveFloat | None, "the generator's learning rate; none: by the recipe's rule"] = 2e-4
    discriminator_lr: Annotated[PositiveFloat | None, "the discriminator's; none: by the recipe's rule"] = 2e-4
    beta1: Annotated[float, Field(ge=0, lt=1), "Adam's first decay, or SGD's momentum"] = 0.5
    beta2: Annotated[float, Field(ge=0, lt=1), "Adam's second decay, or RMSprop's"] = 0.99
    beta2_end: Annotated[Decay | None, "Adam's second decay at the end, along a cosine; none: as at first"] = None
    lr_schedule: Annotated[LrSchedule, "of both rates over the run"] = "constant"
    lr_end: Annotated[float, Field(ge=0, le=1), "share of the rates that the schedule leaves at the end"] = 0.0
    turns: Annotated[Literal["alternating", "simultaneous"], "simultaneous: both step from one pass of each"] = (
        "alternating"
    )
    generator_updates: Annotated[PositiveInt, "generator turns a round"] = 1
    discriminator_updates: Annotated[PositiveInt, "discriminator turns a round"] = 1
    discriminator_warmup: Annotated[NonNegativeInt, "images for which the discriminator is trained alone at first"] = 0
    draw: Annotated[Literal["shared", "fresh"], "whether both turns of a round see the same pictures and latents"] = (
        "shared"
    )
    gradient_clip: Annotated[PositiveFloat | None, "largest gradient norm of a player"] = None
    weight_clip: Annotated[PositiveFloat | None, "largest discriminator weight (Arjovsky et al. 2017)"] = None
    ema_half_life: Annotated[NonNegativeFloat, "half-life of the weights' average in images; 0 keeps none"] = 10_000
    ema_rampup: Annotated[bool, "the half-life begins at nothing and rises along a cosine"] = False
    augment: Annotated[
        str | Augmentation, "what the discriminator sees pictures through: a file in augmentations/, none, or auto"
    ] = "auto"
    ada_examples: Annotated[PositiveInt, "real pictures in which ADA's probability may rise from 0 to 1"] = 20_000
    flip: Annotated[Flip, "mirror images count as real pictures; auto: where they could be the set's own"] = "auto"

    @property
    def learning_rates(self) -> tuple[float, float]:
        """The generator's and the discriminator's; a UserError where one is left to a recipe without a rule."""
        if self.generator_lr is None or self.discriminator_lr is None:
            raise UserError("This recipe has no usual learning rates: give --generator-lr and --discriminator-lr.")
        return self.generator_lr, self.discriminator_lr


def two_player(
    data: Data,
    generator: nn.Module,
    discriminator: nn.Module,
    latent: Callable[[Draws], Tensor],
    rules: Rules,
    examples: int,
    display: DisplayConfig | None = None,
    schedules: Sequence[Schedule] = (),
    condition: Condition | None = None,
    kind: Callable[..., TwoPlayer] = TwoPlayer,
) -> Recipe:
    """The recipe of two networks and their rules, with a horizon of so many images, and `schedules` of its own.

    Samples are drawn under the `condition`; `kind` makes the game.
    """
    condition = condition or Unconditional()
    few = decided(data, condition, rules.augment, rules.flip, rules.batch, rules.ada_examples)
    game = make_game(generator, discriminator, latent, rules, partial(kind, augmentation=few.augmentation))
    played = tuple(stages(game, rules, is_lazy(rules), schedules, few.view))
    display = display or DisplayConfig()
    return Recipe(data, game, played, Stream(rules.batch), examples, display, condition, few.notes)


def make_game(
    generator: nn.Module,
    discriminator: nn.Module,
    latent: Callable[[Draws], Tensor],
    rules: Rules,
    kind: Callable[..., TwoPlayer] = TwoPlayer,
) -> TwoPlayer:
    """Two networks as players by the rules."""
    penalty, lazy = make_penalty(rules, discriminator), is_lazy(rules)
    generator_lr, discriminator_lr = rules.learning_rates
    make = partial(Player, ema_half_life=rules.ema_half_life or None, gradient_clip=rules.gradient_clip)
    constraint = None if rules.weight_clip is None else partial(clip_weights, limit=rules.weight_clip)
    return kind(
        make(generator, make_optimizer(rules, generator_lr)),
        make(discriminator, make_optimizer(rules, discriminator_lr, lazy), constraint=constraint),
        make_loss(rules),
        latent,
        penalty,
        penalty_inside=not lazy,
    )


def is_lazy(rules: Rules) -> bool:
    """Whether there is a penalty with turns of its own."""
    return rules.penalty != "none" and rules.penalty_every > 1


def stages(
    game: TwoPlayer | Cycle, rules: Rules, lazy: bool, schedules: Sequence[Schedule] = (), view: StageView = same
) -> Iterable[Stage]:
    """The discriminators alone, if asked for; then the adversarial stage."""
    generators, discriminators = (
        tuple(name for name in game.players if name.startswith(side)) for side in ("generator", "discriminator")
    )
    play_discriminator = Turn(discriminators, game.discriminator_terms, rules.discriminator_updates, 1, rules.draw)
    play_generator = Turn(generators, game.generator_terms, rules.generator_updates, 1, rules.draw)
    penalise = [Turn(discriminators, game.penalty_terms, 1, rules.penalty_every, rules.draw)] if lazy else []
    if rules.discriminator_warmup > 0:
        yield Stage((play_discriminator, *penalise), rules.discriminator_warmup, view=view)
    turns = {
        "alternating": lambda: (play_discriminator, *penalise, play_generator),
        "simultaneous": lambda: (*penalise, together(game, rules)),
    }
    yield Stage(turns[rules.turns](), schedules=(*default_schedules(game, rules, lazy), *schedules), view=view)


def together(game: TwoPlayer | Cycle, rules: Rules) -> Turn:
    """The turn in which all players move; a UserError where the game or the rules have none."""
    loss: Callable[[Batch, Draws], Terms] | None = getattr(game, "simultaneous_terms", None)
    if loss is None:
        raise UserError("--turns simultaneous is for games of one generator and one discriminator.")
    if rules.discriminator_updates > 1 or rules.generator_updates > 1:
        raise UserError("--turns simultaneous plays each player once a round: leave the numbers of turns out.")
    return Turn(tuple(game.players), loss, draw=rules.draw)


def default_schedules(game: TwoPlayer | Cycle, rules: Rules, lazy: bool) -> Iterable[Schedule]:
    """What the rules turn while the adversarial stage is played."""
    yield lr_schedule(game.players.values(), rules.lr_schedule, rules.lr_end)
    yield penalty_decay(game, rules.penalty_end, rules.penalty_schedule)
    for name, player in game.players.items():
        if rules.beta2_end is not None:
            share = share_of_steps(rules, lazy and name.startswith("discriminator"))
            yield beta2_schedule(player.optimizer, rules.beta2_end**share)
        if rules.ema_rampup and player.ema is not None:
            yield ema_rampup_schedule(player.ema)


def penalty_decay(
    game: TwoPlayer | Cycle, end: float, fall: Literal["exponential", "cosine"] = "exponential"
) -> Schedule:
    """Lets the penalty's weight fall from 1 to `end` of itself, evenly in its logarithm or along a cosine.

    A strong penalty first brings every mode together, a weak one then lets the discriminator see how wide a mode is.
    R3GAN (Huang et al. 2024) lets it fall to a tenth, along a cosine.
    """

    def set_to(progress: float) -> None:
        exponential = fall == "exponential"
        game.penalty_scale = end ** min(progress, 1.0) if exponential else cosine_between(1.0, end, progress)

    return set_to


def beta2_schedule(optimizer: Optimizer, end: float) -> Schedule:
    """Takes Adam's second decay from what it is to `end`, along a cosine (R3GAN: from .9 to .99)."""
    if "betas" not in optimizer.defaults:
        raise UserError("--beta2-end is Adam's: leave it out, or choose --optimizer adam.")
    begin = optimizer.defaults["betas"][1]

    def set_to(progress: float) -> None:
        for group in optimizer.param_groups:
            group["betas"] = (group["betas"][0], cosine_between(begin, end, progress))

    return set_to


def ema_rampup_schedule(ema_half_life: Ema) -> Schedule:
    """Lets the half-life of a player's average rise from nothing to what it is, along a cosine (R3GAN)."""
    whole = ema_half_life.half_life

    def set_to(progress: float) -> None:
        ema_half_life.half_life = cosine_between(0.0, whole, progress)

    return set_to


def make_loss(rules: Rules) -> Loss:
    """The loss of the rules, with smoothed labels where it has labels."""
    loss: Any = load_component("losses", rules.loss)() if isinstance(rules.loss, str) else rules.loss
    if rules.real_label == 1.0:
        return loss  # type: ignore[no-any-return]
    if not is_dataclass(loss) or "real_label" not in {field.name for field in fields(loss)}:
        raise UserError(f"--real-label has no meaning for the loss {type(loss).__name__}: it has no labels to smooth.")
    return replace(loss, real_label=rules.real_label)  # type: ignore[return-value, type-var]


def make_penalty(rules: Rules, discriminator: nn.Module) -> Penalty | None:
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
    kind = load_component("penalties", rules.penalty)
    penalty = kind() if rules.penalty_weight is None else kind(weight=rules.penalty_weight)
    return replace(penalty, weight=penalty.weight * rules.penalty_every)  # type: ignore[no-any-return]


def make_optimizer(rules: Rules, rate: float, lazy: bool = False) -> Callable[[Iterable[nn.Parameter]], Optimizer]:
    """A maker of optimizers, whose rate and betas are corrected for a lazy penalty's steps."""
    share = share_of_steps(rules, lazy)
    beta1, beta2 = rules.beta1**share, rules.beta2**share
    makers: dict[str, Callable[[Iterable[nn.Parameter]], Optimizer]] = {
        "adam": lambda p: torch.optim.Adam(p, lr=rate * share, betas=(beta1, beta2), fused=True),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=rate * share, alpha=beta2),
        "sgd": lambda p: torch.optim.SGD(p, lr=rate * share, momentum=beta1),
    }
    return makers[rules.optimizer]


def share_of_steps(rules: Rules, lazy: bool) -> float:
    """With a lazy penalty there are (k+1)/k steps a round (Karras et al. 2020, StyleGAN2, appendix B)."""
    return rules.penalty_every / (rules.penalty_every + 1) if lazy else 1.0


@torch.no_grad()
def clip_weights(network: nn.Module, limit: float) -> None:
    """Keeps every weight within [-limit, limit] (Arjovsky et al. 2017, algorithm 1)."""
    for parameter in network.parameters():
        parameter.clamp_(-limit, limit)
