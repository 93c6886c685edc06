"""The callbacks of a training session, around one clock and one horizon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ganwright.callbacks.checkpoints import Checkpoints, Stateful
from ganwright.callbacks.early_stopping import EarlyStopping
from ganwright.callbacks.log import MetricLog, log_interval
from ganwright.callbacks.progress import ProgressDisplay
from ganwright.callbacks.sample_grids import SampleGrids
from ganwright.callbacks.signals import SignalHandler
from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.every import Due
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Callback
from ganwright.health.monitor import HealthMonitor
from ganwright.health.recovery import Attempts
from ganwright.judging.views import check_features
from ganwright.planning.cost_model import CostModel, WorkSchedule
from ganwright.planning.schedule_plan import SchedulePlan
from ganwright.planning.time_budget import TimeBudget
from ganwright.runs.run import Run
from ganwright.training.preparation import PreparedRun


@dataclass
class Callbacks:
    """All callbacks of a session. Iterating gives them in the order in which they are called after a step.

    First those that look at samples, then those that record, then those that save, then those that may end the loop.
    """

    early_stopping: EarlyStopping
    monitor: HealthMonitor
    log: MetricLog
    sample_grids: SampleGrids
    checkpoints: Checkpoints
    signals: SignalHandler
    time_budget: TimeBudget
    attempts: Attempts

    def __iter__(self) -> Iterator[Callback]:
        yield from (self.early_stopping, self.monitor, self.log, self.sample_grids)
        yield from (self.checkpoints, self.signals, self.monitor.raise_alarm, self.time_budget)

    def next_event(self, now: int) -> int:
        """The examples at which some callback is due next: a call of several steps ends there."""
        due: list[Due] = [self.early_stopping.every, self.monitor.every, self.log.every, self.sample_grids.every]
        due += [self.checkpoints.healthy, self.time_budget.every]
        due += [] if self.checkpoints.permanent is None else [self.checkpoints.permanent]
        return min(one.next(now) for one in due)


def assemble(
    run: Run,
    prepared: PreparedRun,
    plan: SchedulePlan,
    clock: Clock,
    horizon: Horizon,
    feed: Feed,
    stopwatch: Stopwatch,
    display: ProgressDisplay,
    record: Callable[[SchedulePlan], None],
) -> Callbacks:
    """Builds the callbacks; `record` writes a revised plan down."""
    config, recipe, metric, options = prepared.config, prepared.recipe, prepared.metric, prepared.config.callbacks
    early_stopping = EarlyStopping(run, metric, feed, horizon, options.patience)
    features = check_features(recipe.data.domain)
    monitor = HealthMonitor(recipe, feed, horizon, options.on_verdict != "note", features)
    sinks: list[Callable[[dict[str, Any]], None]] = [run.append_log, display.report] if ranks.rank() == 0 else []
    every = log_interval(horizon.planned, options.log_every)
    log = MetricLog(recipe, every, horizon, stopwatch, monitor, early_stopping, sinks)
    attempts = Attempts(recipe.game, feed)
    states: dict[str, Stateful] = {
        "stopwatch": stopwatch,
        "log": log,
        "monitor": monitor,
        "early_stopping": early_stopping,
        "attempts": attempts,
    }
    work = WorkSchedule.of(config, recipe, metric)
    checkpoints = Checkpoints(
        run, recipe, clock, horizon, states, monitor, early_stopping, options.checkpoint_seconds, work.keep_every
    )
    cost_model = None if plan.unit_costs is None else CostModel(work, plan.unit_costs)
    time_budget = TimeBudget(plan, cost_model, feed, horizon, stopwatch, record)
    sample_grids = SampleGrids(run, recipe, feed, horizon, display)
    signals = SignalHandler(prepared.machine.device)
    return Callbacks(early_stopping, monitor, log, sample_grids, checkpoints, signals, time_budget, attempts)
