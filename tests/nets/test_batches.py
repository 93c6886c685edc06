"""In evaluation mode a sample's output does not depend on its neighbours, and networks export for any batch size."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from conftest import pictures
from ganwright.config.recipe import find_recipe, resolve_recipe
from ganwright.core.discovery import load_module, names
from ganwright.core.draws import Draws
from ganwright.core.recipe import Recipe
from ganwright.nets.keras import SameConv2d, SameConvTranspose2d

N = 48
CASES = [
    (name, as_source)
    for name in names("recipes")
    for as_source in (False, True)
    if hasattr(load_module("recipes", name), "as_source") or not as_source
]
Inputs = tuple[Any, ...]


def built(name: str, as_source: bool) -> Recipe:
    """The recipe's contract case."""
    case: Any = importlib.import_module(f"contract_cases.{name.replace('-', '_')}")
    options = {} if as_source else getattr(case, "OPTIONS", {})
    return resolve_recipe(name, as_source, 0, options).build(case.data(as_source))


def inputs(recipe: Recipe, seed: int) -> dict[str, Inputs]:
    """What every player's network gets for N samples."""
    draws = Draws(seed, 0, 0, N)
    condition = recipe.condition.draw(draws.at("condition"))
    sample = recipe.game.sample(draws, condition)
    return {name: recipe.game.inputs(name, sample, condition, draws) for name in recipe.game.players}


def outputs(network: nn.Module, arguments: Inputs) -> list[Tensor]:
    """All tensors that the network returns."""
    out = network(*arguments)
    return [out] if isinstance(out, Tensor) else [tensor for tensor in out if isinstance(tensor, Tensor)]


def rows(arguments: Inputs, start: int, stop: int) -> Inputs:
    return tuple(one[start:stop] if isinstance(one, Tensor) else one for one in arguments)


def joined(*parts: Inputs) -> Inputs:
    return tuple(torch.cat(same) if isinstance(same[0], Tensor) else same[0] for same in zip(*parts, strict=True))


def in_batches(network: nn.Module, arguments: Inputs, size: int) -> Iterator[Tensor]:
    """The outputs of all samples, computed `size` at a time."""
    parts = [outputs(network, rows(arguments, start, start + size)) for start in range(0, N, size)]
    return (torch.cat(same) for same in zip(*parts, strict=True))


@pytest.mark.parametrize(("name", "as_source"), CASES)
@torch.no_grad()
def test_a_sample_does_not_depend_on_the_others(name: str, as_source: bool) -> None:
    """Bit for bit among any others, and in batches of any multiple of 16 in one thread.

    torch's own matrix products of fewer rows take other kernels: then the difference is that of rounding. The
    discriminator of progan compares samples in groups of four.
    """
    recipe = built(name, as_source)
    mine, others = inputs(recipe, 0), inputs(recipe, 1)
    for player, arguments in mine.items():
        network = recipe.game.players[player].network.eval()
        full = outputs(network, arguments)
        among_others = outputs(network, joined(rows(arguments, 0, 8), rows(others[player], 8, N)))
        for one, same in zip(full, among_others, strict=True):
            assert torch.equal(one[:8], same[:8])
        for size in (16, 24, 4 if name == "progan" else 1):
            for one, same in zip(full, in_batches(network, arguments, size), strict=True):
                torch.testing.assert_close(same, one, rtol=1e-4, atol=1e-4)
                assert size != 16 or torch.equal(same, one)


@pytest.mark.parametrize("n", [1, 3, 256])
def test_in_evaluation_mode_kerass_layers_are_torchs(n: int) -> None:
    x = torch.randn(n, 64, 7, 7)
    transposed, strided = SameConvTranspose2d(64, 64, 5).eval(), SameConv2d(64, 64, 5).eval()
    expected = nn.functional.conv_transpose2d(x, transposed.weight, transposed.bias, padding=2)
    assert torch.equal(transposed(x), expected)
    assert torch.equal(transposed.train()(x), expected) == (n < 256)  # in training, large layers use the FFT
    assert torch.equal(strided(x), nn.functional.conv2d(x, strided.weight, strided.bias, padding=2))


@pytest.mark.parametrize(("name", "as_source"), [("dcgan", False), ("dcgan", True), ("r3gan", False)])
@torch.no_grad()
def test_generators_are_exported_for_any_batch_size(name: str, as_source: bool) -> None:
    recipe = find_recipe(name, as_source).resolve(0, {}).build(pictures(size=28))
    generator = recipe.game.players["generator"].network.eval()
    latent = torch.randn(5, 100 if as_source else 64)
    batch = torch.export.Dim("batch", min=2, max=4096)
    exported = torch.export.export(generator, (latent[:3],), dynamic_shapes=({0: batch},), strict=False).module()
    torch.testing.assert_close(exported(latent), generator(latent))
