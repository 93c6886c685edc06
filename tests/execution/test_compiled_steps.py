"""Calls of several steps equal eager steps under schedules; graphs are run by torch, uncompiled."""

import torch
from torch import Tensor, nn

from conftest import points
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import StepFunction, loop
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.turn import Stage, Turn
from ganwright.execution.compiled_steps import CompiledSteps
from ganwright.execution.eager import eager_step
from ganwright.execution.graph_capture import StepKind, capture_step, state
from lonely import Lonely

BATCH = 8


class Windowed(nn.Module):
    """A layer with a buffer that a schedule modifies in place."""

    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)
        self.register_buffer("window", torch.ones(2))

    def forward(self, samples: Tensor) -> Tensor:
        scores: Tensor = self.layer(samples * self.window)
        return scores


def built() -> tuple[Lonely, Stage, Feed]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = Windowed()
    game = Lonely(network)
    game.players["one"] = Player(network, lambda p: torch.optim.Adam(p, lr=0.1, fused=True), ema_half_life=20)

    def open_window(progress: float) -> None:
        network.window.fill_(progress)

    def slow_down(progress: float) -> None:
        game.players["one"].optimizer.param_groups[0]["lr"] = 0.1 * (1 - progress)

    stage = Stage((Turn(("one",), game.terms),), schedules=(open_window, slow_down))
    return game, stage, Feed(points(64), Stream(BATCH), 0, Machine(torch.device("cpu"), torch.float64))


def played(steps: StepFunction) -> tuple[dict[str, Tensor], list[int]]:
    """The state after 20 steps, and the examples of each call."""
    game, stage, feed = built()
    game.players["one"].to(feed.machine.device, feed.machine.dtype)
    sizes: list[int] = []
    loop(
        game, [stage], Clock(), feed, Horizon(20 * BATCH), [lambda clock, played: sizes.append(played.examples)], steps
    )  # type: ignore[arg-type]
    return state(game), sizes  # type: ignore[arg-type]


def test_calls_equal_eager_steps_and_end_at_events() -> None:
    trial, stage, feed = built()
    trial.players["one"].to(feed.machine.device, feed.machine.dtype)
    kind = StepKind.at(Clock(), stage, feed)
    graph = capture_step(trial, stage, Clock(), feed)  # type: ignore[arg-type]
    eager, ones = played(eager_step)
    fast, sizes = played(CompiledSteps({kind: graph}, 0, 4, lambda examples: (examples // 50 + 1) * 50))
    assert ones == [BATCH] * 20
    assert sizes == [32, 24, 8, 32, 8, 24, 24, 8]
    for name, tensor in eager.items():
        torch.testing.assert_close(fast[name], tensor, rtol=1e-9, atol=1e-12)


def test_a_graph_that_no_longer_fits_is_reported_once_and_replaced_by_eager_steps() -> None:
    trial, stage, feed = built()
    trial.players["one"].to(feed.machine.device, feed.machine.dtype)
    graph = capture_step(trial, stage, Clock(), feed)  # type: ignore[arg-type]
    said = list[str]()
    game, stage, feed = built()
    game.players["one"].to(feed.machine.device, feed.machine.dtype)
    fast = CompiledSteps({StepKind.at(Clock(), stage, feed): graph}, 0, 4, say=said.append)

    def change(clock: Clock, played: object) -> None:
        game.count = 3 if clock.step >= 8 else game.count

    loop(game, [stage], Clock(), feed, Horizon(20 * BATCH), [change], fast)  # type: ignore[arg-type]
    assert said == [
        "A compiled step no longer fits, because game.count changed from 0 to 3: such steps are executed eagerly."
    ]
