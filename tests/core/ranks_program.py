"""Trains each kind for ten steps in float64, and saves its first gradients and last weights; run by torchrun."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.feed import Feed
from ganwright.core.loop import play_step
from ganwright.core.machine import Machine
from ganwright.domains.images import Images
from ganwright.recipes import dcgan
from ganwright.recipes._convolutional import ConvNetworks
from ganwright.recipes._two_player import Rules

KINDS = {
    "batch-norm": ConvNetworks(width=4, discriminator_norm="batch"),
    "penalty": ConvNetworks(width=4),
    "both": ConvNetworks(width=4, discriminator_norm="batch"),
    "ada": ConvNetworks(width=4),
    "adam": ConvNetworks(width=4),  # a fused optimizer iterates over weights and gradients in memory order
}
PLAIN = Rules(batch=16, optimizer="sgd", beta1=0.0, generator_lr=0.1, discriminator_lr=0.1)
PENALTY = replace(PLAIN, penalty="r1-r2", loss="relativistic", draw="fresh", penalty_every=2)
RULES = {
    "batch-norm": PLAIN,
    "penalty": PENALTY,
    "both": replace(PENALTY, penalty_with_batch_norm=True),
    "ada": replace(PENALTY, augment="ada", ada_examples=640),
    "adam": replace(PLAIN, optimizer="adam", beta1=0.5, generator_lr=1e-3, discriminator_lr=1e-3),
}
ADA_STATE = {"probability": 0.5, "examples_seen": 8, "signs": 3.0}  # of ADA, within a step


def train(kind: str) -> dict[str, torch.Tensor]:
    samples = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 1), dtype=np.uint8)
    torch.manual_seed(0)
    recipe = dcgan.recipe(Data("noise", Images(8, 8, 1), samples), networks=KINDS[kind], rules=RULES[kind])
    machine = Machine(torch.device("cpu"), torch.float64)
    for player in recipe.game.players.values():
        player.to(machine.device, machine.dtype)
    recipe.game.load_state_dict(ADA_STATE)
    feed, clock = Feed(recipe.data, recipe.order, 0, machine), Clock()
    saved: dict[str, torch.Tensor] = {}
    for _ in range(10):
        play_step(recipe.game, recipe.stages[0], clock, feed, clock.examples + 16)
        clock.tick(16)
        if not saved:
            saved = {
                f"gradient.{name}.{place}": parameter.grad.clone()
                for name, player in recipe.game.players.items()
                for place, parameter in enumerate(player.parameters)
                if parameter.grad is not None
            }
    for name, player in recipe.game.players.items():
        saved |= {f"weight.{name}.{key}": value for key, value in player.weights().items()}
    saved |= {f"game.{key}": torch.tensor(value) for key, value in recipe.game.state_dict().items()}
    return saved


if __name__ == "__main__":
    ranks.start(torch.device("cpu"))
    torch.set_num_threads(1)
    for kind in KINDS:
        torch.save(train(kind), Path(sys.argv[1]) / f"{kind}-{ranks.size()}-{ranks.rank()}.pt")
    ranks.stop()
