"""The class loss: which classes each player learns, and the accuracy."""

import pytest
import torch
import torch.nn.functional as F

from conftest import forward_pass
from ganwright.auxiliary_losses.class_labels import ClassLabels
from ganwright.core.errors import UserError

REAL, LABELS = torch.zeros(6, 2), torch.tensor([0, 1, 2, 0, 0, 1])
LOGITS = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)), torch.randn(6, 3)


@pytest.mark.parametrize("weight", [0.0, 1.0, 2.5])
def test_the_discriminator_learns_classes_of_real_samples_and_the_generator_those_of_fakes(weight: float) -> None:
    forward, loss = forward_pass(REAL, condition=LABELS, classes=LOGITS), ClassLabels(weight)
    of_real, of_fake = (weight * F.cross_entropy(logits, LABELS) for logits in LOGITS)
    torch.testing.assert_close(loss.discriminator(forward), {"class of real": of_real})
    torch.testing.assert_close(loss.generator(forward), {"class of fake": of_fake})


def test_the_accuracy_is_the_share_of_correct_classes_of_real_samples() -> None:
    predicted = LOGITS[0].argmax(1)
    labels = torch.where(torch.arange(6) < 2, predicted, (predicted + 1) % 3)
    report = ClassLabels().report(forward_pass(REAL, condition=labels, classes=LOGITS))
    assert report["class accuracy"].item() == pytest.approx(2 / 6)


def test_a_batch_without_classes_is_refused() -> None:
    with pytest.raises(UserError, match="needs a condition for each sample, such as its class"):
        ClassLabels().discriminator(forward_pass(REAL, classes=LOGITS))


def test_a_discriminator_without_classes_is_refused() -> None:
    forward = forward_pass(REAL, condition=LABELS, score=(REAL[:, 0], REAL[:, 0]))
    with pytest.raises(UserError, match=r"needs the discriminator's output 'classes', but its outputs are: 'score'"):
        ClassLabels().generator(forward)
