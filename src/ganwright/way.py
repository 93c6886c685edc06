"""How rounds are played: plainly one by one, or several a call by their compiled graphs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ganwright.core.loop import Rounds, one_round

if TYPE_CHECKING:  # it imports torch's compiler, which plain rounds never need
    from ganwright.core.rounds import Calls, Rest


@dataclass(frozen=True)
class Way:
    """In compiled calls or (None) plainly; `reason` says why rounds are not compiled although they were to be."""

    calls: Calls | None = None
    reason: str = ""

    @property
    def per_call(self) -> int | None:
        """How many compiled rounds a call has at most."""
        return None if self.calls is None else self.calls.per_call

    def between(self, rest: Rest) -> Rounds:
        """The rounds, in calls that end where observers have something to do."""
        return one_round if self.calls is None else replace(self.calls, rest=rest)


PLAIN = Way()
