"""Compiled steps equal eager ones, are deterministic, and fail with an error without a compiler."""

import copy
import shutil

import pytest
import torch
from torch import nn

from conftest import points
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.latent import Latent
from ganwright.core.loop import StepFunction, loop
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.turn import Stage, Turn
from ganwright.execution.compiled_steps import CompiledSteps
from ganwright.execution.compiler import compiled
from ganwright.execution.eager import eager_step
from ganwright.execution.graph_capture import CapturedGraph, StepKind, capture_step, state
from ganwright.execution.recorder import CaptureError
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.log_probability import LogProbability

BATCH = 8


def built(*first: nn.Module) -> tuple[TwoPlayer, Stage, Feed]:
    """Linear networks; `first` are the generator's first layers."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        networks = nn.Sequential(*copy.deepcopy(first), nn.Linear(2, 2)), nn.Linear(2, 1)
    players = [Player(net, lambda p: torch.optim.Adam(p, lr=0.01, fused=True)) for net in networks]
    game = TwoPlayer(players[0], players[1], LogProbability(), Latent(2))
    turns = Turn(("discriminator",), game.discriminator_terms), Turn(("generator",), game.generator_terms)
    return game, Stage(turns), Feed(points(64), Stream(BATCH), 0, Machine(torch.device("cpu")))


def graph() -> tuple[StepKind, CapturedGraph]:
    game, stage, feed = built()
    return StepKind.at(Clock(), stage, feed), capture_step(game, stage, Clock(), feed)


def played(steps: StepFunction, *first: nn.Module) -> dict[str, torch.Tensor]:
    game, stage, feed = built(*first)
    loop(game, [stage], Clock(), feed, Horizon(20 * BATCH), [], steps)
    return state(game)


@pytest.mark.skipif(shutil.which("g++") is None and shutil.which("clang++") is None, reason="there is no C++ compiler")
def test_compiled_steps_equal_eager_ones_and_are_deterministic() -> None:
    kind, one = graph()
    calls = CompiledSteps({kind: compiled(one)}, 0, 4)
    eager, first, second = played(eager_step), played(calls), played(calls)
    for name, tensor in eager.items():
        torch.testing.assert_close(first[name], tensor, rtol=1e-4, atol=1e-6)
        assert torch.equal(first[name], second[name])


@pytest.mark.skipif(shutil.which("g++") is None and shutil.which("clang++") is None, reason="there is no C++ compiler")
def test_compiled_steps_restore_the_batch_statistics_of_a_frozen_player() -> None:
    """The generator's statistics follow its own turns, not those of the discriminator, on the same fakes."""
    game, stage, feed = built(nn.BatchNorm1d(2))
    kind = StepKind.at(Clock(), stage, feed)
    calls = CompiledSteps({kind: compiled(capture_step(game, stage, Clock(), feed))}, 0, 1)
    eager, fast = (played(steps, nn.BatchNorm1d(2)) for steps in (eager_step, calls))
    for name in ("generator.network.0.running_mean", "generator.network.0.running_var"):
        torch.testing.assert_close(fast[name], eager[name], rtol=1e-4, atol=1e-5)


def test_without_a_compiler_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch._inductor import config

    monkeypatch.setattr(config.cpp, "cxx", ("no-such-compiler",))
    monkeypatch.setattr(config, "fx_graph_cache", False)
    with pytest.raises(CaptureError):
        compiled(graph()[1])
