"""A generator of sound by oscillators and filtered noise, whose levels and frequencies a network of pictures makes."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ganwright.domains._spectrogram import BANDS, frequency, mel, window_length
from ganwright.nets.filtered_noise import FilteredNoise
from ganwright.nets.oscillators import KERNEL, Oscillators

FEWEST = 8  # frames
MIDDLE, SPAN = -55.0, 65.0  # decibels: levels for -1, 0, 1 are -120, -55, 10
DECIBEL = math.log(10) / 20
LARGEST = 0.3  # cycles in a step of an oscillator's envelope, relative to the centre of its band
MOST = 32  # steps in a frame, which limit the memory that the kernels of oscillators take
CONTROLS = 3  # levels of tones, their frequencies, levels of noise


class SoundGenerator(nn.Module):
    """Maps latents [n, latent + noise], and conditions if there are any, to waveforms [n, 1, samples].

    A sound is the sum of tones and noise, a deterministic and a stochastic part (Serra & Smith, Spectral modeling
    synthesis, Computer Music Journal 1990). `network` maps the first `latent` numbers to controls [n, 3, BANDS, frames]
    in [-1, 1]: a picture whose rows are mel bands and whose columns are frames, see `hop`. Each
    band has an oscillator, whose level in decibels and frequency within one band of its centre are the first two
    controls, and white noise, the other numbers of the latent, at the level that is the third. Phases follow from
    frequencies, so that a tone is as pure as its controls are smooth, and silence is silent.
    """

    reach: Tensor  # of an oscillator's frequency, in cycles per sample, [BANDS, 1]

    def __init__(self, network: nn.Module, samples: int, rate: int, latent: int) -> None:
        super().__init__()
        self.network, self.samples, self.latent = network, samples, latent
        corners = band_centres(rate) / rate
        self.oscillators = Oscillators(corners[1:-1], hop(rate), step(rate))
        self.filtered = FilteredNoise(corners[1:-1], hop(rate))
        reach = ((corners[2:] - corners[:-2]) / 2)[:, None].to(torch.get_default_dtype())
        self.register_buffer("reach", reach, persistent=False)

    def forward(self, latent: Tensor, condition: Tensor | None = None) -> Tensor:
        code, noise = latent[:, : self.latent], latent[:, self.latent :]
        controls = self.network(code) if condition is None else self.network(code, condition)
        tone, offset, hiss = controls.unbind(1)
        tones = self.oscillators(level(tone), self.reach * offset)
        noises = self.filtered(level(hiss), noise)[:, self.oscillators.kernel // 2 :]
        sound: Tensor = tones[:, : self.samples] + noises[:, : self.samples]
        return sound.unsqueeze(1)


def level(control: Tensor) -> Tensor:
    """The natural logarithm of an amplitude, of a control in [-1, 1]."""
    return DECIBEL * (MIDDLE + SPAN * control)


def band_centres(rate: int) -> Tensor:
    """The centres of the mel bands in Hz, with 0 before and rate / 2 after them: [BANDS + 2]."""
    return torch.tensor([frequency(mel(rate / 2) * place / (BANDS + 1)) for place in range(BANDS + 2)])


def step(rate: int) -> int:
    """Samples between values of an oscillator's envelope: a power of two, 0.3 cycles of the largest offset at most."""
    centres = band_centres(rate) / rate
    largest = float(centres[-1] - centres[-3]) / 2
    return int(2 ** math.floor(math.log2(LARGEST / largest)))


def hop(rate: int) -> int:
    """Samples between frames: a quarter of the spectrogram's window, within 1 to 32 steps."""
    return min(max(window_length(rate) // 4, step(rate)), MOST * step(rate))


def frames(samples: int, rate: int) -> int:
    """The number of frames that controls have, from half a kernel before the sound to half a kernel after it."""
    return max(-(-(samples + KERNEL * step(rate)) // hop(rate)) + 1, FEWEST)


def noise_size(samples: int, rate: int) -> int:
    """How many numbers of the latent are white noise."""
    return (frames(samples, rate) - 1) * hop(rate)
