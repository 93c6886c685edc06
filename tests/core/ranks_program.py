"""Trains each kind for some steps in float64, and saves its first gradients and last weights; run by torchrun."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.feed import Feed
from ganwright.core.loop import apply_schedules, play_step
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.domains.images import Images
from ganwright.recipes import cyclegan, dcgan, lapgan, progan, semi_supervised
from ganwright.recipes._convolutional import ConvNetworks
from ganwright.recipes._two_player import Rules

BATCH, STEPS = 16, 6
NETWORKS = ConvNetworks(width=4)
NORMALISED = ConvNetworks(width=4, discriminator_norm="batch")
PLAIN = Rules(batch=BATCH, optimizer="sgd", beta1=0.0, generator_lr=0.1, discriminator_lr=0.1)
PENALTY = replace(PLAIN, penalty="r1-r2", loss="relativistic", draw="fresh", penalty_every=2)
DRAGAN = replace(PLAIN, penalty="dragan", generator_lr=1e-3, discriminator_lr=1e-3)
SLOW = replace(PLAIN, generator_lr=1e-2, discriminator_lr=1e-2)
ADAM = replace(PLAIN, optimizer="adam", beta1=0.5, generator_lr=1e-3, discriminator_lr=1e-3)
ADA_STATE = {"probability": 0.5, "examples_seen": 8, "signs": 3.0}  # of ADA, within a step


def data(size: int = 8) -> tuple[Data, np.ndarray]:
    """Noise with labels, and other noise as conditions; the brightness grows with the row."""
    random = np.random.default_rng(0)
    samples, conditions = (random.integers(0, 256, (64, size, size, 1)) for _ in range(2))
    samples = (samples * np.linspace(0.2, 1, 64)[:, None, None, None]).astype(np.uint8)
    labels, classes = np.arange(64) % 4, tuple("0123")
    return Data("noise", Images(size, size, 1), samples, labels, classes), conditions.astype(np.uint8)


def unconditional(rules: Rules, networks: ConvNetworks = NETWORKS) -> Recipe:
    return dcgan.recipe(data()[0], networks=networks, rules=rules)


def unpaired(rules: Rules) -> Recipe:
    samples, conditions = data(size=16)
    two = replace(samples, labels=None, classes=(), conditions=conditions, condition_domain=Images(16, 16, 1))
    sizes = {"width": 2, "blocks": 1, "discriminator_width": 2, "patch_size": 16, "pool_size": 20}
    return cyclegan.recipe(two, rules=replace(rules, loss="least-squares-cyclegan"), **sizes)


def some_labels() -> Recipe:
    learning = semi_supervised.Learning(batch=20, labelled_batch=4)  # 16 fakes a step
    sizes = {"width": 4, "features": 8, "generator_width": 4, "shift": 1}
    return semi_supervised.recipe(data()[0], labels=24, learning=learning, **sizes)


KINDS: dict[str, Callable[[], Recipe]] = {
    "batch-norm": lambda: unconditional(PLAIN, NORMALISED),
    "penalty": lambda: unconditional(PENALTY),
    "both": lambda: unconditional(replace(PENALTY, penalty_with_batch_norm=True), NORMALISED),
    "ada": lambda: unconditional(replace(PENALTY, augment="ada", ada_examples=640)),
    "ada-wasserstein": lambda: unconditional(replace(SLOW, loss="wasserstein", augment="ada", ada_examples=640)),
    "adam": lambda: unconditional(ADAM),  # a fused optimizer iterates over weights and gradients in memory order
    "dragan": lambda: unconditional(DRAGAN),
    "some-labels": some_labels,
    "pool": lambda: unpaired(DRAGAN),
    "levels-dragan": lambda: lapgan.recipe(data()[0], levels=2, hidden=4, width=4, noise=1, rules=DRAGAN),
    "growing-dragan": lambda: progan.recipe(data()[0], latent=4, width=4, finest_width=4, rules=DRAGAN),
}


def train(kind: str, micro_batch: int | None = None, steps: int = STEPS) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    recipe = KINDS[kind]()
    machine, stage = Machine(torch.device("cpu"), torch.float64, None, micro_batch), recipe.stages[0]
    for player in recipe.game.players.values():
        player.to(machine.device, machine.dtype)
    if kind.startswith("ada"):
        recipe.game.load_state_dict(ADA_STATE)
    feed, clock = Feed(recipe.data, recipe.order, 0, machine, recipe.condition), Clock()
    stage.start(clock)
    saved: dict[str, torch.Tensor] = {}
    for _ in range(steps):
        apply_schedules(stage, clock, 10_000)
        play_step(recipe.game, stage, clock, feed, clock.examples + feed.size(clock))
        clock.tick(feed.size(clock))
        if not saved:
            saved = {
                f"gradient.{name}.{place}": parameter.grad.clone()
                for name, player in recipe.game.players.items()
                for place, parameter in enumerate(player.parameters)
                if parameter.grad is not None
            }
    for name, player in recipe.game.players.items():
        saved |= {f"weight.{name}.{key}": value for key, value in player.weights().items()}
    saved |= {
        f"game.{key}": torch.tensor(value) for key, value in recipe.game.state_dict().items() if kind[:3] == "ada"
    }
    return saved


if __name__ == "__main__":
    ranks.start(torch.device("cpu"))
    torch.set_num_threads(1)
    for kind in KINDS:
        torch.save(train(kind), Path(sys.argv[1]) / f"{kind}-{ranks.size()}-{ranks.rank()}.pt")
    ranks.stop()
