"""The two-player game whose discriminator also predicts the class (Odena, Olah & Shlens 2017, AC-GAN).

Both players minimise L_S + w L_C, where L_S is the adversarial loss and L_C = E[-log P(class = c | x)], over real
samples for the discriminator and over fakes for the generator. Unlike in the paper, the discriminator does not learn
the classes of fakes, because early fakes do not show their class.
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
        real_score, real_class, fake_score, _ = self._scores_and_logits(batch, fake, draws)
        loss = self.loss.discriminator(real_score, fake_score)
        classes = classes_of(batch)
        class_loss = F.cross_entropy(real_class, classes)
        accuracy = (real_class.detach().argmax(1) == classes).to(loss.dtype).mean()
        report = self._report(real_score, fake_score) | self._update_augmentation(real_score, fake_score)
        report |= {"discriminator": loss, "class of real": class_loss}
        loss = loss + self.class_weight * class_loss
        if self.penalty is not None and self.penalty_inside:
            penalty = self._penalty(batch, fake, draws)
            loss, report["penalty"] = loss + penalty, penalty
        return Terms({"discriminator": loss}, report | {"classes named rightly": accuracy})

    def generator_terms(self, batch: Batch, draws: Draws) -> Terms:
        fake = self._fakes(batch, draws)
        real_score, _, fake_score, fake_class = self._scores_and_logits(batch, fake, draws)
        loss = self.loss.generator(real_score, fake_score)
        class_loss = F.cross_entropy(fake_class, classes_of(batch))
        report = {"generator": loss, "class of fake": class_loss}
        return Terms({"generator": loss + self.class_weight * class_loss}, report)

    def simultaneous_terms(self, batch: Batch, draws: Draws) -> Terms:
        fake = self._fakes(batch, draws)
        real_score, real_class, fake_score, fake_class = self._scores_and_logits(batch, fake, draws)
        report = self._report(real_score, fake_score) | self._update_augmentation(real_score, fake_score)
        report["discriminator"] = self.loss.discriminator(real_score, fake_score)
        report["generator"] = self.loss.generator(real_score, fake_score)
        discriminator = self._penalised(report, batch, fake.detach(), draws)
        report["class of real"] = F.cross_entropy(real_class, classes_of(batch))
        report["class of fake"] = F.cross_entropy(fake_class, classes_of(batch))
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

    def _scores_and_logits(self, batch: Batch, fake: Tensor, draws: Draws) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Scores and class logits of real samples, then of fakes, in full precision."""
        discriminator: Any = self.players["discriminator"].network
        real = self._augmented(batch.real, draws.at("augmented real"))
        shown = real, self._augmented(fake, draws.at("augmented fake"))
        outputs = [part.to(batch.real.dtype) for samples in shown for part in discriminator.score_and_logits(samples)]
        return outputs[0], outputs[1], outputs[2], outputs[3]


def classes_of(batch: Batch) -> Tensor:
    """The classes of a batch, [n]; the batch must have a condition."""
    assert batch.condition is not None
    return batch.condition
