"""Tests of the metrics of pairs: luma, known errors, agreement with scikit-image, borders, and refused pairs."""

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples
from ganwright.metrics import psnr, ssim
from ganwright.metrics._pairs import cropped, luma
from ganwright.metrics.psnr import psnr_rgb, psnr_y
from ganwright.metrics.ssim import ssim_rgb, ssim_y


def pair(height: int = 40, width: int = 33, channels: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """A smooth real picture and a noisy fake."""
    random = np.random.default_rng(0)
    waves = np.sin(np.arange(height) / 5)[:, None, None] + np.cos(np.arange(width) / 4)[:, None]
    real = 128 + 50 * waves + 5 * np.arange(channels)
    fake = real + 12 * random.standard_normal(real.shape)
    return fake.round().clip(0, 255).astype(np.uint8), real.round().clip(0, 255).astype(np.uint8)


def test_luma_is_16_to_235_with_the_weights_of_bt_601() -> None:
    colours = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    np.testing.assert_allclose(luma(colours)[0, :, 0], [16, 235, 81.481, 144.553, 40.966])
    np.testing.assert_allclose(luma(colours[..., :1])[0, :2, 0], [16, 235])


def test_a_constant_error_has_a_known_psnr() -> None:
    real = np.full((20, 20, 3), 100, np.uint8)
    assert psnr_rgb(real + np.uint8(10), real) == pytest.approx(20 * np.log10(25.5))
    assert psnr_y(real + np.uint8(10), real) == pytest.approx(20 * np.log10(25.5 * 255 / 219))
    assert psnr_rgb(real, real) == float("inf")
    assert ssim_rgb(real, real) == ssim_y(real, real) == 1


def test_the_border_is_ignored() -> None:
    fake, real = pair()
    changed = fake.copy()
    changed[:4], changed[-4:], changed[:, :4], changed[:, -4:] = 0, 0, 0, 0
    for score in (psnr_rgb, psnr_y, ssim_rgb, ssim_y):
        assert score(changed, real) == score(fake, real) == score(fake[4:-4, 4:-4], real[4:-4, 4:-4], 0)
        assert score(changed, real, 3) != score(fake, real, 3)


@pytest.mark.parametrize("border", [0, 2, 3, 4, 8])
def test_the_border_is_that_of_the_comparison(border: int) -> None:
    """As many pixels as the scale: four, by default, are the papers' for x4."""
    fake, real = pair()
    one, other = Samples(fake[None]), Samples(real[None])
    for module, values in ((psnr, (psnr_y, psnr_rgb)), (ssim, (ssim_y, ssim_rgb))):
        found = list(module.METRIC.measure(Compared(one, other, border=border)).values())
        assert found == [score(fake, real, border) for score in values]
        by_default = list(module.METRIC.measure(Compared(one, other)).values())
        assert (found == by_default) == (border == 4)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("border", [0, 4])
def test_the_metrics_agree_with_scikit_image(channels: int, border: int) -> None:
    theirs = pytest.importorskip("skimage.metrics", reason="scikit-image is not installed")
    fake, real = pair(channels=channels)
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    for prepare, similarity, ratio in ((lambda x: x, ssim_rgb, psnr_rgb), (luma, ssim_y, psnr_y)):
        one, other = (prepare(x) for x in cropped(fake, real, border))
        expected = theirs.structural_similarity(one, other, channel_axis=2, **window)
        assert similarity(fake, real, border) == pytest.approx(expected, rel=1e-9)
        expected = theirs.peak_signal_noise_ratio(other, one, data_range=255)
        assert ratio(fake, real, border) == pytest.approx(expected, rel=1e-9)


def test_ssim_equals_its_definition_window_by_window() -> None:
    fake, real = (picture[:13, :12, :1] for picture in pair())
    weights = np.exp(-np.square(np.arange(11) - 5) / 4.5)
    weights = np.outer(weights, weights) / weights.sum() ** 2
    values = []
    for row, column in np.ndindex(3, 2):
        x, y = (p[row : row + 11, column : column + 11, 0].astype(float) for p in (fake, real))
        m, n = (weights * x).sum(), (weights * y).sum()
        s, t, c = ((weights * (a - k) * (b - j)).sum() for a, k, b, j in ((x, m, x, m), (y, n, y, n), (x, m, y, n)))
        values.append((2 * m * n + 2.55**2) * (2 * c + 7.65**2) / (m**2 + n**2 + 2.55**2) / (s + t + 7.65**2))
    assert ssim_rgb(fake, real, 0) == pytest.approx(np.mean(values), rel=1e-9)


def test_the_metrics_are_means_over_pairs() -> None:
    fakes, reals = (np.stack([p, p[::-1], np.roll(p, 3)]) for p in pair())
    reals[1] //= 2
    for module, values in ((psnr, (psnr_y, psnr_rgb)), (ssim, (ssim_y, ssim_rgb))):
        found = module.METRIC.measure(Compared(Samples(fakes), Samples(reals)))
        assert found.keys() == module.METRIC.values.keys()
        expected = [np.mean([score(a, b) for a, b in zip(fakes, reals, strict=True)]) for score in values]
        assert list(found.values()) == pytest.approx(expected)
        assert module.METRIC.needs == {"pairs"}
        with pytest.raises(UserError, match="3 and 2"):
            module.METRIC.measure(Compared(Samples(fakes), Samples(reals[:2])))


def test_invalid_pairs_are_refused() -> None:
    fake, real = pair()
    with pytest.raises(UserError, match="one shape"):
        psnr_rgb(fake[:-1], real)
    with pytest.raises(UserError, match="float64"):
        psnr_rgb(fake / 255, real)
    with pytest.raises(UserError, match="1 or 3"):
        psnr_y(fake[..., :2], real[..., :2])
    with pytest.raises(UserError, match="too small for a border of 17"):
        psnr_rgb(fake, real, 17)
    with pytest.raises(UserError, match="11 by 11"):
        ssim_rgb(fake[:18], real[:18])
