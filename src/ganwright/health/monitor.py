"""Watches a run's health: every so many images it looks at samples and scores, and says what it thinks of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganwright.core import ranks
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.draws import Draws
from ganwright.core.feed import Feed
from ganwright.core.order import some
from ganwright.core.recipe import Recipe
from ganwright.health.evidence import CHECKED, REAL, Array, Evidence, Reference, separation
from ganwright.health.verdict import REMEMBERED, Verdict, verdict

CHECKS = 200  # over the horizon, at most,
MIN_INTERVAL = 16 * CHECKED  # images between two of them: drawing samples costs less than training on as many
FOLLOWED = 16  # latents whose samples are followed from look to look


class AlarmRaised(Exception):  # noqa: N818 - a wish of the observer's, not an error
    """The verdict is alarming, and the run was not to go on with that."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


class HealthMonitor:
    """An observer whose `verdict` is that of the newest look.

    Where `raises`, the `alarm` of a look is raised by `raise_alarm`, which is called after the round was reported.
    """

    def __init__(self, recipe: Recipe, feed: Feed, horizon: int, raises: bool = False) -> None:
        self.recipe, self.feed, self.horizon, self.raises = recipe, feed, horizon, raises
        self.every = health_check_every(horizon)
        self.reference = Reference.fitted(self._real(), len(recipe.data.classes))
        self.reset()

    def reset(self) -> None:
        """As before the first look."""
        self.checks: list[Evidence] = []
        self.followed: Array = np.zeros((0, 0))
        self.verdict = Verdict()
        self.alarm: Verdict | None = None

    def __call__(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        if not clock.passed(self.every, size):
            return
        if not self._all_play(clock):
            self.checks = []  # whoever waits for its stage is not overpowered
        self.check(clock, terms)

    def check(self, clock: Clock, terms: dict[str, Tensor]) -> None:
        """One more look, and the verdict after it."""
        self.checks = [*self.checks, self._check(clock, terms)][-REMEMBERED:]
        self.verdict = verdict(self.checks, self.horizon)
        self.alarm = self.verdict if self.raises and self.verdict.alarming else None

    def raise_alarm(self, clock: Clock, size: int, terms: dict[str, Tensor]) -> None:
        """An observer of its own, so that the log's last line has the verdict that the run ended with."""
        if self.alarm is not None:
            raise AlarmRaised(self.alarm)

    def state_dict(self) -> dict[str, Any]:
        return {"looks": [asdict(check) for check in self.checks], "followed": self.followed.tolist()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.checks = [Evidence(**check) for check in state["looks"]]
        self.followed = np.array(state["followed"])
        self.verdict, self.alarm = verdict(self.checks, self.horizon), None

    # -- a look --------------------------------------------------------------------------------------------------

    def _all_play(self, clock: Clock) -> bool:
        """Whether every player has come to move, in the present stage or before it."""
        stages = self.recipe.stages[: clock.stage + 1]
        return {
            name for stage in stages for turn in stage.turns for name in turn.players
        } == self.recipe.game.players.keys()

    def _check(self, clock: Clock, terms: dict[str, Tensor]) -> Evidence:
        """The same evidence in every process: that of the first."""
        game, machine = self.recipe.game, self.feed.machine
        met = self._met(clock)
        draws = Draws(self.feed.seed, 0, 0, CHECKED, "watch", machine.device, machine.dtype)
        condition = None if met.condition is None else met.condition[torch.arange(CHECKED) % len(met)]
        fake = game.sample(draws, condition)
        scores = game.score(met.real, met.condition), game.score(fake, condition)
        finite = all(torch.isfinite(value).all() for value in (*terms.values(), *scores, fake))
        figures = self._figures(fake, met.real, *scores) if finite else [0.0] * 7
        agreed = ranks.broadcast_first(torch.tensor([float(finite), *figures], device=machine.device)).tolist()
        return Evidence(clock.examples, bool(agreed[0]), int(agreed[1]), int(agreed[2]), *agreed[3:])

    def _figures(self, fake: Tensor, shown: Tensor, real_score: Tensor, fake_score: Tensor) -> list[float]:
        """Clusters, how many are missing, diversity, distance, shown, separation, movement."""
        projected = self.reference.project(_array(fake))
        moved = self._moved(projected[:FOLLOWED])
        return [
            float(len(self.reference.centres)),
            float(self.reference.missing(projected)),
            self.reference.diversity(projected),
            self.reference.distance(projected),
            self.reference.distance(projected, self.reference.project(_array(shown[:CHECKED]))),
            separation(_array(real_score), _array(fake_score)),
            moved,
        ]

    def _moved(self, followed: Array) -> float:
        """The mean way of the followed samples since the last look, over the real spread."""
        before, self.followed = self.followed, followed
        ways = followed - before if before.shape == followed.shape else followed
        return float(np.linalg.norm(ways, axis=1).mean() / self.reference.spread)

    def _met(self, clock: Clock) -> Batch:
        """The next real samples that the discriminator is going to meet, as the stage shows them."""
        stage = self.recipe.stages[clock.stage]
        batches: list[Batch] = []
        ahead = Clock(clock.examples, clock.step)
        while sum(len(batch) for batch in batches) < CHECKED:
            batch, draws = self.feed.draw(ahead, 0)
            batches.append(stage.view(batch, draws.at("view")))
            ahead.examples += self.feed.size(ahead)
        conditions = [batch.condition for batch in batches if batch.condition is not None]
        return Batch(torch.cat([batch.real for batch in batches]), torch.cat(conditions) if conditions else None)

    def _real(self) -> np.ndarray:
        """Encoded real samples in random order, as the last stage shows them."""
        rows = some(len(self.recipe.data), REAL, "reference")
        order = np.argsort(rows)  # a memory map is read forward
        shown = _array(self.recipe.real_batch(rows[order], Draws(self.feed.seed, 0, 0, len(rows), "reference")).real)
        real = np.empty_like(shown)
        real[order] = shown
        return real


def health_check_every(horizon: int) -> int:
    """Images between two looks."""
    return max(horizon // CHECKS, MIN_INTERVAL)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy()
