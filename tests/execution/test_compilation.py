"""The choice between compiled and eager steps, with a simulated compiler."""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from conftest import points
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.loop import Played
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.recipe import Recipe
from ganwright.core.turn import Stage, Turn
from ganwright.execution import compilation
from ganwright.execution.compiled_steps import CompiledSteps
from ganwright.execution.eager import eager_step
from ganwright.execution.graph_capture import StepKind, capture_step, state
from ganwright.execution.mode import ExecutionMode, not_compiled
from ganwright.execution.recorder import CaptureError
from ganwright.recipes import curve
from lonely import Lonely

MACHINE = Machine(torch.device("cpu"))
FAST = ExecutionMode(CompiledSteps({}, 0, 1))


def built() -> tuple[Recipe, Feed]:
    recipe = curve.as_source(points())
    return recipe, Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")))


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(1)


def simulate_compiler(monkeypatch: pytest.MonkeyPatch, speeds: dict[int, float]) -> None:
    """Compiled steps with `speeds` in examples per second, by the number of threads; an error for other numbers."""

    def compiled(*_: object) -> tuple[ExecutionMode, float]:
        if torch.get_num_threads() not in speeds:
            raise CaptureError("time limit")
        return FAST, speeds[torch.get_num_threads()]

    monkeypatch.setattr(compilation, "_graphs", lambda *_: {})
    monkeypatch.setattr(compilation, "_compiled", compiled)


@pytest.mark.parametrize(
    ("speeds", "max_threads", "expected"),
    [
        ({1: 1_000.0, 2: 1_500.0}, 2, 2),
        ({1: 1_000.0, 2: 1_100.0}, 2, 1),  # too small a speedup
        ({1: 1_000.0, 2: 1_500.0}, 1, 1),  # not allowed
        ({1: 1_000.0}, 2, 1),  # fails with two threads
        ({1: 1e6, 2: 2e6}, 2, 1),  # steps of 32 microseconds: not tried
    ],
)
def test_more_threads_are_used_if_they_are_faster(
    speeds: dict[int, float], max_threads: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate_compiler(monkeypatch, speeds)
    assert compilation.compile_steps(built, None, None, max_threads) is FAST
    assert torch.get_num_threads() == expected


@pytest.mark.parametrize(("speed", "faster"), [(2_000.0, True), (1_050.0, False)])
def test_compiled_steps_must_be_faster_than_eager_ones(
    speed: float, faster: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate_compiler(monkeypatch, {1: 1_000.0, 2: 1_500.0})
    monkeypatch.setattr(compilation, "speed", lambda recipe, feed, steps=eager_step: speed)
    mode = compilation.fastest_mode(built, 1_000.0, 1e9, 2)
    slow = not_compiled("compiled steps have 1.05 times the speed of eager ones")
    assert mode == (FAST if faster else slow)
    assert torch.get_num_threads() == (2 if faster else 1)


def test_every_failure_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    simulate_compiler(monkeypatch, {})
    assert compilation.fastest_mode(built, 1_000.0, 1e9, 1) == not_compiled("time limit")


# -- the comparison with the eager step


class Counted(nn.Module):
    """A layer scaled by a number that Python code outside of the network changes: capture takes it as a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
        self.scale = [1.0]

    def forward(self, samples: Tensor) -> Tensor:
        self.scale[0] += 1.0
        scores: Tensor = self.layers(samples) * self.scale[0]
        return scores


def compared(network: nn.Module) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = copy.deepcopy(network)
    game = Lonely(network)
    game.players["one"] = Player(network, lambda p: torch.optim.Adam(p, lr=0.01, fused=True), ema_half_life=20)
    stage, data = Stage((Turn(("one",), game.terms),)), points(64)
    recipe, feed = Recipe(data, game, (stage,), Stream(8), 512), Feed(data, Stream(8), 0, MACHINE)
    kind = StepKind.at(Clock(), stage, feed)
    graph = capture_step(game, stage, Clock(), feed)
    compilation.compare(recipe, feed, CompiledSteps({kind: graph}, 0, 1), Clock())


def test_a_bias_before_a_batch_norm_may_differ_by_amplified_rounding_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    def rounded(run: CompiledSteps, game: Lonely, *others: object) -> Played:
        """A step from a state that differs by rounding, as compiled code does."""
        other = compilation._perturbed(compilation.copied(game), 9)  # type: ignore[arg-type]
        for name, tensor in state(game).items():  # type: ignore[arg-type]
            tensor.data.copy_(other[name])
        return eager_step(game, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(CompiledSteps, "__call__", rounded)
    network = nn.Sequential(nn.Linear(2, 64), nn.BatchNorm1d(64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    compared(network)  # raises nothing
    monkeypatch.setattr(compilation, "AMPLIFIED", 0.0)
    with pytest.raises(CaptureError, match=r"^one\.[a-z.0-9_]+ differs by"):
        compared(network)


class Drawing(nn.Module):
    """A layer whose scores are multiplied by numbers from a generator that capture does not see."""

    def __init__(self, draw: Callable[[], float]) -> None:
        super().__init__()
        self.layer, self.draw = nn.Linear(2, 1), draw

    def forward(self, samples: Tensor) -> Tensor:
        scores: Tensor = self.layer(samples) * self.draw()
        return scores


@pytest.mark.parametrize("draw", [random.random, lambda: float(np.random.uniform(1, 2))])
def test_numbers_from_a_global_generator_are_refused(draw: Callable[[], float]) -> None:
    with pytest.raises(CaptureError, match="draws numbers from the global generator of Python or NumPy"):
        compared(Drawing(draw))


def test_numbers_from_a_generator_of_the_networks_own_are_refused() -> None:
    own = np.random.default_rng(0)
    with pytest.raises(CaptureError, match="two eager steps from the same state give different"):
        compared(Drawing(lambda: float(own.uniform(1, 2))))


def test_a_tensor_that_only_the_graph_changes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(run: CompiledSteps, game: Lonely, *others: object) -> Played:
        played = eager_step(game, *others)  # type: ignore[arg-type]
        game.network.extra.add_(1)  # type: ignore[operator, union-attr]
        return played

    monkeypatch.setattr(CompiledSteps, "__call__", change)
    network = nn.Sequential(nn.Linear(2, 1))
    network.register_buffer("extra", torch.zeros(1))
    with pytest.raises(CaptureError, match=r"extra differs by 1 in a compiled step, which changes it by 0$"):
        compared(network)


def test_a_network_with_a_state_that_capture_does_not_see_is_refused() -> None:
    with pytest.raises(CaptureError, match="two eager steps from the same state give different"):
        compared(Counted())


def test_only_the_last_stage_is_compiled_and_the_others_are_named() -> None:
    recipe, _ = built()
    assert compilation._eager_parts(recipe) == ()
    three = replace(recipe, stages=recipe.stages * 3)
    assert compilation._eager_parts(three) == ("Only the last stage is compiled: stages 1 to 2 are executed eagerly.",)
