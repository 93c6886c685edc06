"""Log-mel spectrograms agree with their definition."""

import cmath
import math

import numpy as np
import pytest
import torch

from ganwright.domains._spectrogram import BANDS, filters, log_mel, pictures, window_length

RATE = 8_000


def band_by_definition(sound: np.ndarray, band: int, frame: int) -> float:
    """One value, from sums alone."""
    length, size = 256, 512
    hann = [0.5 - 0.5 * math.cos(2 * math.pi * place / length) for place in range(length)]
    cut = [float(value) * weight for value, weight in zip(sound[frame * 128 :], hann, strict=False)]
    corners = [700 * (10 ** (2595 * math.log10(1 + 4000 / 700) * k / 65 / 2595) - 1) for k in range(66)]
    low, centre, high = corners[band : band + 3]
    power = 0.0
    for k in range(size // 2 + 1):
        frequency = k * RATE / size
        weight = max(0.0, min((frequency - low) / (centre - low), (high - frequency) / (high - centre)))
        if weight:
            value = sum(x * cmath.exp(-2j * math.pi * k * place / size) for place, x in enumerate(cut))
            power += weight * 2 * abs(value) ** 2 / (size * sum(one * one for one in hann))
    return 10 * math.log10(power + 1e-8)


@pytest.mark.parametrize(("band", "frame"), [(0, 0), (5, 3), (31, 1), (63, 4)])
def test_values_are_those_of_the_definition(band: int, frame: int) -> None:
    sound = np.random.default_rng(0).uniform(-1, 1, 700).astype(np.float32)
    found = log_mel(torch.from_numpy(sound)[None], RATE)
    assert found.shape == (1, 64, 5)  # of 700 samples: the fifth frame is padded with silence
    assert found[0, band, frame].item() == pytest.approx(band_by_definition(sound, band, frame), abs=1e-2)


@pytest.mark.parametrize("rate", [100, 1_000, 8_000, 11_025, 16_000, 48_000])
def test_triangles_add_up_to_one_between_the_first_and_last_centre(rate: int) -> None:
    weights = filters(rate)
    assert (weights.max(1).values > 0).all()
    total = weights.sum(0)
    inside = torch.nonzero(weights[0] == 0)[:, 0] > weights[0].argmax()
    assert torch.allclose(total[weights[0].argmax() + 1 : weights[-1].argmax()], torch.tensor(1.0), atol=1e-5)
    assert inside.any()


def test_bands_add_up_to_the_mean_square_of_noise() -> None:
    noise = 0.1 * torch.randn(20, 8_000, generator=torch.Generator().manual_seed(0))
    power = (10 ** (log_mel(noise, RATE) / 10)).sum(1).mean()
    assert power.item() == pytest.approx(0.01, rel=0.05)


def test_a_tone_is_loudest_in_its_band_and_silence_is_the_floor() -> None:
    tone = torch.sin(2 * torch.pi * 1_000 * torch.arange(2_000) / RATE)[None]
    centre = 2595 * math.log10(1 + 1000 / 700) / (2595 * math.log10(1 + 4000 / 700)) * 65 - 1
    assert log_mel(tone, RATE)[0, :, 3].argmax().item() == pytest.approx(centre, abs=1)
    assert log_mel(torch.zeros(2, 10), RATE).tolist() == [[[-80.0]] * BANDS] * 2


def test_chunks_do_not_change_values_and_windows_are_about_32_ms() -> None:
    sound = torch.rand(130, 300) - 0.5
    assert torch.allclose(log_mel(sound, RATE)[129:], log_mel(sound[129:], RATE), atol=1e-4)
    assert [window_length(rate) for rate in (8_000, 16_000, 44_100)] == [256, 512, 1024]


def test_pictures_have_low_bands_at_the_bottom() -> None:
    low = torch.sin(2 * torch.pi * 200 * torch.arange(4_096) / RATE)[None]
    drawn = pictures(low, RATE)
    assert drawn.dtype == np.uint8
    assert drawn.shape == (1, 64, 121, 3)
    brightness = drawn[0].astype(int).sum(axis=(1, 2))
    assert 48 < brightness.argmax() < 64
