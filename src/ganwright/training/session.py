"""A training session: prepare, plan, tune, and the trainer that then trains."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import torch

from ganwright.callbacks.progress import SilentDisplay
from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import Option
from ganwright.config.training_config import TrainingConfig
from ganwright.core import ranks, schema, user_code
from ganwright.core.horizon import FAR
from ganwright.core.system import expanded
from ganwright.execution.mode import ExecutionMode
from ganwright.execution.protocols import silent
from ganwright.planning.cost_model import CostModel, UnitCosts, WorkSchedule
from ganwright.planning.profiler import profile
from ganwright.planning.schedule_plan import SchedulePlan, plan_horizon
from ganwright.runs.run import Run
from ganwright.training import memory
from ganwright.training.preparation import PreparedRun, ResumePoint, prepare, resume_point
from ganwright.training.trainer import Trainer
from ganwright.training.tuning import choose_execution_mode, requested_examples, requested_seconds, set_threads

PROFILED_FRAMES = 4  # of an animation, from which the time of all frames is estimated
OUT = Option("out", str | Path | None, None, "")


@contextmanager
def open_session(config: TrainingConfig, out: str | Path | None = None) -> Iterator[Trainer]:
    """The trainer of a run, standing where its folder does; no other process may train into that folder meanwhile."""
    run = Run(expanded(OUT.check(out) or default_folder(config)))
    with memory.enough(), user_code.running(f"The {config.recipe.spec}", only_own=True):
        prepared = prepare(config)  # before the folder is touched
        with run.locked() if ranks.rank() == 0 else nullcontext():
            yield set_up(run, prepared)


def default_folder(config: TrainingConfig) -> Path:
    """Where a run is written by default."""
    return Path("runs") / f"{config.recipe.spec.short_name}-{config.data.data.name}"


def set_up(run: Run, prepared: PreparedRun) -> Trainer:
    """Plans the horizon and tunes threads and execution mode of a prepared run."""
    resume = resume_point(run, prepared.config)
    stopwatch = Stopwatch(began=prepared.config.started)
    if resume.checkpoint is not None:
        seconds = resume.checkpoint.state["callbacks"].get("stopwatch")
        schema.restore(stopwatch.load_state_dict, seconds, resume.path, "callbacks.stopwatch")
    set_threads(prepared, resume)
    plan, mode = plan_run(prepared, resume, stopwatch)
    trainer = Trainer(run, prepared, plan, resume, stopwatch, mode)
    trainer.restore()
    if not trainer.finished:
        steps = (trainer.horizon.examples - trainer.clock.examples) / prepared.recipe.order.batch
        trainer.mode = mode or choose_execution_mode(prepared, resume, steps, None, SilentDisplay().note)
    return trainer


def plan_run(
    prepared: PreparedRun, resume: ResumePoint, stopwatch: Stopwatch
) -> tuple[SchedulePlan, ExecutionMode | None]:
    """The horizon; with a time budget also the execution mode, which decides how much is trained within it."""
    mode: ExecutionMode | None = None
    seen = 0 if resume.checkpoint is None else resume.checkpoint.state["clock"]["examples"]

    def plan_minutes(minutes: float) -> tuple[int, UnitCosts]:
        """The horizon that is reached within the minutes, the same for all processes, and the costs it is based on."""
        nonlocal mode
        left = 60 * minutes - stopwatch.seconds
        mode = choose_execution_mode(prepared, resume, 0, left, SilentDisplay().note)
        with trial(replace(prepared, recipe=prepared.config.build()), mode) as trainer:
            costs = profile(trainer, PROFILED_FRAMES).costs
        left = 60 * minutes - stopwatch.seconds - (costs.opening if resume.checkpoint is None else 0.0)
        work = WorkSchedule.of(prepared.config, prepared.recipe, prepared.metric)
        examples = CostModel(work, costs).within(left, seen)
        return int(ranks.broadcast_first(torch.tensor(examples, device=prepared.machine.device)).item()), costs

    recorded = None if resume.settings is None else SchedulePlan.from_dict(resume.settings["horizon"])
    plan = plan_horizon(prepared.config.horizon, recorded, requested_examples(prepared), plan_minutes, seen)
    return plan, mode


@contextmanager
def trial(prepared: PreparedRun, mode: ExecutionMode | None = None) -> Iterator[Trainer]:
    """A trainer without an end in a temporary folder, to be measured; it uses the prepared recipe up.

    Without a `mode` steps are executed as a new run would execute them, and threads are set for it.
    """
    new = ResumePoint()
    if mode is None:
        set_threads(prepared, new)
        steps = requested_examples(prepared) / prepared.recipe.order.batch
        mode = choose_execution_mode(prepared, new, steps, requested_seconds(prepared.config), silent)
    requested = RequestedHorizon(examples=FAR)
    callbacks = replace(prepared.config.callbacks, log_every=FAR, quiet=True)
    config = replace(prepared.config, horizon=requested, callbacks=callbacks)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            Run(folder), replace(prepared, config=config), SchedulePlan(FAR, requested), new, Stopwatch(), mode
        )
        trainer.restore()
        yield trainer
