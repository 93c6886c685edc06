"""The command `plan`: predicts what a training takes from its shapes and from a few seconds of it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ganwright.callbacks.progress import clock_time
from ganwright.config.resolve import resolve
from ganwright.config.training_config import TrainingConfig
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError
from ganwright.core.loop import play_step
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.core.system import expanded
from ganwright.execution.operations import counted
from ganwright.planning.cost_model import CostModel, WorkSchedule
from ganwright.planning.network_summary import total
from ganwright.planning.profiler import profile, timed
from ganwright.runs import atomic_files
from ganwright.runs.provenance import machine_words
from ganwright.training import memory
from ganwright.training.introduction import network_rows
from ganwright.training.preparation import prepare
from ganwright.training.session import PROFILED_FRAMES, default_folder, trial
from ganwright.training.trainer import Trainer
from ganwright.training.tuning import requested_examples

MEGA, GIGA = 1e6, 1e9


@dataclass(frozen=True)
class Plan:
    """The predicted size and cost of a training.

    `players` are (parameters, multiply-adds of one sample's forward pass); `multiply_adds` is the number for one real
    example, over a whole period of turns; `memory` is the peak in bytes, None if unknown; `seconds` and
    `bytes` are by kind of work and of file; `shortage` is a sentence if the disk is too small.
    """

    title: str
    machine: Mapping[str, Any]
    examples: int
    epochs: float
    players: Mapping[str, tuple[int, int]]
    multiply_adds: int | None
    memory: int | None
    seconds: Mapping[str, float]
    bytes: Mapping[str, float]
    free: int
    shortage: str | None

    @property
    def minutes(self) -> float:
        """From the command to the end."""
        return sum(self.seconds.values()) / 60

    @property
    def examples_per_second(self) -> float:
        """While it trains, with sample grids, health checks and checkpoints."""
        return self.examples / sum(value for name, value in self.seconds.items() if name not in ("start", "end"))

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        players = {name: {"parameters": n, "multiply_adds": work} for name, (n, work) in self.players.items()}
        return {
            "plan": self.title,
            "machine": dict(self.machine),
            "examples": self.examples,
            "epochs": self.epochs,
            "players": players,
            "multiply_adds_per_example": self.multiply_adds,
            "memory_bytes": self.memory,
            "examples_per_second": self.examples_per_second,
            "minutes": self.minutes,
            "seconds": dict(self.seconds),
            "disk_bytes": sum(self.bytes.values()),
            "bytes": dict(self.bytes),
            "free_bytes": self.free,
            "shortage": self.shortage,
        }

    @property
    def table(self) -> Table:
        table = Table(title=self.title, title_justify="left", show_header=False)
        machine = self.machine
        table.add_row("on", f"{machine['device']}, {machine['threads']} thread(s), {machine['precision']}")
        table.add_row("horizon", f"{self.examples:,} examples, {self.epochs:,.2f} epochs")
        for name, (parameters, work) in self.players.items():
            table.add_row(name, f"{parameters:,} parameters, {_short(work)} multiply-adds per sample")
        if self.multiply_adds is not None:
            table.add_row("training", f"{_short(self.multiply_adds)} multiply-adds per example")
        table.add_row(
            "peak memory", "unknown on this machine" if self.memory is None else f"{self.memory / MEGA:,.0f} MB"
        )
        table.add_row("speed", f"{self.examples_per_second:,.0f} examples/s")
        table.add_row("time", f"{clock_time(60 * self.minutes)} ({_parts(self.seconds, 1, 's')})")
        table.add_row("disk", f"{sum(self.bytes.values()) / MEGA:,.1f} MB ({_parts(self.bytes, MEGA, 'MB')})")
        table.add_row("free disk", f"{self.free / GIGA:,.1f} GB" + (" (too little)" if self.shortage else ""))
        return table

    def __str__(self) -> str:
        console = Console(color_system=None, markup=False)
        with console.capture() as capture:
            console.print(self.table)
            if self.shortage:
                console.print(self.shortage, soft_wrap=True, highlight=False, markup=False)
        return capture.get().rstrip()


def plan(
    recipe: str | Path | RecipeFunction | None = None,
    data: Any = None,
    out: str | Path | None = None,
    **options: Any,
) -> Plan:
    """Predicts what `train` with the same arguments takes for a new run; times a few steps, and leaves `out` untouched.

    Memory is the peak of this process, as `train` would run in it, and of a GPU's memory where that is used. Raises the
    same UserErrors as `train`.
    """
    config = resolve({"recipe": recipe, "data": data, **options})
    with memory.enough():
        return _planned(config, expanded(out or default_folder(config)))


def _planned(config: TrainingConfig, out: Path) -> Plan:
    if ranks.started_size() > 1:
        raise UserError("A plan is made by one process: start it without torchrun.")
    prepared = prepare(config)
    recipe, requested, epoch = prepared.recipe, config.horizon, len(prepared.recipe.data)
    work, examples = WorkSchedule.of(config, recipe, prepared.metric), requested_examples(prepared)
    with trial(prepared) as trainer:
        opening = time.monotonic() - config.started
        frames = work.frames(examples)
        profiling, profiled = timed(lambda: profile(trainer, frames))
        peak = memory.peak(prepared.machine.device)
        networks = {name: total(rows) for name, rows in network_rows(recipe, prepared.machine).items()}
        arithmetic = _arithmetic(trainer)
        _refuse_divergence(trainer.recipe)
    costs = profiled.costs
    if requested.minutes is not None:  # then `train` profiles too, with fewer frames
        opening += profiling - (frames - PROFILED_FRAMES) * costs.frame
    cost_model = CostModel(work, replace(costs, opening=opening + costs.opening))
    if requested.minutes is not None:
        examples = cost_model.within(60 * requested.minutes - cost_model.unit_costs.opening)
    written = cost_model.bytes(examples, profiled.sizes)
    return Plan(
        f"{config.recipe.spec.name} on {recipe.data.name}",
        machine_words(prepared.machine, trainer.execution),
        examples,
        examples / epoch,
        {name: (row.parameters, row.multiply_adds) for name, row in networks.items()},
        arithmetic,
        peak,
        cost_model.whole(examples),
        written,
        atomic_files.free(out),
        atomic_files.shortage(out, sum(written.values())),
    )


def _refuse_divergence(recipe: Recipe) -> None:
    """A UserError if the steps that were timed made weights that are not finite."""
    weights = [weight for player in recipe.game.players.values() for weight in player.parameters]
    bad = sum(int((~weight.isfinite()).sum()) for weight in weights)
    if bad:
        total = sum(weight.numel() for weight in weights)
        raise UserError(
            f"After the few steps that were timed, {bad:,} of {total:,} weights are not finite (NaN or infinity): "
            "training with these options diverges at once; choose lower learning rates."
        )


def _arithmetic(trainer: Trainer) -> int | None:
    """Multiply-adds per real example, over a whole period of the last stage's turns; None if torch cannot count."""
    stage, clock, feed = trainer.recipe.stages[-1], Clock(), trainer.feed

    def play() -> None:
        for _ in range(math.lcm(*(turn.every for turn in stage.turns))):
            size = feed.size(clock)
            play_step(trainer.recipe.game, stage, clock, feed, clock.examples + size)
            clock.tick(size)

    operations = counted(play)
    return None if operations is None else operations.multiply_adds // clock.examples


def _short(number: int) -> str:
    """`1.2 million`."""
    for unit, word in ((10**9, " billion"), (10**6, " million")):
        if number >= unit:
            return f"{number / unit:,.1f}{word}"
    return f"{number:,}"


def _parts(values: Mapping[str, float], unit: float, word: str) -> str:
    """The parts above 1 % of the largest, in descending order."""
    most = max(values.values())
    shown = sorted(((value, name) for name, value in values.items() if value >= 0.01 * most), reverse=True)
    return ", ".join(f"{name} {value / unit:,.1f} {word}" for value, name in shown)
