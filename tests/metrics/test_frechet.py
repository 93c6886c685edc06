"""Tests of the Fréchet distance: closed forms, other implementations, and refused inputs."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.metrics.frechet import METRIC, frechet, gaussian_frechet, moments


def matched(mean: np.ndarray, covariance: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """Samples [count, d] with exactly this mean and this covariance over N - 1."""
    white = np.random.default_rng(seed).standard_normal((count, len(mean)))
    white -= white.mean(axis=0)
    white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white, rowvar=False))).T
    return mean + white @ np.linalg.cholesky(covariance).T


def positive(size: int, seed: int) -> np.ndarray:
    root = np.random.default_rng(seed).standard_normal((size, size))
    return root @ root.T + 0.1 * np.eye(size)


def test_it_equals_the_closed_form_of_axis_aligned_gaussians() -> None:
    m, n, s, t = np.array([1.0, 2, 3]), np.array([0.0, 4, 3]), np.array([1.0, 4, 9]), np.array([4.0, 4, 1])
    expected = ((m - n) ** 2).sum() + ((np.sqrt(s) - np.sqrt(t)) ** 2).sum()
    found = frechet(matched(m, np.diag(s), 500), matched(n, np.diag(t), 301, seed=1))
    assert found == pytest.approx(expected, rel=1e-12)


def test_it_agrees_with_a_matrix_square_root() -> None:
    s, t = positive(24, 1), positive(24, 2)
    m, n = np.arange(24.0), np.ones(24)
    expected = ((m - n) ** 2).sum() + np.trace(s + t - 2 * sqrtm(s @ t).real)
    assert abs(frechet(matched(m, s, 100), matched(n, t, 90)) - expected) < 1e-9 * np.trace(s + t)


@pytest.mark.parametrize("constant", [0, 5])
def test_the_distance_of_a_set_to_itself_is_zero(constant: int) -> None:
    features = np.random.default_rng(0).gamma(1.0, size=(400, 40)) ** 3
    features[:, :constant] = 7
    assert frechet(features, features[::-1]) < 1e-12 * np.trace(moments(features)[1])


def test_it_is_symmetric_and_invariant_to_a_common_rotation_and_shift() -> None:
    random = np.random.default_rng(0)
    one, other = random.standard_normal((300, 9)), 2 * random.standard_normal((200, 9)) + 1
    rotation, _ = np.linalg.qr(random.standard_normal((9, 9)))
    assert frechet(one, other) == pytest.approx(frechet(other, one), rel=1e-10)
    assert frechet(one, other) == pytest.approx(frechet(one @ rotation + 5, other @ rotation + 5), rel=1e-10)


def test_it_agrees_with_torchmetrics() -> None:
    fid = pytest.importorskip("torchmetrics.image.fid", reason="torchmetrics is not installed")
    import torch

    class Rows(torch.nn.Module):
        num_features = 16

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return pictures.flatten(1)

    random = np.random.default_rng(0)
    one, other = random.random((300, 16)), random.random((257, 16)) ** 2
    theirs = fid.FrechetInceptionDistance(Rows(), input_img_size=(1, 4, 4)).set_dtype(torch.float64)
    theirs.update(torch.from_numpy(one.reshape(-1, 1, 4, 4)), real=False)
    theirs.update(torch.from_numpy(other.reshape(-1, 1, 4, 4)), real=True)
    traces = np.trace(moments(one)[1]) + np.trace(moments(other)[1])
    assert abs(frechet(one, other) - theirs.compute().item()) < 1e-6 * traces


def test_too_few_samples_and_bad_values_are_refused() -> None:
    good, bad = np.random.default_rng(0).standard_normal((50, 4)), np.full((50, 4), np.nan)
    with pytest.raises(TooFewError, match="at least 5 fakes, not 4"):
        frechet(good[:4], good)
    with pytest.raises(TooFewError, match="at least 5 real samples"):
        frechet(good, good[:4])
    with pytest.raises(UserError, match="NaN or infinite values in 50 of 50 rows"):
        frechet(bad, good)
    with pytest.raises(UserError, match="4 dimensions, the real samples 3"):
        frechet(good, good[:, :3])
    with pytest.raises(UserError, match="finite"):
        gaussian_frechet(*moments(good), np.zeros(4), np.full((4, 4), np.inf))


def test_the_metric_equals_the_function() -> None:
    random = np.random.default_rng(0)
    fake, real = random.standard_normal((50, 4)).astype(np.float32), random.standard_normal((60, 4))
    found = METRIC.measure(Compared(Samples(fake), Samples(real)))
    assert found == {"fd": frechet(fake, real)}
    assert found.keys() == METRIC.values.keys()
