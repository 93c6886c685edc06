"""The configuration of a training session, and the part of it that must stay the same when a run resumes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le

from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import NonNegativeFloat, PositiveInt, as_word, flag
from ganwright.core.errors import UserError

if TYPE_CHECKING:  # they import torch, which the command line's help does without
    from ganwright.config.data_source import DataSource
    from ganwright.config.recipe import ResolvedRecipe
    from ganwright.core.recipe import Recipe


@dataclass(frozen=True)
class RunOptions:
    """What a run is, besides its recipe and data."""

    seed: Annotated[int, "Random seed."] = 0
    as_source: Annotated[bool, "Run the recipe's classic published program, unchanged."] = False
    preset: Annotated[
        str | None, "Options under a name, such as published (`ganwright recipes NAME` lists them). Your own win."
    ] = None
    start_from: Annotated[str | Path | None, "Start with the weights of another run's folder."] = None


@dataclass(frozen=True)
class CallbackOptions:
    """What is displayed and saved, and when. Resumed runs may change all of it."""

    log_every: Annotated[PositiveInt | None, "Log interval, in examples (default: horizon / 200)."] = None
    sample_every: Annotated[PositiveInt | None, "Sample grid interval, in examples (default: the recipe's)."] = None
    checkpoint_seconds: Annotated[NonNegativeFloat, "Checkpoint interval, in seconds."] = 60
    keep_every: Annotated[PositiveInt | None, "Interval of checkpoints that are never deleted, in examples."] = None
    on_verdict: Annotated[
        Literal["note", "stop", "rewind"],
        "On an alarming verdict: print a note, stop the run (exit code 3), or rewind to the last healthy checkpoint.",
    ] = "note"
    best_by: Annotated[str | None, "Keep the best checkpoint by this metric, such as frechet."] = None
    patience: Annotated[PositiveInt | None, "Early-stopping patience, in checks of --best-by (default: frechet)."] = (
        None
    )
    best_samples: Annotated[int, Ge(2), "Samples of each check of --best-by."] = 2_000
    quiet: Annotated[bool, "Print no progress."] = False

    @property
    def selects(self) -> bool:
        """Whether the best checkpoint is kept."""
        return self.best_by is not None or self.patience is not None


@dataclass(frozen=True)
class Hardware:
    """What training runs on. A resumed run that changes it is no longer bit-equal, and says so."""

    device: Annotated[str, "cpu, cuda, cuda:1, mps, or auto."] = "auto"
    precision: Annotated[str, "float32, bfloat16 (GPUs only), or float64."] = "float32"
    micro_batch: Annotated[PositiveInt | None, "Samples per forward pass; gradients accumulate over the batch."] = None
    threads: Annotated[Annotated[int, Ge(1), Le(1024)] | None, "CPU threads (default: autotuned for long runs)."] = None
    compile: Annotated[
        Literal["auto", "on", "off"] | None,
        "Compile the training step (default: auto for new runs, which measures whether it pays; resumed runs keep "
        "their setting).",
    ] = None


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that was requested, found and checked.

    `notes` are sentences about it for the start of a run; `started` is the time from which --minutes count.
    """

    recipe: ResolvedRecipe
    data: DataSource
    horizon: RequestedHorizon
    hardware: Hardware
    callbacks: CallbackOptions
    start_from: str | None = None
    notes: tuple[str, ...] = ()
    started: float = field(default_factory=time.monotonic)

    def build(self) -> Recipe:
        """The recipe, with the configuration's notes and the requested interval of sample grids."""
        recipe = self.recipe.build(self.data.data)
        recipe = replace(recipe, notes=(*self.notes, *recipe.notes))
        if self.callbacks.sample_every is None:
            return recipe
        return replace(recipe, display=replace(recipe.display, every=self.callbacks.sample_every, first=0))

    @property
    def identity(self) -> dict[str, Any]:
        """What must not change when a run resumes, as recipe.json stores it."""
        return {**self.recipe.to_dict(), "start_from": self.start_from, "data": self.data.to_dict()}


DATA = "the data"
REMEDIES = {DATA: "restore them"}  # others are options


def refuse_changes(now: Mapping[str, Any], recorded: Mapping[str, Any], path: Path) -> None:
    """A UserError that names the first difference from the run in `path`."""
    for name, then, value in _differences(now, recorded):
        raise UserError(
            f"The run in {path} has {name} {as_word(then)}, not {as_word(value)}: "
            f"{REMEDIES.get(name, 'use the same value')} to resume it, or another --out for a new run."
        )


def _of_this_version(domain: Any) -> Any:
    """A recorded domain with the fields that were added since."""
    from ganwright.config.serialization import domain_from_json, domain_to_json

    return domain_to_json(domain_from_json(domain, "recipe.json")) if isinstance(domain, Mapping) else domain


def _json(value: Any) -> str:
    """In the form of a file, where tuples are lists."""
    return json.dumps(value, sort_keys=True)


def _differences(now: Mapping[str, Any], recorded: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(name, then, now) of each difference, the most important first."""
    named = {"recipe": "the recipe", "as_source": "--as-source", "seed": "--seed", "start_from": "--from"}
    for key, name in named.items():
        if now[key] != recorded[key]:
            yield name, recorded[key], now[key]
    data, data_then = now["data"], recorded["data"]
    if data["fingerprint"] != data_then["fingerprint"] and data["source"] != data_then["source"]:
        yield "--data", data_then["source"], data["source"]
    for mine, theirs in ((now["options"], recorded["options"]), (data["options"], data_then["options"])):
        for key in {**theirs, **mine}:
            if mine.get(key) != theirs.get(key):
                yield flag(key), theirs.get(key), mine.get(key)
    if data["fingerprint"] != data_then["fingerprint"]:
        yield DATA, f"{data_then['source']} as it was", "as it is now"
    for key in ("domain", "condition_domain"):
        if _json(data.get(key)) != _json(_of_this_version(data_then.get(key))):
            yield f"the {key.replace('_', ' ')}", str(data_then.get(key)), str(data.get(key))
