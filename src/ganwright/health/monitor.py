"""Monitors a run's health: checks samples and scores at intervals, and updates the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Annotated, Any, NotRequired, cast

import numpy as np
import torch
from annotated_types import MaxLen
from numpy.typing import NDArray
from pydantic import with_config
from torch import Tensor
from typing_extensions import TypedDict

from ganwright.core import ranks
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.domain import Stored
from ganwright.core.draws import Draws
from ganwright.core.every import Every
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played
from ganwright.core.order import some
from ganwright.core.recipe import Recipe
from ganwright.core.schema import EXACT
from ganwright.health.evidence import CHECKED, MAX_REAL, Array, Evidence, Reference, separation
from ganwright.health.likeness import ENOUGH, Likeness
from ganwright.health.likeness import MAX_REAL as MAX_SEEN
from ganwright.health.textures import Textures, textures
from ganwright.health.traits import distances
from ganwright.health.verdict import HISTORY, Verdict, verdict

MAX_CHECKS = 200  # over the horizon
MIN_INTERVAL = 16 * CHECKED  # examples between two checks: sampling costs less than training on as many
UNSEEN = 1.0  # variance of noise, in squared grey levels, that nobody sees
TRACKED = 16  # latents whose samples are compared between checks


class AlarmRaised(Exception):  # noqa: N818 - a signal to the trainer, not an error
    """The verdict is alarming, and the run is configured to stop or rewind."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


@with_config(EXACT)
class EvidenceState(TypedDict):
    """See `Evidence`."""

    examples: int
    finite: bool
    clusters: int
    missing: int
    diversity: float
    distance: float
    shown: float
    separation: float
    movement: float
    traits: NotRequired[float]
    worst: NotRequired[str]
    multiple: NotRequired[float]
    copies: NotRequired[float]
    artefacts: NotRequired[float]
    missing_detail: NotRequired[float]
    noise: NotRequired[float]


@with_config(EXACT)
class MonitorState(TypedDict):
    """The newest checks, and the samples [latents, axes] whose movement is measured."""

    checks: Annotated[list[EvidenceState], MaxLen(HISTORY)]
    tracked: list[list[float]]


class HealthMonitor:
    """A callback that checks samples; `verdict` is that of the newest check.

    If `raises` is set, `raise_alarm` raises an alarming verdict. `features` maps stored samples to the vectors in
    which they are compared with real ones; by default that is done in their principal axes.
    """

    def __init__(
        self,
        recipe: Recipe,
        feed: Feed,
        horizon: Horizon,
        raises: bool = False,
        features: Callable[[Stored], NDArray[np.float32]] | None = None,
    ) -> None:
        self.recipe, self.feed, self.horizon, self.raises = recipe, feed, horizon, raises
        self.features = features
        data = recipe.data
        self.may_copy = features is not None and (data.conditions is None or not data.paired)
        self.every = health_check_interval(horizon.planned)
        real = self._real()
        self.reference = Reference.fitted(self._compared(real), len(recipe.data.classes))
        self.traits = self._traits(real)
        stored = recipe.data.domain.decode(real)
        self.spectra = recipe.data.domain.spectra(stored, UNSEEN) if len(stored) >= ENOUGH else {}
        self.likeness = Likeness.fitted(self._seen(real[:MAX_SEEN], stored[:MAX_SEEN])) if len(real) > 1 else None
        self.reset()

    def reset(self) -> None:
        """Restores the state before the first check."""
        self.checks: list[Evidence] = []
        self.tracked: Array = np.zeros((0, 0))
        self.verdict = Verdict()
        self.alarm: Verdict | None = None

    def __call__(self, clock: Clock, played: Played) -> None:
        if not (self.every.due(clock.examples - played.examples, clock.examples) or self.horizon.reached(clock)):
            return
        if not self._all_trained(clock):
            self.checks = []  # a player that waits for its stage is not overpowered
        self.check(clock, played.terms)

    def check(self, clock: Clock, terms: dict[str, Tensor]) -> None:
        """Runs a health check and updates the verdict."""
        self.checks = [*self.checks, self._check(clock, terms)][-HISTORY:]
        self.verdict = verdict(self.checks, self.horizon.planned)
        self.alarm = self.verdict if self.raises and self.verdict.alarming else None

    def raise_alarm(self, clock: Clock, played: Played) -> None:
        """A separate callback, called after logging, so that the last log line has the final verdict."""
        if self.alarm is not None:
            raise AlarmRaised(self.alarm)

    def state_dict(self) -> MonitorState:
        return {
            "checks": [cast(EvidenceState, asdict(check)) for check in self.checks],
            "tracked": self.tracked.tolist(),
        }

    def load_state_dict(self, state: MonitorState) -> None:
        self.checks = [Evidence(**check) for check in state["checks"]]
        self.tracked = np.array(state["tracked"], dtype=np.float64)
        self.verdict, self.alarm = verdict(self.checks, self.horizon.planned), None

    # -- a health check ------------------------------------------------------------------------------------------

    def _all_trained(self, clock: Clock) -> bool:
        """Whether every player is trained in the current stage or in an earlier one."""
        stages = self.recipe.stages[: clock.stage + 1]
        return {
            name for stage in stages for turn in stage.turns for name in turn.players
        } == self.recipe.game.players.keys()

    def _check(self, clock: Clock, terms: dict[str, Tensor]) -> Evidence:
        """Computes the evidence in every process and returns that of the first."""
        game, machine = self.recipe.game, self.feed.machine
        real = self._next_batches(clock)
        draws = Draws(self.feed.seed, 0, 0, CHECKED, "watch", machine.device, machine.dtype)
        condition = None if real.condition is None else real.condition[torch.arange(CHECKED) % len(real)]
        fake = game.sample(draws, condition)
        scores = game.score(real.real, real.condition), game.score(fake, condition)
        finite = all(torch.isfinite(value).all() for value in (*terms.values(), *scores, fake))
        last = clock.stage == len(self.recipe.stages) - 1
        figures = self._figures(fake, real.real, *scores, last=last) if finite else [0.0] * 14
        agreed = ranks.broadcast_first(torch.tensor([float(finite), *figures], device=machine.device)).tolist()
        worst = list(self.traits)[int(agreed[9])] if self.traits else ""
        clusters, missing = int(agreed[1]), int(agreed[2])
        evidence = Evidence(clock.examples, bool(agreed[0]), clusters, missing, *agreed[3:8])
        seen = dict(zip(("multiple", "copies", *Textures._fields), agreed[10:], strict=True))
        return replace(evidence, traits=agreed[8], worst=worst, **seen)

    def _figures(self, fake: Tensor, shown: Tensor, real_score: Tensor, fake_score: Tensor, last: bool) -> list[float]:
        """The figures in the order of `Evidence`, from `clusters` on, with the place of the worst trait.

        Those of `_likeness` are measured in the `last` stage only: before it samples may be coarse.
        """
        projected, others = (self.reference.project(self._compared(one)) for one in (fake, shown[:CHECKED]))
        traits = list(distances(self._traits(fake), self.traits).values()) or [0.0]
        return [
            float(len(self.reference.centres)),
            float(self.reference.missing(projected)),
            self.reference.diversity(projected),
            self.reference.distance(projected),
            self.reference.distance(projected, others),
            separation(_array(real_score), _array(fake_score)),
            self._movement(projected[:TRACKED]),
            max(traits),
            float(np.argmax(traits)),
            *(self._likeness(fake) if last else [0.0] * 5),
        ]

    def _likeness(self, fake: Tensor) -> list[float]:
        """The figures of `Evidence` from `multiple` on."""
        stored = self.recipe.data.domain.decode(fake)
        compared = textures(self.recipe.data.domain.spectra(stored, UNSEEN), self.spectra)
        if self.likeness is None:
            return [0.0, 0.0, *compared]
        seen = self._seen(fake, stored)
        return [self.likeness.multiple(seen), self.likeness.copies(seen) if self.may_copy else 0.0, *compared]

    def _seen(self, encoded: Tensor, stored: Stored) -> NDArray[Any]:
        """What samples are to those who look at them, [n, numbers]: their features, or their principal axes."""
        if self.features is None:
            return self.reference.project(self._compared(encoded))
        return self.features(stored)

    def _compared(self, samples: Tensor) -> np.ndarray:
        return _array(self.recipe.data.domain.compared(samples))

    def _traits(self, samples: Tensor) -> dict[str, Array]:
        traits = self.recipe.data.domain.traits(samples)
        return {name: _array(values).astype(np.float64) for name, values in traits.items()}

    def _movement(self, tracked: Array) -> float:
        """The mean distance of tracked samples from those of the last check / the real spread."""
        before, self.tracked = self.tracked, tracked
        changes = tracked - before if before.shape == tracked.shape else tracked
        return float(np.linalg.norm(changes, axis=1).mean() / self.reference.spread)

    def _next_batches(self, clock: Clock) -> Batch:
        """The next real samples, at least CHECKED, that the discriminator is trained on, in the view of the stage."""
        stage = self.recipe.stages[clock.stage]
        batches: list[Batch] = []
        ahead = Clock(clock.examples, clock.step)
        while sum(len(batch) for batch in batches) < CHECKED:
            batch, draws = self.feed.draw(ahead, 0)
            batches.append(stage.view(batch, draws.at("view")))
            ahead.examples += self.feed.size(ahead)
        conditions = [batch.condition for batch in batches if batch.condition is not None]
        return Batch(torch.cat([batch.real for batch in batches]), torch.cat(conditions) if conditions else None)

    def _real(self) -> Tensor:
        """Encoded real samples in random order, in the view of the last stage."""
        rows = some(len(self.recipe.data), MAX_REAL, "reference")
        order = np.argsort(rows)  # reads a memory map sequentially
        ordered = self.recipe.real_batch(rows[order], Draws(self.feed.seed, 0, 0, len(rows), "reference")).real
        real = torch.empty_like(ordered)
        real[torch.from_numpy(order)] = ordered
        return real


def health_check_interval(horizon: int) -> Every:
    """When samples are checked in a run of that horizon, besides its end."""
    return Every(max(horizon // MAX_CHECKS, MIN_INTERVAL))


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy()
