"""What gradient accumulation over micro-batches computes otherwise than a whole batch, as a note for the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ganwright.core import ranks
from ganwright.core.game import Game
from ganwright.core.machine import Machine


def notes(game: Game, batch: int, machine: Machine) -> list[str]:
    """One sentence if a game's global `batch` is split and something in the game depends on the parts."""
    size, share = machine.micro_batch, batch // ranks.size()
    if size is None or size >= share:
        return []
    found = sorted({*_of_networks(game, size), *_of_losses(game, size)} - {""})
    return (
        [
            f"With --micro-batch {size} a batch of {share} is played in parts, and results differ from those of whole "
            f"batches: {'; '.join(found)}."
        ]
        if found
        else []
    )


def _of_networks(game: Game, size: int) -> Iterator[str]:
    """What modules with a method over_parts(size) say."""
    for player in game.players.values():
        for module in player.network.modules():
            said: Callable[[int], str] | None = getattr(module, "over_parts", None)
            if said is not None:
                yield said(size)


def _of_losses(game: Game, size: int) -> set[str]:
    """What the game says, if it has that method."""
    of_losses: set[str] = getattr(game, "over_parts", lambda size: set())(size)
    return of_losses
