"""Auxiliary losses of both players in every kind of turn, together with a history, an augmentation and a penalty."""

from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.auxiliary_losses.class_labels import ClassLabels
from ganwright.auxiliary_losses.consistency import Consistency
from ganwright.auxiliary_losses.pixels import Pixels
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.forward_pass import ForwardPass
from ganwright.core.game import play
from ganwright.core.latent import Latent
from ganwright.core.machine import Machine
from ganwright.core.player import Player
from ganwright.core.turn import Terms, Turn
from ganwright.games.history import DiscriminatorWithPool
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.non_saturating import NonSaturating
from ganwright.nets.conditional import ClassifyingDiscriminator, ConditionalGenerator
from ganwright.penalties.r1 import R1

DRAWS = Draws(0, 0, 0, 6, dtype=torch.float64)
LABELS = torch.tensor([0, 1, 2, 0, 0, 1])
REAL = torch.randn(6, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
BATCH = Batch(REAL, LABELS)
MACHINE = Machine(torch.device("cpu"), torch.float64)
LOSSES = ClassLabels(2.0), Pixels(3.0)
ALTERNATING, SIMULTANEOUS = "alternating", "simultaneous"
both_kinds_of_turns = pytest.mark.parametrize("turns", [ALTERNATING, SIMULTANEOUS])


def sgd(parameters):  # type: ignore[no-untyped-def]
    return torch.optim.SGD(parameters, lr=0.1)


def game(*losses: Any, pool: int | None = None, **options: Any) -> TwoPlayer:
    torch.manual_seed(0)
    generator = ConditionalGenerator(nn.Linear(4, 2), 3, 2).double()
    discriminator: Any = ClassifyingDiscriminator(nn.Sequential(nn.Linear(2, 5), nn.Tanh()), 5, 3).double()
    if pool is not None:
        discriminator = DiscriminatorWithPool(discriminator, (2,), pool).double()
        options["history"] = discriminator.query
    players = Player(generator, sgd), Player(discriminator, sgd)
    return TwoPlayer(*players, NonSaturating(), Latent(2), auxiliary_losses=losses, **options)


def terms_of(played: TwoPlayer, turns: str, draws: Draws = DRAWS) -> Terms:
    """The terms of both players in a step."""
    if turns == SIMULTANEOUS:
        return played.simultaneous_terms(BATCH, draws)
    one, other = played.discriminator_terms(BATCH, draws), played.generator_terms(BATCH, draws)
    return Terms(one.objectives | other.objectives, one.report | other.report)


def outputs(played: TwoPlayer, samples: Tensor) -> dict[str, Tensor]:
    result: dict[str, Tensor] = played.players["discriminator"].network(samples, LABELS)
    return result


def fakes(played: TwoPlayer) -> Tensor:
    samples: Tensor = played.players["generator"].network(played.latent(DRAWS), LABELS)
    return samples


@dataclass
class Scaled:
    """An augmentation that multiplies by `factor`."""

    factor: float

    def __call__(self, samples: Tensor, draws: Draws) -> Tensor:
        return self.factor * samples

    def observe(self, margin: Tensor) -> dict[str, Tensor]:
        return {}

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


@both_kinds_of_turns
def test_each_player_has_its_losses(turns: str) -> None:
    played = game(*LOSSES)
    terms, of_real, of_fake = terms_of(played, turns), outputs(played, REAL), outputs(played, fakes(played))
    adversarial = NonSaturating().discriminator(of_real["score"], of_fake["score"])
    classes = 2 * F.cross_entropy(of_real["classes"], LABELS)
    torch.testing.assert_close(terms.objectives["discriminator"], adversarial + classes)
    torch.testing.assert_close(terms.report["discriminator"], adversarial)
    torch.testing.assert_close(terms.report["class of real"], classes)
    adversarial = NonSaturating().generator(of_real["score"], of_fake["score"])
    classes, pixels = 2 * F.cross_entropy(of_fake["classes"], LABELS), 3 * (fakes(played) - REAL).abs().mean()
    torch.testing.assert_close(terms.objectives["generator"], adversarial + classes + pixels)
    torch.testing.assert_close(terms.report["generator"], adversarial)
    torch.testing.assert_close(terms.report["class of fake"], classes)
    torch.testing.assert_close(terms.report["pixels"], pixels)
    assert 0 <= terms.report["class accuracy"] <= 1


@both_kinds_of_turns
def test_losses_without_weight_change_nothing(turns: str) -> None:
    mine, theirs = terms_of(game(ClassLabels(0.0), Pixels(0.0)), turns), terms_of(game(), turns)
    for name, value in theirs.objectives.items():
        torch.testing.assert_close(mine.objectives[name], value)


@both_kinds_of_turns
def test_the_discriminator_learns_from_the_history_and_the_generator_from_its_own_fakes(turns: str) -> None:
    played = game(*LOSSES, pool=6)
    with torch.no_grad():
        played.discriminator_terms(BATCH, Draws(0, 1, 0, 6, dtype=torch.float64))  # fills the pool
    terms = terms_of(played, turns)
    plain = terms_of(game(*LOSSES), turns)
    torch.testing.assert_close(terms.report["class of real"], plain.report["class of real"])
    for name in ("generator", "class of fake", "pixels"):
        torch.testing.assert_close(terms.report[name], plain.report[name])
    assert terms.report["fake score"] != plain.report["fake score"]
    assert terms.report["discriminator"] != plain.report["discriminator"]


@both_kinds_of_turns
def test_classes_are_predicted_of_augmented_samples_and_pixels_compared_before(turns: str) -> None:
    played = game(*LOSSES, augmentation=Scaled(2.0))
    terms = terms_of(played, turns)
    for name, samples in (("class of real", REAL), ("class of fake", fakes(played))):
        expected = 2 * F.cross_entropy(outputs(played, 2 * samples)["classes"], LABELS)
        torch.testing.assert_close(terms.report[name], expected)
    torch.testing.assert_close(terms.report["pixels"], 3 * (fakes(played) - REAL).abs().mean())


@both_kinds_of_turns
@pytest.mark.parametrize("lazy", [False, True])
def test_a_penalty_is_added_unless_it_is_lazy(turns: str, lazy: bool) -> None:
    played = game(*LOSSES, penalty=R1(3.0), penalty_inside=not lazy)
    mine, theirs = terms_of(played, turns), terms_of(game(*LOSSES), turns)
    penalty = played.penalty_terms(BATCH, DRAWS).report["penalty"]
    expected = theirs.objectives["discriminator"] + penalty * (not lazy)
    assert penalty > 0
    torch.testing.assert_close(mine.objectives["discriminator"], expected)


def test_a_simultaneous_turn_has_the_gradients_of_separate_turns() -> None:
    def gradients(terms: str, *players: str) -> dict[str, list[Tensor | None]]:
        played = game(*LOSSES, pool=3, augmentation=Scaled(2.0))
        play(played, Turn(players, getattr(played, terms)), BATCH, DRAWS, MACHINE)
        return {name: [parameter.grad for parameter in played.players[name].parameters] for name in players}

    both = gradients("simultaneous_terms", "discriminator", "generator")
    for name, mine in both.items():
        theirs = gradients(f"{name}_terms", name)[name]
        assert all(gradient is not None and gradient.abs().sum() > 0 for gradient in theirs[:2])
        torch.testing.assert_close(mine, theirs)


def test_a_stage_may_have_auxiliary_losses_only() -> None:
    played = game(*LOSSES[1:])
    terms = played.generator_auxiliary_terms(BATCH, DRAWS)
    torch.testing.assert_close(terms.objectives["generator"], 3 * (fakes(played) - REAL).abs().mean())
    terms = game(*LOSSES[:1]).discriminator_auxiliary_terms(BATCH, DRAWS)
    classes = 2 * F.cross_entropy(outputs(played, REAL)["classes"], LABELS)
    torch.testing.assert_close(terms.objectives["discriminator"], classes)
    assert "class accuracy" in terms.report


def test_a_second_pass_is_augmented_too() -> None:
    shown: list[Tensor] = []

    class Recording(Scaled):
        def __call__(self, samples: Tensor, draws: Draws) -> Tensor:
            shown.append(samples)
            return super().__call__(samples, draws)

    game(Consistency(), augmentation=Recording(2.0)).discriminator_terms(BATCH, DRAWS)
    assert len(shown) == 3
    assert shown[0] is shown[2] is REAL


def test_two_losses_of_one_name_are_refused() -> None:
    with pytest.raises(UserError, match="Two losses have a term of the name 'pixels': rename one"):
        game(Pixels(), Pixels()).generator_terms(BATCH, DRAWS)


def test_classifying_gives_probabilities_and_keeps_the_mode_of_the_network() -> None:
    played = game()
    network = played.players["discriminator"].network
    network.trunk.append(nn.Dropout(0.9))  # type: ignore[union-attr, operator]
    probability = played.classify(REAL)
    assert probability is not None
    assert network.training
    assert not probability.requires_grad
    network.eval()
    torch.testing.assert_close(probability, outputs(played, REAL)["classes"].softmax(1).detach())
    torch.testing.assert_close(probability.sum(1), torch.ones(6, dtype=torch.float64))


def test_a_discriminator_of_scores_has_no_classifier() -> None:
    played = TwoPlayer(Player(nn.Linear(2, 2), sgd), Player(nn.Linear(2, 1), sgd), NonSaturating(), Latent(2))
    assert played.classify(REAL.float()) is None


@dataclass(frozen=True)
class Returning(AuxiliaryLoss):
    """A generator's loss that returns a given value."""

    value: Any

    def generator(self, forward: ForwardPass) -> Any:
        return self.value


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        (torch.ones(()), "The loss Returning returned a Tensor: return a dict of named scalar tensors."),
        (None, "The loss Returning returned a NoneType: return a dict of named scalar tensors."),
        ({"v": torch.ones(4)}, "is a tensor of torch.float32 [4]: return real scalar tensors."),
        (
            {"v": torch.ones((), dtype=torch.complex64)},
            "is a tensor of torch.complex64 []: return real scalar tensors.",
        ),
        ({"v": 3.0}, "The term 'v' of the loss Returning is a float: return real scalar tensors."),
        ({"generator": torch.ones(())}, "Two losses have a term of the name 'generator': rename one of them."),
    ],
)
def test_losses_that_are_no_named_scalars_are_refused(returned: Any, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        game(Returning(returned)).generator_terms(BATCH, DRAWS)
    assert str(caught.value).endswith(sentence)


@pytest.mark.parametrize("name", ["real score", "discriminator"])
def test_a_generators_term_may_not_hide_one_of_the_discriminator(name: str) -> None:
    clash = Returning({name: torch.ones((), dtype=torch.float64)})
    with pytest.raises(UserError, match=f"term of the name '{name}': rename one of them"):
        terms_of(game(clash), SIMULTANEOUS)


class Plain:
    def generator(self, forward: ForwardPass) -> dict[str, Tensor]:
        return {}


@pytest.mark.parametrize(
    ("losses", "given"),
    [(Pixels(), "Pixels"), ((Pixels,), "type"), ("pixels", "str"), ((Pixels(), Plain()), "Pixels, Plain")],
)
def test_other_objects_than_auxiliary_losses_are_refused(losses: Any, given: str) -> None:
    players = [Player(nn.Linear(2, 2), sgd) for _ in range(2)]
    with pytest.raises(UserError) as caught:
        TwoPlayer(*players, NonSaturating(), Latent(2), auxiliary_losses=losses)
    assert str(caught.value).endswith(f"subclasses of AuxiliaryLoss, not ({given}).")
