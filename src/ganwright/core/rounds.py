"""Several rounds a call: each is played by the graph that fits it, or plainly where none does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.draws import torch_seed
from ganwright.core.feed import Feed
from ganwright.core.game import Game
from ganwright.core.loop import one_round, seed_torch, turn_knobs
from ganwright.core.trace import Kind, Traced, flat, layout, state
from ganwright.core.turn import Stage

Rest = Callable[[int], int]


def never(images: int) -> int:
    """Nothing is ever due."""
    return 2**62


@dataclass(frozen=True)
class Ahead:
    """A round to be played: the clock at its begin, its size, and the graph of its kind."""

    clock: Clock
    size: int
    graph: Traced | None


@dataclass(frozen=True)
class Calls:
    """Plays the rounds up to the next multiple of `per_call`, or until something is due, in one call.

    `graphs` are those of the kinds of rounds in the stage at `place`; `rest` gives, for the images seen, how many will
    have been seen when an observer has something to do. Where a call ends depends on the clock alone, so that a resumed
    run makes the same calls.
    """

    graphs: Mapping[Kind, Traced]
    place: int
    per_call: int
    rest: Rest = never

    def __call__(self, game: Game, stage: Stage, clock: Clock, feed: Feed, end: int) -> tuple[int, dict[str, Tensor]]:
        began = clock.images
        ahead = list(self._ahead(stage, clock, feed, end))
        fitting = self._fitting(game)
        ahead = [replace(one, graph=one.graph if one.graph in fitting else None) for one in ahead]
        inputs = _inputs(game, stage, ahead, feed, end)
        tensors: list[Tensor] = []
        played: dict[int, list[Tensor]] = defaultdict(list)
        terms: dict[str, list[Tensor]] = defaultdict(list)
        for one in ahead:
            if one.graph is None:
                _, plain = one_round(game, stage, clock, feed, end)
                tensors = []  # the optimizers may have begun to remember, and the gradients are others
                for name, value in plain.items():
                    terms[name].append(value[None])
                continue
            tensors = tensors or list(state(game).values())
            with torch.no_grad():
                (values,) = one.graph.run(*tensors, *next(inputs))
            played[id(one.graph)].append(values)
            clock.tick(one.size)
        for graph in self.graphs.values():
            if id(graph) in played:
                for name, column in zip(graph.terms, torch.stack(played[id(graph)]).unbind(1), strict=True):
                    terms[name].append(column)
        seed_torch(torch_seed(feed.draws_seed, clock.step - 1, ranks.rank()), feed.machine.device)
        return clock.images - began, {name: torch.cat(values) for name, values in terms.items()}

    def _ahead(self, stage: Stage, clock: Clock, feed: Feed, end: int) -> Iterator[Ahead]:
        """The rounds of this call."""
        stop, there = min(end, self.rest(clock.images)), replace(clock)
        graphs = self.graphs if clock.stage == self.place else {}
        while True:
            size = feed.size(there)
            yield Ahead(replace(there), size, graphs.get(Kind.at(there, stage, feed)))
            there.tick(size)
            if there.images >= stop or there.step % self.per_call == 0:
                return

    def _fitting(self, game: Game) -> list[Traced]:
        """The graphs that fit the game as it is now."""
        mine = layout(state(game))
        return [graph for graph in self.graphs.values() if graph.layout == mine and graph.fixed_in(game)]


def _inputs(game: Game, stage: Stage, ahead: Sequence[Ahead], feed: Feed, end: int) -> Iterator[list[Tensor]]:
    """What each round's graph takes besides the state; real samples are gathered for all rounds at once.

    The knobs are turned when a round's turn has come, because they may change tensors of the state.
    """
    rounds = [(one, one.graph) for one in ahead if one.graph is not None]
    batches: dict[tuple[int, int], Batch] = {}  # by step and stream
    for stream in {stream for _, graph in rounds for stream in graph.streams}:
        clocks = [one.clock for one, graph in rounds if stream in graph.streams]
        gathered = feed.batches([clock.images for clock in clocks], stream)
        batches |= {(clock.step, stream): batch for clock, batch in zip(clocks, gathered, strict=True)}
    for one, graph in rounds:
        turn_knobs(stage, one.clock, end)
        turned = torch.tensor(graph.turned.values(game, one.clock.images + one.size, one.size), dtype=torch.float64)
        real = flat(batches[one.clock.step, stream] for stream in graph.streams)
        noises = (noise.drawn(feed.draws_seed, one.clock.step, feed.machine) for noise in graph.noises)
        yield [*real, *noises, turned]
