"""The clock: examples read, steps played, and the current stage."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass
class Clock:
    """Counts real examples; one step reads one global batch of them."""

    examples: int = 0
    step: int = 0
    stage: int = 0
    stage_began: int = 0  # examples at the start of the current stage

    def tick(self, examples: int) -> None:
        self.examples += examples
        self.step += 1

    def next_stage(self) -> None:
        self.stage += 1
        self.stage_began = self.examples

    def passed(self, every: int, batch: int) -> bool:
        """Whether the last `batch` examples reached or crossed a multiple of `every`."""
        return self.examples // every > (self.examples - batch) // every

    def state_dict(self) -> dict[str, int]:
        return asdict(self)

    def load_state_dict(self, state: dict[str, int]) -> None:
        for name in asdict(self):
            setattr(self, name, state[name])
