"""The predictive score: the error on real windows of a recurrent network trained on generated ones to forecast."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ganwright.core.metric import Compared, Metric
from ganwright.metrics._training import trained
from ganwright.metrics._windows import Recurrent, Windows, joined, no_numbers, numbers, scaled

SIZE = 24  # of each GRU layer's state
STEPS, LR = 400, 5e-3  # of Adam, on batches of 128 windows


def predictive_score(compared: Compared) -> Mapping[str, float]:
    """Mean absolute error of one-step forecasts of the last numerical feature, as a fraction of its real range.

    A network trained on fakes reads the other features up to a time step (the only one, if there is one), categories
    one-hot, and predicts that feature at the next step of real windows. Yoon, Jarrett and van der Schaar 2019
    (TimeGAN), section 5, whose code has half as many states as there are features and 5,000 steps of 128; here they are
    24 and 400, at five times its learning rate. For their stock data, half of the windows after training on the other
    half give .037; the paper reports .036. Static columns are not read, and steps after the end of a series not
    predicted.
    """
    fake, real = scaled(compared)
    target = numbers(compared.real)[-1]
    inputs, targets = _task(fake, target)
    network = trained(lambda: Recurrent(inputs.shape[2], SIZE), inputs, targets, _error, STEPS, LR)
    inputs, targets = _task(real, target)
    with torch.no_grad():
        return {"predictive_score": _error(network(inputs), targets).item()}


def _task(windows: Windows, target: int) -> tuple[Tensor, Tensor]:
    """Inputs [n, time - 1, channels] and targets [n, time - 1], NaN after the end of a series."""
    predicted = windows.features[target]
    others = [*windows.features[:target], *windows.features[target + 1 :]] or [predicted]
    return joined(others)[:, :-1], predicted[..., 0].masked_fill(~windows.lasts, torch.nan)[:, 1:]


def _error(predicted: Tensor, targets: Tensor) -> Tensor:
    """The mean absolute error where there is a target; 0 where there is none, as in a batch of series of one step."""
    known = ~targets.isnan()
    return (predicted - targets.nan_to_num(0.0)).abs().masked_fill(~known, 0.0).sum() / known.sum().clamp_min(1)


METRIC = Metric("windows", {"predictive_score": "lower"}, predictive_score, unfit=no_numbers)
