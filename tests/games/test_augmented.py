"""Augmentation in the two-player game: the discriminator's inputs, the penalty's gradient, and the saved state."""

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
from ganwright.execution.eager import eager_step
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
    """Doubles its input, and records the inputs, the draws and the margins."""

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
        penalty=None if penalty is None else load_component("penalties", penalty)(),
        augmentation=augmentation,
    )


@pytest.mark.parametrize("terms", ["discriminator_terms", "generator_terms", "simultaneous_terms"])
def test_every_turn_augments_reals_and_fakes_by_independent_draws(terms: str) -> None:
    augmentation = Doubled()
    played, plain = game(augmentation), game(None)
    report = getattr(played, terms)(BATCH, DRAWS).report
    (real, first, rows), (fake, second, _) = augmentation.shown
    assert torch.equal(real, BATCH.real)
    assert rows == 8
    assert first != second
    doubled = plain.loss.generator(played.score(2 * real), played.score(2 * fake))
    if "generator" in report:
        torch.testing.assert_close(report["generator"], doubled)
    assert len(augmentation.margins) == (terms != "generator_terms")


def test_the_generators_gradient_passes_through_the_augmentation() -> None:
    gradients = []
    for played in (game(Doubled()), game(None)):
        if played.augmentation is None:  # a discriminator of twice the slope is equivalent
            played.players["discriminator"].network[1].weight.data.mul_(2)  # type: ignore[index, union-attr]
        weight = played.players["generator"].parameters[0]
        gradients += torch.autograd.grad(played.generator_terms(BATCH, DRAWS).objectives["generator"], weight)
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("penalty", ["r1", "r2", "r1-r2"])
def test_a_penaltys_gradient_is_with_respect_to_the_image_before_augmentation(penalty: str) -> None:
    """Doubling the slope multiplies the penalty by four."""
    augmented, plain = (game(a, penalty).penalty_terms(BATCH, DRAWS).report["penalty"] for a in (Doubled(), None))
    torch.testing.assert_close(augmented, 4 * plain)


def test_the_augmentation_gets_the_losss_margin_of_real_samples() -> None:
    for loss, expected in (
        ("non-saturating", lambda real, fake: real),
        ("hinge", lambda real, fake: real),
        ("least-squares", lambda real, fake: real - 0.5),
        ("relativistic", lambda real, fake: real - fake),
        ("wasserstein", lambda real, fake: real - fake.mean()),
    ):
        augmentation = Doubled()
        played = game(augmentation, loss=loss)
        played.discriminator_terms(BATCH, DRAWS)
        scores = (played.score(2 * samples) for samples, *_ in augmentation.shown)
        torch.testing.assert_close(augmentation.margins[0].detach(), expected(*scores))


@pytest.mark.parametrize("loss", ["non-saturating", "least-squares", "relativistic", "wasserstein"])
def test_the_margin_of_an_image_with_patches_is_their_mean(loss: str) -> None:
    """One margin per image: with one per patch, ADA's probability would move as many times as fast."""
    augmentation = Doubled()
    played = game(augmentation, loss=loss)
    played.players["discriminator"].network = nn.Conv2d(1, 1, 1)  # a score for each pixel
    played.discriminator_terms(BATCH, DRAWS)
    (real, *_), (fake, *_) = augmentation.shown
    real_score, fake_score = (played.players["discriminator"].network(2 * x).flatten(1) for x in (real, fake))
    baseline = {"relativistic": fake_score, "wasserstein": fake_score.mean(), "least-squares": torch.tensor(0.5)}
    expected = (real_score - baseline.get(loss, torch.tensor(0.0))).mean(1)
    torch.testing.assert_close(augmentation.margins[0], expected)


def test_ada_counts_images_not_patches() -> None:
    ada = Ada(every=8, examples=80)
    played = game(ada)
    played.players["discriminator"].network = nn.Conv2d(1, 1, 1)
    nn.init.constant_(played.players["discriminator"].network.bias, 100.0)  # type: ignore[arg-type]
    played.discriminator_terms(BATCH, DRAWS)
    assert ada.probability == pytest.approx(0.1)  # eight of eighty


def recipe_of(augment: str, **rules: Any) -> tuple[Recipe, Feed]:
    torch.manual_seed(0)
    rules = {"batch": 4, "loss": "non-saturating", "ema_half_life": 0, "ada_examples": 64, **rules}
    recipe = dcgan.recipe(pictures(), networks=ConvNetworks(width=4, depth=1), rules=Rules(augment=augment, **rules))
    return recipe, Feed(recipe.data, recipe.order, 0, MACHINE, recipe.condition)


def test_ada_resumes_bit_for_bit_within_an_interval(tmp_path: Path) -> None:
    rules = {"discriminator_lr": 0.02, "generator_lr": 1e-6}  # a discriminator that soon overfits
    (unbroken, feed), clock = recipe_of("ada", **rules), Clock()
    loop(unbroken.game, unbroken.stages, clock, feed, Horizon(120), [], eager_step)
    (stopped, feed), clock = recipe_of("ada", **rules), Clock()
    loop(stopped.game, stopped.stages, clock, feed, Horizon(88), [], eager_step)
    state = stopped.game.state_dict()
    assert state["probability"] > 0
    assert state["examples_seen"] == 8  # half of ADA's interval
    checkpoint.save(
        tmp_path, clock.examples, checkpoint.capture(stopped.game, {"clock": clock.state_dict(), "callbacks": {}})
    )
    resumed, feed = recipe_of("ada", **rules)
    _, saved, _ = checkpoint.newest(tmp_path)
    assert saved is not None
    checkpoint.restore(resumed.game, saved, "")
    loop(resumed.game, resumed.stages, clock, feed, Horizon(120), [], eager_step)
    assert resumed.game.state_dict() == unbroken.game.state_dict()
    for name, player in unbroken.game.players.items():
        weights = resumed.game.players[name].weights()
        assert all(torch.equal(value, weights[key]) for key, value in player.weights().items())


def test_ada_observes_each_real_image_once_for_any_micro_batch() -> None:
    states = []
    for micro_batch in (None, 1):
        recipe, _ = recipe_of("ada", discriminator_updates=2)
        machine = Machine(torch.device("cpu"), micro_batch=micro_batch)
        feed = Feed(recipe.data, recipe.order, 0, machine, recipe.condition)
        loop(recipe.game, recipe.stages, Clock(), feed, Horizon(4), [], eager_step)
        states.append(recipe.game.state_dict())
    assert states[0] == states[1]
    assert states[0]["examples_seen"] == 8


def test_graph_capture_refuses_python_values_that_change_between_steps() -> None:
    recipe, feed = recipe_of("ada")
    with pytest.raises(CaptureError, match="changes constants"):
        capture_step(recipe.game, recipe.stages[-1], Clock(), feed)


def test_ada_reports_its_probability() -> None:
    played = game(Ada(every=8, examples=16))
    probability = played.discriminator_terms(BATCH, DRAWS).report["augmented"]
    assert probability.item() == played.state_dict()["probability"]
    assert isinstance(played.loss, NonSaturating)
