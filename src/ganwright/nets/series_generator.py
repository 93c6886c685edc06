"""Generators of series: attributes first, then the features under them (DoppelGANger, Lin et al. 2020, section 4.1)."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core.column import Column
from ganwright.domains.series import Series
from ganwright.nets.straight_through import gumbel, one_hot, straight_through
from ganwright.nets.temporal import SLOPE, dense
from ganwright.nets.temporal_generator import Body

CONTEXT = 128  # numbers
NARROWEST = 1e-3  # half the range before scaling, at least
STEEPNESS = 2.0  # of the sigmoid by which the length learns, per time step

MakeBody = Callable[[int, int, int], Body]
"""body(context, noise, steps)"""


class SeriesGenerator(nn.Module):
    """Maps latents [n, latents], and conditions [n, ...] if there are any, to encoded series; see `latents_of`.

    The first `latent` numbers and the condition make the attributes, the length, and, together with both, a context,
    from which the `make_body` network makes the features, with `noise` further numbers for every time step. Its last
    hidden states are normalised (RMSNorm: Zhang & Sennrich 2019), without which some runs got stuck early with constant
    features. No gradient flows from the features to attributes and length: features learn their distribution given
    both, as from data.

    Categories are drawn by their logits, with a latent for each, see `Heads`. The generation flag is 1 before the
    length, and learns as a sigmoid does (straight-through: Bengio et al. 2013, arXiv:1308.3432). Numbers lie within
    (-1, 1), by a tanh; those that are scaled by the own range of a series span [-1, 1] exactly, see `Spanning`. Copies
    of other numbers are equal to these.

    Of a domain with `given` time steps these, and the attributes, are copied from the condition [n, given, channels],
    and the other numbers are differences to the last given ones, without limits.
    """

    def __init__(
        self, domain: Series, make_body: MakeBody, latent: int, noise: int, condition: tuple[int, ...] = ()
    ) -> None:
        super().__init__()
        self.steps, self.given = domain.steps, domain.given
        inputs = latent + (math.prod(condition) if condition else 0)
        attributes = () if self.given else domain.attributes
        choices = categories_of(attributes), self.steps * categories_of(domain.features)
        self.latents = [latent, choices[0], self.steps * noise, choices[1]]
        self.attributes = Attributes(attributes, inputs) if attributes else None
        least = self.given + 1
        self.length = nn.Sequential(*_hidden(inputs), Length(CONTEXT, self.steps, least)) if domain.variable else None
        self.context = _hidden(inputs + sum(column.width for column in attributes) + domain.variable * self.steps)
        self.body = make_body(CONTEXT, noise, self.steps)
        spanning = [] if self.given else domain.spanning
        self.features = Heads(domain.features, self.body.width, domain.numbers if self.given else spanning)
        self.spanning = Spanning(domain.features, spanning) if spanning else None
        self.sources = domain.sources

    def forward(self, latent: Tensor, condition: Tensor | None = None) -> Tensor:
        inputs, chosen, *over_time = torch.split(latent, self.latents, 1)
        noise, choices = (part.view(len(latent), self.steps, -1) for part in over_time)
        if condition is not None:
            inputs = torch.cat([inputs, condition.flatten(1)], 1)
        attributes = inputs[:, :0] if self.attributes is None else self.attributes(inputs, chosen)[:, self.sources[1]]
        flag = inputs[:, :0, None] if self.length is None else self.length(inputs)
        known = torch.cat([inputs, attributes.detach(), flag.detach().flatten(1)], 1)
        hidden = F.rms_norm(self.body(self.context(known), noise), (self.body.width,))
        features = self.features(hidden, choices)[:, :, self.sources[0]]
        lasts = features.new_ones(1, self.steps, 1) if self.length is None else flag.detach()
        if self.spanning is not None:
            features = self.spanning(features, lasts)
        if self.given:
            assert condition is not None
            features, attributes = self._continued(features, condition)
        flags = [] if self.length is None else [flag]
        return torch.cat([features * lasts, *flags, attributes[:, None].expand(-1, self.steps, -1)], 2)

    def _continued(self, features: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """The features after the given steps, and the attributes, [n, width], which the condition has."""
        count = features.shape[2]
        known, attributes = condition[:, :, :count], condition[:, -1, count:]
        ahead = self.features.added(known[:, -1:], features[:, self.given :])
        return torch.cat([known, ahead], 1), attributes


class Attributes(nn.Module):
    """Maps [n, inputs], and latents [n, categories] that choose categories, to encoded attributes [n, channels]."""

    def __init__(self, columns: Sequence[Column], inputs: int) -> None:
        super().__init__()
        self.hidden = _hidden(inputs)
        self.heads = Heads(columns, CONTEXT)

    def forward(self, inputs: Tensor, choices: Tensor) -> Tensor:
        attributes: Tensor = self.heads(self.hidden(inputs), choices)
        return attributes


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

    Numbers lie within (-1, 1), but those at the places `unbounded`. Categories are drawn from the softmax of their
    logits with the Gumbel-max trick (Jang et al. 2017), whose noise is made of `choices`, standard normal latents
    [..., categories of all columns]. Without it all series have the same categories at a time step early in training.
    """

    numbers: Tensor  # [channels], 1 for numbers and 0 for categories
    categories: Tensor  # [categories of all columns], their channels

    def __init__(self, columns: Sequence[Column], inputs: int, unbounded: Collection[int] = ()) -> None:
        super().__init__()
        self.widths = [column.width for column in columns]
        self.logits = dense(inputs, sum(self.widths), 0.5)
        limits = [nn.Identity() if place in unbounded else nn.Tanh() for place in range(len(columns))]
        self.outputs = [one_hot if column.categories else limit for column, limit in zip(columns, limits, strict=True)]
        numbers = [place for place, column in enumerate(columns) if not column.categories]
        dtype = torch.get_default_dtype()
        chosen = channels_of(columns, numbers)
        self.register_buffer("numbers", chosen.to(dtype), persistent=False)
        self.register_buffer("categories", (~chosen).nonzero().flatten(), persistent=False)

    def forward(self, hidden: Tensor, choices: Tensor) -> Tensor:
        parts = self.logits(hidden).index_add(-1, self.categories, gumbel(choices)).split(self.widths, -1)
        return torch.cat([output(part) for output, part in zip(self.outputs, parts, strict=True)], -1)

    def added(self, start: Tensor, values: Tensor) -> Tensor:
        """Values [n, time, channels] with `start` [n, 1, channels] added to the numbers."""
        return values + start * self.numbers


class Spanning(nn.Module):
    """Scales the numbers at some places of series [n, time, channels] to span [-1, 1] until their end.

    Encoded by its own range, a series of data has the minimum -1 and the maximum 1. The generator's then has the range
    that its attributes say.
    """

    spanning: Tensor  # [channels], bool

    def __init__(self, columns: Sequence[Column], places: Collection[int]) -> None:
        super().__init__()
        self.register_buffer("spanning", channels_of(columns, places), persistent=False)

    def forward(self, series: Tensor, lasts: Tensor) -> Tensor:
        """lasts: [n or 1, time, 1], 1 until the end and 0 after it."""
        over = lasts == 0
        high = series.masked_fill(over, -math.inf).amax(1, keepdim=True)
        low = series.masked_fill(over, math.inf).amin(1, keepdim=True)
        half = ((high - low) / 2).clamp_min(NARROWEST)
        return torch.where(self.spanning, (series - (high + low) / 2) / half, series)


def latents_of(domain: Series, latent: int, noise: int) -> int:
    """The size of latents: `latent` numbers, `noise` ones for each time step, and one for each category of a choice."""
    static = 0 if domain.given else categories_of(domain.attributes)
    return latent + static + domain.steps * (noise + categories_of(domain.features))


def categories_of(columns: Sequence[Column]) -> int:
    """The number of categories of all columns."""
    return sum(len(column.categories) for column in columns)


def channels_of(columns: Sequence[Column], places: Collection[int]) -> Tensor:
    """Which channels [channels] of encoded columns are those of the columns at some places."""
    return torch.tensor([place in places for place, column in enumerate(columns) for _ in range(column.width)])


def _hidden(inputs: int) -> nn.Sequential:
    """Two dense layers, [n, inputs] to [n, CONTEXT]."""
    layers = dense(inputs, CONTEXT), dense(CONTEXT, CONTEXT)
    return nn.Sequential(layers[0], nn.LeakyReLU(SLOPE), layers[1], nn.LeakyReLU(SLOPE))
