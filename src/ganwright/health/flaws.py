"""Flaws of a run's samples, which a person sees and which are no failure of training: notes, with what to try."""

from __future__ import annotations

from collections.abc import Sequence

from ganwright.health.evidence import Evidence

MESH, MEMORISING, BLURRED, REMOTE = "mesh", "memorising", "blurred", "far from the data"
VISIBLE = {MESH, MEMORISING, BLURRED}  # also named while it is undecided whether a run is healthy

PATTERN, LACK = 10.0, 12.0  # decibels: excess and lack of power at some frequencies that a person sees
NOTICEABLE = 4.0  # decibels, which two sets of 256 real samples hardly have
COPIED = 0.5  # share of copies of real samples
MANY_TIMES = 8.0  # real samples' own distance

TRY = {
    MESH: "try more --examples, or a generator that resizes before it convolves",
    MEMORISING: "try more data, --augment diffaugment, or an earlier checkpoint",
    BLURRED: "try more --examples, or a larger generator",
    REMOTE: "try more --examples, or larger networks",
}


def flaws(check: Evidence) -> list[str]:
    """The flaws of the samples of a health check, the most conspicuous first."""
    seen = {
        MEMORISING: check.copies > COPIED,
        MESH: check.artefacts > PATTERN,
        BLURRED: check.missing_detail > LACK,
        REMOTE: check.multiple > MANY_TIMES,
    }
    return [name for name, is_seen in seen.items() if is_seen]


def lasting(checks: Sequence[Evidence]) -> str:
    """The first flaw of the newest of these checks that all of them have; empty if there is none."""
    found = [flaws(check) for check in checks]
    return next((name for name in found[-1] if all(name in others for others in found)), "")


def in_words(check: Evidence) -> list[str]:
    """Phrases on how near samples are to real ones; none for what was not measured."""
    pattern = "periodic pattern" if check.artefacts > PATTERN else "pattern"
    detail = "detail is missing" if check.missing_detail > LACK else "some detail is missing"
    seen = {
        f"{check.copies:.0%} of the samples are nearly copies of training samples": check.copies > COPIED,
        f"textures: {pattern}, {check.artefacts:.0f} dB over real samples": check.artefacts > NOTICEABLE,
        f"textures: {detail}, {check.missing_detail:.0f} dB under real samples": check.missing_detail > NOTICEABLE,
        f"{check.multiple:.1f} times as far from the data as real samples are": check.multiple > 0,
    }
    return [words for words, is_seen in seen.items() if is_seen]
