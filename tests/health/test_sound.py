"""Health checks of sound tell silence, noise, constant tones, distortion and repetition from real clips."""

import numpy as np
import pytest
import torch
from torch import Tensor

from ganwright.data import drums, tones
from ganwright.health.evidence import Reference
from ganwright.health.traits import distances
from ganwright.health.verdict import MIN_DIVERSITY, NEAR, ODD

COUNT, LENGTH = 128, 2_048
TIME = torch.arange(LENGTH) / 8_000


@pytest.fixture(scope="module", params=[tones, drums], ids=["tones", "drums"])
def clips(request: pytest.FixtureRequest) -> tuple[Tensor, Tensor, Reference]:
    """Real clips, other ones, and the reference of the first."""
    real, other = (request.param.load(part, count=4 * COUNT, length=LENGTH) for part in ("train", "test"))
    order = torch.from_numpy(np.random.default_rng(0).permutation(4 * COUNT))
    encoded = real.domain.encode(torch.from_numpy(real.samples))[order]
    compared = real.domain.compared(encoded)
    return (
        encoded,
        real.domain.encode(torch.from_numpy(other.samples))[order][:COUNT],
        Reference.fitted(compared.numpy(), 4),
    )


def odd(fake: Tensor, real: Tensor) -> float:
    domain = tones.load(count=1, length=LENGTH).domain
    named = ({name: one.double().numpy() for name, one in domain.traits(clip).items()} for clip in (fake, real))
    return max(distances(*named).values())


def test_other_real_clips_look_healthy(clips: tuple[Tensor, Tensor, Reference]) -> None:
    real, other, reference = clips
    fake = reference.project(tones.load(count=1, length=LENGTH).domain.compared(other).numpy())
    assert odd(other, real) < ODD
    assert reference.distance(fake) < NEAR
    assert reference.diversity(fake) > 0.9
    assert reference.missing(fake) == 0


@pytest.mark.parametrize("kind", ["silence", "noise", "tone", "clipped", "a third as loud", "with faint noise"])
def test_what_is_no_such_sound_has_odd_traits(kind: str, clips: tuple[Tensor, Tensor, Reference]) -> None:
    real, other, _ = clips
    noise = torch.randn(COUNT, 1, LENGTH, generator=torch.Generator().manual_seed(0))
    fake = {
        "silence": torch.zeros_like(other),
        "noise": noise / 10,
        "tone": torch.sin(2 * torch.pi * 440 * TIME).expand_as(other) / 3,
        "clipped": other * 20,
        "a third as loud": other / 3,
        "with faint noise": other + noise / 200,
    }
    assert odd(fake[kind], real) > ODD


def test_one_clip_again_and_again_is_not_diverse(clips: tuple[Tensor, Tensor, Reference]) -> None:
    _, other, reference = clips
    again = tones.load(count=1, length=LENGTH).domain.compared(other[:1].expand_as(other)).numpy()
    assert reference.diversity(reference.project(again)) < MIN_DIVERSITY
