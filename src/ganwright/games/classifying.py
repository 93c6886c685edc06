"""The game of two players whose discriminator also names the class (Odena, Olah & Shlens 2017, AC-GAN).

L_S is the loss of the scores; the discriminator descends L_S + w L_C and the generator L_S + w L_C, where
L_C = E[-log P(class = c | x)], of real samples for the discriminator and of fakes for the generator. Other than in the
paper, the discriminator does not learn the classes of fakes: at first these don't show what they were asked for.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.turn import Terms
from ganwright.games.two_player import TwoPlayer, evaluating


class Classifying(TwoPlayer):
    """`TwoPlayer` with a discriminator whose `score_and_logits` gives scores [n] and logits of classes [n, classes]."""

    def __init__(self, *parts: Any, class_weight: float = 1.0, **others: Any) -> None:
        super().__init__(*parts, **others)
        self.class_weight = class_weight

    def discriminator_terms(self, batch: Batch, draws: Draws) -> Terms:
        with torch.no_grad():
            fake = self._fakes(batch, draws)
        real_score, real_class, fake_score, _ = self._opinions(batch, fake, draws)
        loss = self.loss.discriminator(real_score, fake_score)
        classes = asked(batch)
        named = F.cross_entropy(real_class, classes)
        right = (real_class.detach().argmax(1) == classes).to(loss.dtype).mean()
        report = self._report(real_score, fake_score) | self._told(real_score, fake_score)
        report |= {"discriminator": loss, "class of real": named}
        loss = loss + self.class_weight * named
        if self.penalty is not None and self.penalty_inside:
            penalty = self._penalty(batch, fake, draws)
            loss, report["penalty"] = loss + penalty, penalty
        return Terms({"discriminator": loss}, report | {"classes named rightly": right})

    def generator_terms(self, batch: Batch, draws: Draws) -> Terms:
        fake = self._fakes(batch, draws)
        real_score, _, fake_score, fake_class = self._opinions(batch, fake, draws)
        loss = self.loss.generator(real_score, fake_score)
        named = F.cross_entropy(fake_class, asked(batch))
        report = {"generator": loss, "class of fake": named}
        return Terms({"generator": loss + self.class_weight * named}, report)

    def simultaneous_terms(self, batch: Batch, draws: Draws) -> Terms:
        fake = self._fakes(batch, draws)
        real_score, real_class, fake_score, fake_class = self._opinions(batch, fake, draws)
        report = self._report(real_score, fake_score) | self._told(real_score, fake_score)
        report["discriminator"] = self.loss.discriminator(real_score, fake_score)
        report["generator"] = self.loss.generator(real_score, fake_score)
        discriminator = self._penalised(report, batch, fake.detach(), draws)
        report["class of real"] = F.cross_entropy(real_class, asked(batch))
        report["class of fake"] = F.cross_entropy(fake_class, asked(batch))
        losses = {
            "discriminator": discriminator + self.class_weight * report["class of real"],
            "generator": report["generator"] + self.class_weight * report["class of fake"],
        }
        return Terms(losses, report)

    @torch.no_grad()
    def classify(self, samples: Tensor) -> Tensor:
        """The probability of each class, [n, classes]."""
        with evaluating(self.players["discriminator"].sampling_network) as discriminator:
            score_and_logits: Any = discriminator.score_and_logits
            probability: Tensor = score_and_logits(samples)[1].softmax(1)
            return probability

    def _opinions(self, batch: Batch, fake: Tensor, draws: Draws) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Score and class of real samples, then of fakes, in full precision."""
        discriminator: Any = self.players["discriminator"].network
        real = self._augmented(batch.real, draws.at("augmented real"))
        seen = real, self._augmented(fake, draws.at("augmented fake"))
        both = [part.to(batch.real.dtype) for samples in seen for part in discriminator.score_and_logits(samples)]
        return both[0], both[1], both[2], both[3]


def asked(batch: Batch) -> Tensor:
    """The classes of a batch, [n]; it must have some."""
    assert batch.condition is not None
    return batch.condition
