"""The clock counts examples and reports every multiple."""

from hypothesis import given
from hypothesis import strategies as st

from ganwright.core.clock import Clock


@given(batches=st.lists(st.integers(1, 50), min_size=1, max_size=40), every=st.integers(1, 60))
def test_every_multiple_is_passed_once(batches: list[int], every: int) -> None:
    clock, passed = Clock(), 0
    for batch in batches:
        before = clock.examples // every
        clock.tick(batch)
        if clock.passed(every, batch):
            passed += clock.examples // every - before
    assert passed == clock.examples // every
    assert clock.step == len(batches)


@given(examples=st.integers(0, 10**12), batch=st.integers(1, 4096))
def test_state_dict_restores_the_clock(examples: int, batch: int) -> None:
    clock = Clock()
    clock.tick(examples)
    clock.next_stage()
    clock.tick(batch)
    other = Clock()
    other.load_state_dict(clock.state_dict())
    assert other == clock
    assert other.stage_began == examples
