"""Tests of the spectrum: waves and noise of known power, other shapes, and blocks."""

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples
from ganwright.metrics import spectrum as module
from ganwright.metrics.spectrum import METRIC, QUANTISATION, spectrum, spectrum_of


def noise(count: int, height: int, width: int, deviation: float, seed: int = 0) -> np.ndarray:
    values = 128 + deviation * np.random.default_rng(seed).standard_normal((count, height, width, 3))
    return values.round().clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (15, 15), (12, 20), (21, 8), (2, 2)])
def test_white_noise_has_its_variance_at_every_frequency(height: int, width: int) -> None:
    found = spectrum_of(noise(4000, height, width, 20))
    np.testing.assert_allclose(found, 10 * np.log10(20**2 + 2 * QUANTISATION), atol=0.35)


def test_a_wave_has_power_in_its_ring_alone() -> None:
    wave = 128 + 40 * np.cos(2 * np.pi * 3 * np.arange(24) / 24)
    pictures = np.broadcast_to(wave.round()[None, None, :, None], (2, 16, 24, 1)).astype(np.uint8)
    found = spectrum_of(pictures)
    # 3 waves in 24 pixels on a shorter side of 16: ring 2
    assert found.argmax() == 1
    assert np.sort(found)[-2] < found[1] - 20


def test_doubled_contrast_is_six_decibels() -> None:
    assert spectrum(noise(300, 16, 16, 40), noise(300, 16, 16, 20)) == pytest.approx(20 * np.log10(2), abs=0.05)


def test_a_checkerboard_has_power_at_the_corner_frequency() -> None:
    board = noise(50, 16, 16, 20)
    board = np.where(np.indices((16, 16)).sum(axis=0)[..., None] % 2, board + 15, board).astype(np.uint8)
    difference = spectrum_of(board) - spectrum_of(noise(50, 16, 16, 20))
    assert difference.argmax() == len(difference) - 1
    assert difference[-1] > 8
    assert abs(difference[:-1]).max() < 0.5


def test_the_distance_to_itself_is_zero_and_finite_without_power() -> None:
    pictures, flat = noise(21, 9, 12, 20), np.full((3, 9, 12, 3), 7, np.uint8)
    assert spectrum(pictures, pictures[::-1]) == pytest.approx(0, abs=1e-12)
    assert np.isfinite(spectrum(pictures, flat))
    assert spectrum(flat, flat) == 0


def test_the_spectrum_does_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = noise(21, 9, 12, 20)
    whole = spectrum_of(pictures)
    monkeypatch.setattr(module, "BLOCK", 4)
    np.testing.assert_allclose(spectrum_of(pictures), whole, rtol=1e-12)


def test_invalid_pictures_are_refused() -> None:
    pictures = noise(3, 8, 8, 20)
    with pytest.raises(UserError, match="uint8"):
        spectrum(pictures.astype(np.float32), pictures)
    with pytest.raises(UserError, match="at least 2 by 2"):
        spectrum(pictures[:, :1], pictures[:, :1])
    with pytest.raises(UserError, match="real samples"):
        spectrum(pictures, pictures[:, :4])


def test_the_metric_equals_the_function() -> None:
    fake, real = noise(3, 8, 8, 20), noise(5, 8, 8, 10)
    assert METRIC.measure(Compared(Samples(fake), Samples(real))) == {"spectrum": spectrum(fake, real)}
