"""Batch norm of the global batch: equal to torch's, with its gradients and their gradients."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm

from ganwright.core import ranks
from ganwright.core.sync_batch_norm import SharedBatchNorm, normalised, share_batch_norm

EPS = 1e-3
Shape = tuple[int, ...]
SHAPES: list[Shape] = [(6, 3), (4, 3, 5), (4, 3, 2, 5)]
with_shapes = pytest.mark.parametrize("shape", SHAPES)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process that has the same values as this one."""
    monkeypatch.setattr(ranks, "size", lambda: 2)
    monkeypatch.setattr(ranks, "gathered", lambda value: torch.stack([value, value]))


def layer(shape: Shape, **options: object) -> nn.Module:
    kind = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d}[len(shape)]
    norm = kind(shape[1], EPS, **options).double()  # type: ignore[arg-type]
    if norm.affine:
        norm.weight.data, norm.bias.data = random(shape[1], seed=1), random(shape[1], seed=2)
    return norm


@with_shapes
def test_elementary_operations_equal_torchs_batch_norm(shape: Shape) -> None:
    x, weight, bias = random(*shape), random(3, seed=1), random(3, seed=2)
    torch.testing.assert_close(normalised(x, weight, bias, EPS), batch_norm(x, None, None, weight, bias, True, 0, EPS))
    plain = normalised(x, None, None, EPS)
    torch.testing.assert_close(plain, batch_norm(x, None, None, None, None, True, 0, EPS))


def test_elementary_operations_have_correct_gradients_of_gradients() -> None:
    inputs = [tensor.requires_grad_() for tensor in (random(4, 2), random(2, seed=1), random(2, seed=2))]
    assert torch.autograd.gradcheck(lambda *args: normalised(*args, EPS), inputs)
    assert torch.autograd.gradgradcheck(lambda *args: normalised(*args, EPS), inputs)


@with_shapes
@pytest.mark.parametrize("affine", [True, False])
def test_two_processes_equal_torch_on_the_global_batch(shape: Shape, affine: bool, two_processes: None) -> None:
    x = random(*shape)
    theirs, mine = layer(shape, affine=affine), layer(shape, affine=affine)
    share_batch_norm(mine)
    expected = theirs(torch.cat([x, x]))
    torch.testing.assert_close(mine(x), expected[: len(x)])
    for name, value in theirs.state_dict().items():
        torch.testing.assert_close(mine.state_dict()[name], value)


@with_shapes
@pytest.mark.parametrize("penalty", [False, True])
def test_gradients_of_two_processes_equal_those_of_the_global_batch(
    shape: Shape, penalty: bool, two_processes: None
) -> None:
    theirs, mine = layer(shape), layer(shape)
    share_batch_norm(mine)
    weights = torch.arange(1, shape[0] + 1).double().view(-1, *[1] * (len(shape) - 1))  # one per sample

    def objective(norm: nn.Module, x: Tensor, weights: Tensor) -> Tensor:
        loss = (norm(x).pow(3) * weights).sum()
        return torch.autograd.grad(loss, x, create_graph=True)[0].square().sum() if penalty else loss

    half = random(*shape).requires_grad_()
    whole = torch.cat([half, half]).detach().requires_grad_()
    objective(mine, half, weights).backward()
    objective(theirs, whole, torch.cat([weights, weights])).backward()
    assert half.grad is not None
    assert whole.grad is not None
    assert half.grad.abs().max() > 0.1
    torch.testing.assert_close(half.grad, whole.grad[: len(half)])
    for parameter, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert other.grad is not None
        if parameter.grad is None:  # a penalty does not depend on the bias of its last layer
            assert penalty
            continue
        torch.testing.assert_close(2 * parameter.grad, other.grad)  # each process has its share of the sum


@with_shapes
def test_processes_with_different_means_equal_torch_on_the_global_batch(
    shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, other = random(*shape), 5 + 3 * random(*shape, seed=7)
    axes = [0, *range(2, len(shape))]
    moments = torch.stack([other.mean(axes), other.var(axes, unbiased=False)])
    monkeypatch.setattr(ranks, "size", lambda: 2)
    monkeypatch.setattr(ranks, "gathered", lambda value: torch.stack([value, moments]))
    theirs, mine = layer(shape), layer(shape)
    share_batch_norm(mine)
    torch.testing.assert_close(mine(x), theirs(torch.cat([x, other]))[: len(x)])
    torch.testing.assert_close(mine.running_var, theirs.running_var)


def test_layers_with_the_biased_variance_track_it(two_processes: None) -> None:
    x, mine = random(6, 3), layer((6, 3), momentum=1.0)
    share_batch_norm(mine)
    mine.biased = True  # type: ignore[assignment]
    mine(x)
    torch.testing.assert_close(mine.running_var, x.var(0, unbiased=False))


def test_without_momentum_the_running_statistics_are_plain_means(two_processes: None) -> None:
    mine = layer((6, 3), momentum=None)
    share_batch_norm(mine)
    batches = [random(6, 3, seed=seed) for seed in range(3)]
    for batch in batches:
        mine(batch)
    torch.testing.assert_close(mine.running_mean, torch.stack([batch.mean(0) for batch in batches]).mean(0))


def test_statistics_of_low_precision_inputs_are_in_the_precision_of_the_weights(two_processes: None) -> None:
    mine = nn.BatchNorm1d(2)
    share_batch_norm(mine)
    x = (1000 + 4 * torch.arange(6.0)[:, None].expand(6, 2)).bfloat16()
    out = mine(x)
    assert out.dtype == torch.bfloat16
    expected = torch.nn.functional.batch_norm(x.float(), None, None, training=True)
    torch.testing.assert_close(out, expected.bfloat16())


def test_evaluation_uses_the_running_statistics(two_processes: None) -> None:
    theirs, mine = layer((6, 3)).eval(), layer((6, 3)).eval()
    share_batch_norm(mine)
    assert torch.equal(mine(random(6, 3)), theirs(random(6, 3)))
    assert mine.num_batches_tracked == 0


def test_one_process_uses_torchs_own_layer() -> None:
    theirs, mine = layer((6, 3)), layer((6, 3))
    share_batch_norm(mine)
    assert torch.equal(mine(random(6, 3)), theirs(random(6, 3)))
    assert torch.equal(mine.running_var, theirs.running_var)  # type: ignore[arg-type]


def test_sharing_changes_neither_weights_nor_names() -> None:
    class Own(nn.BatchNorm2d):
        """A user's own layer."""

    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Sequential(Own(2)))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    share_batch_norm(network)
    kinds = [type(module) for module in network.modules()]
    share_batch_norm(network)
    assert [type(module) for module in network.modules()] == kinds
    assert [type(module).__name__ for module in (network[1], network[2][0])] == ["BatchNorm2d", "Own"]
    assert isinstance(network[2][0], Own)
    assert isinstance(network[2][0], SharedBatchNorm)
    assert not isinstance(network[0], SharedBatchNorm)
    assert network.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
