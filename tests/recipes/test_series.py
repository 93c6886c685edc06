"""The recipe series: players of any kind on either side, under static features and given time steps."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from conftest import pictures, series
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.domains.series import Series
from ganwright.domains.table import Table
from ganwright.nets.series_discriminator import ConvFeatures, RecurrentFeatures
from ganwright.nets.temporal_generator import ConvBody, RecurrentBody
from ganwright.recipes.series import NETWORKS, Kind, recipe

SMALL = replace(NETWORKS, latent=3, noise=2, width=4, discriminator_width=4)
BODIES = {"conv": ConvBody, "lstm": RecurrentBody, "gru": RecurrentBody}
FEATURES = {"conv": ConvFeatures, "lstm": RecurrentFeatures, "gru": RecurrentFeatures}


@pytest.mark.parametrize("generator", get_args(Kind))
@pytest.mark.parametrize("discriminator", get_args(Kind))
def test_each_side_has_the_network_of_its_kind(generator: Kind, discriminator: Kind) -> None:
    made = recipe(series(), networks=replace(SMALL, generator=generator, discriminator=discriminator))
    players = made.game.players
    assert type(players["generator"].network.body) is BODIES[generator]
    assert type(players["discriminator"].network.features) is FEATURES[discriminator]
    assert made.game.score(made.sample(Draws(0, 0, 0, 5, "sample"))).shape == (5,)


def test_samples_are_drawn_under_static_features() -> None:
    values = series()
    people = Table((Column("age", (), 1.0, 40.0, 10.0), Column("job", ("clerk", "smith"))))
    rows = np.stack([np.arange(len(values)) + 20.0, np.arange(len(values)) % 2], 1)
    made = recipe(replace(values, conditions=rows, condition_domain=people), networks=SMALL)
    condition = made.condition.for_rows(made.data, np.arange(5))
    assert condition is not None
    assert condition.shape == (5, 3)
    samples = made.sample(Draws(0, 0, 0, 5, "sample"), condition)
    assert not torch.equal(samples, made.sample(Draws(0, 0, 0, 5, "sample"), condition.flip(0)))
    assert made.game.score(samples, condition).shape == (5,)


def test_a_forecast_begins_with_the_given_time_steps() -> None:
    walks = np.random.default_rng(0).standard_normal((40, 9, 2)).cumsum(1).astype(np.float32)
    columns = tuple(Column.spanning(name, walks[:, :, place].ravel()) for place, name in enumerate("ab"))
    domain = Series(9, columns, given=4)
    data = Data("walks", domain, walks, conditions=walks[:, :4], condition_domain=replace(domain, steps=4))
    made = recipe(data, networks=SMALL)
    condition = made.condition.for_rows(data, np.arange(5))
    samples = domain.decode(made.sample(Draws(0, 0, 0, 5, "sample"), condition))
    np.testing.assert_allclose(samples[:, :4], walks[:5, :4], atol=1e-5)
    assert np.abs(samples[:, 4:] - walks[:5, 4:]).max() > 0.1


def test_own_networks_are_used_and_other_data_are_refused() -> None:
    own = torch.nn.Linear(2, 2)
    made = recipe(series(), networks=replace(SMALL, generator=own, discriminator=own))
    assert made.game.players["generator"].network is own
    with pytest.raises(UserError, match="This recipe is for series, but noise has "):
        recipe(pictures())


@pytest.mark.parametrize(
    ("generator", "message"), [("conv", "is an option of --generator lstm"), ("gru", "more than the 9")]
)
def test_unfit_steps_per_cell_are_refused(generator: Kind, message: str) -> None:
    with pytest.raises(UserError, match=message):
        recipe(series(), networks=replace(SMALL, generator=generator, steps_per_cell=10))
