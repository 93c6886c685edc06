"""The recipe of text: its options, classes, annealing, and the published players."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import torch

from conftest import pictures
from ganwright.config.recipe import resolve_recipe
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.domain import SavedSamples
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.data import words
from ganwright.domains.table import Table
from ganwright.nets.string_generator import Choice, Drawn
from ganwright.recipes.text import NETWORKS, PRESETS, annealing, recipe

DATA = words.load(count=64)
SMALL = replace(NETWORKS, width=4, discriminator_width=4, latent=3)


def test_strings_of_a_class_are_sampled_under_it() -> None:
    made = recipe(DATA, networks=SMALL, conditional=True)
    condition = made.condition.parse("front", lambda *_: SavedSamples(DATA.samples)).encoded
    assert condition.tolist() == [0]
    assert made.sample(Draws(0, 0, 0, 5, "sample"), condition.expand(5)).shape == (5, *DATA.domain.shape)


def test_classes_are_asked_for_where_there_are_none() -> None:
    with pytest.raises(UserError, match=r"--conditional needs a class for each string, and words has none: put"):
        recipe(replace(DATA, labels=None, classes=()), networks=SMALL, conditional=True)


def test_a_table_is_refused_with_how_to_read_a_column_of_it() -> None:
    table = Data("t", Table((Column("name", ("a", "b")),)), np.zeros((9, 1)))
    with pytest.raises(UserError, match=r"t has rows of 1 column.*; name the column .* with --text COLUMN\.$"):
        recipe(table, networks=SMALL)


def test_the_temperature_falls_exponentially_and_is_kept_with_the_generator() -> None:
    choice = Drawn()
    schedule = annealing(choice, 4.0, 0.25)
    found = []
    for progress in (0.0, 0.5, 1.0, 2.0):
        schedule(progress)
        found.append(choice.temperature.item())
    assert found == pytest.approx([4, 1, 0.25, 0.25])
    assert "temperature" in choice.state_dict()


def test_the_published_players_are_convolutional_and_have_no_other_noise_than_the_latent() -> None:
    options = {**PRESETS["published"], "width": 4, "discriminator_width": 4}
    made = resolve_recipe("text", False, 0, options).build(DATA)
    assert made.game.latent.size == 128  # type: ignore[attr-defined]
    assert [turn.updates for turn in made.stages[0].turns] == [10, 1]
    values = made.sample(Draws(0, 0, 0, 5, "sample"))
    assert ((values > 0) & (values < 1)).any()


def test_own_networks_are_used_and_other_data_are_refused() -> None:
    own = torch.nn.Linear(2, 2)
    made = recipe(DATA, networks=replace(SMALL, generator=own, discriminator=own))
    assert made.game.players["generator"].network is own
    with pytest.raises(UserError, match="This recipe is for strings, but noise has "):
        recipe(pictures())


@pytest.mark.parametrize(
    ("generator", "weight", "losses"), [("gru", None, 1), ("gru", 0, 0), ("conv", None, 1), ("conv", 0, 0)]
)
def test_generators_of_the_recipe_learn_by_likelihood_too(
    generator: Literal["gru", "conv"], weight: float | None, losses: int
) -> None:
    made = recipe(DATA, networks=replace(SMALL, generator=generator, likelihood_weight=weight))
    assert len(made.game.auxiliary_losses) == losses  # type: ignore[attr-defined]


def test_a_likelihood_of_own_networks_is_refused() -> None:
    with pytest.raises(UserError, match="--likelihood-weight needs a generator of the recipe"):
        recipe(DATA, networks=replace(SMALL, generator=torch.nn.Linear(2, 2), likelihood_weight=1.0))


def test_each_choice_has_a_temperature() -> None:
    made = recipe(DATA, networks=replace(SMALL, temperature=2.0))
    (choice,) = (one for one in made.game.players["generator"].network.modules() if isinstance(one, Choice))
    made.stages[0].schedules[-1](0.0)
    assert choice.temperature.item() == 2
