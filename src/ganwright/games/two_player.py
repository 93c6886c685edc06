"""The game of one generator against one discriminator, of which nearly every GAN is a case (Goodfellow et al. 2014)."""

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

LOG_FLOOR = 1e-12  # keeps V(D,G) finite where D(x) is 0 in floating point


@runtime_checkable
class Loss(Protocol):
    """A pair of functions of the real and the fake scores, each returning a scalar to descend."""

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor: ...

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor: ...


class Augmentation(Protocol):
    """What every picture passes through that the discriminator is shown, real or fake, in any turn; differentiable."""

    def __call__(self, pictures: Tensor, draws: Draws) -> Tensor:
        """Pictures [n, channels, height, width], with a draw of n rows."""

    def observe(self, margin: Tensor) -> dict[str, Tensor]:
        """Receives how real each real picture is rated, [n], positive for real; returns terms to report."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


Penalty = Callable[[Callable[[Tensor], Tensor], Tensor, Tensor, Draws], Tensor]
AuxiliaryLoss = Callable[[Tensor, Batch], Tensor]
History = Callable[[Tensor, Draws], Tensor]


class TwoPlayer:
    """The players and the rules between them; its methods ending in `_terms` are the losses of turns.

    `latent` makes the generator's input from draws. A `penalty` is added to the discriminator's loss when
    `penalty_inside`, and otherwise waits for a turn of its own (`penalty_terms`); `penalty_scale` of its weight counts,
    which a knob may set; a guide is added to the generator's loss under its name. The discriminator sees everything
    through the `augmentation`, where there is one; a penalty's gradient is that at the picture before it. A `history`
    says which fakes it meets in place of new ones.
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
        """The discriminator's loss, on fakes that carry no gradient to the generator."""
        with torch.no_grad():
            fake = self._fakes(batch, draws)
            if self.history is not None:
                fake = self.history(fake, draws.at("history"))
        real_score, fake_score = self._scores(batch, fake, draws)
        report = self._report(real_score, fake_score) | self._observe(real_score, fake_score)
        report["discriminator"] = self.loss.discriminator(real_score, fake_score)
        return Terms({"discriminator": self._penalised(report, batch, fake, draws)}, report)

    def generator_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The generator's loss and its guides."""
        fake = self._fakes(batch, draws)
        real_score, fake_score = self._scores(batch, fake, draws)
        report = {"generator": self.loss.generator(real_score, fake_score)}
        return Terms({"generator": self._with_auxiliary_losses(report, fake, batch)}, report)

    def auxiliary_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The generator's guides alone, for a stage before the adversarial one."""
        fake = self._fakes(batch, draws)
        report = {name: auxiliary_loss(fake, batch) for name, auxiliary_loss in self.auxiliary_losses.items()}
        return Terms({"generator": torch.stack(list(report.values())).sum()}, report)

    def simultaneous_terms(self, batch: Batch, draws: Draws) -> Terms:
        """Both losses from one pass of each network, for a turn that moves both players (Keras's DCGAN tutorial)."""
        fake = self._fakes(batch, draws)
        real_score, fake_score = self._scores(batch, fake, draws)
        report = self._report(real_score, fake_score) | self._observe(real_score, fake_score)
        report["discriminator"] = self.loss.discriminator(real_score, fake_score)
        report["generator"] = self.loss.generator(real_score, fake_score)
        discriminator = self._penalised(report, batch, fake.detach(), draws)
        return Terms(
            {"discriminator": discriminator, "generator": self._with_auxiliary_losses(report, fake, batch)}, report
        )

    def penalty_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The penalty alone, for a lazy turn; the turn's rarity is made up for in the penalty's weight."""
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
        taken = {"generator": self.latent(draws), "discriminator": samples}[player]
        return (taken,) if condition is None else (taken, condition)

    def probability(self, score: Tensor) -> Tensor | None:
        """D(x), where the loss defines it; otherwise None."""
        probability: Callable[[Tensor], Tensor] | None = getattr(self.loss, "probability", None)
        return None if probability is None else probability(score)

    def state_dict(self) -> dict[str, Any]:
        """Two players remember nothing beyond their weights, but their augmentation may."""
        return {} if self.augmentation is None else self.augmentation.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if self.augmentation is not None:
            self.augmentation.load_state_dict(state)

    # -- parts ---------------------------------------------------------------------------------------------------

    def _fakes(self, batch: Batch, draws: Draws) -> Tensor:
        return call(self.players["generator"].network, self.latent(draws), batch.condition)

    def _scores(self, batch: Batch, fake: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """Real and fake scores, each flat, from two passes: batch norm sees one kind at a time, as the sources do."""
        real_score = self._seen(batch.real, batch.condition, draws.at("augmented real")).flatten()
        fake_score = self._seen(fake, batch.condition, draws.at("augmented fake")).flatten()
        return real_score.to(batch.real.dtype), fake_score.to(batch.real.dtype)  # losses in full precision

    def _seen(self, samples: Tensor, condition: Tensor | None, draws: Draws) -> Tensor:
        """The discriminator's output for samples that it sees through the augmentation."""
        return call(self.players["discriminator"].network, self._augmented(samples, draws), condition)

    def _augmented(self, samples: Tensor, draws: Draws) -> Tensor:
        return samples if self.augmentation is None else self.augmentation(samples, draws.sized(len(samples)))

    def _observe(self, real_score: Tensor, fake_score: Tensor) -> dict[str, Tensor]:
        """Reports to the augmentation how real the real samples are rated: the loss's margin or the scores."""
        if self.augmentation is None:
            return {}
        margin: Callable[[Tensor, Tensor], Tensor] | None = getattr(self.loss, "margin", None)
        return self.augmentation.observe(real_score if margin is None else margin(real_score, fake_score))

    def _penalised(self, report: dict[str, Tensor], batch: Batch, fake: Tensor, draws: Draws) -> Tensor:
        """The discriminator's loss in `report` with the penalty, which is entered there, unless it has its own turn."""
        loss = report["discriminator"]
        if self.penalty is None or not self.penalty_inside:
            return loss
        report["penalty"] = self._penalty(batch, fake, draws)
        return loss + report["penalty"]

    def _with_auxiliary_losses(self, report: dict[str, Tensor], fake: Tensor, batch: Batch) -> Tensor:
        """The generator's loss in `report` with its guides, which are entered there."""
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
            score = partial(self._seen, condition=batch.condition, draws=augmented)
            penalty = self.penalty(score, real, fake, draws.at("penalty"))
        return penalty * self.penalty_scale

    @torch.no_grad()
    def _report(self, real_score: Tensor, fake_score: Tensor) -> dict[str, Tensor]:
        """Mean scores and, where the loss defines a probability, D(x), D(G(z)) and the value of the game.

        V(D,G) = E[log D(x)] + E[log(1 - D(G(z)))], -log 4 at the equilibrium (Goodfellow et al. 2014, eq. 1).
        """
        report = {"real score": real_score.mean(), "fake score": fake_score.mean()}
        d_real, d_fake = self.probability(real_score), self.probability(fake_score)
        if d_real is not None and d_fake is not None:
            value = d_real.clamp_min(LOG_FLOOR).log().mean() + (1 - d_fake).clamp_min(LOG_FLOOR).log().mean()
            report |= {"V(D,G)": value, "D(x)": d_real.mean(), "D(G(z))": d_fake.mean()}
        return report


def call(network: nn.Module, x: Tensor, condition: Tensor | None) -> Tensor:
    """A network that was made for no condition is not handed one."""
    out: Tensor = network(x) if condition is None else network(x, condition)
    return out


@contextmanager
def evaluating(network: nn.Module) -> Iterator[nn.Module]:
    """The network in evaluation mode, put back as it was."""
    was_training = network.training
    try:
        yield network.eval()
    finally:
        network.train(was_training)
