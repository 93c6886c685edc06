"""Records a step's batches and random numbers, then replays them as graph inputs."""

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
    """A step cannot be captured or compiled; the message says why."""


@dataclass(frozen=True)
class NoiseRequest:
    """Random numbers of any step: the method `distribution` of the stream `name`, with `arguments`, for its rows."""

    name: str
    distribution: str
    start: int
    stop: int
    arguments: tuple[float, ...]

    def draw(self, seed: int, step: int, machine: Machine) -> Tensor:
        """The random numbers of a step, as in `Draws`."""
        draws = Draws(seed, step, self.start, self.stop, self.name, machine.device, machine.dtype)
        numbers: Tensor = getattr(draws, self.distribution)(*self.arguments)
        return numbers


def _missing(noise: NoiseRequest) -> Tensor:
    raise CaptureError(f"no random numbers for {noise}")


@dataclass(frozen=True)
class RecordedDraws(Draws):
    """Draws whose random numbers come from `provide`."""

    provide: Callable[[NoiseRequest], Tensor] = _missing

    def normal(self, *shape: int) -> Tensor:
        return self.provide(NoiseRequest(self.name, "normal", self.start, self.stop, shape))

    def uniform(self, *shape: int) -> Tensor:
        return self.provide(NoiseRequest(self.name, "uniform", self.start, self.stop, shape))

    def bernoulli(self, share: float, *shape: int) -> Tensor:
        return self.provide(NoiseRequest(self.name, "bernoulli", self.start, self.stop, (share, *shape)))


@dataclass
class RecordingFeed:
    """A feed that records its draws."""

    feed: Feed
    streams: list[int] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    draws: list[Draws] = field(default_factory=list)
    noises: dict[NoiseRequest, None] = field(default_factory=dict)  # an ordered set

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
            return noise.draw(draws.seed, draws.step, self.machine)

        return batch, RecordedDraws(**vars(draws), provide=provide)


@dataclass
class ReplayFeed:
    """A feed that replays batches in the recorded order, and random numbers by request."""

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
            raise CaptureError(f"a repeated step requests different random numbers: {noise}")
        return self.noises[noise].clone()  # may be modified in place
