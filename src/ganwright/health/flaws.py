"""Flaws of a run's samples, which a person sees and which are no failure of training: notes, with what to try."""

from __future__ import annotations

from collections.abc import Sequence

from ganwright.health.evidence import Evidence

MESH, NOISY, BLURRED, MEMORISING, REMOTE = "mesh", "noisy", "blurred", "memorising", "far from the data"
VISIBLE = {MESH, NOISY, BLURRED, MEMORISING}  # also named while it is undecided whether a run is healthy

PATTERN, LACK = 8.0, 10.0  # decibels: excess and lack of power at some frequencies that a person sees
BROAD = 0.5  # of the excess: more at the median frequency is noise and no pattern
NOTICEABLE = 4.0  # decibels, which two sets of 256 real samples hardly have
COPIED = 0.3  # share of copies of real samples; half of all where mirror images count as real
MANY_TIMES = 5.0  # real samples' own distance

TRY = {
    MESH: "try more --examples, or a generator that resizes before it convolves",
    NOISY: "try more --examples, or a convolutional generator",
    MEMORISING: "try more data, --augment diffaugment, or an earlier checkpoint",
    BLURRED: "try more --examples, or a larger generator",
    REMOTE: "try more --examples, or larger networks",
}


def flaws(check: Evidence) -> list[str]:
    """The flaws of the samples of a health check, the most conspicuous first."""
    seen = {
        MEMORISING: check.copies > COPIED,
        MESH: check.artefacts > PATTERN and not is_broad(check),
        NOISY: check.artefacts > PATTERN and is_broad(check),
        BLURRED: check.missing_detail > LACK,
        REMOTE: check.multiple > MANY_TIMES,
    }
    return [name for name, is_seen in seen.items() if is_seen]


def is_broad(check: Evidence) -> bool:
    """Whether the excess of power is at most frequencies."""
    return check.noise > BROAD * check.artefacts


def lasting(checks: Sequence[Evidence]) -> str:
    """The first flaw of the newest of these checks that all of them have; empty if there is none."""
    found = [flaws(check) for check in checks]
    return next((name for name in found[-1] if all(name in others for others in found)), "")


def in_words(check: Evidence) -> list[str]:
    """Phrases on how near samples are to real ones, flaws first; none for what was not measured."""
    pattern = "noise" if is_broad(check) else "periodic pattern"
    copies = f"{check.copies:.0%} of the samples are nearly copies of training samples"
    excess = f"textures: {pattern}, {check.artefacts:.0f} dB over real samples"
    lack = f"textures: missing detail, {check.missing_detail:.0f} dB under real samples"
    distance = f"{check.multiple:.1f} times as far from the data as real samples are"
    plain = [
        (check.copies > COPIED, copies),
        (check.artefacts > PATTERN, excess),
        (check.missing_detail > LACK, lack),
        (check.multiple > 0, distance),
        (NOTICEABLE < check.artefacts <= PATTERN, excess),
        (NOTICEABLE < check.missing_detail <= LACK, lack),
    ]
    return [words for is_said, words in plain if is_said]
