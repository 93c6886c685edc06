"""Captures a training step of any game as a graph, by running it once on proxies of all its tensors.

The graph is a pure function of everything that changes between steps: weights, buffers, optimizer state and EMA (which
it updates in place), real samples, random numbers, and numbers that schedules set. Steps that cannot be captured raise
CaptureError, and are played eagerly.
"""

from __future__ import annotations

import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.ema import Ema
from ganwright.core.feed import Feed
from ganwright.core.game import Game
from ganwright.core.loop import play_step
from ganwright.core.player import Player
from ganwright.core.turn import Stage
from ganwright.execution.recorder import CaptureError, NoiseRequest, RecordingFeed, ReplayFeed

NOTHING = object()
FOREIGN = "the step reads a tensor that belongs to no player"
VALUES = "the step depends on the values of tensors"
REASONS = {"allow_non_fake_inputs": FOREIGN, ".numpy() is not supported": VALUES, "data-dependent": VALUES}
CONSTANT_TYPES = (bool, int, float, str, type(None))  # attributes that a graph treats as constants


@dataclass(frozen=True)
class StepKind:
    """Steps of one kind have the same graph: equal numbers of real samples and fakes, and the same turns."""

    size: int
    fakes: int
    due: tuple[int, ...]

    @classmethod
    def at(cls, clock: Clock, stage: Stage, feed: Feed) -> StepKind:
        due = tuple(place for place, _ in stage.turns_at(clock.step))
        return cls(feed.size(clock), feed.order.fakes(clock.examples, feed.total), due)


# -- the state that a step changes -----------------------------------------------------------------------------------


def state(game: Game) -> dict[str, Tensor]:
    """Every tensor that a step may change, by name; missing gradients are created."""
    tensors: dict[str, Tensor] = {}
    for name, player in game.players.items():
        for kind, network in _networks(player):
            named = [*network.named_parameters(), *network.named_buffers()]
            tensors |= {f"{name}.{kind}.{key}": tensor for key, tensor in named}
        for place, parameter in enumerate(player.parameters):
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            tensors[f"{name}.gradient.{place}"] = parameter.grad
            moments = player.optimizer.state.get(parameter, {})
            for key in sorted(key for key, value in moments.items() if isinstance(value, Tensor)):
                tensors[f"{name}.optimizer.{place}.{key}"] = moments[key]
    return tensors


def layout(tensors: Mapping[str, Tensor]) -> tuple[tuple[object, ...], ...]:
    """Names, shapes, strides, dtypes and devices, which must be unchanged for a graph to fit."""
    return tuple((name, tuple(t.shape), t.stride(), t.dtype, t.device) for name, t in tensors.items())


def constants(game: Game, scheduled: Sequence[str]) -> dict[str, object]:
    """Every value that a graph treats as constant, apart from `scheduled` attributes of the game."""
    values = {name: value for name, value in _own("game", game).items() if name.removeprefix("game.") not in scheduled}
    for part, value in vars(game).items():
        values |= {} if isinstance(value, CONSTANT_TYPES) else _own(f"game.{part}", value)
    for name, player in game.players.items():
        values |= _own(name, player)
        for place, group in enumerate(player.optimizer.param_groups):
            fixed = {key: value for key, value in group.items() if key not in ("params", "lr", "initial_lr")}
            values[f"{name}.optimizer.{place}"] = fixed
        for path, module in player.network.named_modules():
            values |= _own(f"{name}.{path}", module)
    return values


def _own(name: str, thing: object) -> dict[str, object]:
    return {
        f"{name}.{key}": value
        for key, value in getattr(thing, "__dict__", {}).items()
        if isinstance(value, CONSTANT_TYPES)
    }


def _networks(player: Player) -> list[tuple[str, nn.Module]]:
    ema = [] if player.ema is None else [("ema", player.ema.network)]
    return [("network", player.network), *ema]


# -- numbers that change from step to step ---------------------------------------------------------------------------


@dataclass(frozen=True)
class ScheduledValues:
    """Numbers that differ between steps of a kind: learning rates, EMA weights, and attributes set by schedules."""

    attributes: tuple[str, ...]  # of the game

    @classmethod
    def detect(cls, stage: Stage, game: Game) -> ScheduledValues:
        """Runs the schedules, which may set learning rates and numbers of the game, and modify tensors in place."""
        results, tensors = [], state(game)
        for progress in (0.0, 0.5, 1.0):
            for schedule in stage.schedules:
                schedule(progress)
            results.append(constants(game, ()))
        if any(tensors[name] is not tensor for name, tensor in state(game).items()):
            raise CaptureError("a schedule replaces a tensor")
        changed = {name for one in results for name, value in one.items() if value != results[0].get(name, value)}
        own = {f"game.{name}": name for name, value in vars(game).items() if isinstance(value, float)}
        if not changed <= own.keys():
            raise CaptureError(f"a schedule sets {sorted(changed - own.keys())[0]}, which is no number of the game")
        return cls(tuple(sorted(own[name] for name in changed)))

    def values(self, game: Game, examples: int, batch: int) -> list[float]:
        """The values in the order of `applied`; `examples` counts this step's `batch`."""
        players = game.players.values()
        lrs = [group["lr"] for player in players for group in player.optimizer.param_groups]
        weights = [1.0 - player.ema.decay(examples, batch) for player in players if player.ema is not None]
        return [*lrs, *weights, *(getattr(game, name) for name in self.attributes)]

    @contextmanager
    def applied(self, game: Game, values: Tensor, dtype: torch.dtype) -> Iterator[None]:
        """Inside the context, the numbers are the elements of `values`."""
        one = iter(values.unbind())
        groups = [group for player in game.players.values() for group in player.optimizer.param_groups]
        emas = [player.ema for player in game.players.values() if player.ema is not None]
        before = [group["lr"] for group in groups], {name: getattr(game, name) for name in self.attributes}
        try:
            for group in groups:
                group["lr"] = next(one)
            for ema in emas:
                ema.update = partial(_averaged, ema, next(one).to(dtype))  # type: ignore[method-assign]
            for name in self.attributes:
                setattr(game, name, next(one).to(dtype))
            yield
        finally:
            for group, lr in zip(groups, before[0], strict=True):
                group["lr"] = lr
            for ema in emas:
                del ema.update
            for name, value in before[1].items():
                setattr(game, name, value)


def _averaged(ema: Ema, weight: Tensor, network: nn.Module, examples: int, batch: int) -> None:
    """`Ema.update` with a tensor as the network's weight."""
    floats, others = ema.pairs(network)
    for mine, theirs in zip(*floats, strict=True):
        mine.lerp_(theirs, weight)
    for mine, theirs in zip(*others, strict=True):
        mine.copy_(theirs)


# -- the graph -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CapturedGraph:
    """The graph of one kind of step, and its inputs.

    `run` takes the tensors of the state, which it updates in place, then for each stream the real samples and the
    condition, if any, then random numbers, then scheduled values; it returns the values of the terms, [terms].
    """

    run: Callable[..., Any]
    module: GraphModule
    layout: tuple[tuple[object, ...], ...]
    constants: Mapping[str, object]
    scheduled: ScheduledValues
    streams: tuple[int, ...]
    noises: tuple[NoiseRequest, ...]
    terms: tuple[str, ...]

    def fits(self, game: Game, tensors: Mapping[str, Tensor]) -> bool:
        """Whether the graph can play a step of a game whose state is `tensors`."""
        return self.layout == layout(tensors) and self.constants == constants(game, self.scheduled.attributes)

    def change(self, game: Game, tensors: Mapping[str, Tensor]) -> str:
        """What differs from the captured game; an empty string if nothing but optimizer state still to be created."""
        values = constants(game, self.scheduled.attributes)
        names = sorted(
            name
            for name in self.constants.keys() | values.keys()
            if self.constants.get(name, NOTHING) != values.get(name, NOTHING)
        )
        if names:
            return f"{names[0]} changed from {self.constants.get(names[0])} to {values.get(names[0])}"
        captured, current = ({str(one[0]): one for one in layouts} for layouts in (self.layout, layout(tensors)))
        changed = sorted(name for name, one in current.items() if captured.get(name) != one)
        return f"the layout of {changed[0]} changed" if changed else ""


def flat(batches: Iterable[Batch]) -> list[Tensor]:
    return [tensor for batch in batches for tensor in (batch.real, batch.condition) if tensor is not None]


def capture_step(game: Game, stage: Stage, clock: Clock, feed: Feed) -> CapturedGraph:
    """Captures the step at the clock's position. Also plays it eagerly, so the game must be a copy.

    Raises CaptureError if the step cannot be captured.
    """
    scheduled = ScheduledValues.detect(stage, game)
    size = feed.size(clock)
    before = constants(game, scheduled.attributes)
    recorded, generators = RecordingFeed(feed), global_generators()
    play_step(game, stage, clock, recorded, clock.examples + size)
    if global_generators() != generators:
        raise CaptureError("the step draws numbers from the global generator of Python or NumPy")
    fixed = constants(game, scheduled.attributes)
    if fixed != before:
        raise CaptureError("a step changes constants of the game or of a network")
    tensors = state(game)
    if len({t.data_ptr() for t in tensors.values() if t.numel()}) < sum(t.numel() > 0 for t in tensors.values()):
        raise CaptureError("two tensors of the game share memory")
    names: list[str] = []
    conditional = [batch.condition is not None for batch in recorded.batches]

    def step(*inputs: Tensor) -> list[Tensor]:
        rest = iter(inputs)
        proxies = [_leaf(next(rest), old) for old in tensors.values()]
        batches = [Batch(next(rest), next(rest) if with_condition else None) for with_condition in conditional]
        replay = ReplayFeed(recorded, iter(batches), {noise: next(rest) for noise in recorded.noises})
        with _replaced(game, list(tensors.values()), proxies), scheduled.applied(game, next(rest), feed.machine.dtype):
            terms = play_step(game, stage, clock, replay, clock.examples + size)
            _store_gradients(game, dict(zip(tensors, proxies, strict=True)))
        names[:] = terms
        return [torch.stack([value.to(feed.machine.dtype) for value in terms.values()])]

    noises = [noise.draw(0, 0, feed.machine) for noise in recorded.noises]
    numbers = torch.tensor(scheduled.values(game, clock.examples + size, size), dtype=torch.float64)
    inputs = [t.detach() for t in tensors.values()] + flat(recorded.batches) + noises + [numbers]
    module = _graph(step, inputs)
    streams = tuple(recorded.streams)
    return CapturedGraph(
        module, module, layout(tensors), fixed, scheduled, streams, tuple(recorded.noises), tuple(names)
    )


def global_generators() -> tuple[object, ...]:
    """The states of the global generators of Python and NumPy, from which only a user's networks draw."""
    numpy_state: Any = np.random.get_state()
    return random.getstate(), numpy_state[1].tobytes(), numpy_state[2:]


def _graph(function: Callable[..., list[Tensor]], inputs: list[Tensor]) -> GraphModule:
    """The operations of `function` without dead code; in-place updates are written at the end."""
    try:
        plain = make_fx(function, tracing_mode="fake", decomposition_table=DECOMPOSITIONS)(*inputs)
        plain.graph.eliminate_dead_code()
        plain.recompile()
        module = make_fx(torch.func.functionalize(plain), tracing_mode="fake")(*inputs)
    except Exception as error:  # users' networks may fail in any way
        raise CaptureError(_reason(error)) from error
    for node in module.graph.nodes:
        if node.op == "get_attr":
            raise CaptureError(FOREIGN)
        if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
            raise CaptureError(f"{node.target} uses torch's global generator")
    return module


def _reason(error: Exception) -> str:
    """Why capture failed, in our words where torch's describe its own mechanism."""
    known = (reason for part, reason in REASONS.items() if part in str(error))
    first = str(error).strip().split("\n")[0].rstrip(".")
    return next(known, f"{type(error).__name__}: {first}")


def _leaf(proxy: Tensor, old: Tensor) -> Tensor:
    """A proxy as a leaf that requires gradients if `old` does."""
    return proxy.detach().requires_grad_(old.requires_grad)


def _store_gradients(game: Game, tensors: Mapping[str, Tensor]) -> None:
    """Writes the last gradients to the tensors in which an eager step leaves them."""
    for name, player in game.players.items():
        for place, parameter in enumerate(player.parameters):
            stored = tensors[f"{name}.gradient.{place}"]
            stored.zero_() if parameter.grad is None else stored.copy_(parameter.grad)


@contextmanager
def _replaced(game: Game, old: list[Tensor], new: list[Tensor]) -> Iterator[None]:
    """Inside the context, the tensors `old` of the game are replaced by `new`."""
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
                for tensors in (module._parameters, module._buffers):
                    tensors.update({name: other(tensor) for name, tensor in tensors.items()})
        player.parameters = [other(parameter) for parameter in player.parameters]
        player.buffers = [other(buffer) for buffer in player.buffers]
        optimizer = player.optimizer
        exchanged = {
            other(p): {key: other(value) for key, value in moments.items()} for p, moments in optimizer.state.items()
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
    """Adam (Kingma & Ba 2015, algorithm 1) as in torch's fused kernel: corrections and step size in float64."""
    if amsgrad or maximize or weight_decay or grad_scale is not None or found_inf is not None:
        raise CaptureError("this variant of Adam has no decomposition")
    counts = torch.stack(steps).double()  # including this step
    sizes = (lr / _correction(beta1, counts)).to(parameters[0].dtype)  # fused parameters have one dtype
    roots = _correction(beta2, counts).sqrt().to(parameters[0].dtype)
    for place, (p, g, m, v) in enumerate(zip(parameters, gradients, means, squares, strict=True)):
        m.lerp_(g, 1 - beta1)
        v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
        p.sub_(m * sizes[place] / (v.sqrt() / roots[place] + eps))


def _correction(beta: float, counts: Tensor) -> Tensor:
    """1 - beta^count for all weights, [weights].

    Computed by exp, whose result the compiler shares; a power would be recomputed in every loop.
    """
    return 1 - torch.exp(counts * math.log(beta or sys.float_info.min))


def _batch_norm(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> Any:
    """Batch norm by an operation whose schema declares that it updates the statistics in place.

    That of `native_batch_norm` does not, so that a compiler may reorder it with other uses of the statistics.
    """
    declared = torch.ops.aten._native_batch_norm_legit
    if running_mean is None:
        return declared.no_stats(x, weight, bias, training, momentum, eps)
    return declared(x, weight, bias, running_mean, running_var, training, momentum, eps)


DECOMPOSITIONS: dict[Any, Callable[..., Any]] = {
    torch.ops.aten._fused_adam_.default: _fused_adam,
    torch.ops.aten._fused_adam_.tensor_lr: _fused_adam,
    torch.ops.aten.native_batch_norm.default: _batch_norm,
}
