"""The training rules of two players, as options that every recipe shares, and the recipe that they make.

They include the classic remedies: label smoothing, several updates of one player per step, separate learning rates,
a discriminator warm-up, penalties, clipping, EMA.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from torch import Tensor, nn
from torch.optim import Optimizer

from ganwright.core.auxiliary_loss import AuxiliaryLoss
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
from ganwright.core.sync_batch_norm import BatchNorm
from ganwright.core.turn import Schedule, Stage, StageView, Terms, Turn, same
from ganwright.games.cycle import Cycle
from ganwright.games.two_player import Augmentation, History, LazyPenalty, Loss, Penalty, TwoPlayer
from ganwright.recipes._small_data import Flip, small_data_config

Decay = Annotated[float, Field(ge=0, lt=1)]


@dataclass(frozen=True)
class Rules:
    """How two players are trained. Losses and penalties are names of files or, from Python, objects."""

    loss: Annotated[str | Loss, "loss, a file in losses/"] = "non-saturating"
    penalty: Annotated[str | Penalty, "discriminator penalty, a file in penalties/, or none"] = "none"
    penalty_weight: Annotated[NonNegativeFloat | None, "weight of a penalty by name; none: the penalty's own"] = None
    penalty_end: Annotated[float, Field(gt=0, le=1), "final penalty weight, as a share of the initial one"] = 1.0
    penalty_schedule: Annotated[Literal["exponential", "cosine"], "decay of the penalty weight"] = "exponential"
    penalty_every: Annotated[PositiveInt, "steps between penalties; above 1 the penalty is lazy"] = 1
    penalty_with_batch_norm: Annotated[bool, "allow a penalty with batch norm, which mixes samples"] = False
    real_label: Annotated[float, Field(ge=0, le=1), "label of real samples; 0.9 is one-sided label smoothing"] = 1.0
    batch: Annotated[PositiveInt, "global batch size"] = 64
    optimizer: Annotated[Literal["adam", "rmsprop", "sgd"], "optimizer of both players"] = "adam"
    generator_lr: Annotated[PositiveFloat | None, "generator learning rate; none: the recipe's rule"] = 2e-4
    discriminator_lr: Annotated[PositiveFloat | None, "discriminator learning rate; none: the recipe's rule"] = 2e-4
    beta1: Annotated[float, Field(ge=0, lt=1), "Adam's beta1, or SGD's momentum"] = 0.5
    beta2: Annotated[float, Field(ge=0, lt=1), "Adam's beta2, or RMSprop's alpha"] = 0.99
    beta2_end: Annotated[Decay | None, "Adam's final beta2, reached along a cosine; none: constant"] = None
    lr_schedule: Annotated[LrSchedule, "schedule of both learning rates"] = "constant"
    lr_end: Annotated[float, Field(ge=0, le=1), "final learning rates, as a share of the initial ones"] = 0.0
    turns: Annotated[Literal["alternating", "simultaneous"], "simultaneous: one forward pass updates both players"] = (
        "alternating"
    )
    generator_updates: Annotated[PositiveInt, "generator updates per step"] = 1
    discriminator_updates: Annotated[PositiveInt, "discriminator updates per step"] = 1
    discriminator_warmup: Annotated[NonNegativeInt, "examples on which only the discriminator is trained first"] = 0
    draw: Annotated[Literal["shared", "fresh"], "whether the turns of a step share examples and latents"] = "shared"
    gradient_clip: Annotated[PositiveFloat | None, "maximum gradient norm of a player"] = None
    weight_clip: Annotated[PositiveFloat | None, "maximum discriminator weight (Arjovsky et al. 2017)"] = None
    ema_half_life: Annotated[NonNegativeFloat, "EMA half-life, in examples; 0 disables it"] = 10_000
    ema_rampup: Annotated[bool, "increase the EMA half-life from 0 along a cosine"] = False
    augment: Annotated[str | Augmentation, "discriminator augmentation, a file in augmentations/, none, or auto"] = (
        "auto"
    )
    ada_examples: Annotated[PositiveInt, "examples in which ADA's probability may rise from 0 to 1"] = 20_000
    flip: Annotated[Flip, "mirror half of the real images; auto: if the data set is symmetric"] = "auto"

    @property
    def learning_rates(self) -> tuple[float, float]:
        """The generator's and the discriminator's; a UserError if one is None and the recipe has no rule."""
        if self.generator_lr is None or self.discriminator_lr is None:
            raise UserError("This recipe has no default learning rates: set --generator-lr and --discriminator-lr.")
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
    auxiliary_losses: Sequence[AuxiliaryLoss] = (),
) -> Recipe:
    """The recipe of two networks and their rules, with a horizon of `examples` and additional `schedules`.

    Samples are drawn under the `condition`; `auxiliary_losses` are added to the players' losses.
    """
    condition = condition or Unconditional()
    config = small_data_config(data, condition, rules.augment, rules.flip, rules.batch, rules.ada_examples)
    game = make_game(generator, discriminator, latent, rules, auxiliary_losses, config.augmentation)
    game_stages = tuple(stages(game, rules, is_lazy(rules), schedules, config.view))
    display = display or DisplayConfig()
    return Recipe(data, game, game_stages, Stream(rules.batch), examples, display, condition, config.notes)


def make_game(
    generator: nn.Module,
    discriminator: nn.Module,
    latent: Callable[[Draws], Tensor],
    rules: Rules,
    auxiliary_losses: Sequence[AuxiliaryLoss] = (),
    augmentation: Augmentation | None = None,
    history: History | None = None,
) -> TwoPlayer:
    """The game of two networks by the rules."""
    penalty, lazy = make_penalty(rules, discriminator), is_lazy(rules)
    generator_lr, discriminator_lr = rules.learning_rates
    make = partial(Player, ema_half_life=rules.ema_half_life or None, gradient_clip=rules.gradient_clip)
    constraint = None if rules.weight_clip is None else partial(clip_weights, limit=rules.weight_clip)
    return TwoPlayer(
        make(generator, make_optimizer(rules, generator_lr)),
        make(discriminator, make_optimizer(rules, discriminator_lr, lazy), constraint=constraint),
        make_loss(rules),
        latent,
        penalty=penalty,
        penalty_inside=not lazy,
        auxiliary_losses=auxiliary_losses,
        augmentation=augmentation,
        history=history,
    )


def is_lazy(rules: Rules) -> bool:
    """Whether the penalty has turns of its own."""
    return rules.penalty != "none" and rules.penalty_every > 1


def stages(
    game: TwoPlayer | Cycle, rules: Rules, lazy: bool, schedules: Sequence[Schedule] = (), view: StageView = same
) -> Iterable[Stage]:
    """The discriminator warm-up, if requested, and the adversarial stage."""
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
    """The turn that updates all players; a UserError if the game or the rules do not allow it."""
    loss: Callable[[Batch, Draws], Terms] | None = getattr(game, "simultaneous_terms", None)
    if loss is None:
        raise UserError("--turns simultaneous needs a game of one generator and one discriminator.")
    if rules.discriminator_updates > 1 or rules.generator_updates > 1:
        raise UserError(
            "--turns simultaneous updates each player once per step: omit --generator-updates and "
            "--discriminator-updates."
        )
    return Turn(tuple(game.players), loss, draw=rules.draw)


def default_schedules(game: TwoPlayer | Cycle, rules: Rules, lazy: bool) -> Iterable[Schedule]:
    """The schedules of the adversarial stage."""
    yield lr_schedule(game.players.values(), rules.lr_schedule, rules.lr_end)
    yield penalty_decay(game, rules.penalty_end, rules.penalty_schedule)
    for name, player in game.players.items():
        if rules.beta2_end is not None:
            share = update_correction(rules, lazy and name.startswith("discriminator"))
            yield beta2_schedule(player.optimizer, rules.beta2_end**share)
        if rules.ema_rampup and player.ema is not None:
            yield ema_rampup_schedule(player.ema)


def penalty_decay(
    game: TwoPlayer | Cycle, end: float, fall: Literal["exponential", "cosine"] = "exponential"
) -> Schedule:
    """Scales the penalty's weight from 1 to `end`, exponentially or along a cosine.

    A strong penalty at first finds every mode; a weak one later lets the discriminator learn the width of a mode.
    R3GAN (Huang et al. 2024) decays it to a tenth, along a cosine.
    """

    def set_to(progress: float) -> None:
        exponential = fall == "exponential"
        game.penalty_scale = end ** min(progress, 1.0) if exponential else cosine_between(1.0, end, progress)

    return set_to


def beta2_schedule(optimizer: Optimizer, end: float) -> Schedule:
    """Changes Adam's beta2 from its initial value to `end`, along a cosine (R3GAN: from .9 to .99)."""
    if "betas" not in optimizer.defaults:
        raise UserError("--beta2-end needs --optimizer adam.")
    begin = optimizer.defaults["betas"][1]

    def set_to(progress: float) -> None:
        for group in optimizer.param_groups:
            group["betas"] = (group["betas"][0], cosine_between(begin, end, progress))

    return set_to


def ema_rampup_schedule(ema: Ema) -> Schedule:
    """Increases the half-life of a player's EMA from 0 to its initial value, along a cosine (R3GAN).

    It takes the place of the limit to a share of the examples read.
    """
    end, ema.share = ema.half_life, math.inf

    def set_to(progress: float) -> None:
        ema.half_life = cosine_between(0.0, end, progress)

    return set_to


def make_loss(rules: Rules) -> Loss:
    """The loss of the rules, with smoothed labels if requested; a UserError for losses without labels."""
    loss: Any = load_component("losses", rules.loss)() if isinstance(rules.loss, str) else rules.loss
    if rules.real_label == 1.0:
        return loss  # type: ignore[no-any-return]
    if not is_dataclass(loss) or "real_label" not in {field.name for field in fields(loss)}:
        raise UserError(f"--real-label is not supported by the loss {type(loss).__name__}: it has no labels to smooth.")
    return replace(loss, real_label=rules.real_label)  # type: ignore[return-value, type-var]


def make_penalty(rules: Rules, discriminator: nn.Module) -> Penalty | None:
    """The penalty of the rules; a lazy one's weight is multiplied by its interval (StyleGAN2, appendix B).

    The interval is in updates of the discriminator, each of which would else have the penalty.
    """
    if rules.penalty == "none":
        return None
    mixes = any(isinstance(layer, BatchNorm) for layer in discriminator.modules())
    if mixes and not rules.penalty_with_batch_norm:
        raise UserError(
            "A penalty needs a discriminator without interaction between samples, but this one has batch norm: "
            "choose another --discriminator-norm, or allow it with --penalty-with-batch-norm."
        )
    if not isinstance(rules.penalty, str):
        return LazyPenalty(rules.penalty, penalty_interval(rules)) if is_lazy(rules) else rules.penalty
    kind = load_component("penalties", rules.penalty)
    penalty = kind() if rules.penalty_weight is None else kind(weight=rules.penalty_weight)
    return replace(penalty, weight=penalty.weight * penalty_interval(rules))  # type: ignore[no-any-return]


def make_optimizer(rules: Rules, lr: float, lazy: bool = False) -> Callable[[Iterable[nn.Parameter]], Optimizer]:
    """An optimizer factory; learning rate and betas are corrected for a lazy penalty's updates."""
    share = update_correction(rules, lazy)
    beta1, beta2 = rules.beta1**share, rules.beta2**share
    makers: dict[str, Callable[[Iterable[nn.Parameter]], Optimizer]] = {
        "adam": lambda p: torch.optim.Adam(p, lr=lr * share, betas=(beta1, beta2), fused=True),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=lr * share, alpha=beta2),
        "sgd": lambda p: torch.optim.SGD(p, lr=lr * share, momentum=beta1),
    }
    return makers[rules.optimizer]


def penalty_interval(rules: Rules) -> int:
    """The updates of the discriminator per penalty: n k with n updates per step, and every k-th step a lazy penalty."""
    return rules.penalty_every * (rules.discriminator_updates if is_lazy(rules) else 1)


def update_correction(rules: Rules, lazy: bool) -> float:
    """nk/(nk+1) for a lazy penalty of interval nk, with which there are (nk+1)/nk as many updates.

    StyleGAN2 (Karras et al. 2020), appendix B, with n = 1.
    """
    return penalty_interval(rules) / (penalty_interval(rules) + 1) if lazy else 1.0


@torch.no_grad()
def clip_weights(network: nn.Module, limit: float) -> None:
    """Clamps every weight to [-limit, limit] (Arjovsky et al. 2017, algorithm 1)."""
    for parameter in network.parameters():
        parameter.clamp_(-limit, limit)
