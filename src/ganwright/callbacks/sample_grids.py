"""Sample grids: samples of fixed latents, with real data beside them."""

from __future__ import annotations

import contextlib

import numpy as np
import torch

from ganwright.callbacks.progress import ProgressDisplay
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.draws import Draws
from ganwright.core.errors import MissingExtraError
from ganwright.core.every import Every
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.core.order import Rows
from ganwright.core.recipe import Recipe
from ganwright.core.rendering import RenderInput
from ganwright.domains._figure import release_figures
from ganwright.runs import atomic_files, checkpoint
from ganwright.runs.run import Run


class SampleGrids:
    """A callback that renders samples of the same latents beside real data; also at the end of the run."""

    def __init__(self, run: Run, recipe: Recipe, feed: Feed, horizon: Horizon, display: ProgressDisplay) -> None:
        self.run, self.recipe, self.feed, self.horizon = run, recipe, feed, horizon
        self.display = display
        self.rows = self._rows()

    @property
    def every(self) -> Every:
        """When a grid is due: by the horizon in force, which may have been revised."""
        return self.recipe.display.interval(self.horizon.examples)

    def __call__(self, clock: Clock, played: Played) -> None:
        due = self.every.due(clock.examples - played.examples, clock.examples)
        due = due or self.horizon.reached(clock)
        if due and ranks.rank() == 0:
            self.render(clock)

    def render(self, clock: Clock) -> None:
        """Writes samples/NNNNNNNN.png, named by the examples seen; of sound also NNNNNNNN.wav, its generated clips."""
        contents, name = self.contents(clock), checkpoint.name(clock.examples)
        audio = contents.domain.audio(contents.domain.decode(contents.fake))
        if audio is not None:
            atomic_files.write(self.run.samples / f"{name}.wav", audio)
        try:
            with release_figures():
                sample_grid = self.recipe.display.renderer(contents)
        except MissingExtraError as error:
            self.display.note(str(error))
            return
        atomic_files.write(self.run.samples / f"{name}.png", atomic_files.png(sample_grid))
        self.display.sample_grid(sample_grid)

    def render_data(self) -> None:
        """Writes data.png, the real data alone, and of sound data.wav."""
        domain, stored = self.recipe.data.domain, np.array(self.recipe.data.samples[self.rows])
        audio = domain.audio(stored)
        if audio is not None:
            atomic_files.write(self.run.path / "data.wav", audio)
        with contextlib.suppress(MissingExtraError):
            atomic_files.write(self.run.path / "data.png", atomic_files.png(domain.preview(stored)))

    def contents(self, clock: Clock) -> RenderInput:
        """Generated and real samples, under the same conditions unless the condition has a layout of its own."""
        display, condition = self.recipe.display, self.recipe.condition
        count = display.samples or self.recipe.data.domain.grid_size
        step = clock.examples if display.new_latents else 0
        machine = self.feed.machine
        laid_out, columns = condition.grid_layout(count) or (None, None)
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
        """The real samples that are displayed, spread evenly over the data."""
        count = min(self.recipe.display.samples or self.recipe.data.domain.grid_size, len(self.recipe.data))
        return np.linspace(0, len(self.recipe.data) - 1, count).astype(np.int64)
