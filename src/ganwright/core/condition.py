"""Conditions: what samples are drawn under. Nothing, a class, pictures that data hold, what real samples give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.data import Data
from ganwright.core.domain import Domain, Stored
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError, nearest
from ganwright.core.order import Rows
from ganwright.core.turn import StageView

DEFAULT_COUNT = 64  # samples

Files = Callable[..., Stored]
"""files(path, domain, **options): the samples [n, *stored shape] in a file or folder, read as the data are, with
further options of their loader; a UserError where they cannot be."""


class Condition(Protocol):
    """A condition's tensors have a row for each sample, [n, ...]. What has a body here is what most conditions do."""

    @property
    def default_count(self) -> int:
        """How many samples are drawn under one, unless told."""
        return DEFAULT_COUNT

    @property
    def needs_data(self) -> bool:
        """Whether `drawn` takes conditions from the data's samples."""
        return False

    def with_data(self, data: Data) -> Condition:
        """The same for other data: a run that was opened again has none until they are needed."""
        return self

    def for_rows(self, data: Data, rows: Rows) -> Tensor | None:
        """Those that belong to rows of the data, as the networks see them."""

    def draw(self, draws: Draws) -> Tensor | None:
        """Those of samples for which nobody gave any, one for each row of the draws."""

    def grid_layout(self, count: int) -> tuple[Tensor, int] | None:
        """Those of about `count` samples in a grid, and its columns, where the condition orders it."""
        return None

    def parse(self, word: str, files: Files) -> Tensor:
        """The condition that a user's word names, one row, or several; a UserError where it names none."""

    def to_stored(self, condition: Tensor) -> Stored | None:
        """What is saved of them beside the samples, [n]."""
        return None


@dataclass(frozen=True)
class Unconditional(Condition):
    """Samples are drawn under no condition."""

    def for_rows(self, data: Data, rows: Rows) -> None:
        return None

    def draw(self, draws: Draws) -> None:
        return None

    def parse(self, word: str, files: Files) -> Tensor:
        raise UserError("The run was trained without conditions: leave --condition out.")


@dataclass(frozen=True)
class Labels(Condition):
    """Classes by number, int64 [n]; `shares` are how often they occur, by which they are drawn."""

    classes: tuple[str, ...]
    shares: tuple[float, ...]

    @classmethod
    def of_data(cls, data: Data, recipe: str) -> Labels:
        """The classes of labelled data; a UserError where there are no labels, or one class only."""
        if data.labels is None or not data.classes:
            raise UserError(
                f"{recipe} needs a class for each sample, and {data.name} has none: put the pictures of each class "
                "into a folder of their own, or add an array `labels` to an .npz."
            )
        if len(data.classes) < 2:
            raise UserError(f"{recipe} needs two classes at least, and {data.name} has only {data.classes[0]!r}.")
        counts = data.class_counts
        return cls(data.classes, tuple(count / sum(counts) for count in counts))

    def for_rows(self, data: Data, rows: Rows) -> Tensor:
        return torch.from_numpy(np.asarray(data.labels, dtype=np.int64)[rows])

    def draw(self, draws: Draws) -> Tensor:
        bounds = torch.tensor(self.shares, dtype=torch.float64, device=draws.device).cumsum(0)[:-1]
        return torch.bucketize(draws.uniform().to(torch.float64), bounds, right=True)

    def grid_layout(self, count: int) -> tuple[Tensor, int]:
        """A row for each class, as far as `count` goes."""
        columns = max(round(count / len(self.classes)), 1)
        return torch.arange(min(len(self.classes), count)).repeat_interleave(columns), columns

    def parse(self, word: str, files: Files) -> Tensor:
        """A class by its name, or by its number."""
        if word in self.classes:
            return torch.tensor([self.classes.index(word)])
        if word.isdecimal() and int(word) < len(self.classes):
            return torch.tensor([int(word)])
        raise UserError(f"--condition {word}: there is no such class. {_listed(self.classes, word)}")

    def to_stored(self, condition: Tensor) -> Stored:
        return condition.cpu().numpy()


def _listed(classes: Sequence[str], word: str) -> str:
    few = ", ".join(classes[:20]) + (", ..." if len(classes) > 20 else "")
    return f"The classes are {few}.{nearest(word, classes)}"


@dataclass(frozen=True)
class PictureConditions(Condition):
    """Pictures that come from the data; unless told one sample is drawn under each."""

    data: Data

    @property
    def default_count(self) -> int:
        return 1

    @property
    def needs_data(self) -> bool:
        return True

    def with_data(self, data: Data) -> PictureConditions:
        return replace(self, data=data)


@dataclass(frozen=True)
class DataConditions(PictureConditions):
    """Conditions that the data hold (`Data.conditions`), encoded: those of its pairs, or a set of their own."""

    def held(self, data: Data) -> tuple[Domain, Stored]:
        """The conditions of the data, and their domain."""
        assert data.condition_domain is not None
        assert data.conditions is not None
        return data.condition_domain, data.conditions

    def for_rows(self, data: Data, rows: Rows) -> Tensor | None:
        """Of pairs; where there are none, a view draws them."""
        return self._encoded(data, rows) if data.paired else None

    def draw(self, draws: Draws) -> Tensor:
        """Those of the data, taken at random."""
        places = at_random(len(self.held(self.data)[1]), draws)
        return self._encoded(self.data, places).to(draws.device, draws.dtype)

    def parse(self, word: str, files: Files) -> Tensor:
        """Those in a file, or one for each picture in a folder."""
        domain, _ = self.held(self.data)
        return domain.encode(torch.from_numpy(np.array(files(word, domain))))

    def _encoded(self, data: Data, rows: Rows) -> Tensor:
        domain, stored = self.held(data)
        return domain.encode(torch.from_numpy(np.array(stored[rows])))


def at_random(count: int, draws: Draws) -> Rows:
    """A row below `count` for each row of the draws."""
    places: Rows = (draws.at("row").uniform().double() * count).long().cpu().numpy()
    return places


@dataclass(frozen=True)
class DerivedConditions(PictureConditions):
    """Conditions that real samples give through a view, such as their low-resolution version."""

    view: StageView

    def for_rows(self, data: Data, rows: Rows) -> None:
        """The view makes them."""

    def draw(self, draws: Draws) -> Tensor | None:
        """Those of samples of the data, taken at random."""
        places = at_random(len(self.data), draws)
        real = self.data.domain.encode(torch.from_numpy(np.array(self.data.samples[places])))
        return self.view(Batch(real.to(draws.device, draws.dtype)), draws.at("view")).condition

    def parse(self, word: str, files: Files) -> Tensor:
        raise UserError(f"--condition {word}: this recipe takes its conditions from its data alone.")
