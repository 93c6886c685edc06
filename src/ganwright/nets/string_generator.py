"""The generator of strings: a body, convolutional or recurrent, and how symbols are chosen by its scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core import draws
from ganwright.nets.straight_through import LINEAR, gumbel, straight_through

Outputs = Literal["softmax", "gumbel-softmax", "straight-through"]
EMBEDDING = 16  # numbers of a class


class Choice(nn.Module, ABC):
    """Maps scores of symbols [..., symbols], and `noises` Gumbel numbers for each, to values that add up to 1.

    A schedule sets the temperature, which lies in a buffer, so that an opened generator has that of its last step.
    """

    temperature: Tensor
    noises: int

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("temperature", torch.ones(()))

    @abstractmethod
    def forward(self, scores: Tensor, noise: Tensor) -> Tensor: ...


class Probabilities(Choice):
    """softmax(scores / temperature), without a draw (Gulrajani et al. 2017, section 5.5)."""

    noises = 0

    def forward(self, scores: Tensor, noise: Tensor) -> Tensor:
        return (scores / self.temperature).softmax(-1)


class Relaxed(Choice):
    """Gumbel-softmax, softmax((scores + g) / temperature) with Gumbel noise g (Jang et al. 2017, equation 2)."""

    noises = 1

    def forward(self, scores: Tensor, noise: Tensor) -> Tensor:
        return ((scores + noise) / self.temperature).softmax(-1)


class Drawn(Choice):
    """One-hot vectors, drawn with the probabilities softmax(scores).

    The largest of scores + g is drawn, with Gumbel noise g. They learn as softmax(scores / temperature) does
    (straight-through: Bengio et al. 2013, arXiv:1308.3432), with a small linear part, see `straight_through.one_hot`.
    """

    noises = 1

    def forward(self, scores: Tensor, noise: Tensor) -> Tensor:
        hard = F.one_hot((scores + noise).argmax(-1), scores.shape[-1]).to(scores.dtype)
        return straight_through(hard, (scores / self.temperature).softmax(-1) + LINEAR * scores)


CHOICES: dict[Outputs, type[Choice]] = {
    "softmax": Probabilities,
    "gumbel-softmax": Relaxed,
    "straight-through": Drawn,
}


class StringBody(nn.Module, ABC):
    """Maps a context [n, context] to symbols [n, length, symbols + 1], the last of which is the end.

    `choice` makes each place's values of its scores and of its part of the Gumbel noise [n, length, noises].
    """

    @abstractmethod
    def forward(self, context: Tensor, noise: Tensor, choice: Choice) -> Tensor: ...

    @abstractmethod
    def scores(self, context: Tensor, strings: Tensor) -> Tensor:
        """The scores of each place's symbols where those before it are those of encoded strings, of the same shape."""


class StringGenerator(nn.Module):
    """Maps latents [n, latent + length noises], and classes [n] if there are any, to encoded strings.

    The first `latent` numbers, and an embedding of the class, are the body's context; the others are its choice's
    noise.
    """

    def __init__(self, body: StringBody, choice: Choice, latent: int, length: int, classes: int = 0) -> None:
        super().__init__()
        self.latent, self.length = latent, length
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        self.body, self.choice = body, choice

    def forward(self, latent: Tensor, condition: Tensor | None = None) -> Tensor:
        context, noise = latent[:, : self.latent], gumbel(latent[:, self.latent :]).view(len(latent), self.length, -1)
        strings: Tensor = self.body(self._context(context, condition), noise, self.choice)
        return strings

    def log_likelihood(self, strings: Tensor, condition: Tensor | None = None) -> Tensor:
        """log p(x | z) of encoded strings x, and of their first end, for a random latent z each: [n], in nats.

        Symbols are drawn with the probabilities softmax(scores). The latents come from the turn's draws; outside of a
        turn they come from torch's generator.
        """
        supplied = draws.supplied()
        latent = torch.randn(len(strings), self.latent) if supplied is None else supplied.normal(self.latent)
        scores = self.body.scores(self._context(latent.to(strings), condition), strings)
        lasts = F.pad(1 - strings[:, :-1, -1], (1, 0), value=1.0)
        return ((scores.log_softmax(2) * strings).sum(2) * lasts).sum(1)

    def _context(self, latent: Tensor, condition: Tensor | None) -> Tensor:
        return latent if self.embedding is None else torch.cat([latent, self.embedding(condition)], 1)
