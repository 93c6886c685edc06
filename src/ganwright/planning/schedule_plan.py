"""The schedule plan: a run's horizon in examples, as planned before the first step and as revised since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from ganwright.config.horizon import RequestedHorizon
from ganwright.core.errors import UserError
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

    A recorded plan is reused unless the request is a new one. `examples` is the requested horizon where it is no time,
    or else the recipe's default; `plan_minutes` plans for a time, that which was already spent included. A UserError
    for a request for less than was seen.
    """
    if recorded is not None and (requested.is_default or requested == recorded.requested):
        return recorded
    if requested.minutes is None:
        plan = SchedulePlan(examples, requested)
    else:
        within, unit_costs = plan_minutes(requested.minutes)
        plan = SchedulePlan(within, requested, unit_costs)
    if recorded is not None:
        _refuse_behind(plan, seen)
    return plan


def _refuse_behind(plan: SchedulePlan, seen: int) -> None:
    """A UserError if a run cannot end at this horizon any more."""
    minutes = plan.requested.minutes
    if minutes is None and plan.examples < seen:
        raise UserError(
            f"The run has trained on {seen:,} examples already, more than the {plan.examples:,} that are requested: "
            "request more, leave the horizon out to keep the run's own, or choose another --out for a shorter run."
        )
    if minutes is not None and plan.examples <= seen + 1:  # minutes that are over plan for one example more
        raise UserError(
            f"The run has trained on {seen:,} examples, and --minutes {minutes:g}, those already spent included, are "
            "over: request more, leave the horizon out to keep the run's own, or choose another --out."
        )
