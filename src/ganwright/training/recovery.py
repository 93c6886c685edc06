"""What an alarming verdict leads to: the run is ended, or rewound to a healthy checkpoint (--on-verdict)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganwright.callbacks.checkpoints import HEALTHY_BEFORE
from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.errors import AlarmError
from ganwright.health import recovery
from ganwright.health.verdict import HEALTHY, Verdict
from ganwright.runs import checkpoint
from ganwright.runs.run import Run
from ganwright.training.assembly import Callbacks
from ganwright.training.preparation import PreparedRun, load_initial_weights


class Recovery:
    """Ends or rewinds a run; `initial` are the callbacks' states before the first step."""

    def __init__(self, run: Run, prepared: PreparedRun, clock: Clock, callbacks: Callbacks) -> None:
        self.run, self.prepared, self.clock, self.callbacks = run, prepared, clock, callbacks
        self.initial: Mapping[str, Any] = {
            name: callback.state_dict() for name, callback in callbacks.checkpoints.states.items()
        }

    @property
    def alarm(self) -> AlarmError | None:
        """The error that ends the run, where its verdict is alarming and it is not to be rewound (again)."""
        monitor, attempts = self.callbacks.monitor, self.callbacks.attempts
        gives_up = self.prepared.config.callbacks.on_verdict == "stop" or attempts.exhausted
        if not (monitor.raises and monitor.verdict.alarming and gives_up):
            return None
        failed = f" {len(attempts.given)} attempts to resume from a healthy state failed." if attempts.given else ""
        now = f"After {self.clock.examples:,} examples: {monitor.verdict}."
        sentence = f"{now}{failed} The run is saved; --on-verdict note trains on from here."
        return AlarmError(sentence, monitor.verdict.name)

    def answer(self, verdict: Verdict) -> str:
        """Rewinds the run and says so in a sentence; raises `alarm` where it is to end, with the run saved."""
        if self.alarm is not None:
            self.callbacks.checkpoints.save()
            raise self.alarm
        now = f"After {self.clock.examples:,} examples: {verdict}."
        log, stopwatch, attempts = self.callbacks.log, self.callbacks.log.stopwatch, self.callbacks.attempts
        given, before = [*attempts.given, verdict.name], stopwatch.before
        self.callbacks.checkpoints.load(*self._healthy())
        attempts.add(given)
        log.stopwatch.before = before  # time is not rewound
        ranks.barrier()
        if ranks.rank() == 0:
            self.run.cut_back(self.clock.examples)
        self.callbacks.time_budget.begin(self.clock)
        return f"{now} Rewound to {self.clock.examples:,} examples; {recovery.in_words(verdict.name)}."

    def _healthy(self) -> tuple[checkpoint.Checkpoint, str]:
        """The last but one of the healthy checkpoints where there are two, or the run's initial state.

        Health checks see EMA weights, which lag behind: at the last one the trained weights may be ill already.
        """
        for mark in (HEALTHY_BEFORE, HEALTHY):
            path = checkpoint.marked(self.run.checkpoints, mark)
            if path is not None:
                return checkpoint.load(path), str(path)
        config, state = self.prepared.config, {"clock": Clock().state_dict(), "marks": {}}
        recipe = config.build()
        load_initial_weights(config, recipe)
        return checkpoint.capture(recipe.game, {**state, "callbacks": self.initial}), "the initial state"
