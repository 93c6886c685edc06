"""The losses of semi-supervised learning: known labels, and consistency on samples of hidden class."""

import torch
import torch.nn.functional as F

from conftest import forward_pass
from ganwright.auxiliary_losses.consistency import Consistency
from ganwright.auxiliary_losses.known_labels import KnownLabels

REAL, LABELS = torch.zeros(8, 2), torch.tensor([0, ~1, 2, ~0, ~0, 1, ~2, ~1])
HIDDEN = LABELS < 0
LOGITS = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
FORWARD = forward_pass(REAL, condition=LABELS, classes=(LOGITS, LOGITS))


def test_only_known_classes_are_learned() -> None:
    expected = 2 * F.cross_entropy(LOGITS[~HIDDEN], LABELS[~HIDDEN])
    torch.testing.assert_close(KnownLabels(2.0).discriminator(FORWARD), {"labels": expected})
    assert KnownLabels().generator(FORWARD) == {}


def test_without_a_known_class_the_loss_is_zero() -> None:
    forward = forward_pass(REAL, condition=torch.full((8,), ~1), classes=(LOGITS, LOGITS))
    assert KnownLabels().discriminator(forward)["labels"] == 0


def test_accuracies_on_known_and_on_hidden_classes_are_reported_separately() -> None:
    predicted = LOGITS.argmax(1)
    labels = torch.where(HIDDEN, ~((predicted + (torch.arange(8) > 3)) % 3), predicted)  # 3 of 5 hidden ones wrong
    report = KnownLabels().report(forward_pass(REAL, condition=labels, classes=(LOGITS, LOGITS)))
    assert report["labels right"] == 1
    torch.testing.assert_close(report["hidden labels right"], torch.tensor(2 / 5))


def test_consistency_compares_the_probabilities_of_two_passes() -> None:
    distances = (LOGITS.softmax(1) - (LOGITS / 2).softmax(1)).square().sum(1)
    loss = Consistency(4.0).discriminator(FORWARD)
    torch.testing.assert_close(loss, {"consistency": 4 * distances[HIDDEN].mean()})
