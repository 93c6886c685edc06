"""The course of a run: its horizon in images, as it was planned before the first step and corrected since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from ganwright.config.horizon import RequestedHorizon
from ganwright.planning.cost_model import UnitCosts


@dataclass(frozen=True)
class Revision:
    """From the moment at which `examples` were seen in an attempt, `horizon` is in force."""

    attempt: int
    examples: int
    horizon: int

    @property
    def moment(self) -> tuple[int, int]:
        return self.attempt, self.examples


@dataclass(frozen=True)
class SchedulePlan:
    """A horizon as it was planned, in images, and what for; with --minutes the prices it was planned by, and how it was
    corrected since, in the order in which that happened."""

    examples: int
    requested: RequestedHorizon
    unit_costs: UnitCosts | None = None
    revisions: tuple[Revision, ...] = ()

    @classmethod
    def read(cls, recorded: Mapping[str, Any]) -> SchedulePlan:
        """From what recipe.json says of the horizon."""
        plan: SchedulePlan = TypeAdapter(SchedulePlan).validate_python(
            {**recorded, "examples": recorded.get("planned", recorded["examples"])}
        )
        return plan

    @property
    def words(self) -> dict[str, Any]:
        """For recipe.json; `examples` is the horizon in force at the end."""
        last = self.revisions[-1].horizon if self.revisions else self.examples
        words = {"examples": last, "requested": self.requested.to_dict()}
        if self.unit_costs is None:
            return words
        revisions = [asdict(revision) for revision in self.revisions]
        return words | {"planned": self.examples, "unit_costs": asdict(self.unit_costs), "revisions": revisions}

    def horizon(self, attempt: int, examples: int) -> int:
        """The one in force at a moment."""
        passed = [revision.horizon for revision in self.revisions if revision.moment <= (attempt, examples)]
        return passed[-1] if passed else self.examples

    def is_known(self, attempt: int, examples: int) -> bool:
        """Whether what happens at a moment was written down before: a run that goes on repeats it."""
        return any(revision.moment >= (attempt, examples) for revision in self.revisions)


def planned(
    requested: RequestedHorizon,
    recorded: SchedulePlan | None,
    examples: int,
    minutes: Callable[[float], tuple[int, UnitCosts]],
    seen: int,
) -> SchedulePlan:
    """The course of a run that has seen so many images.

    What was planned before is reused when nothing else is requested, or less than was trained already; `examples` is
    the requested horizon in examples, and `minutes` plans a horizon in minutes, including those that have passed.
    """
    if recorded is not None and (requested.nothing or requested == recorded.requested):
        return recorded
    if requested.minutes is None:
        wanted = SchedulePlan(examples, requested)
    else:
        planned_examples, unit_costs = minutes(requested.minutes)
        wanted = SchedulePlan(planned_examples, requested, unit_costs)
    behind = seen + (requested.minutes is not None)  # minutes that are over plan for one image more
    return wanted if recorded is None or wanted.examples > behind else recorded
