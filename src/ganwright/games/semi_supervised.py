"""The game whose discriminator classifies samples into K classes and fakes (Salimans et al. 2016, section 5).

Its logits l_1 .. l_K belong to the classes; that of the fakes is fixed at 0 without loss of generality. So
D(x) = Z(x) / (Z(x) + 1) with Z(x) = sum_k exp l_k(x), and log Z is the score. The generator matches features (section
3.1): the mean over fakes of the discriminator's last hidden layer is to equal the mean over real samples. An optional
consistency term compares two passes of a sample with different noise and dropout (Laine & Aila 2017; with a GAN Wei et
al. 2018).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.condition import Unconditional
from ganwright.core.data import Data
from ganwright.core.draws import Draws, generator
from ganwright.core.order import Rows
from ganwright.core.player import Player
from ganwright.core.turn import Terms
from ganwright.games.two_player import evaluating


@dataclass(frozen=True, eq=False)
class SomeLabels(Unconditional):
    """The condition of a batch: the class of each row in `known`, and ~class (below 0) of all others.

    Samples are unconditional. Classes below 0 are not used for training, only for accuracies in the log. `known` has
    `count` rows, chosen by `seed`.
    """

    count: int
    seed: int
    known: Rows

    @classmethod
    def chosen(cls, data: Data, count: int, seed: int) -> SomeLabels:
        """Chooses about `count` / K rows of each class, or all rows of smaller classes."""
        order = generator("labelled", seed).permutation(len(data))
        classes = np.asarray(data.labels)[order]
        shares = [(place + 1) * count // len(data.classes) for place in range(-1, len(data.classes))]
        rows = [order[classes == k][: shares[k + 1] - shares[k]] for k in range(len(data.classes))]
        return cls(count, seed, np.sort(np.concatenate(rows)))

    def with_data(self, data: Data) -> SomeLabels:
        return self.chosen(data, self.count, self.seed)

    def for_rows(self, data: Data, rows: Rows) -> Tensor:  # type: ignore[override]
        classes = np.asarray(data.labels, dtype=np.int64)[rows]
        return torch.from_numpy(np.where(np.isin(rows, self.known), classes, ~classes))


class SemiSupervised:
    """A generator against a classifier that learns the classes of some real samples (`SomeLabels`).

    The discriminator's network maps samples to logits [n, classes], and has `features(samples)`, [n, features], and
    `head(features)`, the logits. `consistency` is the weight of the consistency term.
    """

    def __init__(
        self, generator: Player, discriminator: Player, latent: Callable[[Draws], Tensor], consistency: float = 0.0
    ) -> None:
        self.players = {"generator": generator, "discriminator": discriminator}
        self.latent = latent
        self.consistency = consistency

    # -- turns ---------------------------------------------------------------------------------------------------

    def terms(self, batch: Batch, draws: Draws) -> Terms:
        """Both players' losses from one pass of the generator.

        The classifier's loss is L_labels + (E[-log D(x)] + E[-log(1 - D(G(z)))]) / 2 + consistency E |p(x) - p'(x)|^2,
        with x of unknown class and p, p' the class probabilities in two passes. The generator's loss is
        |E f(x) - E f(G(z))|^2, averaged over the features.
        """
        fake = self.players["generator"].network(self.latent(draws))
        real_features, real_logits = self._features_and_logits(batch.real)
        fake_features, fake_logits = self._features_and_logits(fake)
        labels = labels_of(batch)
        unknown = (labels < 0).to(real_logits.dtype)
        real_score, fake_score = real_logits.logsumexp(1), fake_logits.logsumexp(1)
        adversarial = (mean(F.softplus(-real_score), unknown) + F.softplus(fake_score).mean()) / 2
        difference = mean(real_features.detach(), unknown) - fake_features.mean(0)
        label_loss, report = self._label_loss(real_logits, labels)
        classifier = label_loss + adversarial
        if self.consistency:
            second = self._features_and_logits(batch.real)[1].softmax(1)
            distance = mean((real_logits.softmax(1) - second).square().sum(1), unknown)
            classifier, report = classifier + self.consistency * distance, report | {"consistency": distance}
        losses = {"discriminator": classifier, "generator": difference.square().mean()}
        scores = {"real score": mean(real_score, unknown), "fake score": fake_score.mean()}
        return Terms(losses, losses | scores | report)

    def label_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The classifier's loss on labels only, for a supervised baseline."""
        loss, report = self._label_loss(self._features_and_logits(batch.real)[1], labels_of(batch))
        return Terms({"discriminator": loss}, {"discriminator": loss} | report)

    # -- use -----------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        with evaluating(self.players["generator"].sampling_network) as generator:
            samples: Tensor = generator(self.latent(draws))
            return samples

    @torch.no_grad()
    def score(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        """log Z, [n]."""
        with evaluating(self.players["discriminator"].sampling_network) as discriminator:
            score: Tensor = discriminator(samples).logsumexp(1)
            return score

    @torch.no_grad()
    def classify(self, samples: Tensor) -> Tensor:
        """The probability of each class given that the samples are real, [n, classes]."""
        with evaluating(self.players["discriminator"].sampling_network) as discriminator:
            probability: Tensor = discriminator(samples).softmax(1)
            return probability

    def inputs(self, player: str, samples: Tensor, condition: Tensor | None, draws: Draws) -> tuple[Tensor, ...]:
        return ({"generator": self.latent(draws), "discriminator": samples}[player],)

    def probability(self, score: Tensor) -> Tensor:
        """D(x) = Z / (Z + 1)."""
        return score.sigmoid()

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The game has no state beyond the weights."""

    # -- parts ---------------------------------------------------------------------------------------------------

    def _features_and_logits(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Features [n, features] and logits [n, classes], in full precision."""
        network: Any = self.players["discriminator"].network
        features = network.features(samples)
        return features.to(samples.dtype), network.head(features).to(samples.dtype)

    def _label_loss(self, logits: Tensor, labels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss on known classes, -log p(class | x, not fake), and the accuracies on known and hidden classes."""
        known = (labels >= 0).to(logits.dtype)
        classes = torch.where(labels < 0, ~labels, labels)
        loss = mean(F.cross_entropy(logits, classes, reduction="none"), known)
        correct = (logits.detach().argmax(1) == classes).to(logits.dtype)
        accuracies = {"labels right": mean(correct, known), "hidden labels right": mean(correct, 1 - known)}
        return loss, {"labels": loss} | accuracies


def labels_of(batch: Batch) -> Tensor:
    """The labels of `SomeLabels`, int64 [n]: a class, or ~class where it is hidden."""
    assert batch.condition is not None
    return batch.condition


def mean(values: Tensor, weights: Tensor) -> Tensor:
    """The mean of [n, ...] over the first dimension with weights [n] of 0 or 1; 0 if all weights are 0."""
    total: Tensor = torch.tensordot(weights, values, dims=1) / weights.sum().clamp_min(1)
    return total
