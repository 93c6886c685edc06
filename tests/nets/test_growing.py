"""Growing networks: their outputs and inputs at each level, and their layers."""

import math

import pytest
import torch

from ganwright.nets.growing import (
    EqualConv,
    EqualLinear,
    GrowingDiscriminator,
    GrowingGenerator,
    Growth,
    MinibatchDeviation,
    PixelNorm,
    enlarged,
    faded,
    growing_sizes,
    growing_widths,
    shrunk,
    size_of,
)

SHAPES = [(1, 28, 28), (3, 32, 32), (3, 8, 8), (2, 9, 33), (1, 40, 67)]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def players(shape: tuple[int, int, int]) -> tuple[GrowingGenerator, GrowingDiscriminator]:
    torch.manual_seed(0)
    widths = growing_widths(2, 4, len(growing_sizes(*shape[1:])))
    return GrowingGenerator(3, shape, widths), GrowingDiscriminator(shape, widths)


def grow(growth: Growth, level: int, opacity: float = 1.0) -> None:
    growth.reach(level)
    growth.fade(level, opacity)


def test_levels_halve_from_the_full_size_down_to_four_pixels() -> None:
    assert growing_sizes(32, 32) == [(4, 4), (8, 8), (16, 16), (32, 32)]
    assert growing_sizes(28, 28) == [(4, 4), (7, 7), (14, 14), (28, 28)]
    assert growing_sizes(67, 40) == [(5, 3), (9, 5), (17, 10), (34, 20), (67, 40)]


def test_widths_are_the_published_ones() -> None:
    assert growing_widths(16, 512, 9) == [512, 512, 512, 512, 256, 128, 64, 32, 16]


@every_shape
def test_shrinking_enlarged_images_restores_the_same_bits(shape: tuple[int, int, int]) -> None:
    coarse, fine = growing_sizes(*shape[1:])[-2:]
    pictures = torch.randn(3, shape[0], *coarse)
    assert torch.equal(shrunk(enlarged(pictures, fine)), pictures)


@every_shape
def test_samples_at_every_level_have_the_full_size_and_the_levels_detail(shape: tuple[int, int, int]) -> None:
    generator, discriminator = players(shape)
    for level, size in enumerate(generator.sizes):
        grow(generator.growth, level)
        grow(discriminator.growth, level)
        samples = generator(torch.randn(5, 3))
        assert samples.shape == (5, *shape)
        small = discriminator.at_level(samples)
        assert size_of(small) == size
        assert torch.equal(faded(samples, generator.growth), samples)
        assert torch.equal(discriminator(samples), discriminator(small))


@every_shape
def test_the_start_of_a_level_changes_no_output(shape: tuple[int, int, int]) -> None:
    generator, discriminator = players(shape)
    latent, real = torch.randn(6, 3), torch.randn(6, *shape)
    for level in range(len(generator.sizes) - 1):
        outputs = []
        for at, opacity in ((level, 1.0), (level + 1, 0.0)):
            for network in (generator, discriminator):
                grow(network.growth, at, opacity)
            blended = faded(real, generator.growth)
            outputs.append((generator(latent), blended, discriminator(blended)))
        assert all(torch.equal(one, other) for one, other in zip(*outputs, strict=True))


def test_an_opacity_of_one_half_is_the_mean_of_both_levels() -> None:
    generator, _ = players((1, 8, 8))
    latent, samples = torch.randn(4, 3), []
    for level, opacity in ((0, 1.0), (1, 1.0), (1, 0.5)):
        grow(generator.growth, level, opacity)
        samples.append(generator(latent))
    torch.testing.assert_close(samples[2], (samples[0] + samples[1]) / 2)


def test_networks_saved_while_they_grow_have_the_same_outputs_when_loaded() -> None:
    (generator, discriminator), others = players((1, 16, 16)), players((1, 16, 16))
    latent = torch.randn(4, 3)
    for network, other in zip((generator, discriminator), others, strict=True):
        grow(network.growth, 1, 0.3)
        other.load_state_dict(network.state_dict())
    samples = generator(latent)
    scores = discriminator(samples)
    assert torch.equal(others[0](latent), samples)
    torch.testing.assert_close(others[1](samples), scores)


def test_learning_rates_are_equalised() -> None:
    """Layers preserve the variance through a leaky ReLU, while their weights are N(0, 1)."""
    torch.manual_seed(0)
    for layer, inputs in ((EqualLinear(400, 400), (50, 400)), (EqualConv(40, 400), (50, 40, 6, 6))):
        assert layer.weight.std().item() == pytest.approx(1, abs=0.02)
        inner = layer(torch.randn(inputs))
        inner = inner if inner.dim() == 2 else inner[..., 1:-1, 1:-1]
        assert inner.std().item() == pytest.approx(math.sqrt(2), abs=0.05)


def test_pixel_norm_gives_every_pixel_the_same_norm() -> None:
    normed = PixelNorm()(torch.randn(2, 7, 3, 3))
    torch.testing.assert_close(normed.square().mean(1), torch.ones(2, 3, 3))
    assert torch.isfinite(PixelNorm()(torch.zeros(1, 3))).all()


def test_minibatch_deviation_is_that_of_groups_of_four() -> None:
    x = torch.randn(8, 3, 2, 2)
    out = MinibatchDeviation()(x)
    assert out.shape == (8, 4, 2, 2)
    assert torch.equal(out[:, :3], x)
    for group in (slice(0, 4), slice(4, 8)):
        expected = x[group].std(0, correction=0).mean()
        torch.testing.assert_close(out[group, 3], expected.expand(4, 2, 2))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_the_remainder_of_a_batch_gets_the_deviation_of_its_last_samples(count: int) -> None:
    x = torch.randn(count, 3, 2, 2)
    last = x[-4:].std(0, correction=0).mean()
    torch.testing.assert_close(MinibatchDeviation()(x)[-1, 3], last.expand(2, 2), atol=1e-3, rtol=0)


def test_layers_above_the_current_level_have_no_gradient() -> None:
    generator, discriminator = players((1, 16, 16))
    for network in (generator, discriminator):
        grow(network.growth, 1)
    discriminator(generator(torch.randn(4, 3))).sum().backward()
    for network in (generator, discriminator):
        has_grad = {name: parameter.grad is not None for name, parameter in network.named_parameters()}
        assert not any(value for name, value in has_grad.items() if "pixels.2" in name)
        assert all(value for name, value in has_grad.items() if "pixels.1" in name)
