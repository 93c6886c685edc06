"""The discriminative and the predictive score of TimeGAN's published code, all repeats trained at once.

Yoon, Jarrett & van der Schaar, Time-series generative adversarial networks, NeurIPS 2019, section 5; as in the code of
its repository, which later papers' tables use too: one GRU layer of floor(features / 2) units and a linear one, Adam
with learning rate 1e-3, 2,000 steps of 128 windows for the discriminative score and 5,000 for the predictive one. The
repeats of the protocol, ten, are independent networks, whose weights are stacked, on independent batches.

The GRU is TensorFlow 1's, which the code uses: the reset gate multiplies the state before its matrix (in torch.nn.GRU
after it), weights are uniform as Glorot & Bengio 2010 have it, and the biases of the gates start at 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

REPEATS, BATCH, LR = 10, 128, 1e-3
DISCRIMINATIVE_STEPS, PREDICTIVE_STEPS = 2_000, 5_000
TRAIN_SHARE = 0.8  # of the windows, in random order: neighbours overlap
CHUNK = 500  # windows that are scored at a time


@dataclass(frozen=True)
class Scores:
    """The values of the repeats."""

    discriminative: np.ndarray
    predictive: np.ndarray


def judge(real: np.ndarray, fake: np.ndarray, repeats: int = REPEATS, seed: int = 0) -> Scores:
    """The scores of as many fakes as real windows, [n, time, features] in [0, 1]; lower is better.

    Raises ValueError if the shapes differ, for values that are not finite, or for one feature: the predictive score
    forecasts the last feature by the others.
    """
    if real.shape != fake.shape or real.ndim != 3 or real.shape[2] < 2:
        raise ValueError(
            f"as many fakes as real windows of two features or more are needed: {real.shape}, {fake.shape}"
        )
    if not (np.isfinite(real).all() and np.isfinite(fake).all()):
        raise ValueError("the windows hold NaN or infinity")
    return Scores(discriminative(real, fake, repeats, seed), predictive(real, fake, repeats, seed))


def discriminative(
    real: np.ndarray, fake: np.ndarray, repeats: int = REPEATS, seed: int = 0, steps: int = DISCRIMINATIVE_STEPS
) -> np.ndarray:
    """|accuracy - 1/2| on a fifth of the real windows and of the fakes, which was not trained on, of each repeat."""
    random = np.random.default_rng(seed)
    networks = _networks(real.shape[2], real.shape[2], repeats, seed)
    kinds = torch.from_numpy(real).float(), torch.from_numpy(fake).float()
    orders = [torch.from_numpy(np.stack([random.permutation(len(kind)) for _ in range(repeats)])) for kind in kinds]
    cuts = [int(TRAIN_SHARE * len(kind)) for kind in kinds]
    is_real = torch.cat([torch.ones(repeats, min(BATCH, cuts[0])), torch.zeros(repeats, min(BATCH, cuts[1]))], 1)

    def loss() -> Tensor:
        drawn = [order.gather(1, _batches(random, cut, repeats)) for order, cut in zip(orders, cuts, strict=True)]
        windows = torch.cat([kind[rows] for kind, rows in zip(kinds, drawn, strict=True)], 1)
        logits = networks.last(windows)
        return 2 * F.binary_cross_entropy_with_logits(logits, is_real, reduction="none").mean(1).sum()

    _train(networks, loss, steps)
    with torch.no_grad():
        right = [
            (_in_chunks(networks, kind[order[:, cut:]]) > 0) == wanted
            for kind, order, cut, wanted in zip(kinds, orders, cuts, (True, False), strict=True)
        ]
    return (torch.cat(right, 1).double().mean(1) - 0.5).abs().numpy()


def predictive(
    real: np.ndarray, fake: np.ndarray, repeats: int = REPEATS, seed: int = 0, steps: int = PREDICTIVE_STEPS
) -> np.ndarray:
    """Mean absolute error of one-step forecasts of the real windows' last feature by the others, trained on fakes."""
    random = np.random.default_rng(seed)
    networks = _networks(real.shape[2] - 1, real.shape[2], repeats, seed)
    windows, test = torch.from_numpy(fake).float(), torch.from_numpy(real).float()

    def loss() -> Tensor:
        batch = windows[_batches(random, len(windows), repeats)]
        return (_forecast(networks, batch) - batch[..., 1:, -1]).abs().mean((1, 2)).sum()

    _train(networks, loss, steps)
    with torch.no_grad():
        errors = [
            (_forecast(networks, part.expand(repeats, -1, -1, -1)) - part[:, 1:, -1]).abs().mean(2)
            for part in test.split(CHUNK)
        ]
    return torch.cat(errors, 1).double().mean(1).numpy()


class Networks(nn.Module):
    """GRU layers and linear ones of `repeats` networks: [repeats, n, time, features] to numbers."""

    def __init__(self, repeats: int, features: int, size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.size = size
        shapes = {"gates": (2 * size, features + size), "candidate": (size, features + size), "out": (1, size)}
        for name, (rows, columns) in shapes.items():
            bound = math.sqrt(6 / (rows + columns))
            weight = torch.empty(repeats, rows, columns).uniform_(-bound, bound, generator=generator)
            bias = torch.full((repeats, rows, 1), 1.0 if name == "gates" else 0.0)
            self.register_parameter(name, nn.Parameter(weight))
            self.register_parameter(f"{name}_bias", nn.Parameter(bias))

    def states(self, series: Tensor) -> list[Tensor]:
        """The state after each time step, [repeats, size, n] each: products are fastest with the samples last."""
        repeats, count, _, features = series.shape
        weight = torch.cat([self.gates[..., :features], self.candidate[..., :features]], 1)
        bias = torch.cat([self.gates_bias, self.candidate_bias], 1)
        gates, candidate = self.gates[..., features:], self.candidate[..., features:]
        state, states = series.new_zeros(repeats, self.size, count), []
        for at in series.permute(2, 0, 3, 1).contiguous():
            to_gates, to_candidate = torch.baddbmm(bias, weight, at).split([2 * self.size, self.size], 1)
            reset, update = torch.baddbmm(to_gates, gates, state).sigmoid().chunk(2, 1)
            new = torch.baddbmm(to_candidate, candidate, reset * state).tanh()
            state = torch.lerp(new, state, update)  # update * state + (1 - update) * new
            states.append(state)
        return states

    def last(self, series: Tensor) -> Tensor:
        """A number after the last time step, [repeats, n]."""
        return torch.baddbmm(self.out_bias, self.out, self.states(series)[-1]).squeeze(1)

    def every(self, series: Tensor) -> Tensor:
        """A number after each time step, [repeats, n, time]."""
        return torch.stack(
            [torch.baddbmm(self.out_bias, self.out, state).squeeze(1) for state in self.states(series)], 2
        )


def _networks(inputs: int, features: int, repeats: int, seed: int) -> Networks:
    return Networks(repeats, inputs, features // 2, torch.Generator().manual_seed(seed))


def _batches(random: np.random.Generator, count: int, repeats: int) -> Tensor:
    """Different rows below `count` for each repeat, [repeats, batch]."""
    size = min(BATCH, count)
    return torch.from_numpy(
        np.stack([random.choice(count, size, replace=False, shuffle=False) for _ in range(repeats)])
    )


def _train(networks: Networks, loss: Callable[[], Tensor], steps: int) -> None:
    optimizer = torch.optim.Adam(networks.parameters(), LR, fused=True)
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()


def _forecast(networks: Networks, windows: Tensor) -> Tensor:
    """The last feature of the next time steps, [repeats, n, time - 1]."""
    return networks.every(windows[..., :-1, :-1]).sigmoid()


def _in_chunks(networks: Networks, windows: Tensor) -> Tensor:
    return torch.cat([networks.last(part) for part in windows.split(CHUNK, 1)], 1)
