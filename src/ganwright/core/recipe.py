"""What a recipe puts together: the data and its order, the game, the stages, and what is shown when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ganwright.core.data import Data
from ganwright.core.game import Game
from ganwright.core.order import Order
from ganwright.core.turn import Stage

SHEETS = 50  # over the horizon


@dataclass(frozen=True)
class Showing:
    """What a run shows while it trains.

    `every` is the number of images between sheets (None: fifty over the horizon), counted from `first`; `samples`
    is the number of samples on a sheet (None: the domain's). With `new_latents` each sheet draws anew instead of
    repeating the same latents. `keep_every` keeps a checkpoint at each multiple of so many images.
    """

    every: int | None = None
    first: int = 0
    samples: int | None = None
    new_latents: bool = False
    keep_every: int | None = None
    summaries: bool = False

    def interval(self, horizon: int) -> int:
        """Images between two sheets."""
        return self.every or max(horizon // SHEETS, 1)

    def due(self, images: int, batch: int, horizon: int) -> bool:
        """Whether a sheet is due after a round of `batch` that ended at `images`."""
        if images >= horizon:
            return True
        every = self.interval(horizon)
        return images >= self.first and (images - self.first) // every > (images - batch - self.first) // every

    def next(self, images: int, horizon: int) -> int:
        """How many images will have been seen when the next sheet may be due."""
        every = self.interval(horizon)
        return self.first + ((images - self.first) // every + 1) * every


@dataclass(frozen=True)
class Recipe:
    """The result of a recipe function.

    `images` is the horizon when nobody asks for another; in a `conditional` recipe the data's labels are the condition.
    """

    data: Data
    game: Game
    stages: tuple[Stage, ...]
    order: Order
    images: int
    showing: Showing = Showing()
    conditional: bool = False


RecipeFunction = Callable[..., Recipe]
