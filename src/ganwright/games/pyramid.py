"""The game of a Laplacian pyramid: a generator and a discriminator for each level (LAPGAN, Denton et al. 2015).

The image I_k of a level is the upsampled image of the next coarser level plus details, I_k = u(I_k+1) + h_k (Burt &
Adelson 1983; equation 3 of the paper). The coarsest level is unconditional. At every other level the players are
conditioned on u(I_k+1), and the generator generates h_k. Every level is trained on real coarser images, independently
of the others; sampling goes from the coarsest level to the finest (equation 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.player import Player
from ganwright.core.turn import Terms, Turn
from ganwright.games.two_player import TwoPlayer

Size = tuple[int, int]


def pyramid_sizes(height: int, width: int, levels: int) -> list[Size]:
    """Sizes (height, width) from coarse to fine, each half of the next, rounded up."""
    sizes = [(height, width)]
    for _ in range(levels - 1):
        sizes.insert(0, (-(-sizes[0][0] // 2), -(-sizes[0][1] // 2)))
    return sizes


def shrunk(pictures: Tensor, size: Size) -> Tensor:
    """d(I): area interpolation to `size`."""
    return F.interpolate(pictures, size=size, mode="area")


def enlarged(pictures: Tensor, size: Size) -> Tensor:
    """u(I): bilinear interpolation to `size`."""
    return F.interpolate(pictures, size=size, mode="bilinear", align_corners=False)


def gaussian_pyramid(pictures: Tensor, sizes: Sequence[Size]) -> list[Tensor]:
    """The Gaussian pyramid: images [n, channels, height, width] in each size, from coarse to fine."""
    levels = [pictures]
    for size in reversed(sizes[:-1]):
        levels.insert(0, shrunk(levels[0], size))
    return levels


class Pyramid:
    """Combines the games of the levels, from coarse to fine.

    The coarsest level's networks get its images and, if `classes` > 0, the class. The others get a condition
    [n, channels + classes, height, width]: the upsampled coarser image and a one-hot plane for each class. The finest
    level's players are called "generator" and "discriminator"; the others' names end in their size.
    """

    def __init__(self, levels: Sequence[TwoPlayer], sizes: Sequence[Size], classes: int = 0) -> None:
        self.levels, self.sizes, self.classes = levels, sizes, classes
        self.players: dict[str, Player] = {
            self.name(level, name): player
            for level in reversed(range(len(levels)))
            for name, player in levels[level].players.items()
        }

    def name(self, level: int, word: str) -> str:
        """The name in this game of a player or a term of a level's game."""
        height, width = self.sizes[level]
        return word if level == len(self.levels) - 1 else f"{word} {height}x{width}"

    # -- turns ---------------------------------------------------------------------------------------------------

    def turn(self, level: int, turn: Turn) -> Turn:
        """A turn of a level's game as a turn of this game."""

        def loss(batch: Batch, draws: Draws) -> Terms:
            terms = turn.loss(batch.mapped(partial(self.at, level)), draws.at(f"level{level}"))
            objectives, report = (
                {self.name(level, word): value for word, value in values.items()}
                for values in (terms.objectives, terms.report)
            )
            return Terms(objectives, report)

        return replace(turn, players=tuple(self.name(level, player) for player in turn.players), loss=loss)

    def at(self, level: int, batch: Batch) -> Batch:
        """The batch of a level's game for a batch of full-size images."""
        levels = gaussian_pyramid(batch.real, self.sizes)
        if level == 0:
            return Batch(levels[0], batch.condition)
        return Batch(levels[level], self.level_condition(level, levels[level - 1], batch.condition))

    def level_condition(self, level: int, coarser: Tensor, label: Tensor | None) -> Tensor:
        """The condition of a level: the upsampled coarser image and the planes of the classes."""
        coarse = enlarged(coarser, self.sizes[level])
        if label is None:
            return coarse
        planes = F.one_hot(label, self.classes)[:, :, None, None].expand(-1, -1, *self.sizes[level])
        return torch.cat([coarse, planes.to(coarse.dtype)], 1)

    # -- use -----------------------------------------------------------------------------------------------------

    def sample_levels(self, draws: Draws, label: Tensor | None = None) -> list[Tensor]:
        """The samples at every level, from coarse to fine, one for each row of `draws`."""
        samples = [self.levels[0].sample(draws.at("level0"), label)]
        for level, game in enumerate(self.levels[1:], start=1):
            samples.append(game.sample(draws.at(f"level{level}"), self.level_condition(level, samples[-1], label)))
        return samples

    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        return self.sample_levels(draws, condition)[-1]

    def score(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        """The sum over the levels: log p(x) = log p(I_K) + sum_k log p(h_k | I_k+1), and so for density ratios."""
        batches = [self.at(level, Batch(samples, condition)) for level in range(len(self.levels))]
        scores = [game.score(batch.real, batch.condition) for game, batch in zip(self.levels, batches, strict=True)]
        return torch.stack(scores).sum(0)

    def classify(self, samples: Tensor, condition: Tensor | None = None) -> None:
        """The levels' discriminators have no classifier."""

    def inputs(self, player: str, samples: Tensor, condition: Tensor | None, draws: Draws) -> tuple[Tensor, ...]:
        level, word = next(
            (level, word)
            for level, game in enumerate(self.levels)
            for word in game.players
            if self.name(level, word) == player
        )
        batch = self.at(level, Batch(samples, condition))
        return self.levels[level].inputs(word, batch.real, batch.condition, draws)

    def probability(self, score: Tensor) -> Tensor | None:
        """D(x) by the finest level's loss, or None."""
        return self.levels[-1].probability(score)

    def over_parts(self, size: int) -> set[str]:
        return {sentence for game in self.levels for sentence in game.over_parts(size)}

    def state_dict(self) -> dict[str, Any]:
        """The state of each level's game."""
        return {str(level): game.state_dict() for level, game in enumerate(self.levels)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for level, game in enumerate(self.levels):
            game.load_state_dict(state[str(level)])
