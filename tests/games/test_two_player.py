"""The two-player game: its terms, its equilibrium, its rules."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from conftest import pictures, points
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.discovery import names
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.forward_pass import ForwardPass
from ganwright.core.game import play
from ganwright.core.horizon import Horizon
from ganwright.core.latent import Latent
from ganwright.core.loop import loop, play_step
from ganwright.core.machine import Machine
from ganwright.core.player import Player
from ganwright.core.recipe import Recipe
from ganwright.core.turn import Turn
from ganwright.execution.eager import eager_step
from ganwright.games.two_player import LazyPenalty, TwoPlayer, of_batch
from ganwright.losses.non_saturating import NonSaturating
from ganwright.penalties.dragan import Dragan
from ganwright.penalties.r1 import R1
from ganwright.recipes import dcgan, grid, ring, stacked_mnist
from ganwright.recipes._convolutional import ConvNetworks as Convolutional
from ganwright.recipes._points import DenseNetworks
from ganwright.recipes._two_player import Rules, penalty_interval, update_correction

MACHINE = Machine(torch.device("cpu"))
BATCH, DRAWS = Batch(torch.randn(32, 2, generator=torch.Generator().manual_seed(0))), Draws(0, 0, 0, 32)


class Constant(nn.Module):
    """A discriminator with a constant score."""

    def __init__(self, score: float = 0.0) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.tensor(score))

    def forward(self, samples: Tensor) -> Tensor:
        return self.value.expand(len(samples))


class Distance(AuxiliaryLoss):
    """The mean distance of fakes and real samples."""

    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        return {"distance": (forward.fake - forward.real).abs().mean()}


def sgd(parameters):  # type: ignore[no-untyped-def]
    return torch.optim.SGD(parameters, lr=0.1)


def game(discriminator: nn.Module | None = None, **options: object) -> TwoPlayer:
    players = Player(nn.Linear(2, 2), sgd), Player(discriminator or nn.Linear(2, 1), sgd)
    return TwoPlayer(*players, NonSaturating(), Latent(2), **options)  # type: ignore[arg-type]


def recipe_of(rules: Rules, **options: object) -> Recipe:
    return ring.recipe(
        points(), rules=rules, networks=DenseNetworks(generator_sizes=(8,), discriminator_sizes=(8,)), **options
    )  # type: ignore[arg-type]


def first_step(recipe: Recipe) -> dict[str, Tensor]:
    feed = Feed(recipe.data, recipe.order, 0, MACHINE)
    return play_step(recipe.game, recipe.stages[-1], Clock(), feed, recipe.order.batch)


def test_at_the_equilibrium_the_value_is_minus_log_four() -> None:
    report = game(Constant(0.0)).discriminator_terms(BATCH, DRAWS).report
    assert report["V(D,G)"].item() == pytest.approx(-math.log(4), rel=1e-6)
    assert report["D(x)"] == report["D(G(z))"] == 0.5


def test_the_value_is_finite_for_a_saturated_discriminator() -> None:
    assert torch.isfinite(game(Constant(1e4)).discriminator_terms(BATCH, DRAWS).report["V(D,G)"])


def test_a_loss_without_a_probability_logs_none() -> None:
    terms = first_step(recipe_of(Rules(loss="wasserstein", batch=16)))
    assert not {"V(D,G)", "D(x)", "D(G(z))"} & terms.keys()


def test_a_simultaneous_turn_has_the_gradients_of_separate_turns() -> None:
    torch.manual_seed(0)
    simultaneous = game()
    torch.manual_seed(0)
    separate = game()
    turn = Turn(("discriminator", "generator"), simultaneous.simultaneous_terms)
    play(simultaneous, turn, BATCH, DRAWS, MACHINE)
    generator_loss = separate.generator_terms(BATCH, DRAWS).objectives["generator"]
    discriminator_loss = separate.discriminator_terms(BATCH, DRAWS).objectives["discriminator"]
    expected = {
        "generator": torch.autograd.grad(generator_loss, separate.players["generator"].parameters),
        "discriminator": torch.autograd.grad(discriminator_loss, separate.players["discriminator"].parameters),
    }
    for name, gradients in expected.items():
        for parameter, gradient in zip(simultaneous.players[name].parameters, gradients, strict=True):
            torch.testing.assert_close(parameter.grad, gradient)


def test_auxiliary_losses_are_added_and_logged_under_their_names() -> None:
    played = game(auxiliary_losses=[Distance()])
    terms = played.generator_terms(BATCH, DRAWS)
    assert terms.objectives["generator"].item() == pytest.approx(
        (terms.report["generator"] + terms.report["distance"]).item()
    )


@pytest.mark.parametrize("loss", names("losses"))
def test_every_loss_works_in_every_family(loss: str) -> None:
    for recipe in (
        recipe_of(Rules(loss=loss, batch=16)),
        dcgan.recipe(pictures(), networks=Convolutional(width=8), rules=Rules(loss=loss, batch=16)),
    ):
        assert all(torch.isfinite(value) for value in first_step(recipe).values())


@pytest.mark.parametrize("penalty", names("penalties"))
@pytest.mark.parametrize("every", [1, 4])
def test_every_penalty_works_inside_and_lazily(penalty: str, every: int) -> None:
    recipe = recipe_of(Rules(penalty=penalty, penalty_every=every, batch=16))
    terms = first_step(recipe)
    assert terms["penalty"] > 0
    assert len(recipe.stages[-1].turns) == (2 if every == 1 else 3)


def test_the_weight_of_a_lazy_penalty_is_multiplied_by_its_interval() -> None:
    inside = first_step(recipe_of(Rules(penalty="r1", penalty_weight=2.0, batch=16, generator_lr=1e-9)))
    torch.manual_seed(0)
    one, four = (
        recipe_of(Rules(penalty="r1", penalty_weight=2.0, penalty_every=every, batch=16)).game for every in (1, 4)
    )
    assert inside["penalty"] > 0
    assert four.penalty.weight == 4 * one.penalty.weight  # type: ignore[attr-defined]
    assert four.players["discriminator"].lr == pytest.approx(one.players["discriminator"].lr * 4 / 5)


def penalties(rules: Rules) -> list[float]:
    """The penalty in each of the discriminator's updates of four steps of a game that stands still."""
    torch.manual_seed(0)
    recipe = recipe_of(replace(rules, batch=16, generator_lr=1e-30, discriminator_lr=1e-30, ema_half_life=0))
    found, clock, feed = [], Clock(), Feed(recipe.data, recipe.order, 0, MACHINE)
    for _ in range(4):
        for _, turn in recipe.stages[-1].turns_at(clock.step):
            if "discriminator" in turn.players:
                report = turn.loss(*feed.draw(Clock(), 0)).report
                found += turn.updates * [report["penalty"].item()] if "penalty" in report else []
        clock.tick(16)
    return found


@pytest.mark.parametrize("updates", [1, 3])
@pytest.mark.parametrize("given", [{"penalty": "r1", "penalty_weight": 2.0}, {"penalty": R1(2.0)}])
def test_a_lazy_penalty_has_the_same_sum_as_one_in_every_update(given: dict[str, Any], updates: int) -> None:
    """By name and as an object; with several updates of the discriminator per step, each counts."""
    each, lazy = (penalties(Rules(**given, penalty_every=every, discriminator_updates=updates)) for every in (1, 4))
    assert len(each) == 4 * updates
    assert len(lazy) == 1
    assert sum(lazy) == pytest.approx(sum(each), rel=1e-5)


def test_any_callable_may_be_a_lazy_penalty() -> None:
    def constant(score: object, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        return torch.tensor(2.0)

    assert penalties(Rules(penalty=constant, penalty_every=4)) == [8.0]
    assert penalties(Rules(penalty=constant)) == [2.0] * 4


def test_a_lazy_penalty_gets_the_whole_batch() -> None:
    lazy, real = LazyPenalty(Dragan(), 4), torch.randn(8, 3)
    bound = of_batch(lazy, lambda: real)
    assert isinstance(bound, LazyPenalty)
    assert torch.equal(bound.penalty.std, real.std(correction=0))  # type: ignore[attr-defined]
    assert of_batch(LazyPenalty(R1(), 4), lambda: real) == LazyPenalty(R1(), 4)


@pytest.mark.parametrize(("every", "updates"), [(4, 1), (4, 3), (8, 5)])
def test_rate_and_betas_are_corrected_by_all_updates_of_the_interval(every: int, updates: int) -> None:
    """nk/(nk+1): with one more update in k steps of n updates each."""
    share = updates * every / (updates * every + 1)
    rules = Rules(penalty="r1", penalty_every=every, discriminator_updates=updates, beta2_end=0.999, batch=16)
    recipe = recipe_of(rules)
    group = recipe.game.players["discriminator"].optimizer.param_groups[0]
    assert group["lr"] == pytest.approx(2e-4 * share)
    assert group["betas"] == (pytest.approx(0.5**share), pytest.approx(0.99**share))
    for schedule in recipe.stages[-1].schedules:
        schedule(1.0)
    assert group["betas"][1] == pytest.approx(0.999**share)
    generator = recipe.game.players["generator"].optimizer.param_groups[0]
    assert (generator["lr"], generator["betas"][0]) == (2e-4, 0.5)


@pytest.mark.parametrize("recipe", [ring, grid, stacked_mnist])
def test_defaults_with_several_updates_keep_the_measured_rate_and_penalty(recipe: Any) -> None:
    """They were measured when interval and correction did not count the updates: weight k w and rate k/(k+1) r."""
    measured = {ring: (0.05, 3e-3), grid: (0.3, 3e-3), stacked_mnist: (0.05, 5e-3)}
    rules, (weight, rate) = recipe.RULES, measured[recipe]
    assert penalty_interval(rules) * rules.penalty_weight == pytest.approx(4 * weight, rel=3e-3)
    assert rules.discriminator_lr * update_correction(rules, lazy=True) == pytest.approx(rate * 4 / 5)


@pytest.mark.parametrize("penalty", names("penalties"))
@pytest.mark.parametrize("every", [1, 4])
def test_a_penalty_decays_exponentially(penalty: str, every: int) -> None:
    recipe = recipe_of(Rules(penalty=penalty, penalty_end=0.01, penalty_every=every, batch=16))
    batch, draws = Feed(recipe.data, recipe.order, 0, MACHINE).draw(Clock(), 0)
    stage, penalties = recipe.stages[-1], []
    turn = next(turn for turn in stage.turns if "penalty" in turn.loss(batch, draws).report)
    for progress in (0.0, 0.5, 1.0):
        for schedule in stage.schedules:
            schedule(progress)
        penalties.append(turn.loss(batch, draws).report["penalty"].item())
    assert [value / penalties[0] for value in penalties] == pytest.approx([1, 0.1, 0.01])


def test_a_constant_penalty_has_a_scale_of_exactly_one() -> None:
    recipe = recipe_of(Rules(penalty="r1", batch=16))
    for schedule in recipe.stages[-1].schedules:
        schedule(0.7)
    assert recipe.game.penalty_scale == 1.0  # type: ignore[attr-defined]


def test_a_penalty_with_batch_norm_is_refused_by_default() -> None:
    rules = {"penalty": "r1", "batch": 16}
    networks = Convolutional(width=8, discriminator_norm="batch")
    with pytest.raises(UserError, match="batch norm"):
        dcgan.recipe(pictures(size=16), networks=networks, rules=Rules(**rules))  # type: ignore[arg-type]
    allowed = Rules(**rules, penalty_with_batch_norm=True)  # type: ignore[arg-type]
    recipe = dcgan.recipe(pictures(size=16), networks=networks, rules=allowed)
    assert first_step(recipe)["penalty"] > 0


def test_label_smoothing_is_refused_for_losses_without_labels() -> None:
    with pytest.raises(UserError, match="real-label"):
        recipe_of(Rules(loss="hinge", real_label=0.9))
    assert recipe_of(Rules(loss="non-saturating", real_label=0.9)).game.loss.real_label == 0.9  # type: ignore[attr-defined]


def test_turns_have_the_requested_updates_per_step() -> None:
    stage = recipe_of(Rules(discriminator_updates=5, generator_updates=2, draw="fresh")).stages[-1]
    assert [(turn.players, turn.updates, turn.draw) for turn in stage.turns] == [
        (("discriminator",), 5, "fresh"),
        (("generator",), 2, "fresh"),
    ]


def test_the_discriminator_can_be_trained_first() -> None:
    recipe = recipe_of(Rules(discriminator_warmup=32, batch=16, ema_half_life=0))
    before = [p.clone() for p in recipe.game.players["generator"].parameters]
    feed, clock = Feed(recipe.data, recipe.order, 0, MACHINE), Clock()
    loop(recipe.game, recipe.stages, clock, feed, Horizon(32), [], eager_step)
    after = recipe.game.players["generator"].parameters
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    loop(recipe.game, recipe.stages, clock, feed, Horizon(64), [], eager_step)
    assert any(not torch.equal(a, b) for a, b in zip(before, recipe.game.players["generator"].parameters, strict=True))


def test_weights_are_clipped() -> None:
    recipe = recipe_of(Rules(loss="wasserstein", weight_clip=0.01, batch=16))
    first_step(recipe)
    assert max(p.abs().max() for p in recipe.game.players["discriminator"].parameters) <= 0.01


def test_patch_scores_are_averaged_to_one_score_per_sample() -> None:
    patches = nn.Conv2d(1, 1, 4, stride=2)
    recipe = dcgan.recipe(pictures(), networks=Convolutional(discriminator=patches, width=8), rules=Rules(batch=16))
    assert all(torch.isfinite(value) for value in first_step(recipe).values())
    assert recipe.game.score(torch.randn(5, 1, 8, 8)).shape == (5,)


def test_batch_statistics_are_updated_once_and_only_by_the_player_of_the_turn() -> None:
    torch.manual_seed(0)
    recipe = dcgan.recipe(pictures(), networks=Convolutional(width=8), rules=Rules(batch=16))
    first_step(recipe)
    buffers = dict(recipe.game.players["generator"].network.named_buffers())
    counts = [value for name, value in buffers.items() if name.endswith("num_batches_tracked")]
    assert counts
    assert all(count == 1 for count in counts)


def test_a_simultaneous_turn_includes_penalty_and_auxiliary_losses() -> None:
    def penalty(score: object, real: Tensor, fake: Tensor, draws: Draws) -> Tensor:
        return torch.tensor(3.0)

    terms = game(auxiliary_losses=[Distance()], penalty=penalty).simultaneous_terms(BATCH, DRAWS)
    for player, extra in (("generator", "distance"), ("discriminator", "penalty")):
        torch.testing.assert_close(terms.objectives[player], terms.report[player] + terms.report[extra])


def test_turns_may_be_simultaneous() -> None:
    stage = recipe_of(Rules(turns="simultaneous", penalty="r1", penalty_every=4)).stages[-1]
    assert [set(turn.players) for turn in stage.turns] == [{"discriminator"}, {"discriminator", "generator"}]
    with pytest.raises(UserError, match="simultaneous"):
        recipe_of(Rules(turns="simultaneous", discriminator_updates=2))


def test_schedules_follow_the_rules() -> None:
    rules = Rules(
        lr_schedule="cosine",
        lr_end=0.25,
        beta2=0.9,
        beta2_end=0.99,
        penalty="r1",
        penalty_end=0.1,
        penalty_schedule="cosine",
        ema_half_life=1_000,
        ema_rampup=True,
    )
    recipe = recipe_of(rules)
    generator = recipe.game.players["generator"]
    values = []
    for progress in (0.0, 0.5, 1.0):
        for schedule in recipe.stages[-1].schedules:
            schedule(progress)
        group = generator.optimizer.param_groups[0]
        values.append((group["lr"] / group["initial_lr"], group["betas"][1], generator.ema.half_life))  # type: ignore[union-attr]
        values[-1] += (recipe.game.penalty_scale,)  # type: ignore[attr-defined]
    assert values == [
        pytest.approx(row) for row in [(1, 0.9, 0, 1), (0.625, 0.945, 500, 0.55), (0.25, 0.99, 1_000, 0.1)]
    ]


def test_beta2_end_is_refused_for_optimizers_other_than_adam() -> None:
    with pytest.raises(UserError, match="beta2-end"):
        recipe_of(Rules(optimizer="sgd", beta2_end=0.99))
