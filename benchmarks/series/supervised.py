"""The recipe `series` with the supervised loss of TimeGAN (Yoon et al. 2019, equation 9), in the space of the data.

    python benchmarks/series/quality.py stock --recipe benchmarks/series/supervised.py --supervised 10

The discriminator's network has a GRU that predicts each time step from those before it, trained on real series; the
generator's loss gets the error of its prediction of fakes. TimeGAN has both in the space of an autoencoder, whose loss
is the embedding loss; there is none here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated

import torch.nn.functional as F
from pydantic import NonNegativeFloat
from torch import Tensor, nn

from ganwright.auxiliary_losses.moments import Moments
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.data import Data
from ganwright.core.forward_pass import ForwardPass
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.domains.series import Series
from ganwright.nets.series_generator import latents_of
from ganwright.recipes import series
from ganwright.recipes._two_player import Rules, two_player

FOR, DATA, WIDTH = "series", "sines", 64


class Supervised(AuxiliaryLoss):
    """The mean squared error of the prediction of each time step from those before it."""

    def __init__(self, weight: float) -> None:
        self.weight = weight

    def discriminator(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        return {"prediction": error(forward.real_output["predicted"], forward.real)}

    def generator(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        return {"supervised": self.weight * error(forward.fake_output["predicted"], forward.fake)}


def error(predicted: Tensor, series: Tensor) -> Tensor:
    """predicted: [n, steps - 1, channels], of the steps from the second on of series [n, steps, channels]."""
    return F.mse_loss(predicted, series[:, 1:])


class WithPrediction(nn.Module):
    """The scores of a discriminator, and the prediction of a GRU, [n, steps - 1, channels]."""

    def __init__(self, discriminator: nn.Module, channels: int) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.recurrent = nn.GRU(channels, WIDTH, batch_first=True)
        self.last = nn.Linear(WIDTH, channels)

    def forward(self, samples: Tensor) -> dict[str, Tensor]:
        states, _ = self.recurrent(samples[:, :-1])
        return {"score": self.discriminator(samples), "predicted": self.last(states)}


def recipe(
    data: Data,
    *,
    networks: series.SeriesNetworks = series.NETWORKS,
    rules: Rules = series.RULES,
    supervised: Annotated[NonNegativeFloat, "weight of the supervised loss"] = 10.0,
) -> Recipe:
    """The players of `series`, with a predictor beside the discriminator; series without conditions."""
    domain = data.require(Series)
    generator = series.make_generator(networks, domain, ())
    discriminator = WithPrediction(series.make_discriminator(networks, domain, ()), domain.shape[1])
    latent = Latent(latents_of(domain, networks.latent, networks.noise))
    moments = Moments(series.MOMENTS, partial(series.elements, domain))
    losses = [Supervised(supervised), moments]
    return two_player(data, generator, discriminator, latent, rules, series.EXAMPLES, auxiliary_losses=losses)
