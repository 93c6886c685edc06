"""Compiled rounds: the same as plain ones, the same each time, and quietly refused where there is no compiler."""

import shutil

import pytest
import torch
from torch import nn

from conftest import points
from ganwright.core.clock import Clock
from ganwright.core.compiler import compiled
from ganwright.core.feed import Feed
from ganwright.core.heard import RefusedError
from ganwright.core.latent import Latent
from ganwright.core.loop import Rounds, loop, one_round
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.rounds import Calls
from ganwright.core.trace import Kind, Traced, state, traced
from ganwright.core.turn import Stage, Turn
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.log_probability import LogProbability

BATCH = 8


def built() -> tuple[TwoPlayer, Stage, Feed]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        networks = nn.Linear(2, 2), nn.Linear(2, 1)
    players = [Player(net, lambda p: torch.optim.Adam(p, lr=0.01, fused=True)) for net in networks]
    game = TwoPlayer(players[0], players[1], LogProbability(), Latent(2))
    turns = Turn(("discriminator",), game.discriminator_terms), Turn(("generator",), game.generator_terms)
    return game, Stage(turns), Feed(points(64), Stream(BATCH), 0, Machine(torch.device("cpu")))


def graph() -> tuple[Kind, Traced]:
    game, stage, feed = built()
    return Kind.at(Clock(), stage, feed), traced(game, stage, Clock(), feed)


def played(rounds: Rounds) -> dict[str, torch.Tensor]:
    game, stage, feed = built()
    loop(game, [stage], Clock(), feed, 20 * BATCH, [], rounds)
    return state(game)


@pytest.mark.skipif(shutil.which("g++") is None and shutil.which("clang++") is None, reason="there is no C++ compiler")
def test_compiled_rounds_are_the_plain_ones_and_the_same_each_time() -> None:
    kind, one = graph()
    calls = Calls({kind: compiled(one)}, 0, 4)
    plain, first, second = played(one_round), played(calls), played(calls)
    for name, tensor in plain.items():
        torch.testing.assert_close(first[name], tensor, rtol=1e-4, atol=1e-6)
        assert torch.equal(first[name], second[name])


def test_without_a_compiler_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch._inductor import config

    monkeypatch.setattr(config.cpp, "cxx", ("no-such-compiler",))
    monkeypatch.setattr(config, "fx_graph_cache", False)
    with pytest.raises(RefusedError):
        compiled(graph()[1])
