"""Networks of sound: purity of tones, levels of noise, spectrograms, and WaveGAN's layers at any length."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from ganwright.core import draws
from ganwright.core.draws import Draws
from ganwright.domains._spectrogram import log_mel
from ganwright.nets.filtered_noise import FilteredNoise, hats
from ganwright.nets.listening import MIDDLE, UNIT, ListeningDiscriminator, LogMel
from ganwright.nets.oscillators import Oscillators
from ganwright.nets.phase_shuffle import PhaseShuffle, reflected
from ganwright.nets.sound_controls import SoundControls
from ganwright.nets.sound_generator import SoundGenerator, band_centres, frames, hop, level, noise_size, step
from ganwright.nets.wave_discriminator import wave_trunk
from ganwright.nets.wave_generator import WaveGenerator, levels

RATE = 8_000
CENTRES = band_centres(RATE)[1:-1] / RATE
SILENT = -40.0  # natural logarithm of an amplitude
EVERY_RATE = 1_000, 8_000, 48_000


def residual(sound: Tensor, phases: Tensor) -> tuple[float, float]:
    """The amplitude of exp(i phases) in a sound, and the level of the rest relative to it, in decibels."""
    both = torch.stack([phases.cos(), phases.sin()], 1)
    weights = torch.linalg.lstsq(both, sound.double()[:, None]).solution
    amplitude = float(weights.norm())
    return amplitude, 20 * math.log10(float((sound.double() - (both @ weights)[:, 0]).std()) / amplitude)


@pytest.mark.parametrize("band", [0, 30, 63])
@pytest.mark.parametrize("offset", [-0.8, 0.0, 0.5])
def test_an_oscillator_makes_a_pure_tone(band: int, offset: float) -> None:
    bank = Oscillators(CENTRES, hop(RATE), step(RATE))
    controls, offsets = torch.full((1, 64, 20), SILENT), torch.zeros(1, 64, 20)
    width = float(CENTRES[1] - CENTRES[0]) if band < 63 else 0.017
    controls[0, band], offsets[0, band] = math.log(0.3), offset * width
    (sound,) = bank(controls, offsets)
    assert len(sound) == 19 * hop(RATE) - bank.kernel
    frequency = float(CENTRES[band]) + offset * width
    amplitude, rest = residual(sound, 2 * math.pi * frequency * torch.arange(len(sound)).double())
    assert amplitude == pytest.approx(0.3, rel=2e-3)
    assert rest < -55


def test_levels_and_frequencies_are_linear_in_time_between_frames() -> None:
    bank, count = Oscillators(CENTRES, 64, 16), 33
    controls, offsets = torch.full((1, 64, count), SILENT), torch.zeros(1, 64, count)
    controls[0, 20], offsets[0, 20] = -torch.arange(count) / 8, torch.linspace(-1e-3, 1e-3, count)
    (sound,) = bank(controls, offsets)
    times = torch.arange(len(sound)).double() + bank.kernel // 2  # from the first frame
    rate = 2e-3 / (64 * (count - 1))
    phases = 2 * math.pi * ((float(CENTRES[20]) - 1e-3) * times + rate * times**2 / 2)
    _, rest = residual(sound * (times / 64 / 8).exp(), phases)
    assert rest < -50


def test_oscillators_refuse_a_hop_that_their_step_does_not_divide() -> None:
    with pytest.raises(ValueError, match="multiple of their step 16, not 40"):
        Oscillators(CENTRES, 40, 16)


def test_noise_keeps_its_values_at_level_0_and_scales_with_levels() -> None:
    filtered, noise = FilteredNoise(CENTRES, 64), torch.randn(2, 640)
    flat = torch.zeros(2, 64, 11)
    torch.testing.assert_close(filtered(flat, noise), noise, atol=1e-5, rtol=0)
    torch.testing.assert_close(filtered(flat - 2, noise), noise * math.exp(-2), atol=1e-5, rtol=0)


def test_noise_is_loud_in_its_bands_alone() -> None:
    filtered, noise = FilteredNoise(CENTRES, 64), torch.randn(1, 6_400)
    levels_of = torch.full((1, 64, 101), -7.0)  # -61 decibels
    levels_of[:, 20:24] = 0.0
    power = torch.fft.rfft(filtered(levels_of, noise)[0]).abs().square()
    frequencies = torch.arange(len(power)) / 6_400
    inside = (frequencies > CENTRES[19]) & (frequencies < CENTRES[24])
    assert float(power[inside].sum() / power.sum()) > 0.97
    outside = (frequencies < CENTRES[16]) | (frequencies > CENTRES[27])
    assert 10 * math.log10(float(power[outside].mean() / power[inside].mean())) < -40


def test_hats_interpolate_and_are_constant_outside() -> None:
    centres, at = torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0.0, 1.0, 1.5, 3.0, 9.0])
    expected = torch.from_numpy(np.interp(at, centres, [5.0, 7.0, 8.0])).float()
    torch.testing.assert_close(torch.tensor([5.0, 7.0, 8.0]) @ hats(centres, at), expected)


@pytest.mark.parametrize("rate", EVERY_RATE)
def test_sizes_fit_at_every_rate(rate: int) -> None:
    assert hop(rate) % step(rate) == 0
    for samples in (16, 4_097):
        controls = torch.zeros(2, 3, 64, frames(samples, rate))
        generator = SoundGenerator(Constant(controls), samples, rate, 3)
        assert generator(torch.randn(2, 3 + noise_size(samples, rate))).shape == (2, 1, samples)
        view = LogMel(samples, rate)
        assert view(torch.zeros(2, 1, samples)).shape == (2, *view.shape)


class Constant(torch.nn.Module):
    """A network with the same controls for all latents."""

    def __init__(self, controls: Tensor) -> None:
        super().__init__()
        self.controls = controls

    def forward(self, latent: Tensor) -> Tensor:
        return self.controls


def test_controls_at_their_least_are_silence() -> None:
    generator = SoundGenerator(Constant(-torch.ones(1, 3, 64, frames(1_000, RATE))), 1_000, RATE, 1)
    sound = generator(torch.randn(1, 1 + noise_size(1_000, RATE)))
    assert float(sound.square().mean().sqrt()) < 0.25 / 32_768  # rounds to 0
    assert float(level(torch.tensor(-1.0)).exp()) == pytest.approx(1e-6, rel=1e-4)


def test_a_spectrum_that_fades_needs_no_picture() -> None:
    controls = SoundControls(3, (3, 64, 20), 8)
    torch.nn.init.zeros_(controls.get_parameter("picture.layers.0.weight"))
    found = controls(torch.randn(2, 3)).atanh()
    assert found.shape == (2, 3, 64, 20)
    slopes = found.diff(dim=3)
    torch.testing.assert_close(slopes, slopes[..., :1].expand_as(slopes), atol=1e-4, rtol=0)
    assert slopes[..., 0].std() > 1e-3


def test_the_view_is_the_spectrogram_of_the_domain() -> None:
    sound = 0.1 * torch.randn(3, 1, 4_096)
    expected = (log_mel(sound[:, 0], RATE, 64) - MIDDLE) / UNIT
    torch.testing.assert_close(LogMel(4_096, RATE)(sound)[:, 0], expected)
    silence = LogMel(4_096, RATE)(torch.zeros(1, 1, 4_096))
    torch.testing.assert_close(silence, torch.full_like(silence, -2.0))


def test_a_listening_discriminator_scores_sounds_and_their_views_alike() -> None:
    view = LogMel(1_000, RATE)
    scored = ListeningDiscriminator(view, torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(1)))
    sound = torch.randn(2, 1, 1_000)
    assert torch.equal(scored(sound), scored(view(sound)))


@pytest.mark.parametrize("shift", [-2, -1, 0, 1, 2])
def test_phase_shuffle_reflects_at_the_edges(shift: int) -> None:
    values = np.arange(7)
    expected = np.pad(values, 2, mode="reflect")[2 - shift : 9 - shift]
    assert reflected(torch.tensor([shift]), 7).tolist() == expected.tolist()


def test_phase_shuffle_has_one_shift_for_a_batch_and_none_in_evaluation() -> None:
    shuffle, features = PhaseShuffle(2), torch.arange(9.0).expand(6, 3, 9)
    shifts = set()
    for turn in range(40):
        with draws.supplying(Draws(0, turn, 0, 6)):
            whole = shuffle(features)
        with draws.supplying(Draws(0, turn, 3, 6)):  # a micro-batch
            part = shuffle(features[3:])
        assert torch.equal(whole[0], whole[-1])
        assert torch.equal(whole[3:], part)
        shifts.add(4 - int(whole[0, 0, 4]))
    assert shifts == {-2, -1, 0, 1, 2}
    assert torch.equal(shuffle.eval()(features), features)


def test_the_published_size_has_the_paper_s_layers() -> None:
    generator = WaveGenerator(100, 16_384, 64)
    weights = [tuple(layer.weight.shape) for layer in generator.layers]
    assert generator.dense.out_features == 16 * 1_024
    assert weights == [(1024, 512, 25), (512, 256, 25), (256, 128, 25), (128, 64, 25), (64, 1, 25)]
    trunk, features = wave_trunk(16_384, 64, 2)
    assert features == 16 * 1_024
    assert sum(isinstance(layer, PhaseShuffle) for layer in trunk) == 4
    assert levels(65_536) == 6


@pytest.mark.parametrize("samples", [16, 100, 5_000])
def test_wavegan_s_networks_fit_any_length(samples: int) -> None:
    wave = WaveGenerator(3, samples, 2)(torch.randn(2, 3))
    assert wave.shape == (2, 1, samples)
    trunk, features = wave_trunk(samples, 2, 2)
    assert trunk(wave).shape == (2, features)
