"""The game of one generator against one discriminator, which covers nearly every GAN (Goodfellow et al. 2014)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from ganwright.core import schema
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.forward_pass import ForwardPass, Outputs
from ganwright.core.machine import full_precision
from ganwright.core.player import Player
from ganwright.core.turn import Terms

MIN_PROBABILITY = 1e-12  # keeps V(D,G) finite where D(x) is 0 in floating point


@runtime_checkable
class Loss(Protocol):
    """A pair of functions of the real and fake scores; each returns a scalar to minimise."""

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor: ...

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor: ...


class Augmentation(Protocol):
    """A differentiable transform of all images, real and fake, that are shown to the discriminator in any turn."""

    def __call__(self, pictures: Tensor, draws: Draws) -> Tensor:
        """Augments images [n, channels, height, width] by draws of n rows."""

    def observe(self, margin: Tensor) -> dict[str, Tensor]:
        """Observes the margin of each real image, [n], positive where it scores as real; returns terms to log."""

    def state_dict(self) -> Mapping[str, Any]: ...

    def load_state_dict(self, state: Any) -> None: ...


Score = Callable[[Tensor], Tensor]  # of samples, [n] or, with patches, [n, ...]
Penalty = Callable[[Score, Tensor, Tensor, Draws], Tensor]
History = Callable[[Tensor, Draws], Tensor]


class Adversarial(ABC):
    """One generator against one discriminator, for any losses; methods ending in `_terms` are losses of turns.

    Every turn makes one forward pass, from which all losses of its players are computed. The discriminator's network
    returns scores, [n] or [n, ...], or a dict of named tensors with "score" among them. `latent` makes the generator's
    input from draws. `auxiliary_losses` are added to those of either player. A `penalty` is added to the
    discriminator's loss if `penalty_inside`, and otherwise has a turn of its own (`penalty_terms`); schedules may set
    its factor `penalty_scale`, and it may have a method of_batch(real), see `of_batch`. The `augmentation` applies to
    all inputs of the discriminator; a penalty's gradient is taken with respect to the images before it. A `history`
    replaces some of the fakes that the discriminator learns from by earlier ones.
    """

    def __init__(
        self,
        generator: Player,
        discriminator: Player,
        latent: Callable[[Draws], Tensor],
        penalty: Penalty | None = None,
        penalty_inside: bool = True,
        auxiliary_losses: Sequence[AuxiliaryLoss] = (),
        augmentation: Augmentation | None = None,
        history: History | None = None,
    ) -> None:
        self.players = {"generator": generator, "discriminator": discriminator}
        self.latent, self.auxiliary_losses = latent, checked(auxiliary_losses)
        self.penalty, self.penalty_inside = penalty, penalty_inside
        self.penalty_scale = 1.0
        self.augmentation = augmentation
        self.history = history

    # -- the objective -------------------------------------------------------------------------------------------

    @abstractmethod
    def discriminator_losses(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        """The discriminator's loss under the name "discriminator", without auxiliary losses and penalty."""

    @abstractmethod
    def generator_losses(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        """The generator's loss under the name "generator"; empty if it has auxiliary losses only."""

    @abstractmethod
    def probability(self, score: Tensor) -> Tensor | None:
        """D(x), or None if it is not defined."""

    def margin(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """How far real samples are on the real side, [n], for adaptive augmentation."""
        return real_score

    def outputs(self, discriminator: nn.Module, samples: Tensor, condition: Tensor | None) -> Outputs:
        """The discriminator's outputs for samples."""
        return Outputs.of(call(discriminator, samples, self.network_condition(condition)))

    def network_condition(self, condition: Tensor | None) -> Tensor | None:
        """What the networks get of a batch's condition."""
        return condition

    # -- turns ---------------------------------------------------------------------------------------------------

    def discriminator_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The discriminator's losses, on fakes without a gradient to the generator."""
        with torch.no_grad():
            fake = self._from_history(self._fakes(batch, draws), draws)
        return self._discriminator_terms(self._forward(batch, fake, draws), draws)

    def generator_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The generator's losses."""
        return self._generator_terms(self._forward(batch, self._fakes(batch, draws), draws))

    def simultaneous_terms(self, batch: Batch, draws: Draws) -> Terms:
        """All losses from one forward pass, for a turn that updates both players (Keras's DCGAN tutorial)."""
        forward = self._forward(batch, self._fakes(batch, draws), draws)
        discriminator = self._discriminator_terms(self._with_history(forward, draws), draws)
        generator = self._generator_terms(forward)
        return Terms(discriminator.objectives | generator.objectives, _merged([discriminator.report, generator.report]))

    def generator_auxiliary_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The generator's auxiliary losses only, without the discriminator, for a stage before the adversarial one."""
        nothing = Outputs()
        forward = ForwardPass(batch, self._fakes(batch, draws), nothing, nothing, lambda samples: nothing)
        return _terms("generator", self._auxiliary("generator", forward))

    def discriminator_auxiliary_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The discriminator's auxiliary losses only, without fakes, for a supervised stage."""
        real_output = self._discriminator_pass(batch.real, batch, draws.at("augmented real"))
        forward = ForwardPass(batch, batch.real[:0], real_output, Outputs(), self._again(batch, draws))
        return _terms("discriminator", self._auxiliary("discriminator", forward), self._auxiliary_report(forward))

    def penalty_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The penalty only, for a lazy turn; the penalty's weight compensates for the turn's interval."""
        with torch.no_grad():
            fake = self._fakes(batch, draws)
        penalty = self._penalty(batch, fake, draws)
        return Terms({"discriminator": penalty}, {"penalty": penalty})

    # -- use -----------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        with evaluating(self.players["generator"].sampling_network) as generator:
            latent = self.latent(draws)
            return self._generated(generator, latent, condition)

    @torch.no_grad()
    def score(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        with evaluating(self.players["discriminator"].sampling_network) as discriminator:
            return self.outputs(discriminator, samples, condition)["score"].reshape(len(samples), -1).mean(1)

    @torch.no_grad()
    def classify(self, samples: Tensor, condition: Tensor | None = None) -> Tensor | None:
        with evaluating(self.players["discriminator"].sampling_network) as discriminator:
            outputs = self.outputs(discriminator, samples, condition)
        return outputs["classes"].softmax(1) if "classes" in outputs else None

    def inputs(self, player: str, samples: Tensor, condition: Tensor | None, draws: Draws) -> tuple[Tensor, ...]:
        x = {"generator": self.latent(draws), "discriminator": samples}[player]
        condition = self.network_condition(condition)
        return (x,) if condition is None else (x, condition)

    def over_parts(self, size: int) -> set[str]:
        """What the auxiliary losses compute otherwise in micro-batches of a size."""
        return {loss.over_parts(size) for loss in self.auxiliary_losses}

    def state_dict(self) -> dict[str, Any]:
        """The state of the augmentation; the game has no other state beyond the weights."""
        return {} if self.augmentation is None else dict(self.augmentation.state_dict())

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if self.augmentation is not None:
            schema.load(self.augmentation.load_state_dict, state, "augmentation")

    # -- the forward pass ----------------------------------------------------------------------------------------

    def _forward(self, batch: Batch, fake: Tensor, draws: Draws) -> ForwardPass:
        """Two passes of the discriminator: batch norm sees one kind at a time, as in the sources."""
        real_output = self._discriminator_pass(batch.real, batch, draws.at("augmented real"))
        fake_output = self._discriminator_pass(fake, batch, draws.at("augmented fake"))
        return ForwardPass(batch, fake, real_output, fake_output, self._again(batch, draws))

    def _fakes(self, batch: Batch, draws: Draws) -> Tensor:
        return self._generated(self.players["generator"].network, self.latent(draws), batch.condition)

    def _generated(self, generator: nn.Module, latent: Tensor, condition: Tensor | None) -> Tensor:
        fake: Tensor = call(generator, latent, self.network_condition(condition))
        return fake

    def _from_history(self, fake: Tensor, draws: Draws) -> Tensor:
        return fake if self.history is None else self.history(fake, draws.at("history"))

    def _with_history(self, forward: ForwardPass, draws: Draws) -> ForwardPass:
        """The same pass for the discriminator; a history takes one more, because the generator learns from its own."""
        if self.history is None:
            return forward
        fake = self._from_history(forward.fake.detach(), draws)
        fake_output = self._discriminator_pass(fake, forward.batch, draws.at("augmented fake"))
        return replace(forward, fake=fake, fake_output=fake_output)

    def _discriminator_pass(self, samples: Tensor, batch: Batch, draws: Draws) -> Outputs:
        """The discriminator's outputs for augmented samples in full precision, with flattened scores."""
        outputs = self._discriminate(samples, batch.condition, draws)
        precise = {name: value.to(batch.real.dtype) for name, value in outputs.items()}
        return Outputs(precise, score=outputs["score"].flatten().to(batch.real.dtype))

    def _again(self, batch: Batch, draws: Draws) -> Callable[[Tensor], Outputs]:
        return lambda samples: self._discriminator_pass(samples, batch, draws.at("augmented again"))

    def _discriminate(self, samples: Tensor, condition: Tensor | None, draws: Draws) -> Outputs:
        return self.outputs(self.players["discriminator"].network, self._augmented(samples, draws), condition)

    def _augmented(self, samples: Tensor, draws: Draws) -> Tensor:
        return samples if self.augmentation is None else self.augmentation(samples, draws.sized(len(samples)))

    # -- losses --------------------------------------------------------------------------------------------------

    def _discriminator_terms(self, forward: ForwardPass, draws: Draws) -> Terms:
        report = self._report(forward) | self._update_augmentation(forward) | self._auxiliary_report(forward)
        losses = [self.discriminator_losses(forward), *self._auxiliary("discriminator", forward)]
        if self.penalty is not None and self.penalty_inside:
            losses.append({"penalty": self._penalty(forward.batch, forward.fake.detach(), draws)})
        return _terms("discriminator", losses, report)

    def _generator_terms(self, forward: ForwardPass) -> Terms:
        return _terms("generator", [self.generator_losses(forward), *self._auxiliary("generator", forward)])

    @torch.no_grad()
    def _auxiliary_report(self, forward: ForwardPass) -> dict[str, Tensor]:
        return _merged(self._auxiliary("report", forward))

    def _auxiliary(self, method: str, forward: ForwardPass) -> list[Mapping[str, Tensor]]:
        """What each auxiliary loss returns; a UserError, which names the loss, for anything but named scalars."""
        return [_scalars(getattr(one, method)(forward), type(one).__name__) for one in self.auxiliary_losses]

    def _update_augmentation(self, forward: ForwardPass) -> dict[str, Tensor]:
        """Reports the margin of each real sample, its mean over patches, to the augmentation."""
        if self.augmentation is None:
            return {}
        return self.augmentation.observe(self.margin(*forward.scores).reshape(len(forward.real), -1).mean(1))

    def _penalty(self, batch: Batch, fake: Tensor, draws: Draws) -> Tensor:
        assert self.penalty is not None
        augmented = draws.at("augmented penalty")

        def score(samples: Tensor) -> Tensor:
            return self._discriminate(samples, batch.condition, augmented)["score"]

        with full_precision(draws.device):
            real, fake = batch.real.to(draws.dtype), fake.to(draws.dtype)
            of_part = of_batch(self.penalty, lambda: batch.whole.real.to(draws.dtype))
            penalty = of_part(score, real, fake, draws.at("penalty"))
        return penalty * self.penalty_scale

    @torch.no_grad()
    def _report(self, forward: ForwardPass) -> dict[str, Tensor]:
        """Mean scores and, if the loss defines a probability, D(x), D(G(z)) and the value of the game.

        V(D,G) = E[log D(x)] + E[log(1 - D(G(z)))], -log 4 at the equilibrium (Goodfellow et al. 2014, eq. 1).
        """
        real_score, fake_score = forward.scores
        report = {"real score": real_score.mean(), "fake score": fake_score.mean()}
        d_real, d_fake = self.probability(real_score), self.probability(fake_score)
        if d_real is not None and d_fake is not None:
            value = (
                d_real.clamp_min(MIN_PROBABILITY).log().mean() + (1 - d_fake).clamp_min(MIN_PROBABILITY).log().mean()
            )
            report |= {"V(D,G)": value, "D(x)": d_real.mean(), "D(G(z))": d_fake.mean()}
        return report


class TwoPlayer(Adversarial):
    """Two players whose losses are functions of the scores. The other arguments are those of `Adversarial`."""

    def __init__(
        self, generator: Player, discriminator: Player, loss: Loss, latent: Callable[[Draws], Tensor], **others: Any
    ) -> None:
        super().__init__(generator, discriminator, latent, **others)
        self.loss = loss

    def discriminator_losses(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        return {"discriminator": self.loss.discriminator(*forward.scores)}

    def generator_losses(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        return {"generator": self.loss.generator(*forward.scores)}

    def probability(self, score: Tensor) -> Tensor | None:
        """D(x) if the loss defines it, otherwise None."""
        probability: Callable[[Tensor], Tensor] | None = getattr(self.loss, "probability", None)
        return None if probability is None else probability(score)

    def over_parts(self, size: int) -> set[str]:
        """Also what the loss's margin computes otherwise, where there is an augmentation that uses it."""
        said: Callable[[int], str] | None = getattr(self.loss, "over_parts", None)
        of_margin = set() if said is None or self.augmentation is None else {said(size)}
        return super().over_parts(size) | of_margin

    def margin(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        """By the loss, or else the real scores."""
        margin: Callable[[Tensor, Tensor], Tensor] | None = getattr(self.loss, "margin", None)
        return real_score if margin is None else margin(real_score, fake_score)


def _terms(player: str, losses: Iterable[Mapping[str, Tensor]], report: Mapping[str, Tensor] | None = None) -> Terms:
    """The sum of a player's losses; it is logged under the player's name if the player has no loss of that name."""
    terms = _merged(losses)
    _merged([report or {}, terms])
    if not terms:
        raise UserError(f"The {player} has no loss in one of its turns: add an auxiliary loss.")
    objective = reduce(add, terms.values())
    return Terms({player: objective}, {**(report or {}), player: objective, **terms})


def _merged(parts: Iterable[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """All terms of `parts`; a UserError if a name occurs twice."""
    merged: dict[str, Tensor] = {}
    for part in parts:
        for name in merged.keys() & part.keys():
            raise UserError(f"Two losses have a term of the name {name!r}: rename one of them.")
        merged |= part
    return merged


def checked(losses: Sequence[AuxiliaryLoss]) -> Sequence[AuxiliaryLoss]:
    """The same auxiliary losses; a UserError for anything else."""
    if isinstance(losses, Sequence) and all(isinstance(one, AuxiliaryLoss) for one in losses):
        return losses
    given = ", ".join(type(one).__name__ for one in losses) if isinstance(losses, tuple) else type(losses).__name__
    raise UserError(f"auxiliary_losses should be a tuple of objects of subclasses of AuxiliaryLoss, not ({given}).")


def _scalars(terms: Any, loss: str) -> Mapping[str, Tensor]:
    """What a loss returned; a UserError if it is no mapping of real scalar tensors."""
    if not isinstance(terms, Mapping):
        raise UserError(f"The loss {loss} returned a {type(terms).__name__}: return a dict of named scalar tensors.")
    for name, value in terms.items():
        if not isinstance(value, Tensor) or value.dim() or value.is_complex():
            tensor = isinstance(value, Tensor)
            what = f"a tensor of {value.dtype} {list(value.shape)}" if tensor else f"a {type(value).__name__}"
            raise UserError(f"The term {name!r} of the loss {loss} is {what}: return real scalar tensors.")
    return terms


def of_batch(penalty: Penalty, real: Callable[[], Tensor]) -> Penalty:
    """The penalty of a batch's micro-batches: its method of_batch(real), where it has one, gets the whole batch's.

    For statistics of real samples; it is called for each micro-batch, by all processes together.
    """
    bind: Callable[[Tensor], Penalty] | None = getattr(penalty, "of_batch", None)
    return penalty if bind is None else bind(real())


@dataclass(frozen=True)
class LazyPenalty:
    """A penalty for one in `interval` updates, with as many times its weight (StyleGAN2, appendix B)."""

    penalty: Penalty
    interval: int

    def of_batch(self, real: Tensor) -> LazyPenalty:
        return replace(self, penalty=of_batch(self.penalty, lambda: real))

    def __call__(self, score: Score, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        return self.interval * self.penalty(score, real, fake, draws)


def call(network: nn.Module, x: Tensor, condition: Tensor | None) -> Any:
    """Calls a network without a condition argument if there is no condition."""
    return network(x) if condition is None else network(x, condition)


@contextmanager
def evaluating(network: nn.Module) -> Iterator[nn.Module]:
    """Puts a network in evaluation mode, and restores its mode on exit."""
    was_training = network.training
    try:
        yield network.eval()
    finally:
        network.train(was_training)
