"""Artefacts: meshes and blur of known power, in brightness and in colour, and what is refused."""

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples
from ganwright.domains import _spectra
from ganwright.health import textures
from ganwright.metrics.artefacts import METRIC, artefacts

SIDE = 32


def noise(seed: int, count: int = 400, channels: int = 3, deviation: float = 10.0) -> np.ndarray:
    """Grey noise, equal in all channels, with a little colour."""
    g = np.random.default_rng(seed)
    values = (
        128
        + deviation * g.standard_normal((count, SIDE, SIDE, 1))
        + 2 * g.standard_normal((count, SIDE, SIDE, channels))
    )
    return values.round().clip(0, 255).astype(np.uint8)


def mesh(period: int, size: float, colour: tuple[float, ...] = (1, 1, 1)) -> np.ndarray:
    """Checkers of so many pixels a period, +size and -size."""
    places = np.indices((SIDE, SIDE)) // (period // 2)
    return (size * (1 - 2 * (places.sum(axis=0) % 2)))[..., None] * np.array(colour)


def with_mesh(pictures: np.ndarray, pattern: np.ndarray) -> np.ndarray:
    return (pictures + pattern).round().clip(0, 255).astype(np.uint8)


def blurred(pictures: np.ndarray) -> np.ndarray:
    """The mean of four neighbours."""
    parts = [np.roll(pictures.astype(np.float64), shift, axis=(1, 2)) for shift in ((0, 0), (0, 1), (1, 0), (1, 1))]
    return np.mean(parts, axis=0).round().astype(np.uint8)


def test_two_halves_of_one_set_differ_little() -> None:
    found = artefacts(noise(0), noise(1))
    assert 0 < found.artefacts < 1.5
    assert 0 < found.missing_detail < 1.5


@pytest.mark.parametrize("period", [2, 4])
@pytest.mark.parametrize("colour", [(1, 1, 1), (1, 0, -1)], ids=["grey", "colour"])
def test_a_mesh_is_seen_and_a_stronger_one_more(period: int, colour: tuple[float, ...]) -> None:
    fake, real = noise(0), noise(1)
    values = [artefacts(with_mesh(fake, mesh(period, size, colour)), real).artefacts for size in (0, 4, 8)]
    assert values[1] > values[0] + 6
    assert values[2] == pytest.approx(values[1] + 20 * np.log10(2), abs=1.0)


def test_blur_lacks_detail_and_has_no_artefacts() -> None:
    found = artefacts(blurred(noise(0)), noise(1))
    assert found.missing_detail > 10
    assert found.artefacts < 1.5


def test_twice_the_contrast_is_six_decibels_at_every_frequency() -> None:
    power = _spectra.power_spectra(noise(0, channels=1))["brightness"]
    assert textures.extremes(4 * power, power) == pytest.approx((20 * np.log10(2), -20 * np.log10(2), 20 * np.log10(2)))


def test_the_value_does_not_depend_on_blocks_or_order(monkeypatch: pytest.MonkeyPatch) -> None:
    fake, real = noise(0, 30), noise(1, 30)
    expected = artefacts(fake, real)
    monkeypatch.setattr(_spectra, "BLOCK", 7)
    assert artefacts(fake[::-1], real) == pytest.approx(expected)


def test_flat_pictures_have_finite_values() -> None:
    flat = np.full((3, SIDE, SIDE, 1), 7, np.uint8)
    assert artefacts(flat, flat) == (0, 0, 0)
    assert np.isfinite(artefacts(noise(0, 9, 1), flat)).all()


@pytest.mark.parametrize(
    ("shape", "message"), [((2, 7, 9, 3), "at least 8 by 8 pixels, not 7 by 9"), ((2, 8, 8, 2), "not of 2 channels")]
)
def test_other_pictures_are_refused(shape: tuple[int, ...], message: str) -> None:
    pictures = np.zeros(shape, np.uint8)
    with pytest.raises(UserError, match=message):
        artefacts(pictures, pictures)


def test_the_metric_has_both_values() -> None:
    fake, real = noise(0, 9), noise(1, 9)
    found = METRIC.measure(Compared(Samples(fake), Samples(real)))
    assert found.keys() == METRIC.values.keys()
    assert tuple(found.values()) == artefacts(fake, real)
