"""The recipes of points: waves open from coarse to fine as the stage goes on, and only then."""

import pytest
import torch

from ganwright.core.discovery import take
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.nets.fourier import FourierFeatures
from ganwright.nets.mlp import MlpDiscriminator
from ganwright.recipes import curve, ring
from ganwright.recipes._points import SHARP, DenseNetworks


def waves_of(recipe: Recipe) -> list[FourierFeatures]:
    network = recipe.game.players["discriminator"].network
    return [module for module in network.modules() if isinstance(module, FourierFeatures)]


def turn(recipe: Recipe, progress: float) -> None:
    for schedule in recipe.stages[-1].schedules:
        schedule(progress)


@pytest.mark.parametrize(("progress", "open_share"), [(0.0, 0.3), (0.1, 0.3), (0.35, 0.65), (0.6, 1.0), (1.0, 1.0)])
def test_waves_open_from_three_tenths_to_all_between_a_tenth_and_six_tenths(progress: float, open_share: float) -> None:
    recipe = ring.recipe(take("data", "ring").load())
    (waves,) = waves_of(recipe)
    turn(recipe, progress)
    found = waves.window.clone()
    waves.open(open_share)
    assert torch.equal(found, waves.window)


def test_a_knob_sets_so_that_a_resumed_run_may_turn_it_again() -> None:
    recipe = ring.recipe(take("data", "ring").load())
    (waves,) = waves_of(recipe)
    turn(recipe, 0.3)
    once = waves.window.clone()
    turn(recipe, 0.9)
    turn(recipe, 0.3)
    assert torch.equal(once, waves.window)


def test_without_waves_the_discriminator_is_dense_and_nothing_opens() -> None:
    recipe = curve.recipe(take("data", "curve").load())
    assert isinstance(recipe.game.players["discriminator"].network, MlpDiscriminator)
    assert not waves_of(recipe)


def test_a_shortest_wave_above_the_longest_is_refused() -> None:
    networks = DenseNetworks(fourier_features=SHARP.fourier_features, longest_wavelength=0.1, shortest_wavelength=0.2)
    with pytest.raises(UserError, match=r"--shortest-wavelength 0\.2 must be below --longest-wavelength 0\.1"):
        curve.recipe(take("data", "curve").load(), networks=networks)


def test_an_opening_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UserError, match=r"--frequency-schedule must begin before it ends, not 0\.6,0\.1"):
        ring.recipe(
            take("data", "ring").load(), networks=DenseNetworks(fourier_features=8, frequency_schedule=(0.6, 0.1))
        )
