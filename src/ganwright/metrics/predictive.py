"""The predictive score: the error on real windows of a recurrent network trained on generated ones to forecast."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.metric import Compared, Metric
from ganwright.metrics._training import trained
from ganwright.metrics._windows import Recurrent, scaled

SIZE = 24  # of each GRU layer's state
STEPS, LR = 400, 5e-3  # of Adam, on batches of 128 windows


def predictive_score(compared: Compared) -> Mapping[str, float]:
    """Mean absolute error of one-step forecasts of the last feature, as a fraction of its real range.

    A network trained on fakes reads the other features up to a time step (the only one, if there is one) and predicts
    the last feature at the next step of real windows. Yoon, Jarrett and van der Schaar 2019 (TimeGAN), section 5, whose
    code has half as many states as there are features and 5,000 steps of 128; here they are 24 and 400, at five times
    its learning rate. For their stock data, half of the windows after training on the other half give .037; the paper
    reports .036.
    """
    fake, real = scaled(compared)
    inputs, targets = _task(fake)
    network = trained(lambda: Recurrent(inputs.shape[2], SIZE), inputs, targets, F.l1_loss, STEPS, LR)
    inputs, targets = _task(real)
    with torch.no_grad():
        return {"predictive_score": F.l1_loss(network(inputs), targets).item()}


def _task(windows: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs [n, time - 1, features - 1] and targets [n, time - 1]."""
    others = windows if windows.shape[2] == 1 else windows[..., :-1]
    return others[:, :-1], windows[:, 1:, -1]


METRIC = Metric("windows", {"predictive_score": "lower"}, predictive_score)
