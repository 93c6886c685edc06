"""A GAN of text: convolutional, LSTM and GRU players, for made words or the user's strings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt
from torch import nn

from ganwright.auxiliary_losses.likelihood import Likelihood
from ganwright.core.auxiliary_loss import AuxiliaryLoss
from ganwright.core.condition import Labels
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.core.turn import Schedule
from ganwright.domains.strings import Strings
from ganwright.nets.series_discriminator import RecurrentFeatures, SeriesFeatures
from ganwright.nets.string_bodies import ConvStrings, RecurrentStrings
from ganwright.nets.string_discriminator import ResidualFeatures, StringDiscriminator, WindowFeatures
from ganwright.nets.string_generator import CHOICES, EMBEDDING, Choice, Outputs, StringBody, StringGenerator
from ganwright.recipes._two_player import Rules, two_player

FOR = "text"
DATA = "words"
EXAMPLES = 40_000  # the default horizon: about two minutes on a CPU
LIKELIHOOD = {"conv": 1.0, "lstm": 10.0, "gru": 10.0}  # default weight of -log p, a symbol, by the generator
COLUMN = "name the column of a .csv or .tsv that holds the strings with --text COLUMN"  # for a table
Generator = Literal["conv", "lstm", "gru"]
Discriminator = Literal["windows", "conv", "lstm", "gru"]
Shape = tuple[int, int]


@dataclass(frozen=True)
class TextNetworks:
    """Both players' networks, by their kinds, or the user's own."""

    generator: Annotated[Generator | nn.Module, "generator: all symbols at once, or one after another"] = "gru"
    discriminator: Annotated[
        Discriminator | nn.Module, "discriminator: windows of symbols, convolutional or recurrent"
    ] = "windows"
    outputs: Annotated[Outputs, "probabilities, relaxed one-hot vectors, or drawn symbols"] = "straight-through"
    temperature: Annotated[PositiveFloat, "temperature of the generator's softmax at first"] = 1.0
    temperature_end: Annotated[PositiveFloat, "its temperature at the end, reached exponentially"] = 1.0
    latent: Annotated[PositiveInt, "latent dimension of a string, besides the noise of drawn symbols"] = 32
    width: Annotated[PositiveInt, "the generator's channels, or size of its recurrent state"] = 128
    discriminator_width: Annotated[PositiveInt, "the discriminator's channels, or size of its recurrent state"] = 64
    layers: Annotated[PositiveInt, "layers of a recurrent network"] = 1
    blocks: Annotated[PositiveInt, "residual blocks of a convolutional network"] = 5
    likelihood_weight: Annotated[
        NonNegativeFloat | None,
        "weight of -log p of real strings, a symbol, in the generator's loss; none: 10, 1 for conv, 0 for your own",
    ] = None


NETWORKS = TextNetworks()
RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=0.02,
    penalty_end=0.5,
    penalty_every=8,
    batch=32,
    turns="simultaneous",
    generator_lr=2e-3,
    discriminator_lr=1e-3,
    beta1=0.0,
    beta2=0.99,
    lr_schedule="cosine",
    ema_half_life=10_000,
)

CONVOLUTIONAL: dict[str, Any] = {
    "generator": "conv",
    "discriminator": "conv",
    "outputs": "softmax",
    "likelihood_weight": 0.0,
    "loss": "wasserstein",
    "penalty": "gradient-penalty",
    "penalty_weight": 10.0,
    "penalty_end": 1.0,
    "penalty_every": 1,
    "turns": "alternating",
    "draw": "fresh",
    "beta1": 0.5,
    "beta2": 0.9,
}  # Gulrajani et al. 2017, section 5.5
PRESETS: dict[str, dict[str, Any]] = {
    "convolutional": {
        **CONVOLUTIONAL,
        "width": 64,
        "discriminator_width": 64,
        "blocks": 3,
        "discriminator_updates": 3,
        "generator_lr": 1e-3,
        "discriminator_lr": 1e-3,
    },
    "published": {
        **CONVOLUTIONAL,
        "latent": 128,
        "width": 512,
        "discriminator_width": 512,
        "batch": 64,
        "discriminator_updates": 10,
        "generator_lr": 1e-4,
        "discriminator_lr": 1e-4,
        "lr_schedule": "constant",
        "ema_half_life": 0.0,
    },
}


def recipe(
    data: Data,
    *,
    networks: TextNetworks = NETWORKS,
    conditional: Annotated[bool, "draw strings of a class, which the data name for each"] = False,
    rules: Rules = RULES,
) -> Recipe:
    """Strings of symbols of any length: words, names, sentences, poems, sequences of residues, melodies.

    The generator draws one symbol after another, and reads what it has drawn; the discriminator sees one-hot vectors.
    Draws learn by a straight-through gradient, or as Gumbel-softmax (`--outputs`), and by the likelihood of real
    strings (`--likelihood-weight`), by which generators of text are pretrained as a rule (Yu et al. 2017, SeqGAN).
    `--preset published` has the convolutional players and rules of Gulrajani et al. 2017, section 5.5, which need a
    GPU; `--preset convolutional` has the same sized to a laptop.

    On 51,024 English words 12 minutes on one core gave a Jensen-Shannon divergence of 4-grams of .247 to .250 with
    three seeds, 93 to 94 % new words and 99 % different ones (a trigram chain: .287, 90 % and 83 %; an LSTM trained by
    likelihood: .224, 90 % and 98 %): benchmarks/results/text.md.
    """
    domain = data.require(Strings, hint=None if data.domain.default_recipe else COLUMN)
    labels = classes_of(data) if conditional else None
    classes = 0 if labels is None else len(labels.classes)
    choice = CHOICES[networks.outputs]()
    length, symbols = domain.shape
    generator = make_generator(networks, choice, domain.shape, classes)
    return two_player(
        data,
        generator,
        make_discriminator(networks, domain.shape, classes),
        Latent(networks.latent + length * symbols * choice.noises),
        rules,
        EXAMPLES,
        schedules=[annealing(choice, networks.temperature, networks.temperature_end)],
        condition=labels,
        auxiliary_losses=likelihood(networks, generator, length),
    )


def classes_of(data: Data) -> Labels:
    """The classes of strings. Raises UserError if there are none, or only one."""
    if data.labels is None:
        raise UserError(
            f"--conditional needs a class for each string, and {data.name} has none: put the strings of each class "
            "into a .txt of its own, all in one folder, or into a .csv with a column label."
        )
    return Labels.of_data(data, "--conditional")


def make_generator(networks: TextNetworks, choice: Choice, shape: Shape, classes: int) -> nn.Module:
    """The generator by its kind; a user's own is returned unchanged."""
    if isinstance(networks.generator, nn.Module):
        return networks.generator
    context, width, layers = networks.latent + EMBEDDING * (classes > 0), networks.width, networks.layers
    bodies: dict[Generator, Callable[[], StringBody]] = {
        "conv": lambda: ConvStrings(context, shape, width, networks.blocks),
        "lstm": lambda: RecurrentStrings(context, shape, width, "lstm", layers),
        "gru": lambda: RecurrentStrings(context, shape, width, "gru", layers),
    }
    return StringGenerator(bodies[networks.generator](), choice, networks.latent, shape[0], classes)


def likelihood(networks: TextNetworks, generator: nn.Module, length: int) -> list[AuxiliaryLoss]:
    """The generator's loss of likelihood, if it has a weight."""
    weight = networks.likelihood_weight
    if weight is None:
        weight = 0.0 if isinstance(networks.generator, nn.Module) else LIKELIHOOD[networks.generator]
    if not weight:
        return []
    if not isinstance(generator, StringGenerator):
        raise UserError("--likelihood-weight needs a generator of the recipe: your own has no likelihood.")
    return [Likelihood(generator.log_likelihood, weight / length)]


def make_discriminator(networks: TextNetworks, shape: Shape, classes: int) -> nn.Module:
    """The discriminator by its kind; a user's own is returned unchanged."""
    if isinstance(networks.discriminator, nn.Module):
        return networks.discriminator
    width, layers = networks.discriminator_width, networks.layers
    features: dict[Discriminator, Callable[[], SeriesFeatures]] = {
        "windows": lambda: WindowFeatures(shape, width),
        "conv": lambda: ResidualFeatures(shape, width, networks.blocks),
        "lstm": lambda: RecurrentFeatures(shape[1], width, "lstm", layers),
        "gru": lambda: RecurrentFeatures(shape[1], width, "gru", layers),
    }
    return StringDiscriminator(features[networks.discriminator](), classes)


def annealing(choice: Choice, start: float, end: float) -> Schedule:
    """Changes the temperature from `start` to `end`, exponentially."""

    def set_to(progress: float) -> None:
        choice.temperature.fill_(start * (end / start) ** min(progress, 1.0))

    return set_to
