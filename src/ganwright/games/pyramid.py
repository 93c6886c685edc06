"""The game of a Laplacian pyramid: a generator and a discriminator for each level (LAPGAN, Denton et al. 2015).

A picture I_k of a level is the enlarged picture of the next coarser one and what that lacks, I_k = u(I_k+1) + h_k
(Burt & Adelson 1983; equation 3 of the paper). The coarsest level is a game of its own; at every other one the players
have the enlarged coarser picture u(I_k+1) for their condition, and the generator adds what it takes for h_k. Levels are
trained on real coarser pictures, whoever trains beside them; a sample climbs them, from the coarsest on (equation 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
    """From coarse to fine, each half the next, rounded up."""
    sizes = [(height, width)]
    for _ in range(levels - 1):
        sizes.insert(0, (-(-sizes[0][0] // 2), -(-sizes[0][1] // 2)))
    return sizes


def shrunk(pictures: Tensor, size: Size) -> Tensor:
    """d(I): means over the area of each new pixel."""
    return F.interpolate(pictures, size=size, mode="area")


def enlarged(pictures: Tensor, size: Size) -> Tensor:
    """u(I): bilinear."""
    return F.interpolate(pictures, size=size, mode="bilinear", align_corners=False)


def blurred(pictures: Tensor, sizes: Sequence[Size]) -> list[Tensor]:
    """The Gaussian pyramid: pictures [n, channels, height, width] in each size, from coarse to fine."""
    found = [pictures]
    for size in reversed(sizes[:-1]):
        found.insert(0, shrunk(found[0], size))
    return found


def taken_apart(pictures: Tensor, sizes: Sequence[Size]) -> list[Tensor]:
    """The Laplacian pyramid: the coarsest picture, then what each level adds to the one before."""
    levels = blurred(pictures, sizes)
    details = [
        fine - enlarged(coarse, size) for coarse, fine, size in zip(levels[:-1], levels[1:], sizes[1:], strict=True)
    ]
    return [levels[0], *details]


def put_together(parts: Sequence[Tensor], sizes: Sequence[Size]) -> Tensor:
    """The pictures that `taken_apart` took apart."""
    pictures = parts[0]
    for part, size in zip(parts[1:], sizes[1:], strict=True):
        pictures = enlarged(pictures, size) + part
    return pictures


class Pyramid:
    """The games of the levels, from coarse to fine, whose players are this game's.

    The coarsest level's networks get its pictures, and the class where there are `classes`; all others are called with
    a condition [n, channels + classes, height, width]: the enlarged coarser picture, then a plane for each class, 1 for
    the sample's own. The finest level's players have the plain names: theirs is the picture.
    """

    def __init__(self, levels: Sequence[TwoPlayer], sizes: Sequence[Size], classes: int = 0) -> None:
        self.levels, self.sizes, self.classes = levels, sizes, classes
        self.players: dict[str, Player] = {
            self.name(level, player): found
            for level in reversed(range(len(levels)))
            for player, found in levels[level].players.items()
        }

    def name(self, level: int, word: str) -> str:
        """What a player or a term of a level's game is called in this one."""
        height, width = self.sizes[level]
        return word if level == len(self.levels) - 1 else f"{word} {height}x{width}"

    # -- turns ---------------------------------------------------------------------------------------------------

    def turn(self, level: int, turn: Turn) -> Turn:
        """A turn of a level's game as one of this game."""

        def loss(batch: Batch, draws: Draws) -> Terms:
            terms = turn.loss(self.at(level, batch), draws.at(f"level{level}"))
            objectives, report = (
                {self.name(level, word): value for word, value in named.items()}
                for named in (terms.objectives, terms.report)
            )
            return Terms(objectives, report)

        return replace(turn, players=tuple(self.name(level, player) for player in turn.players), loss=loss)

    def at(self, level: int, batch: Batch) -> Batch:
        """A batch of whole pictures as a level's game sees it."""
        levels = blurred(batch.real, self.sizes)
        if level == 0:
            return Batch(levels[0], batch.condition)
        return Batch(levels[level], self.given(level, levels[level - 1], batch.condition))

    def given(self, level: int, coarser: Tensor, label: Tensor | None) -> Tensor:
        """The condition of a level: the picture of the coarser one, enlarged, and the planes of the classes."""
        coarse = enlarged(coarser, self.sizes[level])
        if label is None:
            return coarse
        planes = F.one_hot(label, self.classes)[:, :, None, None].expand(-1, -1, *self.sizes[level])
        return torch.cat([coarse, planes.to(coarse.dtype)], 1)

    # -- use -----------------------------------------------------------------------------------------------------

    def climb(self, draws: Draws, label: Tensor | None = None) -> list[Tensor]:
        """A sample for each row of `draws` as it is at each level, from coarse to fine."""
        climbed = [self.levels[0].sample(draws.at("level0"), label)]
        for level, game in enumerate(self.levels[1:], start=1):
            climbed.append(game.sample(draws.at(f"level{level}"), self.given(level, climbed[-1], label)))
        return climbed

    def sample(self, draws: Draws, condition: Tensor | None = None) -> Tensor:
        return self.climb(draws, condition)[-1]

    def score(self, samples: Tensor, condition: Tensor | None = None) -> Tensor:
        """The sum over the levels: log p(x) = log p(I_K) + sum_k log p(h_k | I_k+1), and so for ratios of p."""
        batches = [self.at(level, Batch(samples, condition)) for level in range(len(self.levels))]
        scores = [game.score(batch.real, batch.condition) for game, batch in zip(self.levels, batches, strict=True)]
        return torch.stack(scores).sum(0)

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
        """What the finest level's loss makes of the score."""
        return self.levels[-1].probability(score)

    def state_dict(self) -> dict[str, Any]:
        """What each level's game remembers."""
        return {str(level): game.state_dict() for level, game in enumerate(self.levels)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for level, game in enumerate(self.levels):
            game.load_state_dict(state[str(level)])
