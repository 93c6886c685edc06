"""What is judged and what it is judged against: a run or samples, and real data, from what a user names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganwright.config import data_source
from ganwright.config.data_source import DataSource
from ganwright.config.options import as_words
from ganwright.config.serialization import is_object_marker
from ganwright.core.data import Data
from ganwright.core.domain import Domain, Stored
from ganwright.core.errors import UserError
from ganwright.core.metric import Array
from ganwright.core.system import expanded
from ganwright.judging.subjects import RunSamples, StoredSamples
from ganwright.runs.folder import RunFolder
from ganwright.runs.run import Run

RESIZED = re.compile(r" (?:enlarged|reduced) to \d+x\d+ \(from (\d+)x(\d+)\)")  # all samples from one size


def as_run(subject: Run | Path | str | NDArray[Any], checkpoint: str, raw: bool, trust: bool) -> Run | None:
    """The run, opened with this checkpoint and these weights; None if the subject is no run."""
    if isinstance(subject, Run):
        chosen = subject.checkpoint_name if checkpoint == "newest" else checkpoint
        if (chosen, raw or subject.raw) == (subject.checkpoint_name, subject.raw):
            return subject
        return Run(
            subject.path,
            subject.function,
            checkpoint=chosen,
            raw=raw or subject.raw,
            trust=trust or subject.trust,
            **subject.objects,
        )
    if isinstance(subject, np.ndarray):
        return None
    if not str(subject):
        raise UserError("The name of the subject is empty: name a run folder, or samples in a file or folder.")
    subject = expanded(subject)
    if not subject.exists():
        raise UserError(f"There is no {subject}: name a run folder, or samples in a file or folder.")
    if not RunFolder(subject).exists:
        return None
    return Run(subject, checkpoint=checkpoint, raw=raw, trust=trust)


def real_source(run: Run | None, data: Any, options: Mapping[str, Any]) -> tuple[DataSource, list[str]]:
    """The real data: the given ones, read at the run's size, or those that the run was trained on; and notes."""
    data = str(data) if isinstance(data, Path) else data
    if run is None:
        if data is None:
            raise UserError("Samples that are no run need the real data to be judged against: give --data.")
        return data_source.find(data, options), []
    recorded = run.settings["data"]
    if data is None:
        if is_object_marker(recorded["source"]):
            raise UserError(f"{run.path} was trained on data from Python: give them again as data.")
        source = data_source.find(recorded["source"], {**recorded["options"], **options})
        changed = not options and source.to_dict()["fingerprint"] != recorded["fingerprint"]
        note = f"The data {source.name} have changed since {run.path} was trained on them."
        return source, [note] if changed else []
    known = data_source.loader_options(data)
    as_run = {name: value for name, value in run.domain.loader_options.items() if name in known and name not in options}
    source = data_source.find(data, {**as_run, **options})
    return source, [f"{source.name} was read with {as_words(as_run)}, as the run's data."] if as_run else []


def samples_in(subject: Any, source: DataSource) -> StoredSamples:
    """The samples in a file, folder or array, read as the real data are; a UserError if they differ in kind."""
    array = isinstance(subject, np.ndarray)
    found = data_source.samples_of(
        subject if array else Path(subject), source.data.domain, {} if is_object_marker(source.name) else source.options
    )
    labels, note = conditions(found.conditions, source.data)
    name = "array" if array else str(subject)
    notes = (*found.notes, *resized(found.notes, source), *([note] if note else []))
    return StoredSamples(name, found.samples, labels, notes)


def resized(notes: Sequence[str], source: DataSource) -> Iterator[str]:
    """How to avoid that samples are resized to the size of the data."""
    sizes = {(int(found[1]), int(found[2])) for note in notes if (found := RESIZED.search(note))}
    if "size" not in source.options:
        return
    for height, width in sizes:
        size = height if height == width else f"{height}x{width}"
        yield f"The samples have another size than the data were read at: --size {size} reads the data at theirs."


def conditions(names: Stored | None, data: Data) -> tuple[Array | None, str]:
    """The classes [n] of samples by their names, numbered as the data's are; None, and why, if the data lack some."""
    if names is None:
        return None, ""
    found = sorted(set(map(str, names)))
    unknown = [name for name in found if name not in data.classes]
    if unknown:
        return None, f"The classes of the samples are not used: {unknown_classes(unknown, len(found), data)}"
    return np.array([data.classes.index(str(name)) for name in names], dtype=np.int64), ""


def drawn(run: Run, seed: int, source: DataSource) -> RunSamples:
    """The samples of a run, with their classes, by name, if the real data have them."""
    classes, known = run.settings["data"]["classes"], source.data.classes
    unknown = [name for name in classes if name not in known]
    if not classes:
        return RunSamples(run, seed)
    if unknown:
        note = f"The classes of the run are not used: {unknown_classes(unknown, len(classes), source.data)}"
        return RunSamples(run, seed, None, () if run.stored_conditions(1) is None else (note,))
    return RunSamples(run, seed, np.array([known.index(name) for name in classes]))


def unknown_classes(unknown: Sequence[str], total: int, data: Data) -> str:
    """Which classes are none of the data's."""
    has = f"has the classes {', '.join(data.classes[:5])}{', ...' * (len(data.classes) > 5)}" * bool(data.classes)
    return (
        f"{len(unknown):,} of {total:,}, such as {unknown[0]}, are unknown to {data.name}, which {has or 'has none'}."
    )


def under_conditions_of(source: DataSource, run: Run) -> tuple[Run, list[str]]:
    """The run, which draws conditions from these data if it takes them from data and these have some; and notes."""
    if not run.recipe.condition.needs_data:
        return run, []
    part, own = data_source.the_test_part(source) or source.data, run.recipe.data
    if own.condition_domain is not None:
        if part.condition_domain is None or not own.condition_domain.comparable(part.condition_domain):
            what = own.condition_domain.describe()
            return run, [f"{source.name} has no {what}: samples are drawn under those that {run.path} was trained on."]
        part = replace(part, condition_domain=own.condition_domain)
    other = copy(run)  # the caller's run keeps its own
    other.condition = run.recipe.condition.with_data(replace(part, domain=own.domain))
    return other, []


def shown_conditions(run: Run, source: DataSource) -> Domain | None:
    """The domain of the conditions, rows of a table, that samples are drawn under and real ones are paired with."""
    own, data = run.recipe.data.condition_domain, source.data
    if own is None or data.condition_domain is None or not (data.paired and run.recipe.condition.needs_data):
        return None
    fits = own.comparable(data.condition_domain) and "rows" in own.views and "windows" in run.domain.views
    return own if fits else None


def of_runs(seed: int, checkpoint: str, raw: bool) -> dict[str, bool]:
    """Which of the options that only runs have are given."""
    return {"--seed": seed != 0, "--checkpoint": checkpoint != "newest", "--raw": raw}


def refuse_idle(given: Mapping[str, bool], reason: str) -> None:
    """A UserError about the first option that is given and would change nothing."""
    for name, is_given in given.items():
        if is_given:
            raise UserError(f"{reason}: leave {name} out.")
