"""Plays several steps per call, each by the graph that fits it, or eagerly if none does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.draws import torch_seed
from ganwright.core.feed import Feed
from ganwright.core.game import Game
from ganwright.core.loop import Played, apply_schedules, seed_global_generator
from ganwright.core.turn import Stage
from ganwright.execution.eager import eager_step
from ganwright.execution.graph_capture import CapturedGraph, StepKind, flat, state
from ganwright.execution.protocols import NextEvent, Say, never, silent


class PlannedStep(NamedTuple):
    """A step to be played: the examples and steps before it, its size, and the graph of its kind."""

    examples: int
    step: int
    size: int
    graph: CapturedGraph | None


@dataclass(frozen=True)
class CompiledSteps:
    """Plays the steps up to the next multiple of `per_call`, or up to the next event, in one call.

    `graphs` are those of the kinds of steps in the stage at `place`; `next_event` maps the examples read to the number
    at which a callback is due next. Where a call ends depends on the clock only, so that resumed runs make the same
    calls. Where a graph no longer fits the game, `say` gets the reason, once.
    """

    graphs: Mapping[StepKind, CapturedGraph]
    place: int
    per_call: int
    next_event: NextEvent = never
    say: Say = silent
    said: set[str] = field(default_factory=set, compare=False)

    def __call__(self, game: Game, stage: Stage, clock: Clock, feed: Feed, end: int) -> Played:
        began = clock.examples
        planned = list(self._planned_steps(game, stage, clock, feed, end))
        tensors: list[Tensor] = []
        played: dict[CapturedGraph, list[Tensor]] = defaultdict(list)
        terms: dict[str, list[Tensor]] = defaultdict(list)
        for one, real in zip(planned, _gathered(planned, feed), strict=True):
            if one.graph is None:
                _, eager = eager_step(game, stage, clock, feed, end)
                tensors = []  # optimizers may have new state tensors, and gradients are replaced
                for name, value in eager.items():
                    terms[name].append(value[None])
                continue
            tensors = tensors or list(state(game).values())
            apply_schedules(stage, clock, end)  # after `state`: they may change its tensors
            clock.tick(one.size)
            scheduled = torch.from_numpy(np.array(one.graph.scheduled.values(game, clock.examples, one.size)))
            noises = (noise.draw(feed.draws_seed, one.step, feed.machine) for noise in one.graph.noises)
            with torch.no_grad():
                (values,) = one.graph.run(*tensors, *real, *noises, scheduled)
            played[one.graph].append(values)
        for graph, results in played.items():
            for name, column in zip(graph.terms, torch.stack(results).unbind(1), strict=True):
                terms[name].append(column)
        seed_global_generator(torch_seed(feed.draws_seed, clock.step - 1, ranks.rank()), feed.machine.device)
        return Played(clock.examples - began, {name: torch.cat(values) for name, values in terms.items()})

    def _planned_steps(self, game: Game, stage: Stage, clock: Clock, feed: Feed, end: int) -> Iterator[PlannedStep]:
        """The steps of this call."""
        stop, ahead = min(end, self.next_event(clock.examples)), replace(clock)
        graphs = self._fitting(game) if clock.stage == self.place else {}
        while True:
            kind = StepKind.at(ahead, stage, feed)
            yield PlannedStep(ahead.examples, ahead.step, kind.size, graphs.get(kind))
            ahead.tick(kind.size)
            if ahead.examples >= stop or ahead.step % self.per_call == 0:
                return

    def _fitting(self, game: Game) -> dict[StepKind, CapturedGraph]:
        """The graphs that fit the current state of the game."""
        tensors = state(game)
        for reason in {one.change(game, tensors) for one in self.graphs.values()} - self.said - {""}:
            self.said.add(reason)
            self.say(f"A compiled step no longer fits, because {reason}: such steps are executed eagerly.")
        return {kind: one for kind, one in self.graphs.items() if one.fits(game, tensors)}


def _gathered(planned: Sequence[PlannedStep], feed: Feed) -> list[list[Tensor]]:
    """Each step's real samples and conditions, in the order of its graph's inputs, gathered for all steps at once."""
    gathered: list[list[Tensor]] = [[] for _ in planned]
    for graph in {one.graph for one in planned if one.graph is not None}:
        places = [place for place, one in enumerate(planned) if one.graph is graph]
        for stream in graph.streams:
            batches = feed.batches([planned[place].examples for place in places], stream)
            for place, batch in zip(places, batches, strict=True):
                gathered[place] += flat([batch])
    return gathered
