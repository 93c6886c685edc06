"""What a run's discriminator, where it names classes, calls pictures; and how often that is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ganwright.commands.score import read
from ganwright.config import data_source
from ganwright.config.serialization import is_object_marker
from ganwright.core.domain import Stored
from ganwright.core.errors import UserError
from ganwright.runs.run import Run


@dataclass(frozen=True)
class Accuracy:
    """`right` [n] says whether each sample of `part` was named as its label, of `classes`, says."""

    part: str
    classes: tuple[str, ...]
    labels: Stored
    right: Stored

    @property
    def share(self) -> float:
        """Of the samples that are named rightly."""
        return float(self.right.mean())

    @property
    def error(self) -> float:
        """The standard deviation of `share` over such samples."""
        return float(np.sqrt(self.share * (1 - self.share) / len(self.right)))


def classify(run: Run | Path | str, paths: Sequence[Path] = ()) -> None:
    """Prints a row for each picture: its class and how sure that is. Without pictures, a row for each class."""
    run = run if isinstance(run, Run) else Run(run)
    if not paths:
        return Console().print(accuracy_table(accuracy(run)))
    names, asked = read(run, paths)
    classes, probabilities = run.recipe.data.classes, run.classify(asked)
    table = Table("sample", "class", "probability")
    for name, probability in zip(names, probabilities, strict=True):
        table.add_row(name, classes[int(probability.argmax())], f"{probability.max():.4f}")
    Console().print(table)


def accuracy(run: Run) -> Accuracy:
    """On the data's test part or, where there is none, on the samples whose labels were not learned from."""
    part, samples, labels = _unlearned(run)
    named = run.classify(run.domain.to_array(samples)).argmax(1)
    return Accuracy(part, run.recipe.data.classes, labels, named == labels)


def _unlearned(run: Run) -> tuple[str, Stored, Stored]:
    """What these are called, and the samples with their labels."""
    words = run.settings["data"]
    if is_object_marker(words["source"]):
        raise UserError(f"The data of {run.path} came from Python: name the pictures that are to be classified.")
    source = data_source.find(words["source"], words["options"])
    test = data_source.the_test_part(source)
    if test is not None and test.labels is not None:
        return f"the test part of {test.name}", np.asarray(test.samples), np.asarray(test.labels)
    data = source.data
    told = run.recipe.condition.with_data(data).for_rows(data, np.arange(len(data)))
    hidden = np.zeros(len(data), dtype=bool) if told is None else (told < 0).numpy()
    if data.labels is None or not hidden.any():
        raise UserError(f"{data.name} has no test part, and hides no label from {run.path}: name pictures.")
    return f"samples of {data.name} without a label", np.asarray(data.samples[hidden]), np.asarray(data.labels)[hidden]


def accuracy_table(found: Accuracy) -> Table:
    table = Table("class", "samples", "named rightly", title=found.part, title_justify="left")
    for place, name in enumerate(found.classes):
        right = found.right[found.labels == place]
        table.add_row(name, f"{len(right):,}", f"{right.mean():.2%}" if len(right) else "")
    table.add_section()
    table.add_row("all", f"{len(found.right):,}", f"{found.share:.2%} +- {found.error:.2%}")
    return table
