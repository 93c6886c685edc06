"""Rows and totals of networks counted by hand."""

import torch
from torch import Tensor, nn

from ganwright.planning.network_summary import LayerSummary, summary, total


class Scaled(nn.Module):
    """Holds a parameter and computes beside its child, calls the child twice, and never calls `idle`."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4, 4))
        self.child = nn.Linear(4, 4)
        self.idle = nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.child(self.child(x)) @ self.scale


def test_a_chain():
    network = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(3 * 4 * 5, 2))
    network[3].bias.requires_grad_(False)
    assert summary(network, torch.randn(4, 2, 6, 7)) == [
        LayerSummary("0", "Conv2d", (3, 4, 5), 2 * 3 * 9 + 3, 0, 4 * 5 * 2 * 3 * 9),
        LayerSummary("1", "BatchNorm2d", (3, 4, 5), 6, 6, 0),
        LayerSummary("2", "Flatten", (60,), 0, 0, 0),
        LayerSummary("3", "Linear", (2,), 120, 2, 120),
    ]


def test_what_stands_beside_children_is_counted_once():
    rows = summary(Scaled(), torch.randn(3, 4))
    assert rows == [
        LayerSummary("child", "Linear", (4,), 20, 0, 2 * 16),
        LayerSummary("", "Scaled", (4,), 16, 0, 16),
        LayerSummary("idle", "Linear", (), 3, 0, 0),
    ]
    assert total(rows) == LayerSummary("total", "", (), 39, 0, 48)


def test_shared_weights_are_counted_once():
    network = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    network[1].weight = network[0].weight
    assert total(summary(network, torch.randn(1, 4))).parameters == 16


def test_leaves_the_network_as_it_was():
    network = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout().eval(), nn.Linear(3, 1))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    summary(network, torch.randn(5, 3))
    assert [module.training for module in network.modules()] == [True, True, False, True]
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
