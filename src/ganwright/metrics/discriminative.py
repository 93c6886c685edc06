"""The discriminative score: how well a recurrent network tells generated windows from real ones."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.metric import Compared, Metric
from ganwright.metrics._training import SEED, trained
from ganwright.metrics._windows import Recurrent, scaled

SIZE = 24  # of each GRU layer's state
STEPS, RATE, BATCH = 300, 5e-3, 256  # by Adam
HELD_OUT = 5  # one window of so many, of either kind, is for the accuracy


def discriminative_score(compared: Compared) -> Mapping[str, float]:
    """|accuracy - 1/2| on the held-out fifth of fakes and real windows, as many of each; 0 is best, 0.5 worst.

    Yoon, Jarrett and van der Schaar 2019 (TimeGAN), section 5. There the network has states of half as many numbers as
    there are features, and 2,000 steps of 128; here it has 24 and 300 of 256 at five times the rate. Like there
    it reads values scaled by the whole range, so it is blind to steps that are small beside it: with stock prices it
    does not notice that the days within a window were shuffled.
    """
    fake, real = scaled(compared)
    count = min(len(fake), len(real))
    fake_train, fake_test = _parts(fake, count)
    real_train, real_test = _parts(real, count)
    network = trained(
        lambda: Recurrent(real.shape[2], SIZE), *_labelled(fake_train, real_train), _loss, STEPS, RATE, BATCH
    )
    windows, is_real = _labelled(fake_test, real_test)
    with torch.no_grad():
        correct = (network(windows)[:, -1] > 0) == is_real.bool()
    return {"discriminative_score": abs(correct.double().mean().item() - 0.5)}


def _parts(windows: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """`count` windows in an order by chance, those to train on and the held-out fifth."""
    order = torch.randperm(len(windows), generator=torch.Generator().manual_seed(SEED))[:count]
    return windows[order[count // HELD_OUT :]], windows[order[: count // HELD_OUT]]


def _labelled(fake: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    return torch.cat([fake, real]), torch.cat([torch.zeros(len(fake)), torch.ones(len(real))])


def _loss(logits: Tensor, is_real: Tensor) -> Tensor:
    """Cross-entropy of the logit after the last step."""
    return F.binary_cross_entropy_with_logits(logits[:, -1], is_real)


METRIC = Metric("windows", {"discriminative_score": "lower"}, discriminative_score)
