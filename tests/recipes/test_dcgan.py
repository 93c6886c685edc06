"""The option --upsampling, and the image sizes of dcgan's source program."""

import pytest
import torch

from conftest import pictures
from ganwright.config.recipe import resolve_recipe
from ganwright.core.errors import UserError
from ganwright.nets.conv import NearestUp, Up
from ganwright.recipes import dcgan


@pytest.mark.parametrize(("upsampling", "kind"), [("transposed", Up), ("nearest", NearestUp)])
@pytest.mark.parametrize(
    ("recipe", "options"), [("dcgan", {}), ("dcgan", {"conditioning": "projection"}), ("r3gan", {})]
)
def test_the_generator_has_the_requested_upsampling(upsampling, kind, recipe, options):
    options = {"upsampling": upsampling, "width": 4, **options}
    resolved = resolve_recipe(recipe, False, 0, options)
    network = resolved.build(pictures(size=16)).game.players["generator"].network
    layers = [layer for layer in network.modules() if isinstance(layer, Up | NearestUp)]
    assert [type(layer) for layer in layers] == [kind, kind]


@pytest.mark.parametrize(("size", "channels"), [(8, 1), (28, 1), (32, 3)])
def test_the_source_program_has_the_datas_shape(size, channels):
    game = dcgan.as_source(pictures(size=size, channels=channels)).game
    fake = game.players["generator"].network(torch.randn(2, 100))
    assert fake.shape == (2, channels, size, size)
    assert game.players["discriminator"].network(fake).shape == (2,)


def test_sides_that_are_not_multiples_of_4_are_refused():
    with pytest.raises(UserError, match=r"sides are multiples of 4, but noise has .*30x30"):
        dcgan.as_source(pictures(size=30))
