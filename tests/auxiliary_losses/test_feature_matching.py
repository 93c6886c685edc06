"""Feature matching: the means of features, and its gradient."""

import pytest
import torch

from conftest import forward_pass
from ganwright.auxiliary_losses.feature_matching import FeatureMatching
from ganwright.core import ranks

REAL_FEATURES, FAKE_FEATURES = torch.randn(8, 5), torch.randn(6, 5)


def test_the_loss_is_the_squared_distance_of_the_mean_features() -> None:
    forward = forward_pass(torch.zeros(8, 2), features=(REAL_FEATURES, FAKE_FEATURES))
    expected = (REAL_FEATURES.mean(0) - FAKE_FEATURES.mean(0)).square().mean()
    torch.testing.assert_close(FeatureMatching(3.0).generator(forward), {"features": 3 * expected})


def test_equal_means_have_no_loss_whatever_the_samples() -> None:
    forward = forward_pass(torch.zeros(8, 2), features=(REAL_FEATURES, REAL_FEATURES.flip(0)))
    assert FeatureMatching().generator(forward)["features"] < 1e-12


def test_only_the_chosen_rows_of_real_samples_are_matched() -> None:
    forward = forward_pass(torch.zeros(8, 2), features=(REAL_FEATURES, FAKE_FEATURES))
    loss = FeatureMatching(rows=lambda batch: (torch.arange(8) < 3).float()).generator(forward)
    expected = (REAL_FEATURES[:3].mean(0) - FAKE_FEATURES.mean(0)).square().mean()
    torch.testing.assert_close(loss, {"features": expected})


def test_real_features_get_no_gradient() -> None:
    real, fake = REAL_FEATURES.clone().requires_grad_(), FAKE_FEATURES.clone().requires_grad_()
    FeatureMatching().generator(forward_pass(torch.zeros(8, 2), features=(real, fake)))["features"].backward()
    assert real.grad is None
    assert fake.grad is not None


def test_processes_compare_the_means_of_the_global_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value and, on averaging over the processes, the gradient are those of one process with the whole batch."""
    rows = (torch.arange(8) % 3 > 0).float()  # three of the first and two of the second four are selected
    fake, whole = torch.cat([FAKE_FEATURES, FAKE_FEATURES[:2] + 1]).requires_grad_(), torch.zeros(8, 2)
    forward = forward_pass(whole, features=(REAL_FEATURES, fake))
    expected = FeatureMatching(rows=lambda batch: rows).generator(forward)["features"]
    (gradient,) = torch.autograd.grad(expected, fake)
    sums = {
        (5,): (rows[4:] @ REAL_FEATURES[4:], fake[4:].mean(0).detach()),  # what the other process sends
        (): (rows[4:].sum(),),
    }
    sent = {shape: iter(values) for shape, values in sums.items()}

    def gathered(value: torch.Tensor) -> torch.Tensor:
        return torch.stack([value, next(sent[tuple(value.shape)], value)])  # backward, both send the same

    monkeypatch.setattr(ranks, "size", lambda: 2)
    monkeypatch.setattr(ranks, "gathered", gathered)
    mine = fake.detach()[:4].requires_grad_()
    half = forward_pass(whole[:4], features=(REAL_FEATURES[:4], mine))
    loss = FeatureMatching(rows=lambda batch: rows[:4]).generator(half)["features"]
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(torch.autograd.grad(loss, mine)[0] / 2, gradient[:4])


def test_micro_batches_compare_their_own_means_and_it_says_so() -> None:
    """Of equal distributions the loss of n samples is expected to be 2 variance / n: four parts have four times it."""
    random = torch.Generator().manual_seed(0)
    losses = {1: [], 4: []}  # type: dict[int, list[torch.Tensor]]
    for _ in range(200):
        real, fake = (torch.randn(80, 5, generator=random) for _ in range(2))
        for parts, found in losses.items():
            split = zip(real.chunk(parts), fake.chunk(parts), strict=True)
            passes = [forward_pass(torch.zeros(len(one), 2), features=(one, other)) for one, other in split]
            found += [FeatureMatching().generator(forward)["features"] for forward in passes]
    assert torch.stack(losses[1]).mean() == pytest.approx(2 / 80, rel=0.15)
    assert torch.stack(losses[4]).mean() == pytest.approx(4 * 2 / 80, rel=0.15)
    assert "mean features of a part" in FeatureMatching().over_parts(20)
    assert "those of each part" in " ".join((FeatureMatching.__doc__ or "").split())
