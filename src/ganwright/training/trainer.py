"""The trainer: plays a prepared, planned and tuned run from where it stands to its horizon."""

from __future__ import annotations

import datetime
import signal
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ganwright.callbacks import artefacts
from ganwright.callbacks.progress import make_display
from ganwright.callbacks.stopwatch import Stopwatch
from ganwright.callbacks.summary import next_commands, summary
from ganwright.core import accumulation, ranks
from ganwright.core.clock import Clock
from ganwright.core.errors import AlarmError, Stopped, UserError, ran_out_of_memory
from ganwright.core.horizon import Horizon
from ganwright.core.loop import StepFunction, loop
from ganwright.execution import private_names
from ganwright.execution.mode import EAGER, ExecutionMode, recorded
from ganwright.health.monitor import AlarmRaised
from ganwright.planning.schedule_plan import SchedulePlan
from ganwright.runs import trust
from ganwright.runs.provenance import machine_words, no_longer_equal, versions
from ganwright.runs.run import Run
from ganwright.training import memory
from ganwright.training.assembly import assemble
from ganwright.training.introduction import introduction
from ganwright.training.preparation import PreparedRun, ResumePoint, load_initial_weights, make_feed
from ganwright.training.recovery import Recovery


class Trainer:
    """One training session of a run. Nothing is written, and no folder read, before `train`.

    `mode` is how steps are executed; until it is chosen, the run's own.
    """

    def __init__(
        self,
        run: Run,
        prepared: PreparedRun,
        plan: SchedulePlan,
        resume: ResumePoint,
        stopwatch: Stopwatch,
        mode: ExecutionMode | None = None,
    ) -> None:
        self.run, self.prepared, self.plan, self.resume, self.mode = run, prepared, plan, resume, mode
        self.config, self.recipe, self.machine = prepared.config, prepared.recipe, prepared.machine
        self.stopwatch, self.clock, self.horizon = stopwatch, Clock(), Horizon(plan.examples)
        self.feed = make_feed(self.config, self.recipe, self.machine)
        quiet = self.config.callbacks.quiet or ranks.rank() > 0
        self.display = make_display(self.horizon.examples, len(self.recipe.data), quiet)
        self.callbacks = assemble(
            run, prepared, plan, self.clock, self.horizon, self.feed, stopwatch, self.display, self._record
        )
        self.recovery = Recovery(run, prepared, self.clock, self.callbacks)
        self.notes = list(resume.notes)

    def restore(self) -> None:
        """Puts networks, optimizers, clock and callbacks to where the run's folder stands."""
        self.run.recipe = self.recipe
        if self.resume.checkpoint is not None:
            self.callbacks.checkpoints.load(self.resume.checkpoint, str(self.resume.path))
        self.callbacks.time_budget.follow(self.clock)
        self.display.horizon = self.horizon.examples

    def train(self) -> Run:
        """Trains to the horizon; returns the run, ready for use."""
        with closing(self.display):
            if self.resume.checkpoint is None:
                self.start()
            else:
                self._resume()
            self._play()
            self.finish()
        return self.run

    @property
    def finished(self) -> bool:
        """Whether nothing is left to train."""
        return self.horizon.reached(self.clock)

    @property
    def alarm(self) -> AlarmError | None:
        """The error that an alarming verdict ends this run with."""
        return self.recovery.alarm

    @property
    def step(self) -> StepFunction:
        return (self.mode or EAGER).step(self.callbacks.next_event, self._fall_back)

    @property
    def execution(self) -> Mapping[str, Any]:
        """How steps are executed, as recipe.json records it."""
        return recorded(self.resume.machine) if self.mode is None else self.mode.to_dict()

    # -- its course ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """A new run: writes recipe.json, the introduction, the data, and the untrained generator's samples."""
        load_initial_weights(self.config, self.recipe)
        self._open_folder()
        if ranks.rank() == 0:
            self._say(*introduction(self.recipe, self.machine, self.horizon.examples, self.run.path, self.feed.seed))
            self.callbacks.sample_grids.render_data()
            self.callbacks.sample_grids.render(self.clock)

    def _resume(self) -> None:
        assert self.resume.settings is not None
        self.notes += no_longer_equal(self.machine, self.execution, self.resume.settings)
        recorded, planned = SchedulePlan.from_dict(horizon := self.resume.settings["horizon"]), horizon["examples"]
        if self.plan.requested != recorded.requested and self.horizon.examples < planned:
            now = f"{self.horizon.examples:,} examples now"
            self.notes.append(f"The run ends at {now}, not at the {planned:,} planned before.")
        self._open_folder()
        seen = f"{self.clock.examples:,} examples"
        done = f"The run was stopped early at {seen}." if self.horizon.stopped else f"The run has finished: {seen}."
        self._say(done if self.finished else f"Resuming from {seen}.")

    def _play(self) -> None:
        callbacks = self.callbacks
        parts = accumulation.notes(self.recipe.game, self.recipe.order.batch, self.machine)
        for sentence in (private_names.fallback("plain optimizer steps"), *(self.mode or EAGER).notes, *parts):
            self._fall_back(sentence)
        with callbacks.signals:
            callbacks.time_budget.begin(self.clock)
            callbacks.log.restart_timer(self.clock)
            try:
                while not self.finished:
                    self._loop()
            except Stopped:
                self._save()
                self._say(f"Stopped and saved at {self.clock.examples:,} examples. The same command resumes the run.")
                raise
            except KeyboardInterrupt:
                self._say("Stopped at once. What was saved before is intact; the same command resumes from there.")
                raise Stopped(signal.SIGINT) from None
            except UserError:
                raise
            except Exception as error:
                if not ran_out_of_memory(error):
                    self._say(f"Failed after {self.clock.examples:,} examples. What was saved before is intact.")
                    raise
                memory.let_go(error)
                raise UserError(memory.what_fits(self.recipe, self.clock, self.feed)) from None

    def _loop(self) -> None:
        """Plays to the horizon, or until an alarm rewinds the run."""
        game, stages = self.recipe.game, self.recipe.stages
        try:
            loop(game, stages, self.clock, self.feed, self.horizon, list(self.callbacks), self.step)
        except AlarmRaised as alarm:
            self._say(self.recovery.answer(alarm.verdict))

    def finish(self) -> None:
        """Saves, and leaves the artefacts and the summary."""
        self._save()
        if ranks.rank() == 0:
            problems, log = artefacts.write_artefacts(self.run), self.run.last_log_line()
            early_stopping, verdict = self.callbacks.early_stopping, self.callbacks.monitor.verdict
            finished = summary(
                self.run,
                next_commands(self.run.path, self.recipe, self.config.data.name),
                log,
                self.clock.examples,
                self.stopwatch.seconds,
                verdict,
                early_stopping.sentences,
                early_stopping.exhausted,
            )
            self.display.close()  # the summary stands below the progress bar
            self._say(*problems, finished)
        ranks.barrier()

    def _save(self) -> None:
        """Saves a checkpoint, and recipe.json again if somebody deleted it."""
        self.callbacks.checkpoints.save()
        if ranks.rank() == 0 and not self.run.exists:
            self.run.write_settings(self.run.settings)
            self._say(f"{self.run.recipe_file} was deleted while the run was trained: it is written again.")

    # -- what is written -----------------------------------------------------------------------------------------

    def _open_folder(self) -> None:
        """Writes recipe.json and removes what was written after the checkpoint; rank 0 does it for all."""
        if ranks.rank() == 0:
            self._remember_recipe_file()
            self.run.write_settings(self._settings())
            self.run.cut_back(-1 if self.resume.checkpoint is None else self.clock.examples)
        ranks.barrier()

    def _remember_recipe_file(self) -> None:
        """The user trains with this file, so that sampling may execute it again."""
        name = self.config.recipe.spec.name
        if name.endswith(".py"):
            self.notes += trust.remember(Path(name))

    def _settings(self) -> dict[str, Any]:
        """The content of recipe.json."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return {
            **self.config.identity,
            "horizon": self.callbacks.time_budget.plan.to_dict(),
            "machine": machine_words(self.machine, self.execution),
            "versions": versions(),
            "began": now if self.resume.settings is None else self.resume.settings["began"],
        }

    def _record(self, plan: SchedulePlan) -> None:
        """Writes a revised plan down; rank 0 does it for all."""
        self.display.horizon = plan.horizon(self.feed.attempt, self.clock.examples)
        if ranks.rank() == 0:
            self.run.write_settings(self.run.settings | {"horizon": plan.to_dict()})
        ranks.barrier()

    def _fall_back(self, sentence: str) -> None:
        """Shows the user what is executed otherwise than intended, and logs it with the next line."""
        if sentence:
            self.callbacks.log.note(sentence)
            self._say(sentence)

    def _say(self, *sentences: str) -> None:
        if ranks.rank() == 0:
            for sentence in [*self.notes, *sentences]:
                self.display.note(sentence)
            self.notes = []
