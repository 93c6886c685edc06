"""Class-conditional networks: one generator and three kinds of discriminator.

All are called as `network(x, condition)`, with classes int64 [n].
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConditionalGenerator(nn.Module):
    """Appends an embedding of the class to the latent (Mirza & Osindero 2014, section 3.2).

    `inner` takes latents [n, latent + embedding].
    """

    def __init__(self, inner: nn.Module, classes: int, embedding: int) -> None:
        super().__init__()
        self.inner = inner
        self.embedding = nn.Embedding(classes, embedding)

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        samples: Tensor = self.inner(torch.cat([latent, self.embedding(condition)], dim=1))
        return samples


class ConcatenationDiscriminator(nn.Module):
    """Appends an embedding of the class as one more channel (Mirza & Osindero 2014; Denton et al. 2015).

    `inner` takes images [n, channels + 1, height, width].
    """

    def __init__(self, inner: nn.Module, classes: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.inner, self.size = inner, size
        self.planes = nn.Embedding(classes, size[0] * size[1])

    def forward(self, pictures: Tensor, condition: Tensor) -> Tensor:
        plane = self.planes(condition).unflatten(1, (1, *self.size)).to(pictures.dtype)
        score: Tensor = self.inner(torch.cat([pictures, plane], dim=1))
        return score


class ProjectionDiscriminator(nn.Module):
    """score(x, y) = psi(phi(x)) + <embedding(y), phi(x)> (Miyato & Koyama 2018, equation 4).

    `trunk` is phi and maps samples to features [n, features].
    """

    def __init__(self, trunk: nn.Module, features: int, classes: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(features, 1)
        self.embedding = nn.Embedding(classes, features)
        nn.init.normal_(self.embedding.weight, std=features**-0.5)

    def forward(self, samples: Tensor, condition: Tensor) -> Tensor:
        features = self.trunk(samples)
        projected = (self.embedding(condition) * features).sum(1)
        score: Tensor = self.head(features).flatten() + projected
        return score


class ClassifyingDiscriminator(nn.Module):
    """Predicts the class in addition to the score, and ignores the condition (Odena, Olah & Shlens 2017, AC-GAN).

    `trunk` maps samples to features [n, features].
    """

    def __init__(self, trunk: nn.Module, features: int, classes: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(features, 1 + classes)

    def forward(self, samples: Tensor, condition: Tensor | None = None) -> dict[str, Tensor]:
        """ "score" [n], and "classes", logits [n, classes]."""
        heads = self.head(self.trunk(samples))
        return {"score": heads[:, 0], "classes": heads[:, 1:]}
