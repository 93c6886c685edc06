"""The command `classify`: classifies pictures with a run's discriminator, or measures its accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ganwright.commands.score import print_notes, read
from ganwright.config import data_source
from ganwright.config.data_source import with_classes
from ganwright.config.serialization import is_object_marker
from ganwright.core.data import Data
from ganwright.core.domain import Stored
from ganwright.core.errors import UserError
from ganwright.runs.run import Run


@dataclass(frozen=True)
class Accuracy:
    """Of the samples of `part` with `labels` [n] of `classes`; `right` [n] is True for a correct class."""

    part: str
    classes: tuple[str, ...]
    labels: Stored
    right: Stored

    @property
    def share(self) -> float:
        """The share of correct classes."""
        return float(self.right.mean())

    @property
    def error(self) -> float:
        """The standard error of `share`."""
        return float(np.sqrt(self.share * (1 - self.share) / len(self.right)))


def classify(run: Run | Path | str, paths: Sequence[Path] = (), trust: bool = False) -> None:
    """Prints each picture's class and its probability, or without pictures the accuracy by class.

    `trust` is that of `Run`.
    """
    run = run if isinstance(run, Run) else Run(run, trust=trust)
    if not paths:
        return Console(markup=False).print(accuracy_table(accuracy(run)))
    names, samples, notes = read(run, paths)
    classes, probabilities = run.recipe.data.classes, run.classify(samples)
    table = Table("sample", "class", "probability")
    for name, probability in zip(names, probabilities, strict=True):
        table.add_row(name, classes[int(probability.argmax())], f"{probability.max():.4f}")
    console = Console(markup=False)
    console.print(table)
    print_notes(console, notes)


def accuracy(run: Run) -> Accuracy:
    """On the data's test part, or else on the samples whose labels were not used for training."""
    part, samples, labels = _held_out(run)
    predicted = run.classify(run.domain.to_array(samples)).argmax(1)
    return Accuracy(part, run.recipe.data.classes, labels, predicted == labels)


def _held_out(run: Run) -> tuple[str, Stored, Stored]:
    """A description of the samples, the samples, and their labels."""
    recorded = run.settings["data"]
    if is_object_marker(recorded["source"]):
        raise UserError(f"The data of {run.path} came from Python: name the pictures that are to be classified.")
    source = data_source.find(recorded["source"], recorded["options"])
    test = data_source.the_test_part(source)
    if test is not None and test.labels is not None:
        return _known(f"the test part of {test.name}", test, run)
    data = source.data
    if data.labels is None:
        raise UserError(f"{data.name} has no labels to compare with: name the files that are to be classified.")
    conditions = run.recipe.condition.with_data(data).for_rows(data, np.arange(len(data)))
    hidden = np.zeros(len(data), dtype=bool) if conditions is None else (conditions < 0).numpy()
    if not hidden.any():
        raise UserError(f"{data.name} has no test part, and hides no label from {run.path}: name pictures.")
    unseen = replace(data, samples=np.asarray(data.samples[hidden]), labels=np.asarray(data.labels)[hidden])
    return _known(f"samples of {data.name} without a label", unseen, run)


def _known(part: str, data: Data, run: Run) -> tuple[str, Stored, Stored]:
    """The samples of classes that the run knows, and their labels by the classes' names; how many others there are."""
    classes = run.recipe.data.classes
    labels = np.asarray(with_classes(data, classes).labels)
    known = labels < len(classes)
    if not known.any():
        raise UserError(f"{part} has none of the classes that {run.path} was trained on: {', '.join(classes[:10])}.")
    if known.all():
        return part, np.asarray(data.samples), labels
    others = sorted({data.classes[label] for label in np.asarray(data.labels)[~known]})
    count = int((~known).sum())
    left_out = f"left out: {count:,} of classes that the run does not know, {', '.join(others[:10])}"
    return f"{part} ({left_out})", np.asarray(data.samples[known]), labels[known]


def accuracy_table(measured: Accuracy) -> Table:
    table = Table("class", "samples", "accuracy", title=measured.part, title_justify="left")
    for place, name in enumerate(measured.classes):
        right = measured.right[measured.labels == place]
        table.add_row(name, f"{len(right):,}", f"{right.mean():.2%}" if len(right) else "")
    table.add_section()
    table.add_row("all", f"{len(measured.right):,}", f"{measured.share:.2%} +- {measured.error:.2%}")
    return table
