"""The game whose discriminator is a classifier of K classes and the fakes (Salimans et al. 2016, section 5).

Its logits l_1 .. l_K are those of the classes, and that of the fakes is fixed at 0, which takes nothing away. So
D(x) = Z(x) / (Z(x) + 1) with Z(x) = sum_k exp l_k(x), and log Z is the score. The generator matches features (section
3.1): it makes the mean of the discriminator's last hidden layer over fakes that over real samples. Beyond that paper
the classifier may be asked to say the same of a sample twice, through other noise and dropout (Laine & Aila 2017; with
a GAN Wei et al. 2018).
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
    """In a batch, the classes of real samples: of the rows `known` as they are, of all others as ~class.

    Samples are drawn under no condition. Nobody learns from a class below 0: it is only compared, for the log. The rows
    are `count` of them, chosen by `seed`.
    """

    count: int
    seed: int
    known: Rows

    @classmethod
    def chosen(cls, data: Data, count: int, seed: int) -> SomeLabels:
        """The same number of each class, as far as it goes; of a class that has fewer all."""
        order = generator("labelled", seed).permutation(len(data))
        classes = np.asarray(data.labels)[order]
        shares = [(place + 1) * count // len(data.classes) for place in range(-1, len(data.classes))]
        rows = [order[classes == one][: shares[one + 1] - shares[one]] for one in range(len(data.classes))]
        return cls(count, seed, np.sort(np.concatenate(rows)))

    def with_data(self, data: Data) -> SomeLabels:
        return self.chosen(data, self.count, self.seed)

    def for_rows(self, data: Data, rows: Rows) -> Tensor:  # type: ignore[override]
        classes = np.asarray(data.labels, dtype=np.int64)[rows]
        return torch.from_numpy(np.where(np.isin(rows, self.known), classes, ~classes))


class SemiSupervised:
    """A generator against a classifier, which is told the classes of some real samples by `SomeLabels`.

    The discriminator's network maps samples to logits [n, classes], and has `features(samples)`, [n, features].
    `consistency` weighs how far two answers to one sample may lie apart.
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

        The classifier's is L_labels + (E[-log D(x)] + E[-log(1 - D(G(z)))]) / 2 + consistency E |p(x) - p'(x)|^2, with
        x of unknown class and p, p' the probabilities of the classes in two passes; the generator's |E f(x) -
        E f(G(z))|^2, a mean over the features.
        """
        fake = self.players["generator"].network(self.latent(draws))
        real_features, real_logits = self._seen(batch.real)
        fake_features, fake_logits = self._seen(fake)
        told = classes_told(batch)
        unknown = (told < 0).to(real_logits.dtype)
        real_score, fake_score = real_logits.logsumexp(1), fake_logits.logsumexp(1)
        told_apart = (mean(F.softplus(-real_score), unknown) + F.softplus(fake_score).mean()) / 2
        matched = mean(real_features.detach(), unknown) - fake_features.mean(0)
        labels, report = self._named(real_logits, told)
        classifier = labels + told_apart
        if self.consistency:
            again = self._seen(batch.real)[1].softmax(1)
            apart = mean((real_logits.softmax(1) - again).square().sum(1), unknown)
            classifier, report = classifier + self.consistency * apart, report | {"consistency": apart}
        losses = {"discriminator": classifier, "generator": matched.square().mean()}
        scores = {"real score": mean(real_score, unknown), "fake score": fake_score.mean()}
        return Terms(losses, losses | scores | report)

    def label_terms(self, batch: Batch, draws: Draws) -> Terms:
        """The classifier's loss on labels alone, to compare."""
        labels, report = self._named(self._seen(batch.real)[1], classes_told(batch))
        return Terms({"discriminator": labels}, {"discriminator": labels} | report)

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
        """The probability of each class, [n, classes], of samples that are taken to be real."""
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
        """The players remember nothing beyond their weights."""

    # -- parts ---------------------------------------------------------------------------------------------------

    def _seen(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Features [n, features] and logits [n, classes], in full precision."""
        network: Any = self.players["discriminator"].network
        features = network.features(samples)
        return features.to(samples.dtype), network.head(features).to(samples.dtype)

    def _named(self, logits: Tensor, told: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss on the known classes, -log p(class | x, not fake); and how often a class is named rightly."""
        known = (told >= 0).to(logits.dtype)
        classes = torch.where(told < 0, ~told, told)
        labels = mean(F.cross_entropy(logits, classes, reduction="none"), known)
        right = (logits.detach().argmax(1) == classes).to(logits.dtype)
        shares = {"labels right": mean(right, known), "hidden labels right": mean(right, 1 - known)}
        return labels, {"labels": labels} | shares


def classes_told(batch: Batch) -> Tensor:
    """The classes as `SomeLabels` tells them, int64 [n]."""
    assert batch.condition is not None
    return batch.condition


def mean(values: Tensor, weights: Tensor) -> Tensor:
    """Of [n, ...] over the first dimension, with weights [n]; 0 where all of these are."""
    total: Tensor = torch.tensordot(weights, values, dims=1) / weights.sum().clamp_min(1)
    return total
