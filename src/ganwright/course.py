"""The course of a run: its horizon in images, as it was planned before the first step and corrected since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from ganwright.costs import Prices
from ganwright.horizon import Asked


@dataclass(frozen=True)
class Correction:
    """From the moment at which `images` were seen in an attempt, `horizon` is in force."""

    attempt: int
    images: int
    horizon: int

    @property
    def moment(self) -> tuple[int, int]:
        return self.attempt, self.images


@dataclass(frozen=True)
class Course:
    """A horizon as it was planned, in images, and what for; with --minutes the prices it was planned by, and how it was
    corrected since, in the order in which that happened."""

    images: int
    asked: Asked
    prices: Prices | None = None
    corrections: tuple[Correction, ...] = ()

    @classmethod
    def read(cls, recorded: Mapping[str, Any]) -> Course:
        """From what recipe.json says of the horizon."""
        course: Course = TypeAdapter(Course).validate_python(
            {**recorded, "images": recorded.get("planned", recorded["images"])}
        )
        return course

    @property
    def words(self) -> dict[str, Any]:
        """For recipe.json; `images` is the horizon in force at the end."""
        last = self.corrections[-1].horizon if self.corrections else self.images
        words = {"images": last, "asked": self.asked.words()}
        if self.prices is None:
            return words
        corrections = [asdict(correction) for correction in self.corrections]
        return words | {"planned": self.images, "prices": asdict(self.prices), "corrections": corrections}

    def horizon(self, attempt: int, images: int) -> int:
        """The one in force at a moment."""
        passed = [correction.horizon for correction in self.corrections if correction.moment <= (attempt, images)]
        return passed[-1] if passed else self.images

    def is_known(self, attempt: int, images: int) -> bool:
        """Whether what happens at a moment was written down before: a run that goes on repeats it."""
        return any(correction.moment >= (attempt, images) for correction in self.corrections)


def planned(
    asked: Asked,
    recorded: Course | None,
    usual: int,
    total: int,
    minutes: Callable[[float], tuple[int, Prices]],
    seen: int,
) -> Course:
    """The course of a run that has seen so many images.

    What was planned before is reused when nothing else is asked for, or less than was seen already; `usual` is the
    recipe's own horizon, `total` the size of the data set, and `minutes` plans for so many, those that were spent
    among them.
    """
    if recorded is not None and (asked.nothing or asked == recorded.asked):
        return recorded
    if asked.minutes is None:
        wanted = Course(asked.whole(usual, total), asked)
    else:
        images, prices = minutes(asked.minutes)
        wanted = Course(images, asked, prices)
    behind = seen + (asked.minutes is not None)  # minutes that are over plan for one image more
    return wanted if recorded is None or wanted.images > behind else recorded
