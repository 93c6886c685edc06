"""Conditions that samples are drawn under: none, class labels, samples of any domain, or views of real samples."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.data import Data
from ganwright.core.domain import Domain, Origin, SavedSamples, Stored
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError, nearest
from ganwright.core.order import Rows
from ganwright.core.system import expanded
from ganwright.core.turn import StageView

DEFAULT_COUNT = 64  # samples

Files = Callable[..., SavedSamples]
"""files(path, domain, **options): the samples [n, *stored_shape] of a file or folder, loaded as the data are.

`options` are passed to the loader. Raises UserError if the files cannot be read.
"""


class NamedConditions(NamedTuple):
    """The encoded conditions [n, ...] that a user names, and their origins in a file; none if it says nothing."""

    encoded: Tensor
    origins: tuple[Origin, ...] = ()


class Condition(Protocol):
    """Conditions are tensors [n, ...] with one row per sample. Method bodies here are the defaults."""

    @property
    def default_count(self) -> int:
        """The default number of samples per condition."""
        return DEFAULT_COUNT

    @property
    def needs_data(self) -> bool:
        """Whether `draw` takes conditions from the data."""
        return False

    @property
    def one_sample_each(self) -> bool:
        """Whether one sample is drawn under each of several conditions that are named, and not any number."""
        return False

    def with_data(self, data: Data) -> Condition:
        """The same condition on other data. A reopened run has no data until they are needed."""
        return self

    def for_rows(self, data: Data, rows: Rows) -> Tensor | None:
        """The encoded conditions of rows of the data."""

    def draw(self, draws: Draws) -> Tensor | None:
        """Random conditions, one for each row of `draws`."""

    def grid_layout(self, count: int) -> tuple[Tensor, int] | None:
        """Conditions of about `count` samples in a grid, and its columns; None if the conditions have no order."""
        return None

    def parse(self, word: str, files: Files) -> NamedConditions:
        """The conditions that a user's argument names. Raises UserError if it names none."""

    def example(self, source: str) -> str | None:
        """An argument that `parse` reads, for a run on the data of this name or path; None if there is none."""
        return None

    def to_stored(self, condition: Tensor) -> Stored | None:
        """The array [n] that is saved with the samples, if any."""
        return None

    def beside(self, domain: Domain, stored: Stored, condition: Tensor) -> tuple[Domain, Stored]:
        """The domain and the stored samples [n, ...] of files in columns, with conditions that are static columns."""
        return domain, stored


@dataclass(frozen=True)
class Unconditional(Condition):
    """No condition."""

    def for_rows(self, data: Data, rows: Rows) -> None:
        return None

    def draw(self, draws: Draws) -> None:
        return None

    def parse(self, word: str, files: Files) -> NamedConditions:
        raise UserError("The run was trained without conditions: leave --condition out.")


@dataclass(frozen=True)
class Labels(Condition):
    """Class numbers, int64 [n], drawn with the probabilities `shares`: the class frequencies of the data."""

    classes: tuple[str, ...]
    shares: tuple[float, ...]

    @classmethod
    def of_data(cls, data: Data, recipe: str) -> Labels:
        """The classes of labelled data. Raises UserError if there are fewer than two."""
        if data.labels is None or not data.classes:
            raise UserError(
                f"{recipe} needs a class for each sample, and {data.name} has none: put the files of each of "
                "two or more classes into a folder of their own, or add an array `labels` to an .npz."
            )
        if len(data.classes) < 2:
            raise UserError(f"{recipe} needs at least two classes, and {data.name} has only {data.classes[0]!r}.")
        counts = data.class_counts
        return cls(data.classes, tuple(count / sum(counts) for count in counts))

    def for_rows(self, data: Data, rows: Rows) -> Tensor:
        return torch.from_numpy(np.asarray(data.labels, dtype=np.int64)[rows])

    def draw(self, draws: Draws) -> Tensor:
        bounds = torch.tensor(self.shares, dtype=torch.float64, device=draws.device).cumsum(0)[:-1]
        return torch.bucketize(draws.uniform().to(torch.float64), bounds, right=True)

    def grid_layout(self, count: int) -> tuple[Tensor, int]:
        """One row per class, for at most `count` classes."""
        columns = max(round(count / len(self.classes)), 1)
        return torch.arange(min(len(self.classes), count)).repeat_interleave(columns), columns

    def parse(self, word: str, files: Files) -> NamedConditions:
        """A class by name or by number."""
        if word in self.classes:
            return NamedConditions(torch.tensor([self.classes.index(word)]))
        if word.isdecimal() and int(word) < len(self.classes):
            return NamedConditions(torch.tensor([int(word)]))
        raise UserError(f"--condition {word}: there is no such class. {_listed(self.classes, word)}")

    def example(self, source: str) -> str:
        """The first class."""
        return self.classes[0]

    def to_stored(self, condition: Tensor) -> Stored:
        return condition.cpu().numpy()


def _listed(classes: Sequence[str], word: str) -> str:
    few = ", ".join(classes[:20]) + (", ..." if len(classes) > 20 else "")
    return f"The classes are {few}.{nearest(word, classes)}"


@dataclass(frozen=True)
class ConditionsOfData(Condition):
    """Conditions that the data hold or yield, of any domain; by default one sample is drawn under each."""

    data: Data

    @property
    def default_count(self) -> int:
        return 1

    @property
    def needs_data(self) -> bool:
        return True

    def with_data(self, data: Data) -> ConditionsOfData:
        return replace(self, data=data)


@dataclass(frozen=True)
class DataConditions(ConditionsOfData):
    """Encoded `Data.conditions`: those of its pairs, or an independent set.

    They may be pictures to translate, the static features of a series as rows of a table, or the known part of a
    sample.
    """

    @property
    def one_sample_each(self) -> bool:
        """Conditions in files of their own, whose names the samples get."""
        return self.held(self.data)[0].file_format is not None

    def held(self, data: Data) -> tuple[Domain, Stored]:
        """The domain and the stored conditions of the data."""
        assert data.condition_domain is not None
        assert data.conditions is not None
        return data.condition_domain, data.conditions

    def for_rows(self, data: Data, rows: Rows) -> Tensor | None:
        """The conditions of pairs; for unpaired data a view draws them."""
        return self._encoded(data, rows) if data.paired else None

    def draw(self, draws: Draws) -> Tensor:
        """Random conditions of the data."""
        places = at_random(len(self.held(self.data)[1]), draws)
        return self._encoded(self.data, places).to(draws.device, draws.dtype)

    def parse(self, word: str, files: Files) -> NamedConditions:
        """The conditions in a file, those in all files of a folder, or one that words describe, see `Domain`."""
        domain, _ = self.held(self.data)
        described = None if os.path.lexists(expanded(word)) else domain.described(word)
        found = files(word, domain) if described is None else SavedSamples(described)
        return NamedConditions(domain.encode(torch.from_numpy(np.array(found.samples))), found.origins)

    def example(self, source: str) -> str:
        return self.held(self.data)[0].example(source)

    def beside(self, domain: Domain, stored: Stored, condition: Tensor) -> tuple[Domain, Stored]:
        held, _ = self.held(self.data)
        if not held.static_columns:
            return domain, stored
        return domain.with_static(held.static_columns, held.decode(condition), stored)

    def _encoded(self, data: Data, rows: Rows) -> Tensor:
        domain, stored = self.held(data)
        return domain.encode(torch.from_numpy(np.array(stored[rows])))


def at_random(count: int, draws: Draws) -> Rows:
    """A random row below `count` for each row of `draws`."""
    places: Rows = (draws.at("row").uniform().double() * count).long().cpu().numpy()
    return places


@dataclass(frozen=True)
class DerivedConditions(ConditionsOfData):
    """Conditions computed from real samples by a view, such as their low-resolution version."""

    view: StageView

    def for_rows(self, data: Data, rows: Rows) -> None:
        """The view computes them."""

    def draw(self, draws: Draws) -> Tensor | None:
        """The conditions of random samples of the data."""
        places = at_random(len(self.data), draws)
        real = self.data.domain.encode(torch.from_numpy(np.array(self.data.samples[places])))
        return self.view(Batch(real.to(draws.device, draws.dtype)), draws.at("view")).condition

    def parse(self, word: str, files: Files) -> NamedConditions:
        raise UserError(f"--condition {word}: this recipe takes its conditions from its data only.")
