"""The classifier of K classes and the fakes: its losses, and its turns."""

import pytest
import torch
from torch import Tensor, nn

from ganwright.auxiliary_losses.consistency import Consistency
from ganwright.auxiliary_losses.feature_matching import FeatureMatching
from ganwright.auxiliary_losses.known_labels import KnownLabels
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.batch import Batch
from ganwright.core.draws import Draws, supplying
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.partial_labels import hidden_rows
from ganwright.core.player import Player
from ganwright.games.semi_supervised import SemiSupervised
from ganwright.nets.noise import Noise

DRAWS = Draws(0, 0, 0, 6)
REAL = torch.randn(8, 2, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, ~1, 2, ~0, ~0, 1, ~2, ~1])
HIDDEN = LABELS < 0


class Linear(nn.Module):
    """Features are the samples themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.features, self.head = nn.Identity(), nn.Linear(2, 3)

    def forward(self, samples: Tensor) -> dict[str, Tensor]:
        features = self.features(samples)
        return {"classes": self.head(features), "features": features}


def sgd(parameters):  # type: ignore[no-untyped-def]
    return torch.optim.SGD(parameters, lr=0.1)


LOSSES = KnownLabels(), FeatureMatching(rows=hidden_rows)


def game(*more: AuxiliaryLoss, losses: tuple[AuxiliaryLoss, ...] = LOSSES, noise: float = 0.0) -> SemiSupervised:
    torch.manual_seed(0)
    classifier = Linear()
    if noise:
        classifier.features = Noise(noise)
    players = Player(nn.Linear(2, 2), sgd), Player(classifier, sgd)
    return SemiSupervised(*players, Latent(2), auxiliary_losses=(*losses, *more))


def test_the_loss_is_that_of_k_and_one_classes() -> None:
    played = game()
    terms = played.simultaneous_terms(Batch(REAL, LABELS), DRAWS)
    fake = played.players["generator"].network(played.latent(DRAWS))

    def log_probability(samples: Tensor) -> Tensor:
        """log p of the classes and of the fakes, whose logit is 0."""
        logits = played.players["discriminator"].network(samples)["classes"]
        return torch.cat([logits, torch.zeros(len(samples), 1)], 1).log_softmax(1)

    labels = -log_probability(REAL[~HIDDEN])[:, :3].log_softmax(1)[range(3), LABELS[~HIDDEN]].mean()
    is_real = -torch.log1p(-log_probability(REAL[HIDDEN])[:, 3].exp()).mean()
    is_fake = -log_probability(fake)[:, 3].mean()
    torch.testing.assert_close(terms.objectives["discriminator"], labels + (is_real + is_fake) / 2)
    torch.testing.assert_close(terms.report["discriminator"], (is_real + is_fake) / 2)
    torch.testing.assert_close(played.probability(played.score(REAL)), 1 - log_probability(REAL)[:, 3].exp())
    torch.testing.assert_close(played.classify(REAL), log_probability(REAL)[:, :3].softmax(1))


def test_the_consistency_loss_compares_two_passes() -> None:
    def loss(*more: AuxiliaryLoss, noise: float = 0.0) -> tuple[Tensor, dict[str, Tensor]]:
        with supplying(DRAWS):
            terms = game(*more, noise=noise).simultaneous_terms(Batch(REAL, LABELS), DRAWS)
        return terms.objectives["discriminator"], terms.report

    without, (with_noise, report) = loss(noise=0.5)[0], loss(Consistency(4.0), noise=0.5)
    assert report["consistency"].item() > 0
    torch.testing.assert_close(with_noise, without + report["consistency"])
    torch.testing.assert_close(loss(Consistency(4.0))[0], loss()[0])  # without noise both passes are equal


def test_the_generator_matches_the_mean_of_features() -> None:
    played = game()
    terms = played.simultaneous_terms(Batch(REAL, LABELS), DRAWS)
    fake = played.players["generator"].network(played.latent(DRAWS))
    expected = (REAL[HIDDEN].mean(0) - fake.mean(0)).square().mean()
    torch.testing.assert_close(terms.objectives["generator"], expected)
    assert terms.report["generator"] is terms.report["features"]


def test_a_generator_without_a_loss_is_refused() -> None:
    with pytest.raises(UserError, match="The generator has no loss in one of its turns: add an auxiliary loss"):
        game(losses=(KnownLabels(),)).simultaneous_terms(Batch(REAL, LABELS), DRAWS)


def test_hidden_labels_do_not_change_the_losses() -> None:
    others = torch.where(HIDDEN, ~((~LABELS + 1) % 3), LABELS)
    first, second = (game().simultaneous_terms(Batch(REAL, labels), DRAWS) for labels in (LABELS, others))
    for name, objective in first.objectives.items():
        assert torch.equal(objective, second.objectives[name])
    hidden = "hidden labels right"
    assert {name for name in first.report if not torch.equal(first.report[name], second.report[name])} == {hidden}


def test_the_supervised_loss_uses_no_fakes() -> None:
    terms = game().discriminator_auxiliary_terms(Batch(REAL, LABELS.clamp_min(0)), DRAWS)
    assert terms.objectives.keys() == {"discriminator"}
    assert terms.report.keys() == {"discriminator", "labels", "labels right", "hidden labels right"}


def test_networks_do_not_get_the_labels() -> None:
    played = game()
    assert [len(played.inputs(name, REAL, LABELS, DRAWS)) for name in played.players] == [1, 1]
    assert torch.equal(played.score(REAL, LABELS), played.score(REAL))
    assert torch.equal(played.sample(DRAWS, LABELS), played.sample(DRAWS))
