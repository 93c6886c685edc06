"""Dense networks."""

import pytest
import torch
from torch import nn

from ganwright.nets.mlp import Maxout, MlpDiscriminator, MlpGenerator


@pytest.mark.parametrize("shape", [(2,), (1, 28, 28), (3, 5, 4)])
def test_shapes(shape):
    fake = MlpGenerator(4, shape, sizes=(8, 9))(torch.randn(6, 4))
    assert fake.shape == (6, *shape)
    assert MlpDiscriminator(shape, sizes=(8, 9))(fake).shape == (6,)


def test_bounded_outputs_lie_in_minus_one_to_one():
    latent = torch.randn(6, 4) * 1000
    assert MlpGenerator(4, (2, 2), bounded=True)(latent).abs().max() <= 1
    assert MlpGenerator(4, (2, 2))(latent).abs().max() > 1


def test_sizes_and_slope():
    network = MlpGenerator(4, (2,), sizes=(8, 9), slope=0.0, batch_norm=True)
    dense = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in dense] == [(4, 8), (8, 9), (9, 2)]
    assert sum(isinstance(layer, nn.BatchNorm1d) for layer in network.modules()) == 2
    assert all(layer.negative_slope == 0 for layer in network.modules() if isinstance(layer, nn.LeakyReLU))
    assert isinstance(MlpGenerator(4, (2,), sizes=()).layers[0], nn.Linear)


def test_a_gain_of_root_two_preserves_the_variance_through_relus():
    torch.manual_seed(0)
    scaled, default = (MlpGenerator(64, (2,), (512,) * 4, slope=0.0, gain=gain) for gain in (2**0.5, None))
    sizes = [network.layers[:-1](torch.randn(1000, 64)).square().mean().sqrt() for network in (scaled, default)]
    assert 0.7 < sizes[0] < 1.4  # about the root mean square of the latent, 1
    assert sizes[1] < 0.2


def test_maxout_is_the_maximum_of_affine_maps():
    layer, samples = Maxout(3, 2, pieces=5), torch.randn(7, 3)
    maps = samples @ layer.affine.weight.T + layer.affine.bias
    torch.testing.assert_close(layer(samples), maps.view(7, 2, 5).max(2).values)


def test_pacgans_discriminator():
    """Three layers of 200 maxout units of 5 pieces."""
    network = MlpDiscriminator((2,), sizes=(200, 200, 200), maxout=5)
    assert sum(parameter.numel() for parameter in network.parameters()) == 3 * 1000 + 2 * 201 * 1000 + 201
    samples = torch.randn(4, 2, requires_grad=True)
    (slope,) = torch.autograd.grad(network(samples).sum(), samples, create_graph=True)
    slope.square().sum().backward()
    assert network.layers[1].affine.weight.grad.isfinite().all()
