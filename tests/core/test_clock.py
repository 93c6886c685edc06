"""The clock counts examples, steps and stages."""

from hypothesis import given
from hypothesis import strategies as st

from ganwright.core.clock import Clock


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
