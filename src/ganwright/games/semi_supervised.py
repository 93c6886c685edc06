"""The game whose discriminator classifies samples into K classes and fakes (Salimans et al. 2016, section 5).

Its logits l_1 .. l_K belong to the classes; that of the fakes is fixed at 0 without loss of generality. So
D(x) = Z(x) / (Z(x) + 1) with Z(x) = sum_k exp l_k(x), and log Z is the score.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core.forward_pass import ForwardPass, Outputs
from ganwright.core.partial_labels import hidden_rows, mean_over
from ganwright.games.two_player import Adversarial


class SemiSupervised(Adversarial):
    """A generator against a classifier, whose network returns "classes", logits [n, classes].

    A batch's condition holds labels (`SomeLabels`), which the networks do not get. The discriminator's loss is
    (E[-log D(x)] + E[-log(1 - D(G(z)))]) / 2, with x of hidden class; known classes have an auxiliary loss. The
    generator has auxiliary losses only, as a rule feature matching.
    """

    def discriminator_losses(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        real_score, fake_score = forward.scores
        is_real = mean_over(F.softplus(-real_score), hidden_rows, forward.batch)
        return {"discriminator": (is_real + F.softplus(fake_score).mean()) / 2}

    def generator_losses(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        return {}

    def probability(self, score: Tensor) -> Tensor:
        """D(x) = Z / (Z + 1)."""
        return score.sigmoid()

    def outputs(self, discriminator: nn.Module, samples: Tensor, condition: Tensor | None) -> Outputs:
        """The network's outputs, and log Z as the score, [n]."""
        outputs = super().outputs(discriminator, samples, condition)
        return Outputs(outputs, score=outputs["classes"].to(samples.dtype).logsumexp(1))

    def network_condition(self, condition: Tensor | None) -> None:
        """Samples are unconditional."""
