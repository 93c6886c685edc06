"""Generators of series: attributes first, then the features under them (DoppelGANger, Lin et al. 2020, section 4.1)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core.column import Column
from ganwright.domains.series import Series
from ganwright.nets.temporal import SLOPE, dense
from ganwright.nets.temporal_generator import Body

CONTEXT = 128  # numbers
STEEPNESS = 2.0  # of the sigmoid by which the length learns, per time step

MakeBody = Callable[[int, int, int], Body]
"""body(context, noise, steps)"""


class SeriesGenerator(nn.Module):
    """Maps latents [n, latent + steps noise], and conditions [n, ...] if there are any, to encoded series.

    The first `latent` numbers and the condition make the attributes and a context, from which the `make_body` network
    makes the features, with `noise` further numbers for every time step. Categories are one-hot vectors of the largest
    logit, which learn as their softmax does (straight-through: Bengio et al. 2013, arXiv:1308.3432), and so does the
    generation flag, which is 1 before a length that the context determines. Numbers lie within (-1, 1), by a tanh.

    Of a domain with `given` time steps these, and the attributes, are copied from the condition [n, given, channels],
    and the other numbers are differences to the last given ones, without limits.
    """

    def __init__(
        self, domain: Series, make_body: MakeBody, latent: int, noise: int, condition: tuple[int, ...] = ()
    ) -> None:
        super().__init__()
        self.steps, self.given, self.latent, self.noise = domain.steps, domain.given, latent, noise
        inputs = latent + (math.prod(condition) if condition else 0)
        self.attributes = None if self.given else _attributes(domain.attributes, inputs)
        attributes = 0 if self.given else sum(column.width for column in domain.attributes)
        self.context = nn.Sequential(
            dense(inputs + attributes, CONTEXT), nn.LeakyReLU(SLOPE), dense(CONTEXT, CONTEXT), nn.LeakyReLU(SLOPE)
        )
        self.length = Length(CONTEXT, self.steps, least=self.given + 1) if domain.variable else None
        self.body = make_body(CONTEXT, noise, self.steps)
        self.features = Heads(domain.features, self.body.width, bounded=not self.given)

    def forward(self, latent: Tensor, condition: Tensor | None = None) -> Tensor:
        inputs, noise = latent[:, : self.latent], latent[:, self.latent :].view(len(latent), self.steps, self.noise)
        if condition is not None:
            inputs = torch.cat([inputs, condition.flatten(1)], 1)
        attributes = inputs[:, :0] if self.attributes is None else self.attributes(inputs)
        context = self.context(torch.cat([inputs, attributes], 1))
        features = self.features(self.body(context, noise))
        if self.given:
            assert condition is not None
            features, attributes = self._continued(features, condition)
        parts = [features]
        if self.length is not None:
            lasts = self.length(context)
            parts = [features * lasts, lasts]
        return torch.cat([*parts, attributes[:, None].expand(-1, self.steps, -1)], 2)

    def _continued(self, features: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """The features after the given steps, and the attributes, [n, width], which the condition has."""
        count = features.shape[2]
        known, attributes = condition[:, :, :count], condition[:, -1, count:]
        ahead = self.features.added(known[:, -1:], features[:, self.given :])
        return torch.cat([known, ahead], 1), attributes


class Length(nn.Module):
    """Maps a context [n, inputs] to a generation flag [n, steps, 1]: 1 before a length, and 0 from there on.

    The length is `least` steps or more, and learns as if the flag were a sigmoid of the distance to it.
    """

    steps: Tensor

    def __init__(self, inputs: int, steps: int, least: int = 1) -> None:
        super().__init__()
        self.least = least
        self.share = dense(inputs, 1, 0.5)
        self.register_buffer("steps", torch.arange(steps, dtype=torch.get_default_dtype()), persistent=False)

    def forward(self, context: Tensor) -> Tensor:
        length = (self.share(context) + 0.5) * len(self.steps)  # half of the steps at first
        soft = torch.sigmoid(STEEPNESS * (length - self.steps)).unsqueeze(2)
        lasts = (soft > 0.5) | (self.steps < self.least).unsqueeze(1)
        return straight_through(lasts.to(soft.dtype), soft)


class Heads(nn.Module):
    """Maps hidden values [..., inputs] to encoded values of columns [..., channels]: numbers, and one-hot vectors.

    Numbers that are `bounded` lie within (-1, 1).
    """

    numbers: Tensor  # [channels], 1 for numbers and 0 for categories

    def __init__(self, columns: Sequence[Column], inputs: int, bounded: bool = True) -> None:
        super().__init__()
        self.bounded = bounded
        self.widths = [column.width for column in columns]
        self.categorical = [bool(column.categories) for column in columns]
        self.logits = dense(inputs, sum(self.widths), 0.5)
        numbers = [
            not is_one for is_one, width in zip(self.categorical, self.widths, strict=True) for _ in range(width)
        ]
        self.register_buffer("numbers", torch.tensor(numbers, dtype=torch.get_default_dtype()), persistent=False)

    def forward(self, hidden: Tensor) -> Tensor:
        parts = self.logits(hidden).split(self.widths, -1)
        kinds = zip(parts, self.categorical, strict=True)
        return torch.cat([one_hot(part) if is_one else self._number(part) for part, is_one in kinds], -1)

    def _number(self, part: Tensor) -> Tensor:
        return part.tanh() if self.bounded else part

    def added(self, start: Tensor, values: Tensor) -> Tensor:
        """Values [n, time, channels] with `start` [n, 1, channels] added to the numbers."""
        numbers = [
            not is_one for is_one, width in zip(self.categorical, self.widths, strict=True) for _ in range(width)
        ]
        return values + start * torch.tensor(numbers, dtype=start.dtype, device=start.device)


def _attributes(columns: Sequence[Column], inputs: int) -> nn.Module | None:
    """A dense network from [n, inputs] to encoded attributes; None without attributes."""
    if not columns:
        return None
    return nn.Sequential(
        dense(inputs, CONTEXT),
        nn.LeakyReLU(SLOPE),
        dense(CONTEXT, CONTEXT),
        nn.LeakyReLU(SLOPE),
        Heads(columns, CONTEXT),
    )


def one_hot(logits: Tensor) -> Tensor:
    """One-hot vectors [..., categories] of the largest logit, with the gradient of the softmax."""
    soft = logits.softmax(-1)
    hard = F.one_hot(logits.argmax(-1), logits.shape[-1]).to(soft.dtype)
    return straight_through(hard, soft)


def straight_through(hard: Tensor, soft: Tensor) -> Tensor:
    """The value of `hard` with the gradient of `soft`."""
    return hard + (soft - soft.detach())
