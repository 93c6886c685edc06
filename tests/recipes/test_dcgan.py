"""dcgan climbs as it is told; its classic program takes pictures whose sides are multiples of 4, in any colour."""

import pytest
import torch

from conftest import pictures
from ganwright.config.recipe import resolve_recipe
from ganwright.core.errors import UserError
from ganwright.nets.conv import Enlarging, Up
from ganwright.recipes import dcgan


@pytest.mark.parametrize(("upsampling", "kind"), [("transposed", Up), ("nearest", Enlarging)])
@pytest.mark.parametrize(("recipe", "label"), [("dcgan", {}), ("dcgan", {"label": "projection"}), ("r3gan", {})])
def test_the_generator_climbs_as_it_is_told(upsampling, kind, recipe, label):
    asked = {"upsampling": upsampling, "width": 4, **label}
    network = resolve_recipe(recipe, False, 0, asked).build(pictures(size=16)).game.players["generator"].network
    climbing = [layer for layer in network.modules() if isinstance(layer, Up | Enlarging)]
    assert [type(layer) for layer in climbing] == [kind, kind]


@pytest.mark.parametrize(("size", "channels"), [(8, 1), (28, 1), (32, 3)])
def test_the_program_draws_what_it_is_given(size, channels):
    game = dcgan.as_source(pictures(size=size, channels=channels)).game
    drawn = game.players["generator"].network(torch.randn(2, 100))
    assert drawn.shape == (2, channels, size, size)
    assert game.players["discriminator"].network(drawn).shape == (2,)


def test_sides_that_four_does_not_divide_are_named():
    with pytest.raises(UserError, match=r"sides are multiples of 4, and noise has .*30x30"):
        dcgan.as_source(pictures(size=30))
