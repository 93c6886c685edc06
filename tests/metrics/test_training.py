"""Networks of metrics are trained with one thread, and the number of threads is restored."""

import torch
from torch import Tensor, nn

from ganwright.metrics._training import trained


def test_training_has_one_thread_whatever_the_number_before() -> None:
    seen = set()

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        seen.add(torch.get_num_threads())
        return (outputs - targets).square().mean()

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        network = trained(lambda: nn.Linear(2, 1), torch.randn(20, 2), torch.randn(20, 1), loss, 3, 0.1, 8)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen == {1}
    assert not network.training
