"""The verdict on a run in plain words, from what its looks showed; losses alone never decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ganwright.evidence import Evidence

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

TRY = {
    COLLAPSE: "try --loss relativistic --penalty r1-r2, a lower --generator-rate, or a larger --batch",
    DISCRIMINATOR: "try a lower --discriminator-rate, --penalty r1-r2, or --generator-times 2",
    GENERATOR: "try a higher --discriminator-rate, --discriminator-times 2, or a larger discriminator",
    DIVERGED: "try lower rates, --gradient-clip 1, or --penalty r1-r2",
}


@dataclass(frozen=True)
class Verdict:
    """What is said of a run after `images` images, with its evidence."""

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


def verdict(looks: Sequence[Evidence], horizon: int) -> Verdict:
    """From the last looks, oldest first. An alarm needs PATIENCE suspicious looks in a row."""
    if not looks:
        return Verdict()
    newest = looks[-1]
    now = suspicion(looks)
    if now == HEALTHY or not newest.finite:
        return Verdict(now, in_words(now, newest))
    lately = [suspicion(looks[:place]) for place in range(len(looks), max(len(looks) - PATIENCE, 0), -1)]
    late = newest.images >= WARM_UP * horizon
    if late and len(lately) == PATIENCE and all(name in TRY for name in lately):
        name = Counter(lately).most_common(1)[0][0]
        return Verdict(name, in_words(name, newest))
    return Verdict(UNDECIDED, in_words(UNDECIDED, newest))


def suspicion(looks: Sequence[Evidence]) -> str:
    """What the newest look suggests by itself; older ones say whether the samples still come nearer."""
    look = looks[-1]
    gone = look.missing / look.clusters if look.clusters else 0.0
    alike = gone >= GONE or look.diversity < FLAT
    if not look.finite:
        return DIVERGED
    if look.distance < NEAR and gone <= FEW_GONE and not alike:
        return HEALTHY
    if improving(looks):
        return UNDECIDED
    if look.distance < FAR:
        return COLLAPSE if alike else UNDECIDED
    if look.separation < FOOLED:
        return GENERATOR
    if look.distance > FARTHEST:
        return DIVERGED
    if look.separation > CERTAIN and (look.movement < STILL or not alike):
        return DISCRIMINATOR
    if alike:
        return COLLAPSE
    return GENERATOR if look.separation < BLIND else UNDECIDED


def improving(looks: Sequence[Evidence]) -> bool:
    """Whether the distance fell by a tenth within the last PATIENCE looks, or there are not so many yet."""
    if len(looks) <= PATIENCE:
        return True
    return looks[-1].distance < BETTER * min(look.distance for look in looks[-REMEMBERED:-PATIENCE])


def in_words(name: str, look: Evidence) -> str:
    """The figures that speak for a verdict."""
    if not look.finite:
        return "the losses, scores or samples are no longer finite numbers"
    missing = f"{look.missing} of {look.clusters} real clusters have no sample"
    spread = f"pairwise distance is {look.diversity:.0%} of real"
    told = f"the discriminator tells {look.separation:.0%} of pairs of a real and a generated sample apart"
    far = f"the samples' distance from real data is {look.distance:.2f} of its spread"
    still = f"the samples of the same latents moved by {look.movement:.1%} of it since the last look"
    parts = {
        COLLAPSE: [missing, spread],
        DISCRIMINATOR: [told, far, still],
        GENERATOR: [told, far],
        DIVERGED: [far, spread],
    }
    return "; ".join(parts.get(name, [missing, spread, far]))


def words(evidence: Evidence) -> dict[str, Any]:
    """A look as JSON can hold it."""
    return dict(vars(evidence))
