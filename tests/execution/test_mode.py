"""Execution modes: eager, or compiled calls that end at events."""

from ganwright.execution.compiled_steps import CompiledSteps
from ganwright.execution.eager import eager_step
from ganwright.execution.mode import EAGER, ExecutionMode, not_compiled, recorded
from ganwright.execution.protocols import never, silent


def test_the_eager_mode_plays_one_step_at_a_time() -> None:
    assert EAGER.to_dict() == {"compiled_steps_per_call": None}
    assert EAGER.step(never, silent) is eager_step


def test_a_failed_compilation_is_eager_and_says_why() -> None:
    failed = not_compiled("there is no C++ compiler.")
    assert failed.step(never, silent) is eager_step
    assert failed.notes == ("Steps are not compiled: there is no C++ compiler.",)


def test_compiled_calls_end_at_the_events() -> None:
    calls = CompiledSteps({}, 2, 16)
    mode, said = ExecutionMode(calls), list[str]()

    def next_event(examples: int) -> int:
        return examples + 5

    step = mode.step(next_event, said.append)
    assert isinstance(step, CompiledSteps)
    assert step.next_event(3) == 8
    assert (step.graphs, step.place, step.per_call) == (calls.graphs, 2, 16)
    step.say("slower")
    assert said == ["slower"]
    assert calls.next_event is never


def test_the_recorded_mode_is_read_back() -> None:
    words = {"device": "cpu", **ExecutionMode(CompiledSteps({}, 0, 8)).to_dict()}
    assert recorded(words) == {"compiled_steps_per_call": 8}
