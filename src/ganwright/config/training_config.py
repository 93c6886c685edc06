"""A commission: everything that was asked of a training session, and what of it may not change between two of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from ganwright.config.data_source import DataSource
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import flag
from ganwright.config.recipe import ResolvedRecipe
from ganwright.config.serialization import to_json
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe


@dataclass(frozen=True)
class CallbackOptions:
    """What is shown and saved, and when; it may change between the parts of a run.

    report_every: images between two lines of the log; without it two hundred lines over the horizon
    sample_every: images between two sheets; without it the recipe decides
    checkpoint_seconds: seconds between two checkpoints
    keep_every: images between checkpoints that are kept for good
    on_verdict: what an alarming verdict does: note goes on, stop ends the run (exit code 3), rewind goes back to the
        last healthy checkpoint with lower rates and other draws
    best_by: a file of the shelf metrics/, by whose value the best checkpoint is chosen and kept
    stop_after: checks without a better value, after which the run ends
    best_samples: samples of each such check
    quiet: show nothing but notes
    """

    log_every: PositiveInt | None = None
    sample_every: PositiveInt | None = None
    checkpoint_seconds: NonNegativeFloat = 60.0
    keep_every: PositiveInt | None = None
    on_verdict: Literal["note", "stop", "rewind"] = "note"
    best_by: str | None = None
    patience: PositiveInt | None = None
    best_samples: Annotated[int, Field(ge=2)] = 2_000
    quiet: bool = False


@dataclass(frozen=True)
class Hardware:
    """What the arithmetic runs on; a resumed run that changes it is no longer bit-equal, and says so.

    device: auto, cpu, cuda, cuda:1, mps
    precision: auto, float32, bfloat16 (GPUs only), float64
    micro_batch: samples computed at once; the batch's gradient is accumulated over such parts, which is the same
        except for batch norm, whose statistics are then those of a part
    threads: processor threads; without it a long run tries what is quickest, once
    compile: whether rounds are compiled, several a call: auto measures whether that pays; without it as the run did
        so far, and as auto finds in a new one
    """

    device: str = "auto"
    precision: str = "auto"
    micro_batch: PositiveInt | None = None
    threads: PositiveInt | None = None
    compile: Literal["auto", "on", "off"] | None = None


@dataclass(frozen=True)
class TrainingConfig:
    """What was asked for, found and checked."""

    request: ResolvedRecipe
    source: DataSource
    requested: RequestedHorizon
    hardware: Hardware
    callbacks: CallbackOptions
    start_from: str | None = None
    began: float = field(default_factory=time.monotonic)  # when the command was given, from which --minutes count

    def build(self) -> Recipe:
        """The recipe, with the sheets that were asked for."""
        recipe = self.request.build(self.source.data)
        if self.callbacks.sample_every is None:
            return recipe
        return replace(recipe, display=replace(recipe.display, every=self.callbacks.sample_every, first=0))

    @property
    def identity(self) -> dict[str, Any]:
        """What must not change between the parts of a run."""
        return {
            "recipe": self.request.spec.name,
            "as_source": self.request.as_source,
            "seed": self.request.seed,
            "start_from": self.start_from,
            "options": to_json(self.request.options),
            "data": self.source.settings,
        }


def refuse_changes(now: Mapping[str, Any], recorded: Mapping[str, Any], path: Path) -> None:
    """A UserError that names the first thing that differs from the run in `path`."""
    for name, then, value in _differences(now, recorded):
        raise UserError(
            f"The run in {path} has {name} {_shown(then)}, not {_shown(value)}: "
            "give it as it was to go on, or another --out for a new run."
        )


def _differences(now: Mapping[str, Any], recorded: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(name, then, now) of whatever differs, the weightiest first."""
    plain = {"recipe": "the recipe", "as_source": "--as-source", "seed": "--seed", "start_from": "--from"}
    for key, name in plain.items():
        if now[key] != recorded[key]:
            yield name, recorded[key], now[key]
    data, data_then = now["data"], recorded["data"]
    if data["fingerprint"] != data_then["fingerprint"] and data["source"] != data_then["source"]:
        yield "--data", data_then["source"], data["source"]
    for mine, theirs in ((now["options"], recorded["options"]), (data["options"], data_then["options"])):
        for key in mine.keys() | theirs.keys():
            if mine.get(key) != theirs.get(key):
                yield flag(key), theirs.get(key), mine.get(key)
    if data["fingerprint"] != data_then["fingerprint"]:
        yield "the data", f"{data_then['source']} as it was", "as it is now"


def _shown(value: Any) -> str:
    """A recorded value as it would be written on the command line."""
    return ",".join(map(str, value)) if isinstance(value, list) else "none" if value is None else str(value)
