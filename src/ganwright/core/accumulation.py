"""What micro-batches, or processes, compute otherwise than a whole batch in one process, as notes for the user."""

from __future__ import annotations

from collections.abc import Callable

from ganwright.core import ranks
from ganwright.core.game import Game
from ganwright.core.machine import Machine


def notes(game: Game, batch: int, machine: Machine) -> list[str]:
    """A sentence for micro-batches and one for processes, where something in the game depends on its part.

    Networks and games say it by methods: over_parts(size) for micro-batches of a size, over_shares(size) for the
    shares of processes.
    """
    share = batch // ranks.size()
    size = share if machine.micro_batch is None else min(machine.micro_batch, share)
    found = _said(game, "over_parts", size) if size < share else []
    shared = _said(game, "over_shares", share) if ranks.size() > 1 else []
    sentences = []
    if found:
        sentences.append(
            f"With --micro-batch {size} a batch of {share} is played in parts, and results differ from those of whole "
            f"batches: {'; '.join(found)}."
        )
    if shared:
        sentences.append(
            f"Each of {ranks.size()} processes has {share} of a batch of {batch}, and results differ from those of one "
            f"process: {'; '.join(shared)}."
        )
    return sentences


def _said(game: Game, method: str, size: int) -> list[str]:
    """What modules say by a method of that name, and the game, which says several things."""
    modules = [module for player in game.players.values() for module in player.network.modules()]
    methods: list[Callable[[int], str]] = [getattr(module, method) for module in modules if hasattr(module, method)]
    of_game: Callable[[int], set[str]] = getattr(game, method, lambda size: set())
    return sorted({*(one(size) for one in methods), *of_game(size)} - {""})
