"""Execution modes: eager, or compiled calls that end at events."""

from ganwright.core.loop import eager_step
from ganwright.execution.compiled_steps import CompiledSteps, never
from ganwright.execution.mode import EAGER, ExecutionMode


def test_the_eager_mode_plays_one_step_at_a_time() -> None:
    assert EAGER.per_call is None
    assert EAGER.with_events(never) is eager_step


def test_a_failed_compilation_is_eager_with_a_reason() -> None:
    failed = ExecutionMode(reason="time limit")
    assert failed.with_events(never) is eager_step
    assert failed != EAGER


def test_compiled_calls_end_at_the_events() -> None:
    calls = CompiledSteps({}, 2, 16)
    mode = ExecutionMode(calls)

    def next_event(examples: int) -> int:
        return examples + 5

    step = mode.with_events(next_event)
    assert isinstance(step, CompiledSteps)
    assert step.next_event(3) == 8
    assert (step.graphs, step.place, step.per_call) == (calls.graphs, 2, 16)
    assert mode.per_call == 16
    assert calls.next_event is never
