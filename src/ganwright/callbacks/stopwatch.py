"""Seconds of training, over all commands that took part in a run."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Ge
from pydantic import with_config
from typing_extensions import TypedDict

from ganwright.core.schema import EXACT, Finite


@with_config(EXACT)
class StopwatchState(TypedDict):
    """Seconds of the earlier commands and of this one."""

    seconds: Annotated[Finite, Ge(0)]


@dataclass
class Stopwatch:
    """Seconds of all commands that trained a run, each from its start; seconds lost to a kill don't count."""

    before: float = 0.0
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self.began

    def state_dict(self) -> StopwatchState:
        return {"seconds": self.seconds}

    def load_state_dict(self, state: StopwatchState) -> None:
        self.before = state["seconds"]
