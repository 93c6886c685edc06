"""The sliced Wasserstein distance of two sets of pictures in pixels, without features.

Rabin, Peyré, Delon & Bernot, Wasserstein barycenter and its application to texture mixing, 2011; for GANs Karras, Aila,
Laine & Lehtinen, Progressive growing of GANs, 2018, arXiv:1710.10196 (on patches of a pyramid; here on whole pictures).
It is sensitive to colours and coarse layout, less to fine detail.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ganwright.core.metric import Array, Compared, Metric
from ganwright.metrics._checked import two_sets_of_pictures
from ganwright.metrics._transport import directions, on_lines

DIRECTIONS = 256
BLOCK = 512  # pictures projected at a time


def sliced_wasserstein(fake: Array, real: Array, count: int = DIRECTIONS) -> float:
    """The mean over `count` fixed directions of the exact 1-Wasserstein distance of the projections.

    `fake` and `real` are uint8 [n, height, width, channels] and [m, ...]; a picture is the vector of its values / 255,
    projected in float32. Raises UserError for anything but uint8 pictures of one size.
    """
    one, other = two_sets_of_pictures(fake, real)
    onto = (directions(one[0].size, count) / 255).astype(np.float32)
    return float(on_lines(_projected(one, onto), _projected(other, onto)).mean())


def _projected(pictures: Array, onto: Array) -> Array:
    """[n, directions], in blocks, so that at most a block of pictures is held as floats."""
    flat = pictures.reshape(len(pictures), -1)
    starts = range(0, len(flat), BLOCK)
    return np.concatenate([flat[start : start + BLOCK].astype(np.float32) @ onto for start in starts])


def _measure(compared: Compared) -> Mapping[str, float]:
    return {"sw": sliced_wasserstein(compared.fake.values, compared.real.values)}


METRIC = Metric(view="pictures", values={"sw": "lower"}, measure=_measure)
