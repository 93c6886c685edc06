"""What a round asks its feed for: written down the first time it is played, and given as stand-ins the second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.draws import Draws
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine


class CaptureError(Exception):
    """The round cannot be held in a graph; the message says why."""


@dataclass(frozen=True)
class NoiseRequest:
    """Random numbers that a round asks for, without the round: what the method `distribution` of a named stream gives for its
    arguments `given`, for the rows `start` to `stop`."""

    name: str
    distribution: str
    start: int
    stop: int
    given: tuple[float, ...]

    def drawn(self, seed: int, step: int, machine: Machine) -> Tensor:
        """The numbers of a round, as `Draws` draws them."""
        draws = Draws(seed, step, self.start, self.stop, self.name, machine.device, machine.dtype)
        numbers: Tensor = getattr(draws, self.distribution)(*self.given)
        return numbers


def _unanswered(noise: NoiseRequest) -> Tensor:
    raise CaptureError(f"nobody answers for {noise}")


@dataclass(frozen=True)
class RecordedDraws(Draws):
    """Draws that somebody else answers."""

    provide: Callable[[NoiseRequest], Tensor] = _unanswered

    def normal(self, *shape: int) -> Tensor:
        return self.provide(NoiseRequest(self.name, "normal", self.start, self.stop, shape))

    def uniform(self, *shape: int) -> Tensor:
        return self.provide(NoiseRequest(self.name, "uniform", self.start, self.stop, shape))

    def bernoulli(self, share: float, *shape: int) -> Tensor:
        return self.provide(NoiseRequest(self.name, "bernoulli", self.start, self.stop, (share, *shape)))


@dataclass
class RecordingFeed:
    """A feed that writes down what a round asks it for."""

    feed: Feed
    streams: list[int] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    draws: list[Draws] = field(default_factory=list)
    noises: dict[NoiseRequest, None] = field(default_factory=dict)  # a set in the order of asking

    @property
    def machine(self) -> Machine:
        return self.feed.machine

    @property
    def draws_seed(self) -> int:
        return self.feed.draws_seed

    def draw(self, clock: Clock, stream: int) -> tuple[Batch, Draws]:
        batch, draws = self.feed.draw(clock, stream)
        self.streams.append(stream)
        self.batches.append(batch)
        self.draws.append(draws)

        def provide(noise: NoiseRequest) -> Tensor:
            self.noises[noise] = None
            return noise.drawn(draws.seed, draws.step, self.machine)

        return batch, RecordedDraws(**vars(draws), provide=provide)


@dataclass
class ReplayFeed:
    """A feed that gives stand-ins: batches in the order in which they were asked for, random numbers by their names."""

    recorded: RecordingFeed
    batches: Iterator[Batch]
    noises: Mapping[NoiseRequest, Tensor]
    draws_seed: int = 0

    def __post_init__(self) -> None:
        self.draws = iter(self.recorded.draws)

    @property
    def machine(self) -> Machine:
        return self.recorded.machine

    def draw(self, clock: Clock, stream: int) -> tuple[Batch, Draws]:
        return next(self.batches), RecordedDraws(**vars(next(self.draws)), provide=self._provide)

    def _provide(self, noise: NoiseRequest) -> Tensor:
        if noise not in self.noises:
            raise CaptureError(f"the same round asks for other random numbers the second time: {noise}")
        return self.noises[noise].clone()  # whoever asks may change them in place
