"""Trains one of the packaged feature networks and writes its weights and description into the package.

    python tools/train_features.py grey28|natural32 [--epochs N] [--folder FOLDER]

Data are read by the loaders (GANWRIGHT_DATA, the cache, or mirrors). Runs on one thread, in bfloat16 where autocast
selects it; weights are stored as float16 (batch norm in float32), and the accuracy is that of the stored weights.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ganwright.core import packaged_weights
from ganwright.core.data import Data
from ganwright.data import cifar10, fashion_mnist, mnist
from ganwright.features import _networks
from ganwright.features._classified import HERE, Classified, in_range

BATCH, MOMENTUM, DECAY = 128, 0.9, 5e-4
WARM_UP = 0.2  # share of the steps in which the learning rate rises
# Labels are not smoothed: smoothing contracts the features of a class (S. Kornblith et al. 2021), and with them the
# differences between its pictures.


@dataclass(frozen=True)
class Plan:
    """The settings of one network."""

    loaders: tuple[Callable[[str], Data], ...]  # their classes are numbered consecutively
    network: Callable[[], _networks.Classifier]
    epochs: int
    shift: int  # pixels, at most, in each direction
    flip: bool
    lr: float
    licence: str


PLANS = {
    "grey28": Plan(
        (mnist.load, fashion_mnist.load),
        _networks.grey28,
        epochs=6,
        shift=2,
        flip=False,
        lr=0.1,
        licence="Apache-2.0; trained on MNIST (CC BY-SA 3.0) and Fashion-MNIST (MIT), of which no picture is contained",
    ),
    "natural32": Plan(
        (cifar10.load,),
        _networks.natural32,
        epochs=9,
        shift=4,
        flip=True,
        lr=0.2,
        licence="Apache-2.0; trained on CIFAR-10 (its authors state no licence), of which no picture is contained",
    ),
}


def concatenated(plan: Plan, split: str) -> tuple[np.ndarray, np.ndarray]:
    """All data sets: pictures uint8 [N, side, side, channels], labels int64 [N]."""
    sets = [load(split) for load in plan.loaders]
    starts = np.cumsum([0, *(len(data.classes) for data in sets[:-1])])
    labels = np.concatenate([data.labels + start for data, start in zip(sets, starts, strict=True)])
    return np.concatenate([data.samples for data in sets]), labels


def augmented(pictures: np.ndarray, plan: Plan, random: np.random.Generator) -> np.ndarray:
    """Each picture randomly shifted and, if `plan.flip`, flipped; edges are reflected then, otherwise black."""
    count, side = pictures.shape[:2]
    edge = ((0, 0), (plan.shift, plan.shift), (plan.shift, plan.shift), (0, 0))
    padded = np.pad(pictures, edge, mode="reflect" if plan.flip else "constant")
    rows, columns = (random.integers(0, 2 * plan.shift + 1, (count, 1)) + np.arange(side) for _ in range(2))
    if plan.flip:
        columns = np.where(random.random((count, 1)) < 0.5, columns[:, ::-1], columns)
    return padded[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


def train(plan: Plan, epochs: int) -> _networks.Classifier:
    """Trains with SGD, Nesterov momentum, and one cycle of the learning rate."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    pictures, labels = concatenated(plan, "train")
    network = plan.network().to(memory_format=torch.channels_last)
    batches, start = len(pictures) // BATCH, time.monotonic()  # per epoch; an incomplete batch is dropped
    optimizer = torch.optim.SGD(groups(network), plan.lr, MOMENTUM, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        plan.lr,
        epochs * batches,
        pct_start=WARM_UP,
        cycle_momentum=False,
        div_factor=10,
        final_div_factor=1000,
    )
    for epoch in range(epochs):
        losses = []
        for rows in random.permutation(len(pictures))[: batches * BATCH].reshape(batches, BATCH):
            losses.append(step(network, optimizer, augmented(pictures[rows], plan, random), labels[rows]))
            schedule.step()
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, {time.monotonic() - start:.0f} s", flush=True)
    return network


def groups(network: nn.Module) -> list[dict[str, object]]:
    """Parameter groups: weight decay for matrices, none for batch norm and biases."""
    matrices = [p for p in network.parameters() if p.ndim > 1]
    return [
        {"params": matrices, "weight_decay": DECAY},
        {"params": [p for p in network.parameters() if p.ndim == 1], "weight_decay": 0.0},
    ]


def step(network: nn.Module, optimizer: torch.optim.Optimizer, batch: np.ndarray, labels: np.ndarray) -> float:
    inputs = in_range(torch.from_numpy(batch).permute(0, 3, 1, 2))
    with torch.autocast("cpu", torch.bfloat16):
        _, scores = network(inputs)
    loss = F.cross_entropy(scores.float(), torch.from_numpy(labels))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def accuracies(plan: Plan, features: Classified) -> dict[str, float]:
    """The top-1 accuracy on each data set's test part."""
    shares, start = {}, 0
    for load in plan.loaders:
        data = load("test")
        shares[data.name] = float((features.classes(data.samples) == data.labels + start).mean())
        start += len(data.classes)
    return shares


def describe(name: str, epochs: int, minutes: float) -> dict[str, Any]:
    """The description without the accuracy."""
    plan, data = PLANS[name], [load("test") for load in PLANS[name].loaders]
    return {
        "name": name,
        "input": list(data[0].samples.shape[1:]),  # height, width, channels
        "training_data": [part.name for part in data],
        "training": f"tools/train_features.py {name} --epochs {epochs}: {minutes:.1f} minutes of one core",
        "classes": [label for part in data for label in part.classes],
        "licence": plan.licence,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("name", choices=list(PLANS))
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--folder", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    plan, start = PLANS[options.name], time.monotonic()
    epochs = options.epochs or plan.epochs
    network = train(plan, epochs)
    described = describe(options.name, epochs, (time.monotonic() - start) / 60)
    packaged_weights.write(options.name, network, described, options.folder)
    stored = Classified.load(options.name, plan.network, options.folder)
    described["test_accuracy"] = accuracies(plan, stored)
    packaged_weights.write(options.name, network, described, options.folder)
    print(json.dumps(described, indent=2))


if __name__ == "__main__":
    main()
