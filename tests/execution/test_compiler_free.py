"""Optimizer steps without torch's compiler equal torch's own, and do not import it."""

import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from ganwright.execution import compiler_free, private_names

PROGRAM = """
import sys
import torch
from ganwright.core.player import Player
from ganwright.execution import compiler_free
compiler_free.avoid_import()
for kind in (torch.optim.Adam, torch.optim.RMSprop, torch.optim.SGD):
    player = Player(torch.nn.Linear(2, 1), lambda parameters: kind(parameters, lr=1e-3))
    compiler_free.use_plain_step(player.optimizer)
    player.network(torch.ones(3, 2)).sum().backward()
    player.step()
    player.load_optimizer_state(*player.optimizer_state())
import ganwright.training.trainer
raise SystemExit(bool({"torch._dynamo", "torch._inductor", "ganwright.execution.graph_capture"} & sys.modules.keys()))
"""


def test_players_and_the_trainer_do_not_import_the_compiler() -> None:
    assert subprocess.run([sys.executable, "-c", PROGRAM], timeout=60).returncode == 0


def networks() -> tuple[nn.Linear, nn.Linear]:
    torch.manual_seed(0)
    one, other = nn.Linear(3, 2), nn.Linear(3, 2)
    other.load_state_dict(one.state_dict())
    for network in (one, other):
        network(torch.ones(4, 3)).square().sum().backward()
    return one, other


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.RMSprop, torch.optim.SGD, torch.optim.AdamW])
def test_a_step_equals_torchs(kind, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, torchs = networks()
    monkeypatch.setattr(compiler_free, "COMPILER", "not imported")
    optimizer, plain = kind(mine.parameters(), lr=0.1), kind(torchs.parameters(), lr=0.1)
    compiler_free.use_plain_step(optimizer)
    for _ in range(2):
        optimizer.step()
        plain.step()
    for one, other in zip(mine.parameters(), torchs.parameters(), strict=True):
        assert torch.equal(one, other)
        assert one.requires_grad


def stepped_with_hooks() -> list[str]:
    """The calls of an own step, of a hook, of a global hook, and of a replaced step."""
    called = []

    class Own(torch.optim.SGD):
        def step(self, closure=None):
            called.append("own")

    own, hooked, globally, replaced = (
        kind(networks()[0].parameters(), lr=0.1) for kind in (Own, *[torch.optim.SGD] * 3)
    )
    replaced.step = lambda: called.append("replaced")
    for one in (own, hooked, globally, replaced):
        compiler_free.use_plain_step(one)
    hooked.register_step_post_hook(lambda *arguments: called.append("hook"))
    own.step()
    hooked.step()
    handle = register_optimizer_step_post_hook(lambda *arguments: called.append("global hook"))
    globally.step()
    handle.remove()
    replaced.step()
    return called


def test_hooks_and_custom_steps_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler_free, "COMPILER", "not imported")
    assert stepped_with_hooks() == ["own", "hook", "global hook", "replaced"]


@pytest.mark.parametrize("name", private_names.NAMES["plain optimizer steps"])
def test_without_a_private_name_torchs_own_step_is_called(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler_free, "COMPILER", "not imported")
    monkeypatch.setattr(private_names, "missing", lambda purpose: (name,))
    monkeypatch.setattr(compiler_free, "_has_hooks", lambda one: pytest.fail("private names were read"))
    assert stepped_with_hooks() == ["own", "hook", "global hook", "replaced"]
