"""The verdict on a run and its evidence, from its health checks, independent of losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganwright.health import flaws
from ganwright.health.evidence import Evidence

UNDECIDED, HEALTHY = "undecided", "healthy"
COLLAPSE, DIVERGED = "mode collapse", "diverged"
DISCRIMINATOR, GENERATOR = "discriminator overpowers", "generator overpowers"

PATIENCE = 3  # consecutive suspicious checks before an alarm
WARM_UP = 0.04  # of the horizon, in which only non-finite numbers are alarming
HISTORY = 12  # checks

FAR, NEAR = 0.1, 0.06  # energy distance: samples differ from the data above FAR and resemble them below NEAR
FARTHEST = 3.0  # energy distance above that of any single point among the data
MANY_MISSING, FEW_MISSING = 0.4, 0.2  # fraction of missing clusters
ODD = 0.2  # distance of a trait's distribution from real data's above which samples are not healthy
MIN_DIVERSITY = 0.4  # below it samples are alike
BLIND, FOOLED = 0.6, 0.1  # separation: the discriminator hardly discriminates, or prefers fakes
CERTAIN = 0.99  # separation: the discriminator always discriminates
STILL = 0.01  # movement of samples that no longer change
FLAWS_FROM = 0.25  # of the horizon, before which flaws of undecided runs are not named
BETTER = 0.9  # of an earlier distance is an improvement
WIDER = 0.02  # increase of diversity that is an improvement, for samples that are alike

TRY = {
    COLLAPSE: "try --loss relativistic --penalty r1-r2, a lower --generator-lr, or a larger --batch",
    DISCRIMINATOR: "try --loss relativistic --penalty r1-r2, a lower --discriminator-lr, or --generator-updates 2",
    GENERATOR: "try a higher --discriminator-lr, --discriminator-updates 2, or a larger discriminator",
    DIVERGED: "try a lower --generator-lr and --discriminator-lr, --gradient-clip 1, or --penalty r1-r2",
}


@dataclass(frozen=True)
class Verdict:
    """A verdict and its evidence. `passing`: no disease was found and samples resemble the data, flawed or not."""

    name: str = UNDECIDED
    evidence: str = "no health check yet"
    passing: bool = False

    @property
    def alarming(self) -> bool:
        return self.name in TRY

    @property
    def advice(self) -> str:
        """Options to try; empty for a verdict that is neither alarming nor a flaw."""
        return {**TRY, **flaws.TRY}.get(self.name, "")

    @property
    def words(self) -> dict[str, str]:
        """The entry in the log."""
        return {"name": self.name, "evidence": self.evidence} | ({"try": self.advice} if self.alarming else {})

    def __str__(self) -> str:
        return f"{self.name}: {self.evidence}" + (f"; {self.advice}" if self.alarming else "")


def verdict(checks: Sequence[Evidence], horizon: int) -> Verdict:
    """The verdict from the last health checks, oldest first.

    An alarm needs PATIENCE consecutive suspicious checks of which the majority, including the newest, agree. The
    evidence is that of the newest check.
    """
    if not checks:
        return Verdict()
    newest = checks[-1]
    now = suspicion(checks)
    if not newest.finite:
        return Verdict(now, in_words(now, newest))
    if now == HEALTHY:
        return Verdict(flaws.lasting(checks[-PATIENCE:]) or HEALTHY, in_words(now, newest), passing=True)
    recent = [suspicion(checks[:place]) for place in range(len(checks), max(len(checks) - PATIENCE, 0), -1)]
    late = newest.examples >= WARM_UP * horizon
    in_a_row = len(recent) == PATIENCE and all(name in TRY for name in recent)
    if late and in_a_row and 2 * recent.count(now) > PATIENCE:
        return Verdict(now, in_words(now, newest))
    seen = newest.examples >= FLAWS_FROM * horizon and len(checks) >= PATIENCE
    flaw = flaws.lasting(checks[-PATIENCE:]) if seen else ""
    return Verdict(flaw if flaw in flaws.VISIBLE else UNDECIDED, in_words(UNDECIDED, newest))


def suspicion(checks: Sequence[Evidence]) -> str:
    """The verdict that the newest check suggests; older checks show whether samples are still improving."""
    check = checks[-1]
    if not check.finite:
        return DIVERGED
    alike = are_alike(check)
    if check.distance < NEAR and check.missing <= FEW_MISSING * check.clusters and not alike and check.traits <= ODD:
        return HEALTHY
    if improving(checks):
        return UNDECIDED
    if check.distance < FAR:
        return COLLAPSE if alike else UNDECIDED
    if check.separation < FOOLED:
        return GENERATOR
    if check.distance > FARTHEST:
        return DIVERGED
    if check.separation > CERTAIN and (check.movement < STILL or not alike):
        return DISCRIMINATOR
    if check.diversity >= MIN_DIVERSITY and is_blind(checks):
        return GENERATOR
    return COLLAPSE if alike else UNDECIDED


def are_alike(check: Evidence) -> bool:
    """Whether many clusters are missing, or samples are close to each other."""
    return check.missing >= MANY_MISSING * check.clusters or check.diversity < MIN_DIVERSITY


def is_blind(checks: Sequence[Evidence]) -> bool:
    """Whether the discriminator hardly discriminates, although samples differ from its real batches.

    The separation is averaged over several checks, because it oscillates if both players learn fast.
    """
    recent = checks[-2 * PATIENCE :]
    return checks[-1].shown > FAR and sum(check.separation for check in recent) < BLIND * len(recent)


def improving(checks: Sequence[Evidence]) -> bool:
    """Whether the distance fell by a tenth within the last PATIENCE checks, or there are too few checks to tell.

    Samples that are alike must become more diverse, too: a single point that moves towards the centre of the data is
    no improvement.
    """
    if len(checks) <= PATIENCE:
        return True
    now, before = checks[-1], checks[-HISTORY:-PATIENCE]
    nearer = now.distance < BETTER * min(check.distance for check in before)
    wider = now.diversity > WIDER + max(check.diversity for check in before)
    fuller = now.missing < min(check.missing for check in before)
    return nearer and (wider or fuller or not are_alike(now))


def in_words(name: str, check: Evidence) -> str:
    """The evidence of a verdict as a phrase for messages, the most conspicuous first."""
    if not check.finite:
        return "the losses, scores or samples are no longer finite numbers"
    clusters = f"{check.clusters} clusters of the real data are"
    coverage = f"{check.missing} of {clusters} not covered" if check.missing else f"all {clusters} covered"
    spread = f"the samples' mean pairwise distance is {check.diversity:.0%} of real data's"
    separation = f"the discriminator ranks a real sample above a generated one in {check.separation:.0%} of pairs"
    ranking = f"{separation} (chance: 50%)"
    distance = f"the samples' energy distance to real data is {check.distance:.2f} of its spread (real data: 0)"
    traits = [f"{check.worst} differ from real data's (Kolmogorov-Smirnov distance {check.traits:.2f})"]
    movement = f"samples of the same latents moved by {check.movement:.1%} of the spread since the last health check"
    parts = {
        COLLAPSE: [coverage, spread],
        DISCRIMINATOR: [ranking, distance, movement],
        GENERATOR: [ranking, distance],
        DIVERGED: [distance, spread],
    }
    odd = traits if check.traits > ODD else []
    if name in parts:
        return "; ".join([*odd, *parts[name]])
    nearness = [] if check.multiple else [distance]
    return "; ".join([*odd, *flaws.in_words(check), coverage, spread, *nearness])
