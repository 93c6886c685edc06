"""Recovery: after a rewind to a healthy checkpoint, training continues with lower learning rates and new draws."""

from __future__ import annotations

from pydantic import with_config
from typing_extensions import TypedDict

from ganwright.core.feed import Feed
from ganwright.core.game import Game
from ganwright.core.schema import EXACT
from ganwright.health.verdict import COLLAPSE, DISCRIMINATOR, DIVERGED, GENERATOR

MAX_ATTEMPTS = 3
REMEDIES: dict[str, dict[str, float]] = {  # by verdict: factors of the learning rates of players
    COLLAPSE: {"generator": 0.5, "discriminator": 0.5},
    DISCRIMINATOR: {"discriminator": 0.3},
    GENERATOR: {"generator": 0.3},
    DIVERGED: {"generator": 0.3, "discriminator": 0.3},
}


@with_config(EXACT)
class AttemptsState(TypedDict):
    """The verdicts whose remedies were applied."""

    given: list[str]


class Attempts:
    """The remedies applied to a run so far.

    The number of attempts enters the seed of all draws, so that an attempt does not replay the failure.
    """

    def __init__(self, game: Game, feed: Feed) -> None:
        self.game, self.feed = game, feed
        self.given: list[str] = []

    @property
    def exhausted(self) -> bool:
        return len(self.given) >= MAX_ATTEMPTS

    def add(self, names: list[str]) -> None:
        """Applies the remedies `names`, each named by its verdict, that are not yet applied to the game."""
        for name in names[len(self.given) :]:
            self._reduce_lr(name)
        self.given = names
        self.feed.attempt = len(names)

    def _reduce_lr(self, name: str) -> None:
        factors = REMEDIES[name]
        for player_name, player in self.game.players.items():
            factor = factors.get(player_name.split()[0], 1.0)  # "generator 8x8" is a generator
            for group in player.optimizer.param_groups:
                group["initial_lr"], group["lr"] = factor * group["initial_lr"], factor * group["lr"]

    def state_dict(self) -> AttemptsState:
        return {"given": self.given}

    def load_state_dict(self, state: AttemptsState) -> None:
        """Restores the list only: learning rates are part of the optimizers' state."""
        self.given = list(state["given"])
        self.feed.attempt = len(self.given)


def in_words(name: str) -> str:
    """A remedy as a phrase for messages."""
    factors = REMEDIES[name]
    rates = [f"the {player}'s learning rate is multiplied by {factor:g}" for player, factor in factors.items()]
    return " and ".join(rates) + ", and all random draws are new"
