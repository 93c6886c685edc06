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

from ganwright import artefacts, checkpoint, memory
from ganwright.commission import Commission, refuse_changes
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.errors import AlarmError, UserError
from ganwright.core.loop import Observer, Rounds, loop
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.costs import Costs, Occasions, Prices
from ganwright.course import Course, planned
from ganwright.decisions import fed, threads_of, way_of, with_threads
from ganwright.health import rescue
from ganwright.health.rescue import Attempts
from ganwright.health.verdict import HEALTHY, Verdict
from ganwright.health.watch import Alarming, Watch
from ganwright.horizon import Asked
from ganwright.interruption import Interruption, Stopped
from ganwright.introduction import introduction
from ganwright.judging.selection import Selection, Unimproved, Yardstick
from ganwright.observers import HEALTHY_BEFORE, Checkpoints, Remembering, Reports, Sheets, Stopwatch, report_every
from ganwright.pace import Corrected, Pace
from ganwright.progress import Silent, display
from ganwright.provenance import machine_words, no_longer_equal, versions
from ganwright.rehearsal import FAR, rehearsed
from ganwright.run import Run
from ganwright.way import PLAIN, Way

TRIED_FRAMES = 4  # of an animation, from which the time that all of them will take is told


class Training:
    """A session: what was asked for, what the folder holds, and the parts that train."""

    def __init__(
        self,
        run: Run,
        commission: Commission,
        recipe: Recipe,
        machine: Machine,
        by: Yardstick | None = None,
        way: Way | None = None,
    ) -> None:
        self.run, self.commission, self.recipe, self.machine, self.by = run, commission, recipe, machine, by
        self.recorded = run.settings if run.begun else None
        if self.recorded is not None:
            refuse_changes(commission.identity, self.recorded, run.path)
        self.clock, self.stopwatch = Clock(), Stopwatch(began=commission.began)
        torch.set_num_threads(self._threads())
        self.notes: list[str] = []
        self.found = self._standing()
        self.way = way  # how rounds are played, once that is decided
        self.course = self._course()
        self.horizon = self.course.images  # as it was planned: what is done so often over it is counted by this one
        self.feed = fed(commission, recipe, machine)
        self.display = display(self.horizon, len(recipe.data), commission.reporting.quiet or ranks.rank() > 0)
        run.recipe = recipe
        self.selection = Selection(run, by, self.feed, self.horizon, commission.reporting.stop_after)
        self.sheets = Sheets(run, recipe, self.feed, self.horizon, self.selection, self.display)
        self.watch = Watch(recipe, self.feed, self.horizon, commission.reporting.on_verdict != "note")
        every = commission.reporting.report_every or report_every(self.horizon)
        self.reports = Reports(recipe, every, self.horizon, self.stopwatch, self.watch, self.selection, self._sinks())
        self.attempts = Attempts(recipe.game, self.feed)
        remembering: dict[str, Remembering] = {
            "stopwatch": self.stopwatch,
            "reports": self.reports,
            "watch": self.watch,
            "selection": self.selection,
            "attempts": self.attempts,
        }
        keep_every = commission.reporting.keep_every or recipe.showing.keep_every
        seconds = commission.reporting.checkpoint_seconds
        self.checkpoints = Checkpoints(
            run, recipe, self.clock, remembering, self.watch, self.selection, seconds, keep_every
        )
        self.beginning = {name: part.state_dict() for name, part in remembering.items()}
        if self.found is not None:
            found, path = self.found
            self.checkpoints.load(found, str(path))
        prices = self.course.prices
        costs = None if prices is None else Costs(Occasions.of(commission, recipe, by), prices)
        self.pace = Pace(self.course, costs, self.feed, self.stopwatch, self._record)
        self._follow()

    def go(self) -> Run:
        """Trains to the horizon; returns the run, ready for use."""
        with closing(self.display):
            if not self.finished:
                self._choose_way()
            self.begin() if self.found is None else self._go_on()
            self._play()
            self.end()
        return self.run

    @property
    def rounds(self) -> Rounds:
        """How they are played."""
        return (self.way or PLAIN).between(self._rest)

    @property
    def per_call(self) -> int | None:
        """How many compiled rounds a call has in this run; None where they are not compiled."""
        if self.way is not None:
            return self.way.per_call
        return None if self.recorded is None else self.recorded["machine"].get("compiled_rounds_per_call")

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train: the horizon is reached, or the best no longer improves."""
        return self.clock.images >= self.horizon or self.selection.exhausted

    @property
    def alarm(self) -> AlarmError | None:
        """What is said of a run that an alarming verdict ends."""
        gives_up = self.commission.reporting.on_verdict == "stop" or self.attempts.exhausted
        if not (self.watch.raises and self.watch.verdict.alarming and gives_up):
            return None
        tried = f" {len(self.attempts.given)} attempts to go on from a healthy state failed." * bool(
            self.attempts.given
        )
        now = f"After {self.clock.images:,} images: {self.watch.verdict}."
        sentence = f"{now}{tried} The run is saved; --on-verdict note goes on with it as it is."
        return AlarmError(sentence, self.watch.verdict.name)

    # -- what the folder holds -----------------------------------------------------------------------------------

    def _standing(self) -> tuple[checkpoint.Checkpoint, Path] | None:
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
        if self.commission.hardware.threads is None and self.recorded is not None:
            return int(self.recorded["machine"]["threads"])
        return threads_of(self.commission, self.recipe, self.machine)

    def _course(self) -> Course:
        """What was planned before stays unless something else is asked for."""
        recorded = None if self.recorded is None else Course.read(self.recorded["horizon"])
        asked, total = self.commission.asked, len(self.recipe.data)
        return planned(asked, recorded, self.recipe.images, total, self._in_minutes, self.clock.images)

    def _in_minutes(self, minutes: float) -> tuple[int, Prices]:
        """The horizon that is reached in so many minutes, the same for all processes, and the prices it is based on."""
        if self.way is None:
            self.way = self._found_way(0, 60 * minutes - self.stopwatch.seconds)
        commission = with_threads(self.commission, torch.get_num_threads())
        recipe = commission.build()
        with trial(commission, recipe, self.machine, self.by, self.way) as session:
            prices = rehearsed(session, TRIED_FRAMES).prices
        left = 60 * minutes - self.stopwatch.seconds - (prices.opening if self.found is None else 0.0)
        images = Costs(Occasions.of(commission, recipe, self.by), prices).within(left, self.clock.images)
        return int(ranks.of_first(torch.tensor(images, device=self.machine.device)).item()), prices

    def _choose_way(self) -> None:
        """Decides how rounds are played, where planning has not done so; the notes say what is to be known of it."""
        if self.way is None:
            self.way = self._found_way((self.horizon - self.clock.images) / self.recipe.order.batch, None)
        if self.way.reason:
            self.notes.append(f"Rounds are not compiled: {self.way.reason}.")

    def _found_way(self, rounds: float, seconds: float | None) -> Way:
        """For so many rounds that are left, or for so many seconds."""
        begun = self.recorded is not None
        return way_of(self.commission, self.machine, rounds, seconds, begun, self.per_call, Silent().note)

    def _rest(self, images: int) -> int:
        """How many images will have been seen when some observer has something to do next."""
        every = [self.reports.every, self.watch.every, self.selection.every, self.checkpoints.healthy_every]
        every += [] if self.checkpoints.keep_every is None else [self.checkpoints.keep_every]
        due = [(images // one + 1) * one for one in every]
        return min(*due, self.recipe.showing.next(images, self.horizon), self.pace.next(images))

    def _open_folder(self) -> None:
        """Writes recipe.json and forgets what was written after the checkpoint; one process does it for all."""
        if ranks.rank() == 0:
            self.run.write_settings(self._settings())
            self.run.cut_back(self.clock.images if self.found else -1)
        ranks.barrier()

    def _settings(self) -> dict[str, Any]:
        """What recipe.json is to say."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return {
            **self.commission.identity,
            "horizon": self.course.words,
            "machine": machine_words(self.machine, self.per_call),
            "versions": versions(),
            "began": now if self.recorded is None else self.recorded["began"],
        }

    # -- the parts -----------------------------------------------------------------------------------------------

    def _sinks(self) -> list[Any]:
        return [self.run.append_log, self.display.report] if ranks.rank() == 0 else []

    def _record(self, course: Course) -> None:
        """Writes a corrected horizon down; one process does it for all."""
        self.course = course
        if ranks.rank() == 0:
            self.run.write_settings(self.run.settings | {"horizon": course.words})
        ranks.barrier()

    def _follow(self) -> None:
        """Takes the horizon that is in force now for the one to train to."""
        self.horizon = self.course.horizon(self.feed.attempt, self.clock.images)
        ending: list[Any] = [self.reports, self.selection, self.sheets, self.display, self.pace]
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
        if self.commission.start_from is not None:
            load_weights(self.recipe, Run(self.commission.start_from))
        self._open_folder()
        if ranks.rank() == 0:
            self._say(*introduction(self.recipe, self.machine, self.horizon, self.run.path, self.feed.seed))
            self.sheets.draw_data()
            self.sheets.draw(self.clock)

    def _go_on(self) -> None:
        assert self.recorded is not None
        self.notes += no_longer_equal(self.machine, self.per_call, self.recorded)
        self._open_folder()
        seen = f"{self.clock.images:,} images"
        done = f"It has stopped at {seen} already." if self.selection.exhausted else f"It has seen {seen} already."
        self._say(done if self.finished else f"Going on from {seen}.")

    def _play(self) -> None:
        with Interruption(self.machine.device) as interruption:
            looking: list[Observer] = [self.watch, self.selection, self.reports, self.sheets]
            after: list[Observer] = [self.checkpoints, self.selection.patience, interruption, self.watch.heed]
            after += [self.pace]
            self.pace.begin(self.clock)
            self.reports.last = (self.clock.images, self.stopwatch.seconds)  # the speed is that of training alone
            try:
                while not self.finished:
                    try:
                        game, stages, observers = self.recipe.game, self.recipe.stages, looking + after
                        loop(game, stages, self.clock, self.feed, self.horizon, observers, self.rounds)
                    except Alarming as alarm:
                        self._answer(alarm.verdict)
                    except Corrected:
                        self._follow()
            except Unimproved:
                return
            except Stopped:
                self.checkpoints.save()
                self._say(f"Stopped and saved at {self.clock.images:,} images. To go on, run the same command again.")
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
        now = f"After {self.clock.images:,} images: {verdict}."
        if self.alarm is not None:
            self.checkpoints.save()
            raise self.alarm
        given, before = [*self.attempts.given, verdict.name], self.stopwatch.before
        path = self._healthy()
        if path is None:
            first = self.commission.build().game
            found = checkpoint.capture(first, {"clock": Clock().state_dict(), "memory": self.beginning, "marks": {}})
        else:
            found = checkpoint.load(path)
        self.checkpoints.load(found, str(path))
        self.attempts.add(given)
        self.stopwatch.before = before  # time is not taken back
        ranks.barrier()
        if ranks.rank() == 0:
            self.run.cut_back(self.clock.images)
        self.pace.begin(self.clock)
        self._follow()
        self._say(f"{now} Taken back to {self.clock.images:,} images; {rescue.in_words(verdict.name)}.")

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
                f"Verdict: {self.watch.verdict}.",
                *self.selection.sentences,
                f"Finished: {self.clock.images:,} images in {self.stopwatch.seconds:,.0f} s. "
                f"Look at {self.run.sheets()[-1] if self.run.sheets() else self.run.path} "
                f"and animation.webp beside it; ganwright judge {self.run.path} says how good it is"
                + ("." if self.selection.exhausted else "; a larger horizon (--images, --epochs, --minutes) goes on."),
            )
        ranks.barrier()


@contextmanager
def trial(
    commission: Commission, recipe: Recipe, machine: Machine, by: Yardstick | None, way: Way | None = None
) -> Iterator[Training]:
    """A session that has no end, to be tried; it uses the recipe up, and its folder is thrown away.

    Without a `way` rounds are played as a new run would play them.
    """
    reporting = replace(commission.reporting, report_every=FAR, quiet=True)
    count, asked = threads_of(commission, recipe, machine), commission.asked
    torch.set_num_threads(count)
    if way is None:
        seconds = None if asked.minutes is None else 60 * asked.minutes
        rounds = asked.whole(recipe.images, len(recipe.data)) / recipe.order.batch
        way = way_of(commission, machine, rounds, seconds)
    commission = with_threads(commission, torch.get_num_threads())
    endless = replace(commission, asked=Asked(images=FAR), reporting=reporting)
    with tempfile.TemporaryDirectory() as folder:
        yield Training(Run(folder), endless, recipe, machine, by, way)


def load_weights(recipe: Recipe, other: Run) -> None:
    """Starts from the newest intact weights of another run."""
    path, found, passed = checkpoint.newest(other.checkpoints)
    if path is None or found is None:
        raise UserError(" ".join([f"--from {other.path}: no intact checkpoint there.", *passed]))
    checkpoint.start_from(recipe.game, found, str(path))
