"""What a recipe puts together: the data and its order, the game, the stages, and what is shown when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.condition import Condition, Unconditional
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.game import Game
from ganwright.core.order import Order, Rows
from ganwright.core.rendering import Renderer, plain
from ganwright.core.turn import Stage

SHEETS = 50  # over the horizon


@dataclass(frozen=True)
class DisplayConfig:
    """What a run shows while it trains.

    `every` is the number of images between sheets (None: fifty over the horizon), counted from `first`; `samples`
    is the number of samples on a sheet (None: the domain's). With `new_latents` each sheet draws anew instead of
    repeating the same latents. `keep_every` keeps a checkpoint at each multiple of so many images. `renderer` makes
    the sheet.
    """

    every: int | None = None
    first: int = 0
    samples: int | None = None
    new_latents: bool = False
    keep_every: int | None = None
    summaries: bool = False
    renderer: Renderer = plain

    def interval(self, horizon: int) -> int:
        """Images between two sheets."""
        return self.every or max(horizon // SHEETS, 1)

    def due(self, examples: int, batch: int, horizon: int) -> bool:
        """Whether a sheet is due after a round of `batch` that ended at `examples`."""
        if examples >= horizon:
            return True
        every = self.interval(horizon)
        return examples >= self.first and (examples - self.first) // every > (examples - batch - self.first) // every

    def next(self, examples: int, horizon: int) -> int:
        """How many images will have been seen when the next sheet may be due."""
        every = self.interval(horizon)
        return self.first + ((examples - self.first) // every + 1) * every


class PictureTransform(Protocol):
    """What becomes of a user's own pictures, of any size, that are given as the condition."""

    @property
    def scale(self) -> int:
        """How many times as large they become."""

    def __call__(self, pictures: Tensor) -> Iterator[Tensor]:
        """[n, channels, height, width] to strips [n, channels, rows, scale * width] from the top, all encoded."""


@dataclass(frozen=True)
class Recipe:
    """The result of a recipe function.

    `examples` is the horizon when nobody asks for another; `condition` is what samples are drawn under; `notes` are
    sentences about what was decided for this data, for the start of a run. A game that goes both ways has a recipe for
    the way `back`, to sample by; one that makes a picture of another, of any size, has `transform`.
    """

    data: Data
    game: Game
    stages: tuple[Stage, ...]
    order: Order
    examples: int
    display: DisplayConfig = DisplayConfig()
    condition: Condition = field(default_factory=Unconditional)
    notes: tuple[str, ...] = ()
    back: Recipe | None = None
    transform: PictureTransform | None = None

    @property
    def any_weight(self) -> Tensor:
        """One weight of the game, for its device and precision."""
        return next(iter(self.game.players.values())).parameters[0]

    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        """A sample for each row of `draws`, encoded, under conditions that are drawn where none are given."""
        drawn = self.condition.draw(draws.at("condition")) if condition is None else condition
        return self.game.sample(draws, drawn)

    def real_batch(self, rows: Rows, draws: Draws) -> Batch:
        """Rows of the data, encoded, as the last stage shows them, with their conditions."""
        real = self.data.domain.encode(torch.from_numpy(np.array(self.data.samples[rows]))).to(
            draws.device, draws.dtype
        )
        condition = self.condition.for_rows(self.data, rows)
        batch = Batch(real, None if condition is None else condition.to(draws.device))
        return self.stages[-1].view(batch, draws.at("view"))


RecipeFunction = Callable[..., Recipe]
