"""R3GAN: its default penalty weight and learning rates, its networks, classes and horizon."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from conftest import pictures
from ganwright.config.recipe import resolve_recipe
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.loop import play_step
from ganwright.core.machine import Machine
from ganwright.nets.conv import ConvGenerator
from ganwright.nets.residual import ResidualGenerator
from ganwright.recipes import r3gan
from ganwright.recipes._two_player import Rules

SMALL = {"width": 16, "blocks": 1, "batch": 8}


def test_gamma_fits_the_papers_presets() -> None:
    published = {32: (0.05, 0.5), 64: (1.0, 2.0), 256: (150.0, 150.0)}
    for side, (low, high) in published.items():
        assert low / 1.2 <= r3gan.gamma((3, side, side)) <= 1.2 * high


def test_gamma_is_the_default_penalty_weight() -> None:
    shape = (1, 16, 16)
    assert r3gan.resolved(Rules(penalty="r1-r2"), shape).penalty_weight == r3gan.gamma(shape)
    assert r3gan.resolved(Rules(penalty="r1-r2", penalty_weight=3.0), shape).penalty_weight == 3.0
    assert r3gan.resolved(Rules(penalty="gradient-penalty"), shape).penalty_weight is None


def test_default_learning_rates_decrease_with_the_root_of_the_image_size() -> None:
    assert r3gan.default_lr((1, 8, 8)) == r3gan.default_lr((1, 28, 28)) == 3e-3
    assert r3gan.default_lr((1, 56, 56)) == pytest.approx(1.5e-3)
    rules = r3gan.resolved(replace(r3gan.RULES, generator_lr=1e-3), (3, 64, 64))
    assert rules.learning_rates == (1e-3, r3gan.default_lr((3, 64, 64)))


def test_a_recipe_without_a_rule_needs_learning_rates() -> None:
    with pytest.raises(UserError, match=r"no default learning rates: set --generator-lr"):
        resolve_recipe("dcgan", False, 0, {"generator_lr": None}).build(pictures())


def test_widths_are_the_papers() -> None:
    assert r3gan.widths(768, 4) == [768] * 4
    assert r3gan.widths(768, 7) == [768] * 4 + [384, 192, 96]


@pytest.mark.parametrize("side", [8, 32])
def test_networks_have_the_same_width_at_every_size(side: int) -> None:
    generator = r3gan.recipe(pictures(size=side)).game.players["generator"].network
    assert generator(torch.zeros(1, 64)).shape == (1, 1, side, side)
    assert generator.layers[0].out_features == 64 * 4 * 4  # type: ignore[index, union-attr]


@pytest.mark.parametrize("block", ["plain", "published"])
@pytest.mark.parametrize("conditional", [False, True])
def test_both_blocks_work_with_and_without_classes(block: str, conditional: bool) -> None:
    options = {**SMALL, "block": block, "conditional": conditional}
    recipe = resolve_recipe("r3gan", False, 0, options).build(pictures(size=12))
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)
    terms = play_step(recipe.game, recipe.stages[-1], Clock(), feed, recipe.order.batch)
    assert all(torch.isfinite(value) for value in terms.values())
    kind = {"plain": ConvGenerator, "published": ResidualGenerator}[block]
    generator = recipe.game.players["generator"].network
    assert isinstance(getattr(generator, "inner", generator), kind)


def test_the_published_rules_are_those_of_the_program_for_32x32_pictures() -> None:
    """CIFAR-10 in the authors' train.py: EMA half-life from 0 to 5 million, without StyleGAN2's limit."""
    options = r3gan.PRESETS["published"] | {"width": 16, "blocks": 1}
    del options["examples"]
    recipe = resolve_recipe("r3gan", False, 0, options).build(pictures(size=32))
    emas = [player.ema for player in recipe.game.players.values()]
    for progress, half_life in ((0.0, 0.0), (0.5, 2_500_000), (1.0, 5_000_000)):
        for schedule in recipe.stages[-1].schedules:
            schedule(progress)
        assert [ema.half_life for ema in emas if ema is not None] == [pytest.approx(half_life)] * 2
    for ema in emas:
        assert ema is not None
        assert ema.decay(20_000_000, 512) == pytest.approx(0.5 ** (512 / 5_000_000))


def test_a_published_discriminators_class_embedding_is_as_wide_as_its_coarsest_features() -> None:
    players = r3gan.Players(block="published", width=24, blocks=1)
    made = r3gan.recipe(pictures(size=16), conditional=True, players=players)
    assert made.game.players["discriminator"].network.classes.weight.shape == (10, 24)  # type: ignore[union-attr]
    assert made.game.players["generator"].network.classes.weight.shape == (10, 64)  # type: ignore[union-attr]


def test_data_without_classes_are_refused() -> None:
    data = pictures()
    without = type(data)(data.name, data.domain, data.samples)
    with pytest.raises(UserError, match="r3gan --conditional needs a class"):
        r3gan.recipe(without, conditional=True)


@pytest.mark.parametrize(("count", "examples"), [(80, 100_000), (3_000, 180_000), (60_000, 240_000)])
def test_small_sets_have_shorter_horizons(count: int, examples: int) -> None:
    data = pictures()
    many = replace(data, samples=np.broadcast_to(data.samples[:1], (count, *data.samples.shape[1:])), labels=None)
    assert r3gan.recipe(many).examples == examples
    assert r3gan.recipe(many, players=r3gan.Players(block="published", width=8)).examples == examples
