"""One training session: a run folder brought to its horizon, from nothing or from where it stands."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

import ganwright
from ganwright import artefacts, checkpoint
from ganwright.assemble import Request, words
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.loop import Observer, loop, play_round
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.horizon import Asked, Seen, planned, speed
from ganwright.interruption import Interruption
from ganwright.introduction import introduction
from ganwright.observers import Checkpoints, Remembering, Reports, Sheets, Stopwatch
from ganwright.progress import display
from ganwright.run import Run
from ganwright.sources import Source

REPORTS = 200  # over the horizon, unless told otherwise,
MOST_BETWEEN_REPORTS = 5_000  # images, so that a slow run soon says something


@dataclass(frozen=True)
class Reporting:
    """What is shown and saved, and when; it may change between the parts of a run.

    report_every: images between two lines of the log; without it two hundred lines over the horizon
    sample_every: images between two sheets; without it the recipe decides
    checkpoint_seconds: seconds between two checkpoints
    keep_every: images between checkpoints that are kept for good
    quiet: show nothing but notes
    """

    report_every: int | None = None
    sample_every: int | None = None
    checkpoint_seconds: float = 60.0
    keep_every: int | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Hardware:
    """What the arithmetic runs on; a resumed run that changes it is no longer bit-equal, and says so.

    device: auto, cpu, cuda, cuda:1, mps
    precision: auto, float32, bfloat16 (GPUs only), float64
    micro_batch: samples computed at once; the batch's gradient is accumulated over such parts
    threads: processor threads
    """

    device: str = "auto"
    precision: str = "auto"
    micro_batch: int | None = None
    threads: int | None = None


@dataclass(frozen=True)
class Order:
    """Everything that was asked for, found and checked."""

    request: Request
    source: Source
    asked: Asked
    hardware: Hardware
    reporting: Reporting
    start_from: str | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """What must not change between the parts of a run."""
        request, data = self.request, self.source.settings
        return {
            "recipe": request.family.name,
            "as_source": request.as_source,
            "seed": request.seed,
            "start_from": self.start_from,
            "options": words(request.options),
            "data": {**data, "options": dict(data["options"])},
        }


def refuse_changes(now: Mapping[str, Any], recorded: Mapping[str, Any], path: Path) -> None:
    """A UserError that names the first thing that differs from the run in `path`."""
    for name, then, value in _differences(now, recorded):
        raise UserError(
            f"The run in {path} has {name} {then!r}, not {value!r}: "
            "give it as it was to go on, or another --out for a new run."
        )


def _differences(now: Mapping[str, Any], recorded: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    plain = {"recipe": "the recipe", "as_source": "--as-source", "seed": "--seed", "start_from": "--from"}
    for key, name in plain.items():
        if now[key] != recorded[key]:
            yield name, recorded[key], now[key]
    for mine, theirs in ((now["options"], recorded["options"]), (now["data"]["options"], recorded["data"]["options"])):
        for key in mine.keys() | theirs.keys():
            if mine.get(key) != theirs.get(key):
                yield f"--{key.replace('_', '-')}", theirs.get(key), mine.get(key)
    if now["data"]["fingerprint"] != recorded["data"]["fingerprint"]:
        yield "the data", recorded["data"]["source"], f"{now['data']['source']} as it is now"


class Training:
    """A session: what was asked for, what the folder holds, and the parts that train."""

    def __init__(self, run: Run, order: Order, machine: Machine) -> None:
        self.run, self.order, self.machine = run, order, machine
        self.recorded = run.settings if run.exists and run.begun else None
        if self.recorded is not None:
            refuse_changes(order.identity, self.recorded, run.path)
        torch.set_num_threads(self._threads())
        self.clock, self.stopwatch = Clock(), Stopwatch()
        self.found, self.notes = self._standing()
        self.horizon = self._horizon()
        self.recipe, self.feed = self._built()
        self.display = display(self.horizon, len(order.source.data), order.reporting.quiet or ranks.rank() > 0)
        self.sheets = Sheets(run, self.recipe, self.feed, self.horizon, self.display)
        self.reports = Reports(self.recipe, self._report_every(), self.horizon, self.stopwatch, self._sinks())
        memory: dict[str, Remembering] = {"stopwatch": self.stopwatch, "reports": self.reports}
        keep_every = order.reporting.keep_every or self.recipe.showing.keep_every
        seconds = order.reporting.checkpoint_seconds
        self.checkpoints = Checkpoints(run, self.recipe, self.clock, memory, seconds, keep_every)

    def go(self) -> Run:
        """Trains to the horizon; returns the run, ready for use."""
        self._open_folder()
        if self.found is not None:
            self.checkpoints.load(*self.found)
            self._say(f"Going on from {self.clock.images:,} images.")
        else:
            self._begin()
        try:
            self._play()
        finally:
            self.display.close()
        self._end()
        return Run(self.run.path, self.recipe)

    # -- what the folder holds -----------------------------------------------------------------------------------

    def _standing(self) -> tuple[tuple[checkpoint.Checkpoint, str] | None, list[str]]:
        """The checkpoint to go on from, and sentences about what was found."""
        if self.recorded is None:
            return None, []
        path, found, passed = checkpoint.newest(self.run.checkpoints)
        if found is None or path is None:
            if passed:
                raise UserError(" ".join([*passed, "No intact one is left: choose another --out to begin anew."]))
            return None, []
        self.clock.load_state_dict(found.state["clock"])
        self.stopwatch.load_state_dict(found.state["memory"]["stopwatch"])
        return (found, str(path)), [*passed, *self._no_longer_equal(self.recorded)]

    def _no_longer_equal(self, recorded: Mapping[str, Any]) -> list[str]:
        """A sentence when this part of the run cannot repeat the bits of an unbroken one."""
        now = {**self._machine_words(), **versions()}
        then = {**recorded["machine"], **recorded["versions"]}
        changed = [f"{name} was {then[name]}, is {now[name]}" for name in then if now.get(name) != then[name]]
        return [f"No longer bit for bit what the unbroken run would be: {'; '.join(changed)}."] if changed else []

    def _threads(self) -> int:
        if self.order.hardware.threads is not None:
            return self.order.hardware.threads
        return int(self.recorded["machine"]["threads"]) if self.recorded is not None else usual_threads()

    def _open_folder(self) -> None:
        """Writes recipe.json and forgets what was written after the checkpoint; one process does it for all."""
        if ranks.rank() == 0:
            self.run.write_settings(self._settings())
            self.run.cut_back(self.clock.images if self.found else -1)
        ranks.barrier()

    def _settings(self) -> dict[str, Any]:
        horizon = {"images": self.horizon, "asked": self.order.asked.words()}
        if self.recorded is not None and self.order.asked.nothing:
            horizon["asked"] = self.recorded["horizon"]["asked"]
        began = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return {
            **self.order.identity,
            "horizon": horizon,
            "machine": self._machine_words(),
            "versions": versions(),
            "began": began if self.recorded is None else self.recorded["began"],
        }

    def _machine_words(self) -> dict[str, Any]:
        device = self.machine.device
        name = (
            torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
        )
        return {
            "device": str(device),
            "name": name,
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "processes": ranks.size(),
            "precision": self.machine.precision,
            "micro_batch": self.machine.micro_batch,
        }

    # -- the parts -----------------------------------------------------------------------------------------------

    def _built(self) -> tuple[Recipe, Feed]:
        recipe = self.order.request.build(self.order.source.data)
        if self.order.reporting.sample_every is not None:
            recipe = replace(recipe, showing=replace(recipe.showing, every=self.order.reporting.sample_every, first=0))
        for player in recipe.game.players.values():
            player.to(self.machine.device, self.machine.dtype)
        return recipe, Feed(recipe.data, recipe.order, self.order.request.seed, self.machine, recipe.conditional)

    def _horizon(self) -> int:
        usual = self.order.request.build(self.order.source.data).images
        horizon = None if self.recorded is None else self.recorded["horizon"]
        seen = Seen(self.clock.images, self.stopwatch.seconds)
        total = len(self.order.source.data)
        images = planned(self.order.asked, horizon, usual, total, lambda: speed(*self._built()), seen)
        return int(ranks.mean(torch.tensor(float(images), dtype=torch.float64, device=self.machine.device)).item())

    def _report_every(self) -> int:
        return self.order.reporting.report_every or max(min(self.horizon // REPORTS, MOST_BETWEEN_REPORTS), 1)

    def _sinks(self) -> list[Any]:
        return [self.run.append_log, self.display.report] if ranks.rank() == 0 else []

    # -- its course ----------------------------------------------------------------------------------------------

    def _say(self, *sentences: str) -> None:
        if ranks.rank() == 0:
            for sentence in [*self.notes, *sentences]:
                self.display.note(sentence)
            self.notes = []

    def _begin(self) -> None:
        """What a run shows before its first step: itself, its data, and the untrained generator."""
        if self.order.start_from is not None:
            load_weights(self.recipe, Run(self.order.start_from))
        if ranks.rank() == 0:
            self._say(*introduction(self.recipe, self.machine, self.horizon, self.run.path, self.feed.seed))
            self.sheets.draw_data()
            self.sheets.draw(self.clock)

    def _play(self) -> None:
        with Interruption(self.machine.device) as interruption:
            observers: list[Observer] = [self.reports, self.sheets, self.checkpoints, interruption]
            try:
                loop(self.recipe.game, self.recipe.stages, self.clock, self.feed, self.horizon, observers)
            except KeyboardInterrupt:
                self.checkpoints.save()
                self._say(f"Stopped and saved at {self.clock.images:,} images. To go on, run the same command again.")
                raise
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                raise UserError(self._what_fits()) from None

    def _what_fits(self) -> str:
        """A sentence with the part of the batch that does fit, found by trying a round with ever smaller parts."""
        whole = self.recipe.order.batch // ranks.size()
        part = (self.machine.micro_batch or whole) // 2
        while part >= 1:
            self.feed.machine = replace(self.machine, micro_batch=part)
            try:
                play_round(self.recipe.game, self.recipe.stages[self.clock.stage], self.clock, self.feed, 1)
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                part //= 2
            else:
                return (
                    f"Out of memory on {self.machine.device} with {self.machine.micro_batch or whole} samples at once; "
                    f"{part} fit: add --micro-batch {part} (the same batch, computed in parts)."
                )
        return f"Out of memory on {self.machine.device} even with one sample at once: choose smaller networks."

    def _end(self) -> None:
        self.checkpoints.save()
        if ranks.rank() == 0:
            problems = artefacts.leave(self.run)
            self._say(
                *problems,
                f"Finished: {self.clock.images:,} images in {self.stopwatch.seconds:,.0f} s. "
                f"Look at {self.run.sheets()[-1] if self.run.sheets() else self.run.path} "
                "and animation.webp beside it; a larger horizon (--images, --epochs, --minutes) goes on.",
            )
        ranks.barrier()


def load_weights(recipe: Recipe, other: Run) -> None:
    """Starts from the newest intact weights of another run."""
    path, found, passed = checkpoint.newest(other.checkpoints)
    if path is None or found is None:
        raise UserError(" ".join([f"--from {other.path}: no intact checkpoint there.", *passed]))
    checkpoint.restore_weights(recipe.game, found, str(path))


def out_of_memory(error: RuntimeError) -> bool:
    """Whether the device, or the system, refused memory."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def usual_threads() -> int:
    return 1


def versions() -> dict[str, str]:
    return {
        "ganwright": ganwright.__version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
