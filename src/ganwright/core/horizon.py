"""The horizon: where a run ends, in examples."""

from __future__ import annotations

from dataclasses import dataclass

from ganwright.core.clock import Clock

FAR = 2**62  # examples: a horizon that is never reached


@dataclass
class Horizon:
    """One object that the loop and the callbacks share; a time budget revises `examples` while the run trains.

    `planned` is the horizon before the first step: intervals that divide the run into N parts are derived from it.
    Early stopping sets `stopped`: the run ends where it stands.
    """

    examples: int
    planned: int = 0
    stopped: bool = False

    def __post_init__(self) -> None:
        self.planned = self.planned or self.examples

    def reached(self, clock: Clock) -> bool:
        return self.stopped or clock.examples >= self.examples
