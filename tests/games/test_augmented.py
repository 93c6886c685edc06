"""Augmentation in the two-player game: who is shown what, what a penalty differentiates, and what is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from conftest import pictures
from ganwright.augmentations.ada import Ada
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.discovery import load_component
from ganwright.core.draws import Draws
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.latent import Latent
from ganwright.core.loop import loop
from ganwright.core.machine import Machine
from ganwright.core.player import Player
from ganwright.core.recipe import Recipe
from ganwright.execution.graph_capture import capture_step
from ganwright.execution.recorder import CaptureError
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.non_saturating import NonSaturating
from ganwright.recipes import dcgan
from ganwright.recipes._convolutional import ConvNetworks
from ganwright.recipes._two_player import Rules
from ganwright.runs import checkpoint

MACHINE = Machine(torch.device("cpu"))
BATCH = Batch(torch.randn(8, 1, 2, 2, generator=torch.Generator().manual_seed(0)))
DRAWS = Draws(0, 0, 0, 8)


@dataclass
class Doubled:
    """Shows everything twice as bright, and remembers what it was asked for and told."""

    shown: list[tuple[Tensor, str, int]] = field(default_factory=list)
    margins: list[Tensor] = field(default_factory=list)

    def __call__(self, samples: Tensor, draws: Draws) -> Tensor:
        self.shown.append((samples.detach(), draws.name, len(draws)))
        return 2 * samples

    def observe(self, margin: Tensor) -> dict[str, Tensor]:
        self.margins.append(margin)
        return {}

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None: ...


def sgd(parameters):  # type: ignore[no-untyped-def]
    return torch.optim.SGD(parameters, lr=0.1)


def game(augmentation: Any, penalty: str | None = None, loss: str = "non-saturating") -> TwoPlayer:
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Linear(2, 4), nn.Unflatten(1, (1, 2, 2)))
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(4, 1))
    return TwoPlayer(
        Player(generator, sgd),
        Player(discriminator, sgd),
        load_component("losses", loss)(),
        Latent(2),
        None if penalty is None else load_component("penalties", penalty)(),
        augmentation=augmentation,
    )


@pytest.mark.parametrize("terms", ["discriminator_terms", "generator_terms", "simultaneous_terms"])
def test_every_turn_shows_reals_and_fakes_augmented_each_by_draws_of_its_own(terms: str) -> None:
    seen = Doubled()
    played, plain = game(seen), game(None)
    found = getattr(played, terms)(BATCH, DRAWS)
    (real, first, rows), (fake, second, _) = seen.shown
    assert torch.equal(real, BATCH.real)
    assert rows == 8
    assert first != second
    doubled = plain.loss.generator(played.score(2 * real), played.score(2 * fake))
    if "generator" in found.report:
        torch.testing.assert_close(found.report["generator"], doubled)
    assert len(seen.margins) == (terms != "generator_terms")


def test_the_generator_learns_through_the_augmentation() -> None:
    gradients = []
    for played in (game(Doubled()), game(None)):
        if played.augmentation is None:  # a discriminator of twice the slope sees the same
            played.players["discriminator"].network[1].weight.data.mul_(2)  # type: ignore[index, union-attr]
        weight = played.players["generator"].parameters[0]
        gradients += torch.autograd.grad(played.generator_terms(BATCH, DRAWS).objectives["generator"], weight)
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("penalty", ["r1", "r2", "r1-r2"])
def test_a_penalty_differentiates_at_the_picture_before_its_augmentation(penalty: str) -> None:
    """Twice the slope is four times its square."""
    augmented, plain = (game(seen, penalty).penalty_terms(BATCH, DRAWS).report["penalty"] for seen in (Doubled(), None))
    torch.testing.assert_close(augmented, 4 * plain)


def test_the_game_says_how_real_the_real_samples_seem() -> None:
    for loss, expected in (
        ("non-saturating", lambda real, fake: real),
        ("hinge", lambda real, fake: real),
        ("least-squares", lambda real, fake: real - 0.5),
        ("relativistic", lambda real, fake: real - fake),
        ("wasserstein", lambda real, fake: real - fake.mean()),
    ):
        seen = Doubled()
        played = game(seen, loss=loss)
        played.discriminator_terms(BATCH, DRAWS)
        scores = (played.score(2 * samples) for samples, *_ in seen.shown)
        torch.testing.assert_close(seen.margins[0].detach(), expected(*scores))


def recipe_of(augment: str, **rules: Any) -> tuple[Recipe, Feed]:
    torch.manual_seed(0)
    rules = {"batch": 4, "loss": "non-saturating", "ema_half_life": 0, "ada_examples": 64, **rules}
    recipe = dcgan.recipe(pictures(), networks=ConvNetworks(width=4, depth=1), rules=Rules(augment=augment, **rules))
    return recipe, Feed(recipe.data, recipe.order, 0, MACHINE, recipe.condition)


def test_ada_goes_on_bit_for_bit_within_a_step(tmp_path: Path) -> None:
    rules = {"discriminator_lr": 0.02, "generator_lr": 1e-6}  # a discriminator that soon knows everything
    (unbroken, feed), clock = recipe_of("ada", **rules), Clock()
    loop(unbroken.game, unbroken.stages, clock, feed, Horizon(120), [])
    (stopped, feed), clock = recipe_of("ada", **rules), Clock()
    loop(stopped.game, stopped.stages, clock, feed, Horizon(88), [])
    kept = stopped.game.state_dict()
    assert kept["probability"] > 0
    assert kept["examples_seen"] == 8  # half a step
    checkpoint.save(tmp_path, clock.examples, checkpoint.capture(stopped.game, {}))
    resumed, feed = recipe_of("ada", **rules)
    _, found, _ = checkpoint.newest(tmp_path)
    assert found is not None
    checkpoint.restore(resumed.game, found, "")
    loop(resumed.game, resumed.stages, clock, feed, Horizon(120), [])
    assert resumed.game.state_dict() == unbroken.game.state_dict()
    for name, player in unbroken.game.players.items():
        theirs = resumed.game.players[name].weights()
        assert all(torch.equal(value, theirs[key]) for key, value in player.weights().items())


def test_ada_observes_each_real_picture_once_for_any_micro_batch() -> None:
    states = []
    for micro_batch in (None, 1):
        recipe, _ = recipe_of("ada", discriminator_updates=2)
        machine = Machine(torch.device("cpu"), micro_batch=micro_batch)
        feed = Feed(recipe.data, recipe.order, 0, machine, recipe.condition)
        loop(recipe.game, recipe.stages, Clock(), feed, Horizon(4), [])
        states.append(recipe.game.state_dict())
    assert states[0] == states[1]
    assert states[0]["examples_seen"] == 8


def test_a_graph_refuses_what_changes_from_round_to_round() -> None:
    recipe, feed = recipe_of("ada")
    with pytest.raises(CaptureError, match="changes plain values"):
        capture_step(recipe.game, recipe.stages[-1], Clock(), feed)


def test_ada_reports_its_probability() -> None:
    played = game(Ada(every=8, examples=16))
    found = played.discriminator_terms(BATCH, DRAWS).report["augmented"]
    assert found.item() == played.state_dict()["probability"]
    assert isinstance(played.loss, NonSaturating)
