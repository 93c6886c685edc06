"""Machine-learning efficacy: models trained on generated rows, tested on real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core.column import Column
from ganwright.core.errors import UserError, nearest
from ganwright.core.metric import Array, Compared, Metric, Samples, TooFewError
from ganwright.domains.table import Table
from ganwright.metrics._rows import columns_of
from ganwright.metrics._training import trained

MIN_ROWS = 50  # of each kind
TARGETS = ("target", "label", "class")  # a column of this name is predicted, otherwise the last one
SIZE = 100  # of the network's hidden layer
STEPS, LR, BATCH = 1500, 1e-3, 256  # of Adam
DECAY = 1e-4  # of the linear model's weights
MAX_ITERATIONS = 200  # of L-BFGS


def efficacy(compared: Compared, target: str | None = None) -> Mapping[str, float]:
    """Scores on real rows of models that predict `target`, trained on fakes and, for comparison, on real training rows.

    The score is the F1 of the rarer class if there are two, the mean of the classes' F1 if there are more, and R2 for
    numbers; it is the mean of two models, a linear (logistic) one and a network of one hidden layer. After Xu et al.
    2019 (CTGAN), section 5, whose models for Adult are others (trees among them). By default the target is the column
    named target, label or class, otherwise the last one. Raises UserError without such a column or without others.
    """
    assert compared.train is not None  # METRIC.needs has it
    task = _task(columns_of(compared, MIN_ROWS), target)
    return {
        "efficacy": _score(task, compared.fake, compared.real),
        "efficacy_of_real": _score(task, compared.train, compared.real),
    }


@dataclass(frozen=True)
class _Task:
    """Predicts the column `target` from the others."""

    columns: tuple[Column, ...]
    target: int

    @property
    def column(self) -> Column:
        return self.columns[self.target]

    @property
    def width(self) -> int:
        """The number of a model's outputs."""
        return len(self.column.categories) or 1

    def inputs(self, samples: Samples) -> Tensor:
        """The other columns, encoded, [n, width]."""
        others = [index for index in range(len(self.columns)) if index != self.target]
        table = Table(tuple(self.columns[index] for index in others))
        return table.encode(torch.from_numpy(np.array(samples.values[:, others], dtype=np.float64)))

    def targets(self, samples: Samples) -> Tensor:
        """Codes int64 [n], or standardised numbers [n]."""
        values = torch.from_numpy(np.array(samples.values[:, self.target], dtype=np.float64))
        if self.column.categories:
            return values.long()
        return ((values - self.column.shift) / self.column.scale).float()

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of logits [n, categories], or the squared error of numbers [n, 1]."""
        return F.cross_entropy(outputs, targets) if self.column.categories else F.mse_loss(outputs[:, 0], targets)

    def score(self, outputs: Tensor, targets: Tensor) -> float:
        if self.column.categories:
            return f1(outputs.argmax(dim=1).numpy(), targets.numpy(), self.column.width)
        return r2(outputs[:, 0].double().numpy(), targets.double().numpy())


def f1(predicted: Array, true: Array, classes: int) -> float:
    """F1 = 2 hits / (predicted + true) of the rarer of two classes, or the mean over the classes that occur."""
    counts = np.bincount(true, minlength=classes)
    hits = np.bincount(true[predicted == true], minlength=classes)
    scores = 2 * hits / np.maximum(np.bincount(predicted, minlength=classes) + counts, 1)
    return float(scores[counts.argmin()] if classes == 2 else scores[counts > 0].mean())


def r2(predicted: Array, true: Array) -> float:
    """1 - sum (y - f)^2 / sum (y - mean y)^2; 0 if the true values are constant."""
    spread = ((true - true.mean()) ** 2).sum()
    return float(1 - ((true - predicted) ** 2).sum() / spread) if spread > 0 else 0.0


def _task(columns: tuple[Column, ...], target: str | None) -> _Task:
    names = [column.name for column in columns]
    if target is None:
        target = next((name for name in names if name.lower() in TARGETS), names[-1])
    if target not in names:
        raise UserError(f"The table has no column {target!r} to predict.{nearest(target, names)}")
    if len(columns) < 2:
        raise UserError(f"The table has the column {target} only: there is nothing to predict it from.")
    return _Task(columns, names.index(target))


def _score(task: _Task, train: Samples, test: Samples) -> float:
    """The mean of the two models' scores on `test`; rows without a target are left out of both."""
    train, test = (_with_target(samples, task.target) for samples in (train, test))
    inputs, targets = task.inputs(train), task.targets(train)
    models = [_linear(task, inputs, targets), _network(task, inputs, targets)]
    with torch.no_grad():
        return float(np.mean([task.score(model(task.inputs(test)), task.targets(test)) for model in models]))


def _with_target(samples: Samples, target: int) -> Samples:
    """The rows whose target is not missing; raises TooFewError if they are too few."""
    values = samples.values[~np.isnan(samples.values[:, target])]
    if len(values) < MIN_ROWS:
        raise TooFewError(f"At least {MIN_ROWS} rows with a target are needed, not {len(values)}.")
    return Samples(values, columns=samples.columns)


def _linear(task: _Task, inputs: Tensor, targets: Tensor) -> nn.Module:
    """Logistic or least-squares regression with a slight weight decay; convex, so the solution is unique."""
    model = nn.Linear(inputs.shape[1], task.width)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=MAX_ITERATIONS, line_search_fn="strong_wolfe")
    optimizer.step(_closure(optimizer, lambda: task.loss(model(inputs), targets) + DECAY * model.weight.square().sum()))
    return model


def _closure(optimizer: torch.optim.Optimizer, loss: Callable[[], Tensor]) -> Callable[[], float]:
    """The closure of L-BFGS, which computes the loss and its gradient."""

    def closure() -> float:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value.item()

    return closure


def _network(task: _Task, inputs: Tensor, targets: Tensor) -> nn.Module:
    def make() -> nn.Module:
        return nn.Sequential(nn.Linear(inputs.shape[1], SIZE), nn.ReLU(), nn.Linear(SIZE, task.width))

    return trained(make, inputs, targets, task.loss, STEPS, LR, BATCH)


METRIC = Metric("rows", {"efficacy": "higher", "efficacy_of_real": "higher"}, efficacy, needs=frozenset({"train"}))
