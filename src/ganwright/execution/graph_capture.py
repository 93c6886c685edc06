"""One round of any game as a graph: its Python runs once, on stand-ins for every tensor, and the arithmetic remains.

The graph is a pure function of what changes from round to round: weights, buffers, optimizers and averages (which it
changes in place, as the round does), real samples, random numbers, and the numbers that knobs turn. What a graph cannot
hold is refused: whoever asks for one plays plain rounds instead.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.game import Game
from ganwright.core.loop import play_step
from ganwright.core.player import Player
from ganwright.core.turn import Stage
from ganwright.execution.recorder import CaptureError, NoiseRequest, RecordingFeed, ReplayFeed

PLAIN = (bool, int, float, str, type(None))  # what a graph takes as fixed


@dataclass(frozen=True)
class StepKind:
    """What makes two rounds alike: so many real samples and fakes, and the places of the turns that are due."""

    size: int
    fakes: int
    due: tuple[int, ...]

    @classmethod
    def at(cls, clock: Clock, stage: Stage, feed: Feed) -> StepKind:
        due = tuple(place for place, _ in stage.turns_at(clock.step))
        return cls(feed.size(clock), feed.order.fakes(clock.examples, feed.total), due)


# -- what a round changes --------------------------------------------------------------------------------------------


def state(game: Game) -> dict[str, Tensor]:
    """Every tensor that a round may change, by name; gradients are made where there are none."""
    found: dict[str, Tensor] = {}
    for name, player in game.players.items():
        for kind, network in _networks(player):
            tensors = [*network.named_parameters(), *network.named_buffers()]
            found |= {f"{name}.{kind}.{key}": tensor for key, tensor in tensors}
        for place, parameter in enumerate(player.parameters):
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            found[f"{name}.gradient.{place}"] = parameter.grad
            remembered = player.optimizer.state.get(parameter, {})
            for key in sorted(key for key, value in remembered.items() if isinstance(value, Tensor)):
                found[f"{name}.optimizer.{place}.{key}"] = remembered[key]
    return found


def layout(tensors: Mapping[str, Tensor]) -> tuple[object, ...]:
    """What of the state must be as it was for a graph to fit it."""
    return tuple((name, tuple(t.shape), t.stride(), t.dtype, t.device) for name, t in tensors.items())


def constants(game: Game, moved: Sequence[str]) -> dict[str, object]:
    """Every plain value that a graph has taken as fixed: a round with another one does not fit it."""
    found = {name: value for name, value in _plain("game", game).items() if name.removeprefix("game.") not in moved}
    for part, value in vars(game).items():
        found |= {} if isinstance(value, PLAIN) else _plain(f"game.{part}", value)
    for name, player in game.players.items():
        found |= _plain(name, player)
        for place, group in enumerate(player.optimizer.param_groups):
            kept = {key: value for key, value in group.items() if key not in ("params", "lr", "initial_lr")}
            found[f"{name}.optimizer.{place}"] = kept
        for path, module in player.network.named_modules():
            found |= _plain(f"{name}.{path}", module)
    return found


def _plain(name: str, thing: object) -> dict[str, object]:
    return {f"{name}.{key}": value for key, value in getattr(thing, "__dict__", {}).items() if isinstance(value, PLAIN)}


def _networks(player: Player) -> list[tuple[str, nn.Module]]:
    ema = [] if player.ema is None else [("ema_half_life", player.ema.network)]
    return [("network", player.network), *ema]


# -- numbers that are turned from round to round ---------------------------------------------------------------------


@dataclass(frozen=True)
class ScheduledValues:
    """The numbers that differ between rounds of a kind: rates, weights of averages, and what knobs move of a game."""

    moved: tuple[str, ...]

    @classmethod
    def by(cls, stage: Stage, game: Game) -> ScheduledValues:
        """Tries the knobs: what they move besides rates must be a number of the game's own, or change in place."""
        tried, tensors = [], state(game)
        for progress in (0.0, 0.5, 1.0):
            for schedule in stage.schedules:
                schedule(progress)
            tried.append(constants(game, ()))
        if any(tensors[name] is not tensor for name, tensor in state(game).items()):
            raise CaptureError("a knob puts a tensor in another's place")
        moved = {name for one in tried for name, value in one.items() if value != tried[0].get(name, value)}
        own = {f"game.{name}": name for name, value in vars(game).items() if isinstance(value, float)}
        if not moved <= own.keys():
            raise CaptureError(f"a knob turns {sorted(moved - own.keys())[0]}, which is no number of the game's")
        return cls(tuple(sorted(own[name] for name in moved)))

    def values(self, game: Game, examples: int, batch: int) -> list[float]:
        """In the order of `put`; `examples` were seen, counting this round's `batch`."""
        players = game.players.values()
        rates = [group["lr"] for player in players for group in player.optimizer.param_groups]
        weights = [player.ema.weight(examples, batch) for player in players if player.ema is not None]
        return [*rates, *weights, *(getattr(game, name) for name in self.moved)]

    @contextmanager
    def put(self, game: Game, values: Tensor, dtype: torch.dtype) -> Iterator[None]:
        """Within it the numbers are the elements of `values`."""
        one = iter(values.unbind())
        groups = [group for player in game.players.values() for group in player.optimizer.param_groups]
        emas = [player.ema for player in game.players.values() if player.ema is not None]
        before = [group["lr"] for group in groups], {name: getattr(game, name) for name in self.moved}
        try:
            for group in groups:
                group["lr"] = next(one)
            for ema in emas:
                ema.fixed = next(one).to(dtype)
            for name in self.moved:
                setattr(game, name, next(one).to(dtype))
            yield
        finally:
            for group, rate in zip(groups, before[0], strict=True):
                group["lr"] = rate
            for ema in emas:
                ema.fixed = None
            for name, value in before[1].items():
                setattr(game, name, value)


# -- the graph -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CapturedGraph:
    """The graph of one kind of round, and what it has to be given.

    `run` takes the state's tensors, which it changes in place, then for each stream the real samples and the condition
    where there is one, then the noises, then the turned numbers; it returns the terms' values, [terms].
    """

    run: Callable[..., Any]
    module: GraphModule
    layout: tuple[object, ...]
    constants: Mapping[str, object]
    scheduled: ScheduledValues
    streams: tuple[int, ...]
    noises: tuple[NoiseRequest, ...]
    terms: tuple[str, ...]

    def fits(self, game: Game) -> bool:
        """Whether the game has the plain values that the graph has taken as fixed."""
        return self.constants == constants(game, self.scheduled.moved)


def flat(batches: Iterable[Batch]) -> list[Tensor]:
    return [tensor for batch in batches for tensor in (batch.real, batch.condition) if tensor is not None]


def capture_step(game: Game, stage: Stage, clock: Clock, feed: Feed) -> CapturedGraph:
    """The graph of the round at which the clock stands. Plays it plainly, too, so the game must be a trial.

    Whatever goes wrong becomes a RefusedError.
    """
    scheduled = ScheduledValues.by(stage, game)
    size = feed.size(clock)
    before = constants(game, scheduled.moved)
    recorded = RecordingFeed(feed)
    play_step(game, stage, clock, recorded, clock.examples + size)
    fixed = constants(game, scheduled.moved)
    if fixed != before:
        raise CaptureError("a round changes plain values of the game or of a network")
    tensors = state(game)
    if len({t.data_ptr() for t in tensors.values() if t.numel()}) < sum(t.numel() > 0 for t in tensors.values()):
        raise CaptureError("two tensors of the game share their memory")
    names: list[str] = []
    conditional = [batch.condition is not None for batch in recorded.batches]

    def round_(*given: Tensor) -> list[Tensor]:
        rest = iter(given)
        stand_ins = [_leaf(next(rest), old) for old in tensors.values()]
        batches = [Batch(next(rest), next(rest) if with_condition else None) for with_condition in conditional]
        supplied = ReplayFeed(recorded, iter(batches), {noise: next(rest) for noise in recorded.noises})
        with _standing_in(game, list(tensors.values()), stand_ins), scheduled.put(game, next(rest), feed.machine.dtype):
            terms = play_step(game, stage, clock, supplied, clock.examples + size)
            _keep_gradients(game, dict(zip(tensors, stand_ins, strict=True)))
        names[:] = terms
        return [torch.stack([value.to(feed.machine.dtype) for value in terms.values()])]

    noises = [noise.drawn(0, 0, feed.machine) for noise in recorded.noises]
    numbers = torch.tensor(scheduled.values(game, clock.examples + size, size), dtype=torch.float64)
    inputs = [t.detach() for t in tensors.values()] + flat(recorded.batches) + noises + [numbers]
    module = _graph(round_, inputs)
    streams = tuple(recorded.streams)
    return CapturedGraph(
        module, module, layout(tensors), fixed, scheduled, streams, tuple(recorded.noises), tuple(names)
    )


def _graph(function: Callable[..., list[Tensor]], inputs: list[Tensor]) -> GraphModule:
    """The arithmetic of `function` alone, without what nobody uses; what it changes in place is written at the end."""
    try:
        plain = make_fx(function, tracing_mode="fake", decomposition_table=WRITTEN_OUT)(*inputs)
        plain.graph.eliminate_dead_code()
        plain.recompile()
        module = make_fx(torch.func.functionalize(plain), tracing_mode="fake")(*inputs)
    except Exception as error:  # whatever a user's network may do
        raise CaptureError(f"{type(error).__name__}: {str(error).strip().splitlines()[0:1]}") from error
    for node in module.graph.nodes:
        if node.op == "get_attr":
            raise CaptureError("the round reads a tensor that belongs to no player")
        if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
            raise CaptureError(f"{node.target} draws from torch's own generator")
    return module


def _leaf(shape_only_data: Tensor, old: Tensor) -> Tensor:
    """A stand-in that gradients reach where they reach the tensor itself."""
    return shape_only_data.detach().requires_grad_(old.requires_grad)


def _keep_gradients(game: Game, tensors: Mapping[str, Tensor]) -> None:
    """Writes the last gradients where the plain round leaves them."""
    for name, player in game.players.items():
        for place, parameter in enumerate(player.parameters):
            kept = tensors[f"{name}.gradient.{place}"]
            kept.zero_() if parameter.grad is None else kept.copy_(parameter.grad)


@contextmanager
def _standing_in(game: Game, old: list[Tensor], new: list[Tensor]) -> Iterator[None]:
    """Within it every tensor of the game's state is replaced by its stand-in."""
    _exchange(game, {id(mine): theirs for mine, theirs in zip(old, new, strict=True)})
    try:
        yield
    finally:
        _exchange(game, {id(mine): theirs for mine, theirs in zip(new, old, strict=True)})


def _exchange(game: Game, swap: Mapping[int, Tensor]) -> None:
    def other(value: Any) -> Any:
        return swap.get(id(value), value)

    for player in game.players.values():
        for _, network in _networks(player):
            for module in network.modules():
                for held in (module._parameters, module._buffers):
                    held.update({name: other(tensor) for name, tensor in held.items()})
        player.parameters = [other(parameter) for parameter in player.parameters]
        player.buffers = [other(buffer) for buffer in player.buffers]
        optimizer = player.optimizer
        exchanged = {
            other(p): {key: other(value) for key, value in known.items()} for p, known in optimizer.state.items()
        }
        optimizer.state = defaultdict(dict, exchanged)
        for group in optimizer.param_groups:
            group["params"] = [other(parameter) for parameter in group["params"]]
        if player.ema is not None:
            player.ema.reset_tensor_cache()


def _fused_adam(
    parameters: list[Tensor],
    gradients: list[Tensor],
    means: list[Tensor],
    squares: list[Tensor],
    largest: list[Tensor],
    steps: list[Tensor],
    *,
    lr: Tensor | float,
    beta1: float,
    beta2: float,
    weight_decay: float,
    eps: float,
    amsgrad: bool,
    maximize: bool,
    grad_scale: Tensor | None = None,
    found_inf: Tensor | None = None,
) -> None:
    """Adam as the fused kernel computes it (Kingma & Ba 2015, algorithm 1): corrections and step size in float64."""
    if amsgrad or maximize or weight_decay or grad_scale is not None or found_inf is not None:
        raise CaptureError("a variant of Adam that is not written out")
    counts = torch.stack(steps).double()  # already counted
    sizes = (lr / _correction(beta1, counts)).to(parameters[0].dtype)  # all of one dtype, or they were not fused
    roots = _correction(beta2, counts).sqrt().to(parameters[0].dtype)
    for place, (p, g, m, v) in enumerate(zip(parameters, gradients, means, squares, strict=True)):
        m.lerp_(g, 1 - beta1)
        v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
        p.sub_(m * sizes[place] / (v.sqrt() / roots[place] + eps))


def _correction(beta: float, counts: Tensor) -> Tensor:
    """1 - beta^count, for all weights together, [weights].

    By exp, which the compiler keeps for all who ask for it; a power it would compute anew in every loop.
    """
    return 1 - torch.exp(counts * math.log(beta or sys.float_info.min))


WRITTEN_OUT = {torch.ops.aten._fused_adam_.default: _fused_adam, torch.ops.aten._fused_adam_.tensor_lr: _fused_adam}
