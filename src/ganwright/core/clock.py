"""The clock: examples seen, steps taken, and the stage they belong to."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass
class Clock:
    """Everything is counted in real examples; one step is one global batch of them."""

    examples: int = 0
    step: int = 0
    stage: int = 0
    stage_began: int = 0  # examples seen when the present stage began

    def tick(self, examples: int) -> None:
        self.examples += examples
        self.step += 1

    def next_stage(self) -> None:
        self.stage += 1
        self.stage_began = self.examples

    def state_dict(self) -> dict[str, int]:
        return asdict(self)

    def load_state_dict(self, state: dict[str, int]) -> None:
        for name in asdict(self):
            setattr(self, name, state[name])
