"""The profiler: times each kind of work of a training run for a few seconds, in a temporary folder."""

from __future__ import annotations

import io
import math
import shutil
import time
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from ganwright.callbacks import artefacts
from ganwright.callbacks.checkpoints import Checkpoints
from ganwright.callbacks.early_stopping import EarlyStopping
from ganwright.callbacks.log import MetricLog
from ganwright.callbacks.sample_grids import SampleGrids
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.domain import Field, Stored
from ganwright.core.feed import Feed
from ganwright.core.horizon import FAR, Horizon
from ganwright.core.loop import Callback, Played, StepFunction, loop
from ganwright.core.recipe import Recipe
from ganwright.core.turn import Stage
from ganwright.health.monitor import HealthMonitor
from ganwright.planning.cost_model import FileSizes, UnitCosts
from ganwright.runs import atomic_files, checkpoint
from ganwright.runs.run import Run

Value = TypeVar("Value")
SECONDS = 2.0  # in which steps are timed
WARM_UP = 0.3  # of those seconds, before them
LONGEST = 3.0  # times those seconds, when turns are so rare that these hold no whole period of theirs
GRIDS = 4  # different sample grids
NOISE = 0.09  # of encoded samples, over their standard deviation
WAVES = 16  # of the field that stands in for a trained discriminator's
EXIT = 0.6  # seconds from the last statement to the shell's prompt: the interpreter takes torch down


class ProfiledCallbacks(Protocol):
    """The callbacks whose work is measured."""

    monitor: HealthMonitor
    early_stopping: EarlyStopping
    log: MetricLog
    sample_grids: SampleGrids
    checkpoints: Checkpoints


class ProfiledTrainer(Protocol):
    """A trainer in a temporary folder."""

    run: Run
    recipe: Recipe
    clock: Clock
    feed: Feed

    @property
    def callbacks(self) -> ProfiledCallbacks: ...

    @property
    def step(self) -> StepFunction: ...

    def start(self) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True)
class Profile:
    """What was measured."""

    costs: UnitCosts
    sizes: FileSizes


class _Enough(Exception):  # noqa: N818 - ends the loop, not an error
    pass


def profile(trainer: ProfiledTrainer, frames: int) -> Profile:
    """Measures everything that a trainer does, once or for a few seconds; an animation of `frames` frames."""
    callbacks, clock = trainer.callbacks, trainer.clock
    with redirect_stdout(io.StringIO()):
        opening, _ = timed(trainer.start)
        played = [_played(trainer, place) for place in range(len(trainer.recipe.stages))]
        terms = played[-1][1]
        health_check = min(timed(lambda: callbacks.monitor.check(clock, terms))[0] for _ in range(2))
        log_line, line_bytes = _logged(trainer)  # with a verdict
        selection_check = _scored(callbacks.early_stopping)
        sample_grid = min(timed(lambda: callbacks.sample_grids.render(clock))[0] for _ in range(2))
        save, _ = timed(callbacks.checkpoints.save)
        frame, grid_bytes, frame_bytes = _animated(trainer, frames)
        closing, _ = timed(trainer.finish)
    examples = tuple(each for each, _ in played)
    closing = max(closing - frame, 0.0) + EXIT
    costs = UnitCosts(opening, examples, log_line, health_check, selection_check, sample_grid, save, frame, closing)
    newest = max(checkpoint.saved(trainer.run.checkpoints), key=lambda path: int(path.name), default=None)
    saved = 0 if newest is None else _size(newest)
    rest = sum(_size(path) for path in trainer.run.path.glob("*.*") if path.suffix in (".png", ".json"))
    return Profile(costs, FileSizes(line_bytes, grid_bytes, saved, frame_bytes, rest))


def timed(work: Callable[[], Value]) -> tuple[float, Value]:
    """Seconds that something takes, and what it returns."""
    began = time.perf_counter()
    profile_ = work()
    return time.perf_counter() - began, profile_


def _settle(device: torch.device) -> None:
    """Waits until a GPU has finished its queue."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


# -- steps


class _Timer:
    """A callback that times whole periods of the turns after a warm-up, then raises _Enough."""

    def __init__(self, stage: Stage, seconds: float, device: torch.device) -> None:
        self.period = math.lcm(*(turn.every for turn in stage.turns))
        self.limit, self.device = seconds, device
        self.warm = False
        self.terms: dict[str, Tensor] = {}
        self._restart(Clock())

    def _restart(self, clock: Clock) -> None:
        _settle(self.device)
        self.began, self.step, self.examples = time.perf_counter(), clock.step, clock.examples

    def __call__(self, clock: Clock, played: Played) -> None:
        self.terms |= played.terms
        limit = self.limit if self.warm else WARM_UP * self.limit
        elapsed = time.perf_counter() - self.began
        late = elapsed >= limit if (clock.step - self.step) % self.period == 0 else elapsed >= LONGEST * limit
        if not ranks.any_rank(late, clock.step, self.device):
            return
        if self.warm:
            _settle(self.device)
            self.seconds = (time.perf_counter() - self.began) / (clock.examples - self.examples)
            raise _Enough
        self.warm = True
        self._restart(clock)


def _played(trainer: ProfiledTrainer, place: int) -> tuple[float, dict[str, Tensor]]:
    """Seconds per real example in the stage at a place, and the terms of its last steps."""
    endless = [replace(stage, examples=None, share=None) for stage in trainer.recipe.stages]
    timer = _Timer(endless[place], SECONDS / len(endless), trainer.feed.machine.device)
    clock = Clock(stage=place)
    callbacks: list[Callback] = [trainer.callbacks.log, timer]
    with suppress(_Enough):
        loop(trainer.recipe.game, endless, clock, trainer.feed, Horizon(FAR), callbacks, trainer.step)
    return timer.seconds, timer.terms


# -- the other kinds of work


def _logged(trainer: ProfiledTrainer) -> tuple[float, int]:
    """Seconds of a log line, and its bytes."""
    seconds, _ = timed(lambda: trainer.callbacks.log.write(trainer.clock))
    return seconds, _size(trainer.run.log_file)


def _scored(early_stopping: EarlyStopping) -> float:
    """Seconds of a check of --best-by; 0 without one."""
    metric = early_stopping.metric
    return 0.0 if metric is None else timed(lambda: early_stopping.measured(metric))[0]


def _animated(trainer: ProfiledTrainer, frames: int) -> tuple[float, float, float]:
    """Seconds of a frame of the animation, bytes of a sample grid, bytes of a frame.

    The grids show real data with some noise in place of samples: file sizes depend on how clean pictures are, and
    generated ones are less clean. One grid is left.
    """
    run, drawn = trainer.run, _stand_ins(trainer)
    if not drawn:
        return 0.0, 0.0, 0.0
    for place in range(frames):
        shutil.copyfile(drawn[place % len(drawn)], run.samples / f"{checkpoint.name(place)}.png")
    seconds, _ = timed(lambda: artefacts.animate(run))
    animated = sum(_size(run.path / f"animation.{kind}") for kind in ("webp", "gif"))
    sample_grids = sum(_size(path) for path in drawn) / len(drawn)
    for path in [*run.sample_grids()[1:], *run.path.glob("animation.*")]:
        path.unlink()
    return seconds / frames, sample_grids, animated / frames


def _stand_ins(trainer: ProfiledTrainer) -> list[Path]:
    """A few sample grids in files; none where this process, or this machine, renders none."""
    sample_grids, folder = trainer.callbacks.sample_grids, trainer.run.path / "stand-ins"
    if ranks.rank() != 0 or not trainer.run.sample_grids():
        return []
    folder.mkdir()
    for place in range(GRIDS):
        random = np.random.default_rng(place)
        shown = sample_grids.contents(trainer.clock)
        real = shown.real.real[torch.from_numpy(random.integers(0, len(shown.real), len(shown.fake)))]
        noise = torch.from_numpy(random.standard_normal(real.shape)).to(real) * (NOISE * real.std())
        field = shown.field and _landscape(random, shown.domain.decode(real))
        sample_grid = trainer.recipe.display.renderer(replace(shown, fake=real + noise, field=field))
        atomic_files.write(folder / f"{place}.png", atomic_files.png(sample_grid))
    return sorted(folder.iterdir())


def _landscape(random: np.random.Generator, stored: Stored) -> Field:
    """A field as lively as a trained discriminator's: waves in all directions, twice as long as the data are wide."""
    waves = random.standard_normal((WAVES, *stored.shape[1:])) / (2 * stored.std(axis=0) + 1e-9)
    phases = random.uniform(0, 2 * np.pi, WAVES)
    return lambda places: np.cos(places @ waves.T + phases).mean(axis=1)


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    if path.is_dir():
        return sum(_size(inner) for inner in path.iterdir())
    return path.stat().st_size if path.exists() else 0
