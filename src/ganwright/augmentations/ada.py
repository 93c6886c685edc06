"""ADA: augmentations that come as often as it takes to keep the discriminator from knowing its pictures by heart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ganwright.augmentations._colour import recoloured
from ganwright.augmentations._geometry import geometry
from ganwright.augmentations._warp import warped
from ganwright.core import ranks
from ganwright.core.draws import Draws

TARGET = 0.6  # of r_t = E sign D(x), above which the discriminator overfits
MOST = 0.8  # of the probability: nearer to 1 the samples begin to look augmented (Karras et al. 2020, figure 4)


@dataclass
class Ada:
    """Karras et al. 2020 (StyleGAN2-ADA), section 3.1: the pipeline `bgc`, each of its steps with a probability p.

    p begins at 0. After `every` real pictures (the paper: 4 batches) it steps, up where r_t was above .6, else down, so
    that it would take `examples` of them from 0 to 1; the paper has 500,000, for runs of 25 million, and no upper end.

    Called with pictures [n, channels, height, width] in [-1, 1] and a draw of n rows. Between pixels pictures are
    interpolated by cubic convolution, where the paper's program has wavelets at twice the resolution.
    """

    every: int = 256
    examples: int = 500_000
    probability: float = field(default=0.0, init=False)
    heard: int = field(default=0, init=False)  # real pictures since the last step, those of all processes
    signs: float | Tensor = field(default=0.0, init=False)  # the sum of their signs

    def __call__(self, pictures: Tensor, draws: Draws) -> Tensor:
        if self.probability == 0.0:
            return pictures
        maps = geometry(draws.at("geometry"), self.probability, pictures.shape[2], pictures.shape[3])
        return recoloured(warped(pictures, maps.to(pictures.dtype)), draws.at("colour"), self.probability)

    def told(self, margin: Tensor) -> dict[str, Tensor]:
        """By how much real pictures [n], this process's share, were held for real; all processes are told together."""
        self.signs = self.signs + ranks.mean(margin.detach().sign().sum()) * ranks.size()
        self.heard += len(margin) * ranks.size()
        if self.heard >= self.every:
            step = self.heard / self.examples
            overfit = float(self.signs) / self.heard > TARGET
            self.probability = min(max(self.probability + (step if overfit else -step), 0.0), MOST)
            self.heard, self.signs = 0, 0.0
        return {"augmented": torch.tensor(self.probability, device=margin.device)}

    def state_dict(self) -> dict[str, Any]:
        return {"probability": self.probability, "heard": self.heard, "signs": float(self.signs)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.probability, self.heard, self.signs = state["probability"], state["heard"], state["signs"]

    def __str__(self) -> str:
        return "ADA: the discriminator sees pictures warped and recoloured, more often the surer it is of the real ones"
