"""The discriminative score: the accuracy of a recurrent network that separates generated from real windows."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.metric import Compared, Metric
from ganwright.metrics._training import SEED, trained
from ganwright.metrics._windows import Recurrent, scaled

SIZE = 24  # of each GRU layer's state
STEPS, LR, BATCH = 300, 5e-3, 256  # of Adam
HELD_OUT = 5  # one window of five, of either kind, is for the accuracy


def discriminative_score(compared: Compared) -> Mapping[str, float]:
    """|accuracy - 1/2| on a held-out fifth of fakes and as many real windows; 0 is best, 0.5 worst.

    Yoon, Jarrett and van der Schaar 2019 (TimeGAN), section 5. Their network has half as many states as there are
    features, and 2,000 steps of 128 windows; this one has 24 states and 300 steps of 256 at five times the learning
    rate. As theirs it reads values scaled by the whole range, so it does not detect differences between time steps that
    are small against the range: for stock prices it does not detect that the days within a window are shuffled.
    """
    fake, real = scaled(compared)
    count = min(len(fake), len(real))
    fake_train, fake_test = _parts(fake, count)
    real_train, real_test = _parts(real, count)
    network = trained(
        lambda: Recurrent(real.shape[2], SIZE), *_labelled(fake_train, real_train), _loss, STEPS, LR, BATCH
    )
    windows, is_real = _labelled(fake_test, real_test)
    with torch.no_grad():
        correct = (network(windows)[:, -1] > 0) == is_real.bool()
    return {"discriminative_score": abs(correct.double().mean().item() - 0.5)}


def _parts(windows: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """`count` windows in random order: those to train on, and the held-out fifth."""
    order = torch.randperm(len(windows), generator=torch.Generator().manual_seed(SEED))[:count]
    return windows[order[count // HELD_OUT :]], windows[order[: count // HELD_OUT]]


def _labelled(fake: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    return torch.cat([fake, real]), torch.cat([torch.zeros(len(fake)), torch.ones(len(real))])


def _loss(logits: Tensor, is_real: Tensor) -> Tensor:
    """Cross-entropy of the logit after the last time step."""
    return F.binary_cross_entropy_with_logits(logits[:, -1], is_real)


METRIC = Metric("windows", {"discriminative_score": "lower"}, discriminative_score)
