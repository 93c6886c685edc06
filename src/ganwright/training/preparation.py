"""Preparation: from a configuration to a recipe on its device, and where the run's folder stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganwright.callbacks.early_stopping import SelectionMetric, selection_metric
from ganwright.config.recipe import check_networks
from ganwright.config.training_config import TrainingConfig, refuse_changes
from ganwright.core import ranks
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution import compiler_free
from ganwright.runs import checkpoint
from ganwright.runs.checkpoint import Checkpoint
from ganwright.runs.run import Run, notice_older


@dataclass(frozen=True)
class PreparedRun:
    """What can be known before anything is planned: the recipe, built and checked, on its machine."""

    config: TrainingConfig
    machine: Machine
    recipe: Recipe
    metric: SelectionMetric | None  # of --best-by

    def rebuilt(self) -> tuple[Recipe, Feed]:
        """The same recipe again with a feed, for measurements that use it up."""
        recipe = self.config.build()
        return recipe, make_feed(self.config, recipe, self.machine)


def prepare(config: TrainingConfig) -> PreparedRun:
    """Builds the recipe; a UserError for everything that can be known to be wrong before the folder is touched."""
    hardware = config.hardware
    machine = Machine.chosen(hardware.device, hardware.precision, hardware.micro_batch)
    ranks.start(machine.device)
    recipe = config.build()
    check_networks(recipe)
    config.horizon.in_examples(recipe)
    return PreparedRun(config, machine, recipe, selection_metric(config.data, config.callbacks))


def make_feed(config: TrainingConfig, recipe: Recipe, machine: Machine) -> Feed:
    """The recipe's feed; its players are moved to the machine's device, and their optimizers made to step quickly."""
    for player in recipe.game.players.values():
        player.to(machine.device, machine.dtype)
        compiler_free.use_plain_step(player.optimizer)
    return Feed(recipe.data, recipe.order, config.recipe.seed, machine, recipe.condition)


@dataclass(frozen=True)
class ResumePoint:
    """Where a run folder stands: the settings of a run that has begun, its newest intact checkpoint, and notes."""

    settings: Mapping[str, Any] | None = None
    checkpoint: Checkpoint | None = None
    path: Path | None = None
    notes: tuple[str, ...] = ()

    @property
    def begun(self) -> bool:
        return self.settings is not None

    @property
    def machine(self) -> Mapping[str, Any]:
        """The recorded machine and execution of a run that has begun; empty for a new one."""
        return {} if self.settings is None else self.settings["machine"]


def resume_point(run: Run, config: TrainingConfig) -> ResumePoint:
    """Reads the folder; a UserError where it holds another run, or no checkpoint that is intact."""
    if not run.begun:
        return ResumePoint()
    refuse_changes(config.identity, run.settings, run.path)
    path, found, damaged = checkpoint.newest(run.checkpoints)
    if found is not None:
        return ResumePoint(run.settings, found, path, tuple(damaged))
    if damaged:
        raise UserError(" ".join([*damaged, "No intact checkpoint is left: choose another --out to start again."]))
    return ResumePoint(run.settings, notes=(f"{run.path} has no checkpoint yet: the run starts again.",))


def load_weights(recipe: Recipe, other: Run) -> None:
    """Loads the newest intact weights of another run."""
    path, found, damaged = checkpoint.newest(other.checkpoints, [checkpoint.WEIGHTS])
    if path is None or found is None:
        raise UserError(" ".join([f"--from {other.path}: no intact checkpoint there.", *damaged]))
    notice_older(path, damaged)
    checkpoint.start_from(recipe.game, found, str(path))


def load_initial_weights(config: TrainingConfig, recipe: Recipe) -> None:
    """Loads the weights of the run that the configuration starts from, where it names one (--from)."""
    if config.start_from is not None:
        load_weights(recipe, Run(config.start_from))
