"""A recipe: data and their order, game, stages, and what a run displays."""

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
from ganwright.core.every import Every
from ganwright.core.game import Game
from ganwright.core.order import Order, Rows
from ganwright.core.rendering import Renderer, plain
from ganwright.core.turn import Stage

SAMPLE_GRIDS = 50  # over the horizon


@dataclass(frozen=True)
class DisplayConfig:
    """What a run displays while it trains.

    `every` is the number of examples between sample grids (None: 50 grids over the horizon), counted from `first`;
    `samples` is the number of samples per grid (None: the domain's). With `new_latents` each grid has new latents
    instead of the same ones. Checkpoints at multiples of `keep_every` examples are never deleted. `renderer` renders
    the grid.
    """

    every: int | None = None
    first: int = 0
    samples: int | None = None
    new_latents: bool = False
    keep_every: int | None = None
    summaries: bool = False
    renderer: Renderer = plain

    def interval(self, horizon: int) -> Every:
        """When a sample grid is rendered in a run of that horizon, besides its end."""
        return Every(self.every or max(horizon // SAMPLE_GRIDS, 1), self.first)


class PictureTransform(Protocol):
    """Transforms a user's pictures, of any size, that are passed as the condition."""

    @property
    def scale(self) -> int:
        """The factor by which pictures are enlarged."""

    def __call__(self, pictures: Tensor) -> Iterator[Tensor]:
        """Encoded [n, channels, height, width] to strips [n, channels, rows, scale * width], from the top."""


class AnySize(Protocol):
    """Makes samples under a user's picture, of any size, as the condition; they are of its size."""

    def __call__(self, condition: Tensor, draws: Draws) -> Tensor:
        """One encoded condition [1, channels, height, width] and the draws of one row to a sample of that size."""

    def changes(self, height: int, width: int) -> tuple[str, ...]:
        """Phrases for what is done otherwise to a picture of this size than to one of the training's size."""


@dataclass(frozen=True)
class Recipe:
    """The result of a recipe function.

    `examples` is the default horizon; `condition` is what samples are drawn under; `notes` are sentences about the
    choices made for this data, displayed at the start of a run. `back` is the recipe for sampling in the opposite
    direction, for games between two domains; `transform` is for games that map pictures of any size, and `any_size` for
    those whose conditions are pictures.
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
    any_size: AnySize | None = None

    @property
    def any_weight(self) -> Tensor:
        """One weight of the game, for its device and dtype."""
        return next(iter(self.game.players.values())).parameters[0]

    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        """Encoded samples, one for each row of `draws`; conditions are drawn by default."""
        if condition is None:
            condition = self.condition.draw(draws.at("condition"))
        return self.game.sample(draws, condition)

    def real_batch(self, rows: Rows, draws: Draws) -> Batch:
        """Encoded rows of the data with their conditions, in the view of the last stage."""
        real = self.data.domain.encode(torch.from_numpy(np.array(self.data.samples[rows]))).to(
            draws.device, draws.dtype
        )
        condition = self.condition.for_rows(self.data, rows)
        batch = Batch(real, None if condition is None else condition.to(draws.device))
        return self.stages[-1].view(batch, draws.at("view"))


RecipeFunction = Callable[..., Recipe]
