"""Recorded steps: they change nothing, and their random numbers can be drawn for any step."""

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from conftest import points
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.draws import Draws
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.execution.recorder import CaptureError, NoiseRequest, RecordedDraws, RecordingFeed, ReplayFeed

MACHINE = Machine(torch.device("cpu"))
LATER = Clock(examples=40, step=5)


def feed() -> Feed:
    return Feed(points(100), Stream(8), 3, MACHINE)


def numbers(draws: Draws) -> list[Tensor]:
    """All kinds of random numbers, of the stream, of another one, and of a part of the rows."""
    part = draws.at("part").rows(slice(2, 5))
    return [draws.normal(2), draws.uniform(), draws.at("other").normal(2), part.bernoulli(0.5, 4), draws.normal(2)]


def recorded() -> RecordingFeed:
    recording = RecordingFeed(feed())
    for stream in (0, 1):
        numbers(recording.draw(Clock(), stream)[1])
    return recording


def replayed(recording: RecordingFeed, clock: Clock, noises: Mapping[NoiseRequest, Tensor]) -> ReplayFeed:
    batches = [feed().draw(clock, stream)[0] for stream in recording.streams]
    return ReplayFeed(recording, iter(batches), noises)


def drawn(recording: RecordingFeed, clock: Clock) -> dict[NoiseRequest, Tensor]:
    return {noise: noise.draw(recording.draws_seed, clock.step, MACHINE) for noise in recording.noises}


@pytest.mark.parametrize(("distribution", "arguments"), [("normal", (3,)), ("uniform", (3,)), ("bernoulli", (0.5, 3))])
def test_noise_requests_equal_draws(distribution: str, arguments: tuple[float, ...]) -> None:
    request = NoiseRequest("a/b", distribution, 254, 300, arguments).draw(1, 4, MACHINE)
    assert torch.equal(request, getattr(Draws(1, 4, 254, 300, "a/b"), distribution)(*arguments))


def test_a_recorded_step_is_that_of_the_feed() -> None:
    recording = RecordingFeed(feed())
    for stream in (0, 1):
        mine, theirs = recording.draw(LATER, stream), feed().draw(LATER, stream)
        assert torch.equal(mine[0].real, theirs[0].real)
        assert all(torch.equal(*pair) for pair in zip(numbers(mine[1]), numbers(theirs[1]), strict=True))
    assert recording.streams == [0, 1]
    assert (recording.draws_seed, recording.machine) == (3, MACHINE)


def test_equal_requests_are_recorded_once_and_in_order() -> None:
    kinds = [(noise.name, noise.distribution, noise.start, noise.stop) for noise in recorded().noises]
    assert kinds == [
        entry
        for name in ("stream0", "stream1")
        for entry in (
            (name, "normal", 0, 8),
            (name, "uniform", 0, 8),
            (f"{name}/other", "normal", 0, 8),
            (f"{name}/part", "bernoulli", 2, 5),
        )
    ]


def test_a_replayed_step_is_that_of_the_feed_at_any_step() -> None:
    recording = recorded()
    replaying = replayed(recording, LATER, drawn(recording, LATER))
    for stream in (0, 1):
        batch, draws = replaying.draw(LATER, stream)
        expected_batch, expected = feed().draw(LATER, stream)
        assert torch.equal(batch.real, expected_batch.real)
        assert all(torch.equal(*pair) for pair in zip(numbers(draws), numbers(expected), strict=True))


@pytest.mark.parametrize(
    "different",
    [lambda draws: draws.normal(3), lambda draws: draws.at("new").uniform(), lambda draws: draws.uniform(2)],
)
def test_a_replayed_step_that_requests_other_numbers_is_an_error(different: Callable[[Draws], Tensor]) -> None:
    recording = recorded()
    _, draws = replayed(recording, LATER, drawn(recording, LATER)).draw(LATER, 0)
    with pytest.raises(CaptureError, match="a repeated step requests different random numbers"):
        different(draws)


def test_replayed_numbers_may_be_modified_in_place() -> None:
    recording = recorded()
    noises = drawn(recording, LATER)
    _, draws = replayed(recording, LATER, noises).draw(LATER, 0)
    first = draws.normal(2).clone()
    draws.normal(2).zero_()
    assert torch.equal(draws.normal(2), first)


def test_recorded_draws_without_a_source_of_numbers_are_an_error() -> None:
    draws = RecordedDraws(0, 0, 0, 4)
    for request in (draws.normal, draws.uniform, lambda: draws.bernoulli(0.5)):
        with pytest.raises(CaptureError, match="no random numbers"):
            request()


def test_batches_are_recorded_with_their_draws() -> None:
    recording = recorded()
    assert all(isinstance(batch, Batch) for batch in recording.batches)
    assert [draws.name for draws in recording.draws] == ["stream0", "stream1"]
    assert not torch.equal(recording.batches[0].real, recording.batches[1].real)
