"""One training session: a run folder brought to its horizon, from nothing or from where it stands."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ganwright.callbacks import artefacts
from ganwright.callbacks.checkpoints import HEALTHY_BEFORE, Checkpoints, Stateful
from ganwright.callbacks.early_stopping import EarlyStop, EarlyStopping, SelectionMetric
from ganwright.callbacks.log import MetricLog, log_every
from ganwright.callbacks.progress import Silent, display
from ganwright.callbacks.sample_grids import SampleGrids
from ganwright.callbacks.signals import SignalHandler, Stopped
from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.training_config import TrainingConfig, refuse_changes
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.errors import AlarmError, UserError
from ganwright.core.loop import Callback, StepFunction, loop
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution.mode import EAGER, ExecutionMode
from ganwright.health import recovery
from ganwright.health.monitor import AlarmRaised, HealthMonitor
from ganwright.health.recovery import Attempts
from ganwright.health.verdict import HEALTHY, Verdict
from ganwright.planning.cost_model import CostModel, UnitCosts, WorkSchedule
from ganwright.planning.profiler import FAR, profile
from ganwright.planning.schedule_plan import SchedulePlan, planned
from ganwright.planning.time_budget import HorizonRevised, TimeBudget
from ganwright.runs import checkpoint
from ganwright.runs.provenance import machine_words, no_longer_equal, versions
from ganwright.runs.run import Run
from ganwright.training import memory
from ganwright.training.introduction import introduction
from ganwright.training.tuning import choose_execution_mode, choose_threads, make_feed, with_threads

TRIED_FRAMES = 4  # of an animation, from which the time that all of them will take is told


class Training:
    """A session: what was asked for, what the folder holds, and the parts that train."""

    def __init__(
        self,
        run: Run,
        config: TrainingConfig,
        recipe: Recipe,
        machine: Machine,
        by: SelectionMetric | None = None,
        mode: ExecutionMode | None = None,
    ) -> None:
        self.run, self.config, self.recipe, self.machine, self.by = run, config, recipe, machine, by
        self.recorded = run.settings if run.begun else None
        if self.recorded is not None:
            refuse_changes(config.identity, self.recorded, run.path)
        self.clock, self.stopwatch = Clock(), Stopwatch(began=config.started)
        torch.set_num_threads(self._threads())
        self.notes: list[str] = []
        self.found = self._resume_point()
        self.mode = mode  # how rounds are played, once that is decided
        self.plan = self._plan()
        self.horizon = self.plan.examples  # as it was planned: what is done so often over it is counted by this one
        self.feed = make_feed(config, recipe, machine)
        self.display = display(self.horizon, len(recipe.data), config.callbacks.quiet or ranks.rank() > 0)
        run.recipe = recipe
        self.early_stopping = EarlyStopping(run, by, self.feed, self.horizon, config.callbacks.patience)
        self.sample_grids = SampleGrids(run, recipe, self.feed, self.horizon, self.early_stopping, self.display)
        self.monitor = HealthMonitor(recipe, self.feed, self.horizon, config.callbacks.on_verdict != "note")
        every = config.callbacks.log_every or log_every(self.horizon)
        self.log = MetricLog(
            recipe, every, self.horizon, self.stopwatch, self.monitor, self.early_stopping, self._sinks()
        )
        self.attempts = Attempts(recipe.game, self.feed)
        stateful: dict[str, Stateful] = {
            "stopwatch": self.stopwatch,
            "reports": self.log,
            "watch": self.monitor,
            "selection": self.early_stopping,
            "attempts": self.attempts,
        }
        keep_every = config.callbacks.keep_every or recipe.display.keep_every
        seconds = config.callbacks.checkpoint_seconds
        self.checkpoints = Checkpoints(
            run, recipe, self.clock, stateful, self.monitor, self.early_stopping, seconds, keep_every
        )
        self.beginning = {name: part.state_dict() for name, part in stateful.items()}
        if self.found is not None:
            found, path = self.found
            self.checkpoints.load(found, str(path))
        unit_costs = self.plan.unit_costs
        cost_model = None if unit_costs is None else CostModel(WorkSchedule.of(config, recipe, by), unit_costs)
        self.time_budget = TimeBudget(self.plan, cost_model, self.feed, self.stopwatch, self._record)
        self._follow()

    def go(self) -> Run:
        """Trains to the horizon; returns the run, ready for use."""
        with closing(self.display):
            if not self.finished:
                self._choose_mode()
            self.begin() if self.found is None else self._resume()
            self._play()
            self.end()
        return self.run

    @property
    def steps(self) -> StepFunction:
        """How they are played."""
        return (self.mode or EAGER).with_events(self._next_event)

    @property
    def per_call(self) -> int | None:
        """How many compiled rounds a call has in this run; None where they are not compiled."""
        if self.mode is not None:
            return self.mode.per_call
        return None if self.recorded is None else self.recorded["machine"].get("compiled_steps_per_call")

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train: the horizon is reached, or the best no longer improves."""
        return self.clock.examples >= self.horizon or self.early_stopping.exhausted

    @property
    def alarm(self) -> AlarmError | None:
        """What is said of a run that an alarming verdict ends."""
        gives_up = self.config.callbacks.on_verdict == "stop" or self.attempts.exhausted
        if not (self.monitor.raises and self.monitor.verdict.alarming and gives_up):
            return None
        tried = f" {len(self.attempts.given)} attempts to go on from a healthy state failed." * bool(
            self.attempts.given
        )
        now = f"After {self.clock.examples:,} images: {self.monitor.verdict}."
        sentence = f"{now}{tried} The run is saved; --on-verdict note goes on with it as it is."
        return AlarmError(sentence, self.monitor.verdict.name)

    # -- what the folder holds -----------------------------------------------------------------------------------

    def _resume_point(self) -> tuple[checkpoint.Checkpoint, Path] | None:
        """The checkpoint to go on from, if there is one; the notes say what else was found."""
        if self.recorded is None:
            return None
        path, found, passed = checkpoint.newest(self.run.checkpoints)
        if found is None or path is None:
            if passed:
                raise UserError(" ".join([*passed, "No intact one is left: choose another --out to begin anew."]))
            self.notes.append(f"The run in {self.run.path} was stopped before its first checkpoint: it begins anew.")
            return None
        self.clock.load_state_dict(found.state["clock"])
        self.stopwatch.load_state_dict(found.state["memory"]["stopwatch"])
        self.notes += passed
        return found, path

    def _threads(self) -> int:
        if self.config.hardware.threads is None and self.recorded is not None:
            return int(self.recorded["machine"]["threads"])
        return choose_threads(self.config, self.recipe, self.machine)

    def _plan(self) -> SchedulePlan:
        """What was planned before stays unless something else is asked for."""
        recorded = None if self.recorded is None else SchedulePlan.read(self.recorded["horizon"])
        requested = self.config.horizon
        examples = requested.in_examples(self.recipe)
        return planned(requested, recorded, examples, self._in_minutes, self.clock.examples)

    def _in_minutes(self, minutes: float) -> tuple[int, UnitCosts]:
        """The horizon that is reached in so many minutes, the same for all processes, and the prices it is based on."""
        if self.mode is None:
            self.mode = self._find_mode(0, 60 * minutes - self.stopwatch.seconds)
        config = with_threads(self.config, torch.get_num_threads())
        recipe = config.build()
        with trial(config, recipe, self.machine, self.by, self.mode) as session:
            unit_costs = profile(session, TRIED_FRAMES).unit_costs
        left = 60 * minutes - self.stopwatch.seconds - (unit_costs.opening if self.found is None else 0.0)
        examples = CostModel(WorkSchedule.of(config, recipe, self.by), unit_costs).within(left, self.clock.examples)
        return int(ranks.broadcast_first(torch.tensor(examples, device=self.machine.device)).item()), unit_costs

    def _choose_mode(self) -> None:
        """Decides how rounds are played, where planning has not done so; the notes say what is to be known of it."""
        if self.mode is None:
            self.mode = self._find_mode((self.horizon - self.clock.examples) / self.recipe.order.batch, None)
        if self.mode.reason:
            self.notes.append(f"Rounds are not compiled: {self.mode.reason}.")

    def _find_mode(self, steps: float, seconds: float | None) -> ExecutionMode:
        """For so many rounds that are left, or for so many seconds."""
        begun = self.recorded is not None
        return choose_execution_mode(self.config, self.machine, steps, seconds, begun, self.per_call, Silent().note)

    def _next_event(self, examples: int) -> int:
        """How many images will have been seen when some observer has something to do next."""
        every = [self.log.every, self.monitor.every, self.early_stopping.every, self.checkpoints.healthy_every]
        every += [] if self.checkpoints.keep_every is None else [self.checkpoints.keep_every]
        due = [(examples // one + 1) * one for one in every]
        return min(*due, self.recipe.display.next(examples, self.horizon), self.time_budget.next(examples))

    def _open_folder(self) -> None:
        """Writes recipe.json and forgets what was written after the checkpoint; one process does it for all."""
        if ranks.rank() == 0:
            self.run.write_settings(self._settings())
            self.run.cut_back(self.clock.examples if self.found else -1)
        ranks.barrier()

    def _settings(self) -> dict[str, Any]:
        """What recipe.json is to say."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return {
            **self.config.identity,
            "horizon": self.plan.words,
            "machine": machine_words(self.machine, self.per_call),
            "versions": versions(),
            "began": now if self.recorded is None else self.recorded["began"],
        }

    # -- the parts -----------------------------------------------------------------------------------------------

    def _sinks(self) -> list[Any]:
        return [self.run.append_log, self.display.report] if ranks.rank() == 0 else []

    def _record(self, plan: SchedulePlan) -> None:
        """Writes a corrected horizon down; one process does it for all."""
        self.plan = plan
        if ranks.rank() == 0:
            self.run.write_settings(self.run.settings | {"horizon": plan.words})
        ranks.barrier()

    def _follow(self) -> None:
        """Takes the horizon that is in force now for the one to train to."""
        self.horizon = self.plan.horizon(self.feed.attempt, self.clock.examples)
        ending: list[Any] = [self.log, self.early_stopping, self.sample_grids, self.display, self.time_budget]
        for part in ending:
            part.horizon = self.horizon

    # -- its course ----------------------------------------------------------------------------------------------

    def _say(self, *sentences: str) -> None:
        if ranks.rank() == 0:
            for sentence in [*self.notes, *sentences]:
                self.display.note(sentence)
            self.notes = []

    def begin(self) -> None:
        """What a run shows before its first step: itself, its data, and the untrained generator."""
        if self.config.start_from is not None:
            load_weights(self.recipe, Run(self.config.start_from))
        self._open_folder()
        if ranks.rank() == 0:
            self._say(*introduction(self.recipe, self.machine, self.horizon, self.run.path, self.feed.seed))
            self.sample_grids.draw_data()
            self.sample_grids.draw(self.clock)

    def _resume(self) -> None:
        assert self.recorded is not None
        self.notes += no_longer_equal(self.machine, self.per_call, self.recorded)
        self._open_folder()
        seen = f"{self.clock.examples:,} images"
        done = f"It has stopped at {seen} already." if self.early_stopping.exhausted else f"It has seen {seen} already."
        self._say(done if self.finished else f"Going on from {seen}.")

    def _play(self) -> None:
        with SignalHandler(self.machine.device) as signals:
            looking: list[Callback] = [self.monitor, self.early_stopping, self.log, self.sample_grids]
            after: list[Callback] = [
                self.checkpoints,
                self.early_stopping.stop_early,
                signals,
                self.monitor.raise_alarm,
            ]
            after += [self.time_budget]
            self.time_budget.begin(self.clock)
            self.log.last = (self.clock.examples, self.stopwatch.seconds)  # the speed is that of training alone
            try:
                while not self.finished:
                    try:
                        game, stages, callbacks = self.recipe.game, self.recipe.stages, looking + after
                        loop(game, stages, self.clock, self.feed, self.horizon, callbacks, self.steps)
                    except AlarmRaised as alarm:
                        self._answer(alarm.verdict)
                    except HorizonRevised:
                        self._follow()
            except EarlyStop:
                return
            except Stopped:
                self.checkpoints.save()
                self._say(f"Stopped and saved at {self.clock.examples:,} images. To go on, run the same command again.")
                raise
            except KeyboardInterrupt:
                self._say("Stopped at once. What was saved before is intact; the same command again goes on from it.")
                raise
            except (RuntimeError, MemoryError) as error:
                if not memory.ran_out(error):
                    raise
                memory.let_go(error)
                raise UserError(memory.what_fits(self.recipe, self.clock, self.feed)) from None

    def _answer(self, verdict: Verdict) -> None:
        """Takes the run back to where it was healthy, or ends it with an AlarmError."""
        now = f"After {self.clock.examples:,} images: {verdict}."
        if self.alarm is not None:
            self.checkpoints.save()
            raise self.alarm
        given, before = [*self.attempts.given, verdict.name], self.stopwatch.before
        path = self._healthy()
        if path is None:
            first = self.config.build().game
            found = checkpoint.capture(first, {"clock": Clock().state_dict(), "memory": self.beginning, "marks": {}})
        else:
            found = checkpoint.load(path)
        self.checkpoints.load(found, str(path))
        self.attempts.add(given)
        self.stopwatch.before = before  # time is not taken back
        ranks.barrier()
        if ranks.rank() == 0:
            self.run.cut_back(self.clock.examples)
        self.time_budget.begin(self.clock)
        self._follow()
        self._say(f"{now} Taken back to {self.clock.examples:,} images; {recovery.in_words(verdict.name)}.")

    def _healthy(self) -> Path | None:
        """The last but one of the healthy checkpoints, if there are so many.

        Looks see the averages of the weights, which lag behind: in the last one the trained weights may be ill already.
        """
        before = checkpoint.marked(self.run.checkpoints, HEALTHY_BEFORE)
        return before or checkpoint.marked(self.run.checkpoints, HEALTHY)

    def end(self) -> None:
        """Saves, and leaves what there is to look at."""
        self.checkpoints.save()
        if ranks.rank() == 0:
            problems = artefacts.leave(self.run)
            self._say(
                *problems,
                f"Verdict: {self.monitor.verdict}.",
                *self.early_stopping.sentences,
                f"Finished: {self.clock.examples:,} images in {self.stopwatch.seconds:,.0f} s. "
                f"Look at {self.run.sample_grids()[-1] if self.run.sample_grids() else self.run.path} "
                f"and animation.webp beside it; ganwright judge {self.run.path} says how good it is"
                + (
                    "."
                    if self.early_stopping.exhausted
                    else "; a larger horizon (--examples, --epochs, --minutes) goes on."
                ),
            )
        ranks.barrier()


@contextmanager
def trial(
    config: TrainingConfig,
    recipe: Recipe,
    machine: Machine,
    by: SelectionMetric | None,
    mode: ExecutionMode | None = None,
) -> Iterator[Training]:
    """A session that has no end, to be tried; it uses the recipe up, and its folder is thrown away.

    Without a `mode` rounds are played as a new run would play them.
    """
    callbacks = replace(config.callbacks, log_every=FAR, quiet=True)
    count, requested = choose_threads(config, recipe, machine), config.horizon
    torch.set_num_threads(count)
    if mode is None:
        seconds = None if requested.minutes is None else 60 * requested.minutes
        steps = requested.in_examples(recipe) / recipe.order.batch
        mode = choose_execution_mode(config, machine, steps, seconds)
    config = with_threads(config, torch.get_num_threads())
    endless = replace(config, horizon=RequestedHorizon(examples=FAR), callbacks=callbacks)
    with tempfile.TemporaryDirectory() as folder:
        yield Training(Run(folder), endless, recipe, machine, by, mode)


def load_weights(recipe: Recipe, other: Run) -> None:
    """Starts from the newest intact weights of another run."""
    path, found, passed = checkpoint.newest(other.checkpoints)
    if path is None or found is None:
        raise UserError(" ".join([f"--from {other.path}: no intact checkpoint there.", *passed]))
    checkpoint.start_from(recipe.game, found, str(path))
