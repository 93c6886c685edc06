"""The recipe sound: networks of both kinds, classes, and penalties on what is heard."""

from dataclasses import replace

import pytest
import torch

from conftest import pictures
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.data import drums
from ganwright.domains.waveforms import Waveforms
from ganwright.games.two_player import LazyPenalty, TwoPlayer
from ganwright.nets.listening import ListeningDiscriminator
from ganwright.nets.sound_generator import SoundGenerator
from ganwright.nets.wave_generator import WaveGenerator
from ganwright.penalties.r1 import R1
from ganwright.recipes._viewed import ViewPenalty
from ganwright.recipes.sound import NETWORKS, RULES, Kind, horizon, recipe, wave_width

SMALL = replace(NETWORKS, latent=4, width=4, discriminator_width=4)
DATA = drums.load(count=48, length=500)
WAVE: Kind = "wavegan"


def test_each_side_has_the_network_of_its_kind() -> None:
    for networks, generator, listens in (
        (SMALL, SoundGenerator, True),
        (replace(SMALL, generator=WAVE), WaveGenerator, True),
        (replace(SMALL, discriminator=WAVE), SoundGenerator, False),
    ):
        players = recipe(DATA, networks=networks).game.players
        assert isinstance(players["generator"].network, generator)
        assert isinstance(players["discriminator"].network, ListeningDiscriminator) == listens


@pytest.mark.parametrize("kind", ["spectral", "wavegan"])
def test_samples_differ_by_class(kind: Kind) -> None:
    made = recipe(DATA, conditional=True, networks=replace(SMALL, generator=kind, discriminator=kind))
    classes = torch.arange(4)
    samples = made.sample(Draws(0, 0, 0, 4, "sample"), classes)
    assert samples.shape == (4, 1, 500)
    assert not torch.equal(samples, made.sample(Draws(0, 0, 0, 4, "sample"), classes.flip(0)))
    assert made.game.score(samples, classes).shape == (4,)


def test_a_single_clip_is_refused() -> None:
    with pytest.raises(UserError, match="has 1 clip, and training needs at least two"):
        recipe(replace(DATA, samples=DATA.samples[:1], labels=None), networks=SMALL)


def test_penalties_are_of_what_is_heard() -> None:
    game = recipe(DATA, networks=SMALL).game
    assert isinstance(game, TwoPlayer)
    assert isinstance(game.penalty, ViewPenalty)
    quiet = 1e-4 * torch.randn(3, 1, 500)
    view = game.penalty.view

    def score(views: torch.Tensor) -> torch.Tensor:
        return 2 * views[:, 0, 0, 0]  # |gradient|^2 = 4

    assert float(ViewPenalty(R1(), view)(score, quiet, quiet, Draws(0, 0, 0, 3))) == pytest.approx(2)


def test_an_own_penalty_and_wavegan_s_networks_are_penalised_as_usual() -> None:
    rules = replace(RULES, penalty=R1())
    game = recipe(DATA, networks=SMALL, rules=rules).game
    assert isinstance(game, TwoPlayer)
    assert isinstance(game.penalty, ViewPenalty)
    assert isinstance(game.penalty.penalty, LazyPenalty)
    game = recipe(DATA, networks=replace(SMALL, discriminator=WAVE)).game
    assert isinstance(game, TwoPlayer)
    assert not isinstance(game.penalty, ViewPenalty)
    without = recipe(DATA, networks=SMALL, rules=replace(RULES, penalty="none")).game
    assert isinstance(without, TwoPlayer)
    assert without.penalty is None


def test_sizes_follow_from_the_samples_of_a_clip() -> None:
    assert [wave_width(samples) for samples in (1_024, 4_096, 16_384, 65_536)] == [32, 16, 8, 4]
    assert [horizon(Waveforms(samples, 8_000)) for samples in (4_096, 16_384)] == [16_000, 4_000]


def test_own_networks_are_used_and_unfit_data_are_refused() -> None:
    own = torch.nn.Linear(2, 2)
    made = recipe(DATA, networks=replace(SMALL, generator=own, discriminator=own))
    assert made.game.players["generator"].network is own
    with pytest.raises(UserError, match="This recipe is for "):
        recipe(pictures())
    with pytest.raises(UserError, match="needs a class for each"):
        recipe(replace(DATA, labels=None), conditional=True)
