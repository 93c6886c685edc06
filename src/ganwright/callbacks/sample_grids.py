"""Sample grids: the same latents again and again, with real data beside them."""

from __future__ import annotations

import contextlib

import numpy as np
import torch
from torch import Tensor

from ganwright.callbacks.early_stopping import EarlyStopping
from ganwright.callbacks.progress import ProgressDisplay
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.draws import Draws
from ganwright.core.errors import MissingExtraError
from ganwright.core.feed import Feed
from ganwright.core.order import Rows
from ganwright.core.recipe import Recipe
from ganwright.core.rendering import RenderInput
from ganwright.domains.figure import swept
from ganwright.runs import atomic_files, checkpoint
from ganwright.runs.run import Run


class SampleGrids:
    """Draws the same latents again and again, with real data beside them."""

    def __init__(
        self, run: Run, recipe: Recipe, feed: Feed, horizon: int, selection: EarlyStopping, display: ProgressDisplay
    ) -> None:
        self.run, self.recipe, self.feed, self.horizon = run, recipe, feed, horizon
        self.selection, self.display = selection, display
        self.rows = self._rows()

    def __call__(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        due = self.recipe.display.due(clock.examples, size, self.horizon) or self.selection.exhausted
        if due and ranks.rank() == 0:
            self.draw(clock)

    def draw(self, clock: Clock) -> None:
        """Writes samples/NNNNNNNN.png."""
        try:
            with swept():
                sample_grid = self.recipe.display.renderer(self.shown(clock))
        except MissingExtraError as error:
            self.display.note(str(error))
            return
        atomic_files.write(self.run.samples / f"{checkpoint.name(clock.examples)}.png", atomic_files.png(sample_grid))
        self.display.sample_grid(sample_grid)

    def draw_data(self) -> None:
        """Writes data.png: the real data alone."""
        with contextlib.suppress(MissingExtraError):
            data = self.recipe.data
            atomic_files.write(
                self.run.path / "data.png", atomic_files.png(data.domain.preview(np.array(data.samples[self.rows])))
            )

    def shown(self, clock: Clock) -> RenderInput:
        """The sheet's samples, and real ones: under the same conditions, if no others lay them out."""
        display, condition = self.recipe.display, self.recipe.condition
        count = display.samples or self.recipe.data.domain.grid_size
        step = clock.examples if display.new_latents else 0
        machine = self.feed.machine
        laid_out, columns = condition.laid_out(count) or (None, None)
        count = count if laid_out is None else len(laid_out)
        draws = Draws(self.feed.seed, step, 0, count, "sheet", machine.device, machine.dtype)
        real = self.recipe.real_batch(self.rows, draws.sized(len(self.rows)))
        given = real.condition if laid_out is None else laid_out.to(machine.device)
        if given is not None:
            draws = draws.sized(len(given))
        fake = self.recipe.game.sample(draws, given)
        field = self.field if given is None else None
        return RenderInput(self.recipe.data.domain, fake, given, real, draws, columns, field)

    def field(self, stored: np.ndarray) -> np.ndarray:
        """The discriminator's probability over a plane of points, or its score where the loss defines none."""
        machine = self.feed.machine
        encoded = self.recipe.data.domain.encode(torch.from_numpy(stored)).to(machine.device, machine.dtype)
        score = self.recipe.game.score(encoded)
        probability = self.recipe.game.probability(score)
        return (score if probability is None else probability).float().cpu().numpy()

    def _rows(self) -> Rows:
        """Of the real samples that are shown, spread evenly over the data."""
        count = min(self.recipe.display.samples or self.recipe.data.domain.grid_size, len(self.recipe.data))
        return np.linspace(0, len(self.recipe.data) - 1, count).astype(np.int64)
