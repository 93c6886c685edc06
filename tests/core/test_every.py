"""Every(n): no multiple is skipped, none is counted twice, and the next one is the next that is due."""

from hypothesis import given
from hypothesis import strategies as st

from ganwright.core.every import Every

intervals = st.builds(Every, st.integers(1, 60), st.integers(0, 100))


@given(every=intervals, batches=st.lists(st.integers(1, 50), min_size=1, max_size=40))
def test_steps_count_each_moment_once(every: Every, batches: list[int]) -> None:
    examples, counted = 0, 0
    for batch in batches:
        found = every.count(examples, examples + batch)
        assert every.due(examples, examples + batch) == (found > 0)
        counted += found
        examples += batch
    moments = [moment for moment in range(1, examples + 1) if every.falls_on(moment)]
    assert counted == len(moments) == every.count(0, examples)


@given(every=intervals, now=st.integers(0, 1_000))
def test_next_is_the_first_moment_after_now(every: Every, now: int) -> None:
    later = every.next(now)
    assert later > now
    assert every.falls_on(later)
    assert every.due(later - 1, later)
    assert not any(every.falls_on(moment) for moment in range(now + 1, later))
