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


class RefusedError(Exception):
    """The round cannot be held in a graph; the message says why."""


@dataclass(frozen=True)
class Noise:
    """Random numbers that a round asks for, without the round: what the method `law` of a named stream gives for its
    arguments `given`, for the rows `start` to `stop`."""

    name: str
    law: str
    start: int
    stop: int
    given: tuple[float, ...]

    def drawn(self, seed: int, step: int, machine: Machine) -> Tensor:
        """The numbers of a round, as `Draws` draws them."""
        draws = Draws(seed, step, self.start, self.stop, self.name, machine.device, machine.dtype)
        numbers: Tensor = getattr(draws, self.law)(*self.given)
        return numbers


def _unanswered(noise: Noise) -> Tensor:
    raise RefusedError(f"nobody answers for {noise}")


@dataclass(frozen=True)
class Overheard(Draws):
    """Draws that somebody else answers."""

    answer: Callable[[Noise], Tensor] = _unanswered

    def normal(self, *shape: int) -> Tensor:
        return self.answer(Noise(self.name, "normal", self.start, self.stop, shape))

    def uniform(self, *shape: int) -> Tensor:
        return self.answer(Noise(self.name, "uniform", self.start, self.stop, shape))

    def kept(self, share: float, *shape: int) -> Tensor:
        return self.answer(Noise(self.name, "kept", self.start, self.stop, (share, *shape)))


@dataclass
class Listening:
    """A feed that writes down what a round asks it for."""

    feed: Feed
    streams: list[int] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    draws: list[Draws] = field(default_factory=list)
    noises: dict[Noise, None] = field(default_factory=dict)  # a set in the order of asking

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

        def answer(noise: Noise) -> Tensor:
            self.noises[noise] = None
            return noise.drawn(draws.seed, draws.step, self.machine)

        return batch, Overheard(**vars(draws), answer=answer)


@dataclass
class Supplied:
    """A feed that gives stand-ins: batches in the order in which they were asked for, random numbers by their names."""

    heard: Listening
    batches: Iterator[Batch]
    noises: Mapping[Noise, Tensor]
    draws_seed: int = 0

    def __post_init__(self) -> None:
        self.draws = iter(self.heard.draws)

    @property
    def machine(self) -> Machine:
        return self.heard.machine

    def draw(self, clock: Clock, stream: int) -> tuple[Batch, Draws]:
        return next(self.batches), Overheard(**vars(next(self.draws)), answer=self._answer)

    def _answer(self, noise: Noise) -> Tensor:
        if noise not in self.noises:
            raise RefusedError(f"the same round asks for other random numbers the second time: {noise}")
        return self.noises[noise].clone()  # whoever asks may change them in place
