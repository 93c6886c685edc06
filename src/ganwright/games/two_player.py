"""The game of one generator against one discriminator, which covers nearly every GAN (Goodfellow et al. 2014)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
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

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


Penalty = Callable[[Callable[[Tensor], Tensor], Tensor, Tensor, Draws], Tensor]
AuxiliaryLoss = Callable[[Tensor, Batch], Tensor]
History = Callable[[Tensor, Draws], Tensor]


class TwoPlayer:
    """Two players; the methods ending in `_terms` are the losses of turns.

    `latent` makes the generator's input from draws. A `penalty` is added to the discriminator's loss if
    `penalty_inside`, and otherwise has a turn of its own (`penalty_terms`); schedules may set its factor
    `penalty_scale`. Auxiliary losses are added to the generator's loss and logged under their names. The
    `augmentation` applies to all inputs of the discriminator; a penalty's gradient is taken with respect to the
    images before it. A `history` replaces some fakes of the discriminator's turn by earlier ones.
    """

    def __init__(
        self,
        generator: Player,
        discriminator: Player,
        loss: Loss,
        latent: Callable[[Draws], Tensor],
        penalty: Penalty | None = None,
        penalty_inside: bool = True,
        auxiliary_losses: dict[str, AuxiliaryLoss] | None = None,
        augmentation: Augmentation | None = None,
        history: History | None = None,
    ) -> None:
        self.players = {"generator": generator, "discriminator": discriminator}
        self.loss, self.latent, self.auxiliary_losses = loss, latent, auxiliary_losses or {}
        self.penalty, self.penalty_inside = penalty, penalty_inside
        self.penalty_scale = 1.0
        self.augmentation = augmentation
        self.history = history

    # -- turns ---------------------------------------------------------------------------------------------------

    def discriminator_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The discriminator's loss, on fakes without a gradient to the generator."""
        with torch.no_grad():
            fake = self._fakes(batch, draws)
            if self.history is not None:
                fake = self.history(fake, draws.at("history"))
        real_score, fake_score = self._scores(batch, fake, draws)
        report = self._report(real_score, fake_score) | self._update_augmentation(real_score, fake_score)
        report["discriminator"] = self.loss.discriminator(real_score, fake_score)
        return Terms({"discriminator": self._penalised(report, batch, fake, draws)}, report)

    def generator_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The generator's loss with its auxiliary losses."""
        fake = self._fakes(batch, draws)
        real_score, fake_score = self._scores(batch, fake, draws)
        report = {"generator": self.loss.generator(real_score, fake_score)}
        return Terms({"generator": self._with_auxiliary_losses(report, fake, batch)}, report)

    def auxiliary_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The generator's auxiliary losses only, for a stage before the adversarial one."""
        fake = self._fakes(batch, draws)
        report = {name: auxiliary_loss(fake, batch) for name, auxiliary_loss in self.auxiliary_losses.items()}
        return Terms({"generator": torch.stack(list(report.values())).sum()}, report)

    def simultaneous_terms(self, batch: Batch, draws: Draws) -> Terms:
        """Both losses from one forward pass, for a turn that updates both players (Keras's DCGAN tutorial)."""
        fake = self._fakes(batch, draws)
        real_score, fake_score = self._scores(batch, fake, draws)
        report = self._report(real_score, fake_score) | self._update_augmentation(real_score, fake_score)
        report["discriminator"] = self.loss.discriminator(real_score, fake_score)
        report["generator"] = self.loss.generator(real_score, fake_score)
        discriminator = self._penalised(report, batch, fake.detach(), draws)
        return Terms(
            {"discriminator": discriminator, "generator": self._with_auxiliary_losses(report, fake, batch)}, report
        )

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
            return call(generator, latent, condition)

    @torch.no_grad()
    def score(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        with evaluating(self.players["discriminator"].sampling_network) as discriminator:
            return call(discriminator, samples, condition).reshape(len(samples), -1).mean(1)

    def inputs(self, player: str, samples: Tensor, condition: Tensor | None, draws: Draws) -> tuple[Tensor, ...]:
        x = {"generator": self.latent(draws), "discriminator": samples}[player]
        return (x,) if condition is None else (x, condition)

    def probability(self, score: Tensor) -> Tensor | None:
        """D(x) if the loss defines it, otherwise None."""
        probability: Callable[[Tensor], Tensor] | None = getattr(self.loss, "probability", None)
        return None if probability is None else probability(score)

    def state_dict(self) -> dict[str, Any]:
        """The state of the augmentation; the game has no other state beyond the weights."""
        return {} if self.augmentation is None else self.augmentation.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if self.augmentation is not None:
            self.augmentation.load_state_dict(state)

    # -- parts ---------------------------------------------------------------------------------------------------

    def _fakes(self, batch: Batch, draws: Draws) -> Tensor:
        return call(self.players["generator"].network, self.latent(draws), batch.condition)

    def _scores(self, batch: Batch, fake: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """Flattened real and fake scores, from two passes: batch norm sees one kind at a time, as in the sources."""
        real_score = self._discriminate(batch.real, batch.condition, draws.at("augmented real")).flatten()
        fake_score = self._discriminate(fake, batch.condition, draws.at("augmented fake")).flatten()
        return real_score.to(batch.real.dtype), fake_score.to(batch.real.dtype)  # losses in full precision

    def _discriminate(self, samples: Tensor, condition: Tensor | None, draws: Draws) -> Tensor:
        """The discriminator's output for augmented samples."""
        return call(self.players["discriminator"].network, self._augmented(samples, draws), condition)

    def _augmented(self, samples: Tensor, draws: Draws) -> Tensor:
        return samples if self.augmentation is None else self.augmentation(samples, draws.sized(len(samples)))

    def _update_augmentation(self, real_score: Tensor, fake_score: Tensor) -> dict[str, Tensor]:
        """Reports the margins of real samples, by the loss or else their scores, to the augmentation."""
        if self.augmentation is None:
            return {}
        margin: Callable[[Tensor, Tensor], Tensor] | None = getattr(self.loss, "margin", None)
        return self.augmentation.observe(real_score if margin is None else margin(real_score, fake_score))

    def _penalised(self, report: dict[str, Tensor], batch: Batch, fake: Tensor, draws: Draws) -> Tensor:
        """The discriminator's loss in `report` plus the penalty, which is added to `report`, unless it is lazy."""
        loss = report["discriminator"]
        if self.penalty is None or not self.penalty_inside:
            return loss
        report["penalty"] = self._penalty(batch, fake, draws)
        return loss + report["penalty"]

    def _with_auxiliary_losses(self, report: dict[str, Tensor], fake: Tensor, batch: Batch) -> Tensor:
        """The generator's loss in `report` plus its auxiliary losses, which are added to `report`."""
        loss = report["generator"]
        for name, auxiliary_loss in self.auxiliary_losses.items():
            report[name] = auxiliary_loss(fake, batch)
            loss = loss + report[name]
        return loss

    def _penalty(self, batch: Batch, fake: Tensor, draws: Draws) -> Tensor:
        assert self.penalty is not None
        augmented = draws.at("augmented penalty")
        with full_precision(draws.device):
            real, fake = batch.real.to(draws.dtype), fake.to(draws.dtype)
            score = partial(self._discriminate, condition=batch.condition, draws=augmented)
            penalty = self.penalty(score, real, fake, draws.at("penalty"))
        return penalty * self.penalty_scale

    @torch.no_grad()
    def _report(self, real_score: Tensor, fake_score: Tensor) -> dict[str, Tensor]:
        """Mean scores and, if the loss defines a probability, D(x), D(G(z)) and the value of the game.

        V(D,G) = E[log D(x)] + E[log(1 - D(G(z)))], -log 4 at the equilibrium (Goodfellow et al. 2014, eq. 1).
        """
        report = {"real score": real_score.mean(), "fake score": fake_score.mean()}
        d_real, d_fake = self.probability(real_score), self.probability(fake_score)
        if d_real is not None and d_fake is not None:
            value = (
                d_real.clamp_min(MIN_PROBABILITY).log().mean() + (1 - d_fake).clamp_min(MIN_PROBABILITY).log().mean()
            )
            report |= {"V(D,G)": value, "D(x)": d_real.mean(), "D(G(z))": d_fake.mean()}
        return report


def call(network: nn.Module, x: Tensor, condition: Tensor | None) -> Tensor:
    """Calls a network without a condition argument if there is no condition."""
    out: Tensor = network(x) if condition is None else network(x, condition)
    return out


@contextmanager
def evaluating(network: nn.Module) -> Iterator[nn.Module]:
    """Puts a network in evaluation mode, and restores its mode on exit."""
    was_training = network.training
    try:
        yield network.eval()
    finally:
        network.train(was_training)
