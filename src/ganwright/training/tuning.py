"""Tuning: CPU threads and the execution mode, chosen before the first step on recipes that are thrown away."""

from __future__ import annotations

from ganwright.config.training_config import TrainingConfig
from ganwright.execution import choice
from ganwright.execution.choice import ExecutionRequest
from ganwright.execution.mode import ExecutionMode
from ganwright.execution.protocols import Say
from ganwright.training.preparation import PreparedRun, ResumePoint


def requested_examples(prepared: PreparedRun) -> int:
    """The horizon of the request, or the recipe's default, in examples."""
    return prepared.config.horizon.in_examples(prepared.recipe)


def requested_seconds(config: TrainingConfig) -> float | None:
    """The time budget, where one was requested."""
    return None if config.horizon.minutes is None else 60 * config.horizon.minutes


def set_threads(prepared: PreparedRun, resume: ResumePoint) -> None:
    """Sets torch's CPU threads; see execution/choice.py."""
    steps = requested_examples(prepared) / prepared.recipe.order.batch
    choice.set_threads(_request(prepared, resume), prepared.rebuilt, steps, requested_seconds(prepared.config))


def choose_execution_mode(
    prepared: PreparedRun, resume: ResumePoint, steps: float, seconds: float | None, say: Say
) -> ExecutionMode:
    """How the run's steps are executed; see execution/choice.py."""
    return choice.choose_mode(_request(prepared, resume), prepared.rebuilt, prepared.machine, steps, seconds, say)


def _request(prepared: PreparedRun, resume: ResumePoint) -> ExecutionRequest:
    hardware = prepared.config.hardware
    return ExecutionRequest(hardware.compile, hardware.threads, resume.machine)
