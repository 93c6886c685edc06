"""Feature matching: the means of features, and its gradient."""

import torch

from conftest import forward_pass
from ganwright.auxiliary_losses.feature_matching import FeatureMatching

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
