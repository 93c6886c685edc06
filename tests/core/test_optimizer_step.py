"""Optimizer steps without torch's compiler equal torch's own, and do not import it."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from ganwright.core import optimizer_step

PROGRAM = """
import sys
import torch
from ganwright.core.player import Player
for kind in (torch.optim.Adam, torch.optim.RMSprop, torch.optim.SGD):
    player = Player(torch.nn.Linear(2, 1), lambda parameters: kind(parameters, lr=1e-3))
    player.network(torch.ones(3, 2)).sum().backward()
    player.step(3, 3)
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
    monkeypatch.setattr(optimizer_step, "COMPILER", "not imported")
    optimizer, plain = kind(mine.parameters(), lr=0.1), kind(torchs.parameters(), lr=0.1)
    for _ in range(2):
        optimizer_step.step(optimizer)
        plain.step()
    for one, other in zip(mine.parameters(), torchs.parameters(), strict=True):
        assert torch.equal(one, other)
        assert one.requires_grad


def test_hooks_and_custom_steps_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimizer_step, "COMPILER", "not imported")
    called = []

    class Own(torch.optim.SGD):
        def step(self, closure=None):
            called.append("own")

    optimizer_step.step(Own(networks()[0].parameters(), lr=0.1))
    hooked = torch.optim.SGD(networks()[0].parameters(), lr=0.1)
    hooked.register_step_post_hook(lambda *arguments: called.append("hook"))
    optimizer_step.step(hooked)
    replaced = torch.optim.SGD(networks()[0].parameters(), lr=0.1)
    replaced.step = lambda: called.append("replaced")
    optimizer_step.step(replaced)
    assert called == ["own", "hook", "replaced"]
