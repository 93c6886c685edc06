"""Tests of the kernel distance: equal to the definition and to other implementations, and unbiased."""

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.metrics import kernel as module
from ganwright.metrics.kernel import METRIC, kernel


def naive(x: np.ndarray, y: np.ndarray) -> float:
    """The definition, over all pairs at once."""
    xx, yy, xy = ((a @ b.T / x.shape[1] + 1) ** 3 for a, b in ((x, x), (y, y), (x, y)))
    n, m = len(x), len(y)
    return (xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1)) - 2 * xy.mean()


@pytest.mark.parametrize(("n", "m"), [(2, 3), (7, 7), (100, 33), (101, 64)])
@pytest.mark.parametrize("block", [7, 32, 1000])
def test_the_value_does_not_depend_on_blocks(n: int, m: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    random = np.random.default_rng(0)
    x, y = random.standard_normal((n, 5)), random.standard_normal((m, 5)) + 1
    assert kernel(x, y) == pytest.approx(naive(x, y), rel=1e-10)


def test_its_mean_is_zero_for_equal_distributions() -> None:
    random = np.random.default_rng(0)
    values = [kernel(random.standard_normal((40, 6)), random.standard_normal((40, 6))) for _ in range(400)]
    assert abs(np.mean(values)) < 4 * np.std(values) / 20
    assert min(values) < 0 < max(values)


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance` will save")
def test_it_agrees_with_torchmetrics_on_one_subset_of_all_samples() -> None:
    kid = pytest.importorskip("torchmetrics.image.kid", reason="torchmetrics is not installed")
    import torch

    class Rows(torch.nn.Module):
        num_features = 16

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return pictures.flatten(1)

    random = np.random.default_rng(0)
    one, other = random.random((120, 16)), random.random((120, 16)) ** 2
    theirs = kid.KernelInceptionDistance(Rows(), subsets=1, subset_size=120).set_dtype(torch.float64)
    theirs.update(torch.from_numpy(one.reshape(-1, 1, 4, 4)), real=False)
    theirs.update(torch.from_numpy(other.reshape(-1, 1, 4, 4)), real=True)
    assert kernel(one, other) == pytest.approx(theirs.compute()[0].item(), rel=1e-6)


def test_too_few_samples_and_bad_values_are_refused() -> None:
    good = np.random.default_rng(0).standard_normal((5, 4))
    with pytest.raises(TooFewError, match="at least 2 fakes"):
        kernel(good[:1], good)
    with pytest.raises(TooFewError, match="at least 2 real samples"):
        kernel(good, good[:1])
    with pytest.raises(UserError, match="NaN"):
        kernel(good, np.where(good > 0, np.nan, good))
    with pytest.raises(UserError, match=r"\[0, 4\]"):
        kernel(good[:0], good)


def test_the_metric_equals_the_function() -> None:
    random = np.random.default_rng(0)
    fake, real = random.standard_normal((5, 4)), random.standard_normal((6, 4))
    assert METRIC.measure(Compared(Samples(fake), Samples(real))) == {"kd": kernel(fake, real)}
