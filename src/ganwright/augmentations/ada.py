"""Adaptive discriminator augmentation (ADA): its probability follows the discriminator's overfitting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import torch
from annotated_types import Ge, Le
from pydantic import with_config
from torch import Tensor
from typing_extensions import TypedDict

from ganwright.augmentations._colour import recoloured
from ganwright.augmentations._geometry import geometry
from ganwright.augmentations._warp import warped
from ganwright.core import ranks
from ganwright.core.draws import Draws
from ganwright.core.schema import EXACT, Count, Finite

TARGET = 0.6  # of r_t = E sign D(x), above which the discriminator overfits
MAX_PROBABILITY = 0.8  # above it samples begin to look augmented (Karras et al. 2020, figure 4)


@with_config(EXACT)
class AdaState(TypedDict):
    """See the fields of `Ada`."""

    probability: Annotated[float, Ge(0), Le(MAX_PROBABILITY)]
    examples_seen: Count
    signs: Finite


@dataclass
class Ada:
    """Karras et al. 2020 (StyleGAN2-ADA), section 3.1: the pipeline `bgc`, each transform with probability p.

    p starts at 0. After every `every` real pictures (the paper: 4 batches) it rises if r_t is above .6 and falls
    otherwise, by steps that reach 1 after `examples` of them; the paper has 500,000, for runs of 25 million, and no
    upper limit of p. `every` should be a multiple of the global batch, as it is for `--augment ada`: otherwise p
    changes within a batch where that is split into micro-batches.

    Called with pictures [n, channels, height, width] in [-1, 1] and draws of n rows. Interpolation is cubic
    convolution, where the paper uses wavelets at twice the resolution.
    """

    every: int = 256
    examples: int = 500_000
    probability: float = field(default=0.0, init=False)
    examples_seen: int = field(default=0, init=False)  # real pictures since the last update of p, over all processes
    signs: float | Tensor = field(default=0.0, init=False)  # the sum of their margins' signs

    def __call__(self, pictures: Tensor, draws: Draws) -> Tensor:
        if self.probability == 0.0:
            return pictures
        maps = geometry(draws.at("geometry"), self.probability, pictures.shape[2], pictures.shape[3])
        return recoloured(warped(pictures, maps.to(pictures.dtype)), draws.at("colour"), self.probability)

    def observe(self, margin: Tensor) -> dict[str, Tensor]:
        """Updates p by the margins [n] of this process's real pictures; all processes must call it."""
        self.signs = self.signs + ranks.mean(margin.detach().sign().sum()) * ranks.size()
        self.examples_seen += len(margin) * ranks.size()
        if self.examples_seen >= self.every:
            step = self.examples_seen / self.examples
            overfit = float(self.signs) / self.examples_seen > TARGET
            self.probability = min(max(self.probability + (step if overfit else -step), 0.0), MAX_PROBABILITY)
            self.examples_seen, self.signs = 0, 0.0
        return {"augmented": torch.tensor(self.probability, device=margin.device)}

    def state_dict(self) -> AdaState:
        return {"probability": self.probability, "examples_seen": self.examples_seen, "signs": float(self.signs)}

    def load_state_dict(self, state: AdaState) -> None:
        self.probability, self.examples_seen, self.signs = state["probability"], state["examples_seen"], state["signs"]

    def __str__(self) -> str:
        return "ADA: the discriminator's inputs are warped and recoloured, more often the more it overfits"
