"""Residual networks: initial weights, resampling, image sizes, classes."""

import pytest
import torch

from ganwright.nets.residual import (
    GROUP,
    R3GANBlock,
    ResidualDiscriminator,
    ResidualDown,
    ResidualGenerator,
    ResidualUp,
    groups,
)


def players(shape: tuple[int, int, int], widths: list[int], classes: int = 0) -> tuple[torch.nn.Module, ...]:
    torch.manual_seed(0)
    return (
        ResidualGenerator(8, shape, widths, classes=classes),
        ResidualDiscriminator(shape, widths, classes=classes, embedded=8),
    )


@pytest.mark.parametrize(("shape", "levels"), [((1, 8, 8), 2), ((3, 28, 28), 3), ((3, 19, 33), 3), ((1, 32, 32), 4)])
def test_images_of_any_size_are_generated_and_scored(shape: tuple[int, int, int], levels: int) -> None:
    generator, discriminator = players(shape, [16] * levels)
    made = generator(torch.randn(5, 8))
    assert made.shape == (5, *shape)
    assert discriminator(made).shape == (5,)


def test_a_block_starts_as_the_identity_and_has_a_gradient() -> None:
    torch.manual_seed(0)
    block, x = R3GANBlock(16, blocks=4), torch.randn(2, 16, 5, 5)
    torch.testing.assert_close(block(x), x)
    block(x).square().sum().backward()
    assert block.narrow.weight.grad is not None
    assert block.narrow.weight.grad.abs().max() > 0


def test_the_published_block_has_the_papers_number_of_weights() -> None:
    block = R3GANBlock(768, blocks=8)
    assert sum(weight.numel() for weight in block.parameters()) == 2 * 768 * 1536 + 1536 * 16 * 9 + 2 * 1536
    assert block.mix.groups == 96


def test_initial_images_and_scores_are_of_order_one() -> None:
    generator, discriminator = players((3, 32, 32), [64] * 4)
    with torch.no_grad():
        made = generator(torch.randn(64, 8))
        scores = discriminator(torch.randn(64, 3, 32, 32))
    assert 0.1 < made.std() < 3
    assert 0.03 < scores.std() < 3


def test_resampling_applies_the_filter() -> None:
    once = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    x = torch.randn(2, 3, 6, 8)
    padded = torch.nn.functional.pad(x, (1, 1, 1, 1))
    expected = torch.einsum("nchwij,i,j->nchw", padded.unfold(2, 4, 2).unfold(3, 4, 2), once, once)
    torch.testing.assert_close(ResidualDown(3, 3)(x), expected)
    torch.testing.assert_close(
        ResidualUp(3, 3, (12, 16))(torch.ones(1, 3, 6, 8))[..., 1:-1, 1:-1], torch.ones(1, 3, 10, 14)
    )


def test_up_is_four_times_the_transpose_of_down() -> None:
    fine, coarse = torch.randn(1, 2, 8, 8), torch.randn(1, 2, 4, 4)
    down, up = ResidualDown(2, 2)(fine), ResidualUp(2, 2, (8, 8))(coarse)
    torch.testing.assert_close(4 * (down * coarse).sum(), (fine * up).sum())


def test_odd_sizes_are_rounded_up_and_cropped() -> None:
    assert ResidualDown(2, 4)(torch.randn(1, 2, 7, 9)).shape == (1, 4, 4, 5)
    assert ResidualUp(2, 4, (7, 9))(torch.randn(1, 2, 4, 5)).shape == (1, 4, 7, 9)


def test_classes_condition_both_players() -> None:
    generator, discriminator = players((1, 8, 8), [16, 16], classes=3)
    latent, one, other = torch.randn(4, 8), torch.zeros(4, dtype=torch.int64), torch.full((4,), 2)
    made = generator(latent, one)
    assert not torch.equal(made, generator(latent, other))
    assert discriminator(made, one).shape == (4,)
    assert not torch.equal(discriminator(made, one), discriminator(made, other))


def test_a_score_does_not_depend_on_other_samples() -> None:
    _, discriminator = players((1, 8, 8), [16, 16])
    for layer in discriminator.modules():
        if isinstance(layer, R3GANBlock):
            torch.nn.init.normal_(layer.narrow.weight, std=0.1)
    x = torch.randn(6, 1, 8, 8)
    torch.testing.assert_close(discriminator(x)[:2], discriminator(x[:2]))


@pytest.mark.parametrize("channels", [2, 16, 50, 96, 1536])
def test_groups_are_equal_and_at_least_the_minimum_size(channels: int) -> None:
    assert channels % groups(channels) == 0
    assert channels // groups(channels) >= min(GROUP, channels)
    assert groups(1536) == 96


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_class_embeddings_start_as_a_linear_layer_of_one_hot_classes(classes: int) -> None:
    """R3GAN: deviation gain / sqrt(classes), with gain 1, and 1 / sqrt(dimension) in the discriminator."""
    torch.manual_seed(0)
    generator = ResidualGenerator(4_000, (1, 8, 8), [16, 16], classes=classes)
    discriminator = ResidualDiscriminator((1, 8, 8), [16, 16], classes=classes, embedded=4_000)
    assert generator.classes.weight.std().item() == pytest.approx(classes**-0.5, rel=0.05)
    assert discriminator.classes.weight.std().item() == pytest.approx((4_000 * classes) ** -0.5, rel=0.05)


def test_the_discriminators_embedding_is_as_wide_as_its_coarsest_resolution() -> None:
    discriminator = ResidualDiscriminator((1, 8, 8), [24, 16], classes=3)
    assert discriminator.classes.weight.shape == (3, 24)
    assert discriminator.last.weight.shape == (24, 24)
    assert ResidualDiscriminator((1, 8, 8), [24, 16]).last.weight.shape == (1, 24)
