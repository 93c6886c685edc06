"""The verdict on a run in plain words, from what its looks showed; losses alone never decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganwright.health.evidence import Evidence

UNDECIDED, HEALTHY = "undecided", "healthy"
COLLAPSE, DIVERGED = "mode collapse", "diverged"
DISCRIMINATOR, GENERATOR = "discriminator overpowers", "generator overpowers"

PATIENCE = 3  # looks in a row that must be alarming before the verdict is
WARM_UP = 0.04  # of the horizon, in which nothing is alarming but numbers that are not finite
REMEMBERED = 12  # looks

FAR, NEAR = 0.1, 0.06  # energy distance: from FAR on samples are plainly not the data, below NEAR they resemble it
FARTHEST = 3.0  # beyond what any one point, in the place of all samples, has to the data it lies among
GONE, FEW_GONE = 0.4, 0.2  # share of the real clusters that is missing
FLAT = 0.4  # diversity below which samples are alike
BLIND, FOOLED = 0.6, 0.1  # separation: the discriminator hardly tells, or prefers the fakes
CERTAIN = 0.99  # separation: it always tells
STILL = 0.01  # movement of samples that no longer learn
BETTER = 0.9  # of an earlier distance is an improvement
WIDER = 0.02  # more diversity than before is one, where samples are alike

TRY = {
    COLLAPSE: "try --loss relativistic --penalty r1-r2, a lower --generator-lr, or a larger --batch",
    DISCRIMINATOR: "try --loss relativistic --penalty r1-r2, a lower --discriminator-lr, or --generator-updates 2",
    GENERATOR: "try a higher --discriminator-lr, --discriminator-updates 2, or a larger discriminator",
    DIVERGED: "try a lower --generator-lr and --discriminator-lr, --gradient-clip 1, or --penalty r1-r2",
}


@dataclass(frozen=True)
class Verdict:
    """What is said of a run after `examples` images, with its evidence."""

    name: str = UNDECIDED
    evidence: str = "no look at the samples yet"

    @property
    def alarming(self) -> bool:
        return self.name in TRY

    @property
    def advice(self) -> str:
        """What to try, or nothing."""
        return TRY.get(self.name, "")

    @property
    def words(self) -> dict[str, str]:
        """For the log."""
        return {"name": self.name, "evidence": self.evidence} | ({"try": self.advice} if self.alarming else {})

    def __str__(self) -> str:
        return f"{self.name}: {self.evidence}" + (f"; {self.advice}" if self.alarming else "")


def verdict(checks: Sequence[Evidence], horizon: int) -> Verdict:
    """From the last looks, oldest first.

    An alarm needs PATIENCE suspicious looks in a row, most of them, and the newest, of one opinion: the evidence that
    is shown is the newest look's.
    """
    if not checks:
        return Verdict()
    newest = checks[-1]
    now = suspicion(checks)
    if now == HEALTHY or not newest.finite:
        return Verdict(now, in_words(now, newest))
    lately = [suspicion(checks[:place]) for place in range(len(checks), max(len(checks) - PATIENCE, 0), -1)]
    late = newest.examples >= WARM_UP * horizon
    in_a_row = len(lately) == PATIENCE and all(name in TRY for name in lately)
    if late and in_a_row and 2 * lately.count(now) > PATIENCE:
        return Verdict(now, in_words(now, newest))
    return Verdict(UNDECIDED, in_words(UNDECIDED, newest))


def suspicion(checks: Sequence[Evidence]) -> str:
    """What the newest look suggests by itself; older ones say whether the samples still come nearer."""
    check = checks[-1]
    if not check.finite:
        return DIVERGED
    alike = are_alike(check)
    if check.distance < NEAR and check.missing <= FEW_GONE * check.clusters and not alike:
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
    if check.diversity >= FLAT and is_blind(checks):
        return GENERATOR
    return COLLAPSE if alike else UNDECIDED


def are_alike(check: Evidence) -> bool:
    """Whether the samples are of few kinds, or close to each other."""
    return check.missing >= GONE * check.clusters or check.diversity < FLAT


def is_blind(checks: Sequence[Evidence]) -> bool:
    """Whether the discriminator hardly tells samples that are far from what it is shown.

    The separation swings where both players move fast, so that several looks are averaged.
    """
    lately = checks[-2 * PATIENCE :]
    return checks[-1].shown > FAR and sum(check.separation for check in lately) < BLIND * len(lately)


def improving(checks: Sequence[Evidence]) -> bool:
    """Whether the distance fell by a tenth within the last PATIENCE looks, or there are not so many yet.

    Samples that are alike must have become more various too: one point, in the place of all samples, comes nearer to
    the data's middle without any improvement.
    """
    if len(checks) <= PATIENCE:
        return True
    now, before = checks[-1], checks[-REMEMBERED:-PATIENCE]
    nearer = now.distance < BETTER * min(check.distance for check in before)
    wider = now.diversity > WIDER + max(check.diversity for check in before)
    fuller = now.missing < min(check.missing for check in before)
    return nearer and (wider or fuller or not are_alike(now))


def in_words(name: str, check: Evidence) -> str:
    """The figures that speak for a verdict."""
    if not check.finite:
        return "the losses, scores or samples are no longer finite numbers"
    missing = f"{check.missing} of {check.clusters} clusters of the real data have hardly a sample"
    spread = f"the samples lie {check.diversity:.0%} as far from each other as real ones"
    told = (
        f"the discriminator puts a real sample above a generated one in {check.separation:.0%} of pairs (chance: 50%)"
    )
    far = f"the samples' distance from real data is {check.distance:.2f} of its spread (real data's own: 0)"
    still = f"samples of the same latents moved by {check.movement:.1%} of the spread since the last look"
    parts = {
        COLLAPSE: [missing, spread],
        DISCRIMINATOR: [told, far, still],
        GENERATOR: [told, far],
        DIVERGED: [far, spread],
    }
    return "; ".join(parts.get(name, [missing, spread, far]))
