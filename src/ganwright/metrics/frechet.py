"""The Fréchet distance of two sets of features, between Gaussians of their means and covariances.

Dowson & Landau, The Fréchet distance between multivariate normal distributions, 1982; as a score of GANs Heusel et al.,
GANs trained by a two time-scale update rule, 2017, arXiv:1706.08500.

Covariances are divided by N - 1: this is unbiased, and as in Heusel's code, pytorch-fid, clean-fid and torchmetrics
(StyleGAN's 1/N lowers the traces by one part in N). The distance itself is biased upward by about 1/N, so only values
of equal numbers of samples are comparable.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.errors import UserError
from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import enough, two_sets


def frechet(fake: Array, real: Array) -> float:
    """The squared distance of `fake` [n, d] and `real` [m, d], in squared units of the features.

    Raises UserError for features that are not finite or differ in dimension, and TooFewError for n <= d or m <= d, as
    the covariance would be singular.
    """
    one, other = two_sets(fake, real)
    for name, features in (("fakes", one), ("real samples", other)):
        enough(name, len(features), features.shape[1] + 1, f"The Fréchet distance of {features.shape[1]} features")
    return gaussian_frechet(*moments(one), *moments(other))


def moments(features: Array) -> tuple[Array, Array]:
    """Mean [d] and covariance [d, d], over N - 1, of finite features [n, d]."""
    return features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False))


def gaussian_frechet(m: Array, s: Array, n: Array, t: Array) -> float:
    """|m - n|^2 + tr(S + T - 2 (S T)^1/2) of two Gaussians, means [d] and covariances [d, d]; at least 0.

    Raises UserError for values that are not finite.
    """
    if not all(np.isfinite(values).all() for values in (m, s, n, t)):
        raise UserError("Means and covariances must be finite for a Fréchet distance.")
    # S = A A', T = B B': the eigenvalues of (S T)^1/2 are the singular values of A' B. These keep full precision if a
    # covariance is nearly singular; square roots of the product's eigenvalues would keep half of the digits.
    cross = np.linalg.svd(_root(s).T @ _root(t), compute_uv=False).sum()
    return max(0.0, float(((m - n) ** 2).sum() + np.trace(s) + np.trace(t) - 2 * cross))


def _root(covariance: Array) -> Array:
    """A with A A' = covariance; negative eigenvalues are rounding errors."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(values.clip(0)))


def _measure(compared: Compared) -> Mapping[str, float]:
    return {"fd": frechet(compared.fake.values, compared.real.values)}


METRIC = Metric(view="features", values={"fd": "lower"}, measure=_measure)
