"""The types of what a run folder's JSON files hold: recipe.json, log.jsonl, state.json and marks.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from annotated_types import Ge, Gt, Le, MaxLen
from pydantic import ConfigDict, PlainValidator, with_config
from typing_extensions import TypedDict

from ganwright.core.schema import EXACT, Count, Finite

FORMAT = 2  # of recipe.json and state.json
OPEN = ConfigDict(strict=True, extra="allow")
MAX_WORD = 4096
MAX_LABELS = 10**8  # of a data set with classes: sampling holds one for each real sample


def _word(value: Any) -> str:
    """A text, which may have surrogates for the bytes of a file's name that are no UTF-8; pydantic's refuses these."""
    if not isinstance(value, str) or len(value) > MAX_WORD:
        raise ValueError(f"should be a text of at most {MAX_WORD:,} characters")
    return value


Word = Annotated[str, PlainValidator(_word)]
Positive = Annotated[Count, Ge(1)]
Duration = Annotated[Finite, Gt(0)]
Values = Annotated[dict[Word, float | None], MaxLen(1_000)]  # by name; None: not finite


@with_config(EXACT)
class RequestEntry(TypedDict):
    """At most one of the units, see config/horizon.py."""

    examples: Positive | None
    steps: Positive | None
    epochs: Duration | None
    minutes: Duration | None


@with_config(EXACT)
class RevisionEntry(TypedDict):
    """See planning/schedule_plan.py."""

    attempt: Count
    examples: Count
    horizon: Positive


@with_config(EXACT)
class UnitCostsEntry(TypedDict):
    """Seconds, see planning/cost_model.py."""

    opening: Finite
    examples: list[Finite]
    log_line: Finite
    health_check: Finite
    selection_check: Finite
    sample_grid: Finite
    checkpoint: Finite
    frame: Finite
    closing: Finite


@with_config(EXACT)
class HorizonEntry(TypedDict):
    """The horizon in force, and how it came about; the latter three with --minutes."""

    examples: Positive
    requested: RequestEntry
    planned: NotRequired[Positive]
    unit_costs: NotRequired[UnitCostsEntry]
    revisions: NotRequired[list[RevisionEntry]]


@with_config(EXACT)
class DataEntry(TypedDict):
    """The data that a run was trained on; a domain is a marker or an object, see config/serialization.py."""

    source: Word
    options: dict[Word, Any]
    name: Word
    count: Positive
    domain: dict[Word, Any] | Word
    classes: list[Word]
    class_counts: list[Annotated[Count, Le(MAX_LABELS)]]
    fingerprint: Word
    fingerprint_covers: NotRequired[Word]
    condition_domain: NotRequired[dict[Word, Any] | Word]
    paired: NotRequired[bool]


@with_config(EXACT)
class MachineEntry(TypedDict):
    """See runs/provenance.py."""

    device: Word
    name: Word
    cores: Count | None
    threads: Annotated[int, Ge(1), Le(1024)]
    processes: Positive
    precision: Word
    micro_batch: Positive | None
    compiled_steps_per_call: Annotated[int, Ge(1), Le(10**6)] | None


@with_config(EXACT)
class Settings(TypedDict):
    """recipe.json."""

    format: Literal[2]
    recipe: Word
    as_source: bool
    seed: Annotated[int, Ge(-(2**63)), Le(2**64)]
    options: dict[Word, Any]
    start_from: Word | None
    data: DataEntry
    horizon: HorizonEntry
    machine: MachineEntry
    versions: dict[Word, Word]
    began: Word


@with_config(OPEN)
class VerdictEntry(TypedDict):
    """See health/verdict.py; `try` for an alarming one."""

    name: Word
    evidence: Word


@with_config(EXACT)
class LogLine(TypedDict):
    """A line of log.jsonl; a number that was not finite is None."""

    examples: Count
    step: Count
    stage: Count
    epoch: float | None
    seconds: float | None
    examples_per_second: float | None
    terms: Values
    learning_rates: Values
    verdict: VerdictEntry
    gradient_norms: Values
    notes: NotRequired[list[str]]
    best: NotRequired[Values | None]


@with_config(EXACT)
class ClockState(TypedDict):
    """See core/clock.py."""

    examples: Count
    step: Count
    stage: Count
    stage_began: Count


@with_config(EXACT)
class OptimizerState(TypedDict):
    """What is no tensor of an optimizer: its parameter groups, and single values by "parameter.name"."""

    groups: list[dict[Word, Any]]
    others: dict[Word, Any]


@with_config(EXACT)
class State(TypedDict):
    """state.json; callbacks and games check their own states (core/schema.py:restore)."""

    format: Literal[2]
    keep: bool
    clock: ClockState
    callbacks: dict[Word, dict[Word, Any]]
    marks: NotRequired[dict[Word, Count]]
    optimizers: dict[Word, OptimizerState]
    game: dict[Word, Any]
    sha256: dict[Word, Word]


Marks = dict[Word, Count]  # marks.json: the examples of a checkpoint by its mark
