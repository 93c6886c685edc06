"""Keras's layers against explicit sums."""

import numpy as np
import pytest
import torch
from torch import nn

from ganwright.nets.keras import (
    BiasedBatchNorm1d,
    BiasedBatchNorm2d,
    SameConv2d,
    SameConvTranspose2d,
    glorot,
    same_padding,
)


def same_matrix(size: int, kernel: np.ndarray, stride: int) -> np.ndarray:
    """TensorFlow's one-dimensional "SAME" convolution as a matrix [ceil(size / stride), size], by its definition."""
    outputs = -(-size // stride)
    before = max((outputs - 1) * stride + len(kernel) - size, 0) // 2
    matrix = np.zeros((outputs, size))
    for output in range(outputs):
        for tap, weight in enumerate(kernel):
            place = output * stride + tap - before
            if 0 <= place < size:
                matrix[output, place] += weight
    return matrix


def outer(layer: nn.Conv2d | nn.ConvTranspose2d, rows: np.ndarray, columns: np.ndarray) -> None:
    """Sets the kernel of a layer of one channel to the outer product of rows and columns."""
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.outer(rows, columns))[None, None])


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [(28, 28), (7, 10), (9, 8)])
@pytest.mark.parametrize("kernel", [3, 4, 5])
def test_same_convolution(size, kernel, stride):
    generator = np.random.default_rng(0)
    rows, columns, picture = generator.normal(size=kernel), generator.normal(size=kernel), generator.normal(size=size)
    layer = SameConv2d(1, 1, kernel, stride, bias=False).double()
    outer(layer, rows, columns)
    expected = same_matrix(size[0], rows, stride) @ picture @ same_matrix(size[1], columns, stride).T
    np.testing.assert_allclose(layer(torch.from_numpy(picture)[None, None]).detach()[0, 0], expected, atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [(7, 7), (5, 8)])
@pytest.mark.parametrize("kernel", [3, 4, 5])
def test_same_transposed_convolution(size, kernel, stride):
    generator = np.random.default_rng(0)
    rows, columns, picture = generator.normal(size=kernel), generator.normal(size=kernel), generator.normal(size=size)
    layer = SameConvTranspose2d(1, 1, kernel, stride, bias=False).double()
    outer(layer, rows, columns)
    down, right = (same_matrix(n * stride, k, stride) for n, k in zip(size, (rows, columns), strict=True))
    np.testing.assert_allclose(
        layer(torch.from_numpy(picture)[None, None]).detach()[0, 0], down.T @ picture @ right, atol=1e-12
    )


def test_odd_padding_goes_after():
    """A 5x5 kernel at stride 2 on an even size: one before and two after."""
    assert same_padding(28, 5, 2) == 3
    layer = SameConv2d(1, 1, 5, 2, bias=False).double()
    picture = torch.randn(1, 1, 28, 28, dtype=torch.float64)
    torch.testing.assert_close(
        layer(picture), nn.functional.conv2d(nn.functional.pad(picture, (1, 2, 1, 2)), layer.weight, stride=2)
    )


@pytest.mark.parametrize(("layer", "shape"), [(BiasedBatchNorm1d, (6, 3)), (BiasedBatchNorm2d, (2, 3, 4, 5))])
def test_moving_statistics_equal_keras(layer, shape):
    norm = layer(3).double()
    mean, variance = np.zeros(3), np.ones(3)
    for seed in range(3):
        samples = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        plain = nn.functional.batch_norm(samples, None, None, training=True, eps=1e-3)
        torch.testing.assert_close(norm(samples), plain)
        flat = samples.transpose(0, 1).flatten(1).numpy()
        mean = 0.99 * mean + 0.01 * flat.mean(1)
        variance = 0.99 * variance + 0.01 * flat.var(1)  # over n
    np.testing.assert_allclose(norm.running_mean, mean)
    np.testing.assert_allclose(norm.running_var, variance)
    before = norm.running_var.clone()
    norm.eval()(samples)
    assert torch.equal(norm.running_var, before)


def test_glorot_bounds():
    layer = glorot(SameConv2d(3, 7, 5))
    limit = (6 / (25 * (3 + 7))) ** 0.5
    assert 0.9 * limit < layer.weight.abs().max() <= limit
    assert not layer.bias.any()
