"""The schedule plan: a run's horizon in examples, as planned before the first step and as revised since."""

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
    """A planned horizon in examples, and the request it answers.

    With --minutes also the unit costs it was planned by, and its revisions in the order in which they were made.
    """

    examples: int
    requested: RequestedHorizon
    unit_costs: UnitCosts | None = None
    revisions: tuple[Revision, ...] = ()

    @classmethod
    def from_dict(cls, recorded: Mapping[str, Any]) -> SchedulePlan:
        """From what recipe.json says of the horizon (`runs/schemas.py:HorizonEntry`)."""
        plan: SchedulePlan = TypeAdapter(SchedulePlan).validate_python(
            {**recorded, "examples": recorded.get("planned", recorded["examples"])}
        )
        return plan

    def to_dict(self) -> dict[str, Any]:
        """For recipe.json; `examples` is the horizon in force at the end."""
        last = self.revisions[-1].horizon if self.revisions else self.examples
        horizon = {"examples": last, "requested": self.requested.to_dict()}
        if self.unit_costs is None:
            return horizon
        revisions = [asdict(revision) for revision in self.revisions]
        return horizon | {"planned": self.examples, "unit_costs": asdict(self.unit_costs), "revisions": revisions}

    def horizon(self, attempt: int, examples: int) -> int:
        """The horizon in force at a moment."""
        passed = [revision.horizon for revision in self.revisions if revision.moment <= (attempt, examples)]
        return passed[-1] if passed else self.examples

    def is_known(self, attempt: int, examples: int) -> bool:
        """Whether a revision at this moment or a later one is recorded: a resumed run repeats it."""
        return any(revision.moment >= (attempt, examples) for revision in self.revisions)


def plan_horizon(
    requested: RequestedHorizon,
    recorded: SchedulePlan | None,
    examples: int,
    plan_minutes: Callable[[float], tuple[int, UnitCosts]],
    seen: int,
) -> SchedulePlan:
    """The plan of a run that has seen `seen` examples.

    A recorded plan is reused unless the request is a new one for more than was seen. `examples` is the requested
    horizon where it is no time, or else the recipe's default; `plan_minutes` plans for a time, that which was already
    spent included.
    """
    if recorded is not None and (requested.is_default or requested == recorded.requested):
        return recorded
    if requested.minutes is None:
        plan = SchedulePlan(examples, requested)
    else:
        within, unit_costs = plan_minutes(requested.minutes)
        plan = SchedulePlan(within, requested, unit_costs)
    behind = seen + (requested.minutes is not None)  # minutes that are over plan for one example more
    return plan if recorded is None or plan.examples > behind else recorded
