"""The two-player game with a classifier: its losses, and which classes each player learns from."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.game import play
from ganwright.core.latent import Latent
from ganwright.core.machine import Machine
from ganwright.core.player import Player
from ganwright.core.turn import Turn
from ganwright.games.classifying import Classifying, classes_of
from ganwright.games.two_player import TwoPlayer
from ganwright.losses.non_saturating import NonSaturating
from ganwright.nets.conditional import ClassifyingDiscriminator, ConditionalGenerator
from ganwright.penalties.r1 import R1

DRAWS = Draws(0, 0, 0, 6, dtype=torch.float64)
LABELS = torch.tensor([0, 1, 2, 0, 0, 1])
REAL = torch.randn(6, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
BATCH = Batch(REAL, LABELS)
MACHINE = Machine(torch.device("cpu"), torch.float64)


def sgd(parameters):  # type: ignore[no-untyped-def]
    return torch.optim.SGD(parameters, lr=0.1)


def game(kind: type[TwoPlayer] = Classifying, **options: Any) -> Any:
    torch.manual_seed(0)
    generator = ConditionalGenerator(nn.Linear(4, 2), 3, 2).double()
    trunk = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Dropout(0.0))
    discriminator = ClassifyingDiscriminator(trunk, 5, 3).double()
    return kind(Player(generator, sgd), Player(discriminator, sgd), NonSaturating(), Latent(2), **options)


def outputs(played: Any, samples: Tensor) -> tuple[Tensor, Tensor]:
    scores, logits = played.players["discriminator"].network.score_and_logits(samples)
    return scores, logits


def fakes(played: Any) -> Tensor:
    samples: Tensor = played.players["generator"].network(played.latent(DRAWS), LABELS)
    return samples


def gradients(player: Player) -> list[Tensor]:
    return [parameter.grad.clone() for parameter in player.parameters if parameter.grad is not None]


def turn_gradients(terms: str, players: tuple[str, ...]) -> dict[str, list[Tensor]]:
    played = game(class_weight=2.0)
    play(played, Turn(players, getattr(played, terms)), BATCH, DRAWS, 6, MACHINE)
    return {name: gradients(played.players[name]) for name in players}


@pytest.mark.parametrize("weight", [0.0, 1.0, 2.5])
def test_the_discriminator_learns_the_classes_of_real_samples_alone(weight: float) -> None:
    played = game(class_weight=weight)
    terms = played.discriminator_terms(BATCH, DRAWS)
    real_score, real_logits = outputs(played, REAL)
    adversarial = NonSaturating().discriminator(real_score, outputs(played, fakes(played))[0])
    class_loss = F.cross_entropy(real_logits, LABELS)
    torch.testing.assert_close(terms.objectives["discriminator"], adversarial + weight * class_loss)
    torch.testing.assert_close(terms.report["class of real"], class_loss)
    torch.testing.assert_close(terms.report["discriminator"], adversarial)


@pytest.mark.parametrize("weight", [0.0, 1.0, 2.5])
def test_the_generator_learns_the_classes_of_its_fakes(weight: float) -> None:
    played = game(class_weight=weight)
    terms = played.generator_terms(BATCH, DRAWS)
    fake_score, fake_logits = outputs(played, fakes(played))
    adversarial = NonSaturating().generator(outputs(played, REAL)[0], fake_score)
    class_loss = F.cross_entropy(fake_logits, LABELS)
    torch.testing.assert_close(terms.objectives["generator"], adversarial + weight * class_loss)
    torch.testing.assert_close(terms.report["class of fake"], class_loss)


@pytest.mark.parametrize("terms", ["discriminator_terms", "generator_terms", "simultaneous_terms"])
def test_without_a_class_weight_it_is_the_two_player_game(terms: str) -> None:
    mine, theirs = game(class_weight=0.0), game(TwoPlayer)
    for name, value in getattr(theirs, terms)(BATCH, DRAWS).objectives.items():
        torch.testing.assert_close(getattr(mine, terms)(BATCH, DRAWS).objectives[name], value)


def test_a_simultaneous_turn_has_the_gradients_of_separate_turns() -> None:
    both = turn_gradients("simultaneous_terms", ("discriminator", "generator"))
    for name in both:
        (alone,) = turn_gradients(f"{name}_terms", (name,)).values()
        for mine, theirs in zip(both[name], alone, strict=True):
            torch.testing.assert_close(mine, theirs)


def test_the_share_of_classes_named_rightly_is_logged() -> None:
    played = game()
    named = outputs(played, REAL)[1].argmax(1)
    batch = Batch(REAL, torch.where(torch.arange(6) < 2, named, (named + 1) % 3))
    assert played.discriminator_terms(batch, DRAWS).report["classes named rightly"].item() == pytest.approx(2 / 6)


@pytest.mark.parametrize("terms", ["discriminator_terms", "simultaneous_terms"])
def test_a_penalty_is_added_to_the_discriminators_loss(terms: str) -> None:
    penalised, plain = game(penalty=R1(3.0)), game()
    mine, theirs = (getattr(played, terms)(BATCH, DRAWS) for played in (penalised, plain))
    assert mine.report["penalty"] > 0
    torch.testing.assert_close(
        mine.objectives["discriminator"], theirs.objectives["discriminator"] + mine.report["penalty"]
    )
    lazy = getattr(game(penalty=R1(3.0), penalty_inside=False), terms)(BATCH, DRAWS)
    torch.testing.assert_close(lazy.objectives["discriminator"], theirs.objectives["discriminator"])


def test_classifying_gives_probabilities_and_keeps_the_mode_of_the_network() -> None:
    played = game()
    network = played.players["discriminator"].network
    network.trunk[2].p = 0.9  # dropout is off while it classifies
    probability = played.classify(REAL)
    assert probability.shape == (6, 3)
    torch.testing.assert_close(probability.sum(1), torch.ones(6, dtype=torch.float64))
    assert network.training
    torch.testing.assert_close(probability, outputs_without_dropout(played))
    assert not probability.requires_grad


def outputs_without_dropout(played: Any) -> Tensor:
    played.players["discriminator"].network.trunk[2].p = 0.0
    return outputs(played, REAL)[1].softmax(1).detach()


def test_a_batch_without_classes_is_refused() -> None:
    assert classes_of(BATCH) is LABELS
    with pytest.raises(AssertionError):
        classes_of(Batch(REAL))
