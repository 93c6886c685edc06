"""The classifier of K classes and the fakes: its terms, and the choice of labels."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from conftest import pictures
from ganwright.core.batch import Batch
from ganwright.core.draws import Draws, supplying
from ganwright.core.latent import Latent
from ganwright.core.player import Player
from ganwright.games.semi_supervised import SemiSupervised, SomeLabels, mean
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

    def forward(self, samples: Tensor) -> Tensor:
        logits: Tensor = self.head(samples)
        return logits


def sgd(parameters):  # type: ignore[no-untyped-def]
    return torch.optim.SGD(parameters, lr=0.1)


def game(consistency: float = 0.0, noise: float = 0.0) -> SemiSupervised:
    torch.manual_seed(0)
    classifier = Linear()
    if noise:
        classifier.features = Noise(noise)
    return SemiSupervised(Player(nn.Linear(2, 2), sgd), Player(classifier, sgd), Latent(2), consistency)


def test_the_loss_is_that_of_k_and_one_classes() -> None:
    played = game()
    terms = played.terms(Batch(REAL, LABELS), DRAWS)
    fake = played.players["generator"].network(played.latent(DRAWS))

    def log_probability(samples: Tensor) -> Tensor:
        """log p of the classes and of the fakes, whose logit is 0."""
        logits = played.players["discriminator"].network(samples)
        return torch.cat([logits, torch.zeros(len(samples), 1)], 1).log_softmax(1)

    labels = -log_probability(REAL[~HIDDEN])[:, :3].log_softmax(1)[range(3), LABELS[~HIDDEN]].mean()
    is_real = -torch.log1p(-log_probability(REAL[HIDDEN])[:, 3].exp()).mean()
    is_fake = -log_probability(fake)[:, 3].mean()
    torch.testing.assert_close(terms.objectives["discriminator"], labels + (is_real + is_fake) / 2)
    torch.testing.assert_close(played.probability(played.score(REAL)), 1 - log_probability(REAL)[:, 3].exp())
    torch.testing.assert_close(played.classify(REAL), log_probability(REAL)[:, :3].softmax(1))


def test_the_consistency_term_compares_two_passes() -> None:
    batch = Batch(REAL, LABELS)

    def loss(**options: float) -> tuple[Tensor, dict[str, Tensor]]:
        with supplying(DRAWS):
            terms = game(**options).terms(batch, DRAWS)
        return terms.objectives["discriminator"], terms.report

    without, with_noise = loss(noise=0.5)[0], loss(noise=0.5, consistency=4.0)
    assert with_noise[1]["consistency"].item() > 0
    torch.testing.assert_close(with_noise[0], without + 4 * with_noise[1]["consistency"])
    torch.testing.assert_close(loss(consistency=4.0)[0], loss()[0])  # without noise both passes are equal


def test_the_generator_matches_the_mean_of_features() -> None:
    played = game()
    terms = played.terms(Batch(REAL, LABELS), DRAWS)
    fake = played.players["generator"].network(played.latent(DRAWS))
    expected = (REAL[HIDDEN].mean(0) - fake.mean(0)).square().mean()
    torch.testing.assert_close(terms.objectives["generator"], expected)


def test_hidden_labels_do_not_change_the_losses() -> None:
    others = torch.where(HIDDEN, ~((~LABELS + 1) % 3), LABELS)
    first, second = (game().terms(Batch(REAL, labels), DRAWS) for labels in (LABELS, others))
    for name, objective in first.objectives.items():
        assert torch.equal(objective, second.objectives[name])
    hidden = "hidden labels right"
    assert {name for name in first.report if not torch.equal(first.report[name], second.report[name])} == {hidden}


def test_the_supervised_loss_uses_no_fakes() -> None:
    terms = game().label_terms(Batch(REAL, LABELS.clamp_min(0)), DRAWS)
    assert terms.objectives.keys() == {"discriminator"}
    assert "fake score" not in terms.report


def test_a_mean_of_zero_weight_is_zero() -> None:
    values = torch.arange(6.0).view(3, 2)
    assert torch.equal(mean(values, torch.tensor([1.0, 0.0, 1.0])), torch.tensor([2.0, 3.0]))
    assert torch.equal(mean(values, torch.zeros(3)), torch.zeros(2))


@pytest.mark.parametrize("count", [10, 25, 60])
def test_labels_are_balanced_over_the_classes(count: int) -> None:
    data = pictures()
    some = SomeLabels.chosen(data, count, 0)
    counts = np.bincount(data.labels[some.known])
    assert counts.sum() == count
    assert np.ptp(counts) <= 1
    assert np.array_equal(some.known, SomeLabels.chosen(data, count, 0).known)
    assert not np.array_equal(some.known, SomeLabels.chosen(data, count, 1).known)
    labels = some.for_rows(data, np.arange(len(data))).numpy()
    assert np.array_equal(np.flatnonzero(labels >= 0), some.known)
    assert np.array_equal(np.where(labels < 0, ~labels, labels), data.labels)


def test_all_labels_of_a_small_class_are_known() -> None:
    data = pictures(12)  # two of each of the first two classes, one of each other
    assert np.array_equal(SomeLabels.chosen(data, 40, 0).known, np.arange(12))
