"""The recipes of points: the schedule of the Fourier features' window."""

import pytest
import torch

from ganwright.core.discovery import load_module
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.nets.fourier import FourierFeatures
from ganwright.nets.mlp import MlpDiscriminator
from ganwright.recipes import curve, ring
from ganwright.recipes._points import FOURIER, DenseNetworks


def features_of(recipe: Recipe) -> list[FourierFeatures]:
    network = recipe.game.players["discriminator"].network
    return [module for module in network.modules() if isinstance(module, FourierFeatures)]


def apply_schedules(recipe: Recipe, progress: float) -> None:
    for schedule in recipe.stages[-1].schedules:
        schedule(progress)


@pytest.mark.parametrize(("progress", "share"), [(0.0, 0.3), (0.1, 0.3), (0.35, 0.65), (0.6, 1.0), (1.0, 1.0)])
def test_the_window_opens_from_0_3_to_1_between_a_tenth_and_six_tenths_of_the_run(
    progress: float, share: float
) -> None:
    recipe = ring.recipe(load_module("data", "ring").load())
    (features,) = features_of(recipe)
    apply_schedules(recipe, progress)
    window = features.window.clone()
    features.set_window(share)
    assert torch.equal(window, features.window)


def test_a_schedule_sets_the_window_independently_of_its_state() -> None:
    recipe = ring.recipe(load_module("data", "ring").load())
    (features,) = features_of(recipe)
    apply_schedules(recipe, 0.3)
    window = features.window.clone()
    apply_schedules(recipe, 0.9)
    apply_schedules(recipe, 0.3)
    assert torch.equal(window, features.window)


def test_without_fourier_features_the_discriminator_is_dense() -> None:
    recipe = curve.recipe(load_module("data", "curve").load())
    assert isinstance(recipe.game.players["discriminator"].network, MlpDiscriminator)
    assert not features_of(recipe)


def test_a_shortest_wavelength_above_the_longest_is_refused() -> None:
    networks = DenseNetworks(fourier_features=FOURIER.fourier_features, longest_wavelength=0.1, shortest_wavelength=0.2)
    with pytest.raises(UserError, match=r"--shortest-wavelength 0\.2 must be below --longest-wavelength 0\.1"):
        curve.recipe(load_module("data", "curve").load(), networks=networks)


def test_a_frequency_schedule_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UserError, match=r"--frequency-schedule must begin before it ends, not 0\.6,0\.1"):
        ring.recipe(
            load_module("data", "ring").load(),
            networks=DenseNetworks(fourier_features=8, frequency_schedule=(0.6, 0.1)),
        )
