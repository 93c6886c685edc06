"""The discriminative score: the accuracy of a recurrent network that separates generated from real windows."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.metric import Compared, Metric
from ganwright.metrics._training import SEED, trained
from ganwright.metrics._windows import Recurrent, Windows, joined, scaled

SIZE = 24  # of each GRU layer's state
STEPS, LR, BATCH = 300, 5e-3, 256  # of Adam
HELD_OUT = 5  # one window of five, of either kind, is for the accuracy


def discriminative_score(compared: Compared) -> Mapping[str, float]:
    """|accuracy - 1/2| on a held-out fifth of fakes and as many real windows; 0 is best, 0.5 worst.

    Yoon, Jarrett and van der Schaar 2019 (TimeGAN), section 5. Their network has half as many states as there are
    features, and 2,000 steps of 128 windows; this one has 24 states and 300 steps of 256 at five times the learning
    rate. As theirs it reads values scaled by the whole range, so it does not detect differences between time steps that
    are small against the range: for stock prices it does not detect that the days within a window are shuffled.
    Categories are read one-hot, static columns at each step. Series of several lengths have a further input, which is 1
    until their end; the state at their last step counts.
    """
    fake, real = scaled(compared)
    variable = not (fake.lasts.all() and real.lasts.all())
    count = min(len(fake), len(real))
    fake_train, fake_test = _parts(fake, count, variable)
    real_train, real_test = _parts(real, count, variable)
    inputs, targets = _labelled(fake_train, real_train)
    network = trained(lambda: Recurrent(inputs.shape[2], SIZE), inputs, targets, _loss, STEPS, LR, BATCH)
    windows, targets = _labelled(fake_test, real_test)
    with torch.no_grad():
        correct = (_last(network(windows), targets) > 0) == targets[:, 0].bool()
    return {"discriminative_score": abs(correct.double().mean().item() - 0.5)}


Part = tuple[Tensor, Tensor]  # inputs [n, time, channels], and the place [n] of each series' last step


def _parts(windows: Windows, count: int, variable: bool) -> tuple[Part, Part]:
    """`count` windows in random order: those to train on, and the held-out fifth."""
    order = torch.randperm(len(windows), generator=torch.Generator().manual_seed(SEED))[:count]
    flag = [windows.lasts.float().unsqueeze(2)] if variable else []
    inputs, last = joined([*windows.features, *flag, *windows.static]), windows.lasts.sum(1) - 1
    train, test = order[count // HELD_OUT :], order[: count // HELD_OUT]
    return (inputs[train], last[train]), (inputs[test], last[test])


def _labelled(fake: Part, real: Part) -> tuple[Tensor, Tensor]:
    """Inputs, and targets [n, 2]: whether it is real, and the place of the last step."""
    is_real = torch.cat([torch.zeros(len(fake[0])), torch.ones(len(real[0]))])
    return torch.cat([fake[0], real[0]]), torch.stack([is_real, torch.cat([fake[1], real[1]])], 1)


def _last(logits: Tensor, targets: Tensor) -> Tensor:
    """The logit after the last time step of each series."""
    return logits.gather(1, targets[:, 1:].long()).squeeze(1)


def _loss(logits: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(_last(logits, targets), targets[:, 0])


METRIC = Metric("windows", {"discriminative_score": "lower"}, discriminative_score)
