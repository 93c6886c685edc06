"""A GAN of sound: tones and noise judged by their spectrograms, or WaveGAN's networks (Donahue et al. 2019)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import NonNegativeInt, PositiveInt
from torch import nn

from ganwright.core.condition import Labels
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.domains._spectrogram import BANDS
from ganwright.domains.waveforms import Waveforms
from ganwright.games.two_player import TwoPlayer
from ganwright.nets.conditional import ConditionalGenerator, ProjectionDiscriminator
from ganwright.nets.conv import UnshuffleDown, conv_trunk
from ganwright.nets.initial import he_first
from ganwright.nets.listening import ListeningDiscriminator, LogMel
from ganwright.nets.sound_controls import SoundControls
from ganwright.nets.sound_generator import CONTROLS, SoundGenerator, frames, noise_size
from ganwright.nets.wave_discriminator import wave_trunk
from ganwright.nets.wave_generator import WaveGenerator
from ganwright.recipes._two_player import Rules, two_player
from ganwright.recipes._viewed import ViewPenalty

FOR = "sound"
DATA = "drums"
Kind = Literal["spectral", "wavegan"]
WIDTH = 64  # channels at the coarsest resolution of the spectral networks

RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=5.0,
    penalty_every=8,
    batch=32,
    turns="simultaneous",
    generator_lr=1.5e-3,
    discriminator_lr=1.5e-3,
    beta1=0.0,
    beta2=0.99,
    lr_schedule="cosine",
    ema_half_life=5_000,
)

PRESETS: dict[str, dict[str, Any]] = {
    "published": {
        "generator": "wavegan",
        "discriminator": "wavegan",
        "width": 64,
        "discriminator_width": 64,
        "loss": "wasserstein",
        "penalty": "gradient-penalty",
        "penalty_weight": 10.0,
        "penalty_every": 1,
        "batch": 64,
        "generator_lr": 1e-4,
        "discriminator_lr": 1e-4,
        "beta1": 0.5,
        "beta2": 0.9,
        "lr_schedule": "constant",
        "turns": "alternating",
        "draw": "fresh",
        "discriminator_updates": 5,
        "ema_half_life": 0.0,
        "examples": 12_800_000,
    }
}


@dataclass(frozen=True)
class SoundNetworks:
    """Both players' networks, by their kinds, or the user's own."""

    generator: Annotated[Kind | nn.Module, "generator: of tones and noise, or WaveGAN's"] = "spectral"
    discriminator: Annotated[Kind | nn.Module, "discriminator: of log-mel spectrograms, or WaveGAN's"] = "spectral"
    latent: Annotated[PositiveInt, "latent dimension of a clip, besides noise"] = 100
    width: Annotated[PositiveInt | None, "the generator's channels; none: 64, or by a clip's samples (wavegan)"] = None
    discriminator_width: Annotated[PositiveInt | None, "the discriminator's channels; none: likewise"] = None
    phase_shuffle: Annotated[NonNegativeInt, "radius of WaveGAN's phase shuffle, in places"] = 2
    embedding: Annotated[PositiveInt, "dimension of the class embedding"] = 32


NETWORKS = SoundNetworks()


def recipe(
    data: Data,
    *,
    conditional: Annotated[bool, "condition both players on the class"] = False,
    networks: SoundNetworks = NETWORKS,
    rules: Rules = RULES,
) -> Recipe:
    """Clips of sound of any number of samples, with or without classes: WAV files in, WAV files out.

    The generator makes levels and frequencies of tones, and levels of noise, in 64 mel bands, from which the sound is
    synthesised (Serra & Smith 1990); the discriminator sees the log-mel spectrogram. `--generator wavegan
    --discriminator wavegan` are the networks of Donahue et al. 2019 instead, and `--preset published` also their
    rules, with which they were never trained here.

    With `--conditional`, one seed and one core: of 1,000 clips 32 minutes of spoken digits had 5.0 times the Fréchet
    distance of real clips in mel64 and 98 % of their inception score, 12 minutes of drums 3.7 times and 99 %, 40
    minutes of tones 10.6 times and 93 %; the classes were right in 100, 99.8 and 90.4 %: benchmarks/results/sound.md.
    """
    domain = data.require(Waveforms)
    if len(data) < 2:
        raise UserError(
            f"{data.name} has 1 clip, and training needs at least two: add files, or cut a recording into clips by "
            "--window W --cut all."
        )
    labels = Labels.of_data(data, "sound --conditional") if conditional else None
    classes = len(labels.classes) if labels else 0
    generator, latent = make_generator(networks, domain, classes)
    discriminator = make_discriminator(networks, domain, classes)
    made = two_player(data, generator, discriminator, latent, rules, horizon(domain), condition=labels)
    return viewing(made, discriminator)


def viewing(made: Recipe, discriminator: nn.Module) -> Recipe:
    """The recipe with a penalty on the discriminator's view of sound, if it has one."""
    game = made.game
    if isinstance(game, TwoPlayer) and game.penalty is not None and isinstance(discriminator, ListeningDiscriminator):
        game.penalty = ViewPenalty(game.penalty, discriminator.view)
    return made


def make_generator(networks: SoundNetworks, domain: Waveforms, classes: int) -> tuple[nn.Module, Latent]:
    """The generator by its kind, or the user's own, and its latent."""
    kind = networks.generator
    if isinstance(kind, nn.Module):
        return kind, Latent(networks.latent)
    inputs = networks.latent + (networks.embedding if classes else 0)
    if kind == "wavegan":
        width = networks.width or wave_width(domain.samples)
        wave = WaveGenerator(inputs, domain.samples, width)
        return conditioned(wave, networks, classes), Latent(networks.latent, "uniform")
    shape = CONTROLS, BANDS, frames(domain.samples, domain.sampling_rate)
    network = conditioned(SoundControls(inputs, shape, networks.width or WIDTH), networks, classes)
    noise = noise_size(domain.samples, domain.sampling_rate)
    generator = SoundGenerator(network, domain.samples, domain.sampling_rate, networks.latent)
    return generator, Latent(networks.latent + noise)


def conditioned(generator: nn.Module, networks: SoundNetworks, classes: int) -> nn.Module:
    """A generator that gets an embedding of the class with its latent, if there are classes."""
    return ConditionalGenerator(generator, classes, networks.embedding) if classes else generator


def make_discriminator(networks: SoundNetworks, domain: Waveforms, classes: int) -> nn.Module:
    """The discriminator by its kind; a user's own is returned unchanged."""
    kind = networks.discriminator
    if isinstance(kind, nn.Module):
        return kind
    if kind == "wavegan":
        width = networks.discriminator_width or wave_width(domain.samples)
        return scored(*wave_trunk(domain.samples, width, networks.phase_shuffle), classes)
    view = LogMel(domain.samples, domain.sampling_rate)
    trunk, features = conv_trunk(view.shape, networks.discriminator_width or WIDTH, 2, first=UnshuffleDown)
    return ListeningDiscriminator(view, scored(he_first(trunk), features, classes))


def scored(trunk: nn.Module, features: int, classes: int) -> nn.Module:
    """A trunk with a score [n] of its features [n, features], by projection if there are classes."""
    if classes:
        return ProjectionDiscriminator(trunk, features, classes)
    return nn.Sequential(trunk, nn.Linear(features, 1), nn.Flatten(0))


def wave_width(samples: int) -> int:
    """The default width of WaveGAN's networks: 16 at 4,096 samples, by which the time of an example is constant.

    The multiply-adds of a layer are proportional to samples times the square of the width.
    """
    return max(round(16 * math.sqrt(4_096 / samples)), 2)


def horizon(domain: Waveforms) -> int:
    """The default horizon: examples of 65 million samples in all, 16,000 of 4,096, about two minutes on a CPU."""
    return max(65_536_000 // domain.samples, 1_000)
