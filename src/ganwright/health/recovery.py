"""What is done for a run that went wrong: taken back to where it was healthy, it goes on slower and on other draws."""

from __future__ import annotations

from typing import Any

from ganwright.core.feed import Feed
from ganwright.core.game import Game
from ganwright.health.verdict import COLLAPSE, DISCRIMINATOR, DIVERGED, GENERATOR

MOST = 3  # attempts, before a run is given up
REMEDIES: dict[str, dict[str, float]] = {  # by verdict: what the rate of a player of each kind is multiplied by
    COLLAPSE: {"generator": 0.5, "discriminator": 0.5},
    DISCRIMINATOR: {"discriminator": 0.3},
    GENERATOR: {"generator": 0.3},
    DIVERGED: {"generator": 0.3, "discriminator": 0.3},
}


class Attempts:
    """The remedies that a run was given so far; the number of attempts enters the seed of all draws.

    Without it the run would replay the same fall.
    """

    def __init__(self, game: Game, feed: Feed) -> None:
        self.game, self.feed = game, feed
        self.given: list[str] = []

    @property
    def exhausted(self) -> bool:
        return len(self.given) >= MOST

    def add(self, given: list[str]) -> None:
        """Gives those of the remedies, each a verdict's name, that the game as it stands has not been given yet."""
        for name in given[len(self.given) :]:
            self._slow_down(name)
        self.given = given
        self.feed.attempt = len(given)

    def _slow_down(self, name: str) -> None:
        shares = REMEDIES[name]
        for player_name, player in self.game.players.items():
            share = shares.get(player_name.split()[0], 1.0)  # "generator 8x8" is a generator
            for group in player.optimizer.param_groups:
                group["initial_lr"], group["lr"] = share * group["initial_lr"], share * group["lr"]

    def state_dict(self) -> dict[str, Any]:
        return {"given": self.given}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The optimizers were restored with the rates that the remedies left them."""
        self.given = list(state["given"])
        self.feed.attempt = len(self.given)


def in_words(name: str) -> str:
    """A remedy, as it is told."""
    shares = REMEDIES[name]
    rates = [f"the {player}'s rate is multiplied by {share:g}" for player, share in shares.items()]
    return " and ".join(rates) + ", and all draws are new"
