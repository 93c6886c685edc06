"""A ring of Gaussians in the plane, to test mode coverage.

The 8 modes of Metz, Poole, Pfau & Sohl-Dickstein, Unrolled generative adversarial networks, 2017, arXiv:1611.02163,
on radius 1 with sigma 0.01 as in Srivastava et al., VEEGAN, 2017, arXiv:1705.07761.
"""

from __future__ import annotations

import numpy as np

from ganwright.core import draws
from ganwright.core.choices import MAX_COUNT, Split, at_least, at_most, check
from ganwright.core.data import Data
from ganwright.domains.points import Points


def load(
    split: Split = "train",
    *,
    count: int = 100_000,
    modes: int = 8,
    radius: float = 1.0,
    sigma: float = 0.01,
    data_seed: int = 0,
) -> Data:
    """Points float32 [count, 2], each from a mode drawn uniformly; the label is the mode's index.

    split: train, or test for `count` other points
    count: number of points
    modes: number of Gaussians, the first at angle 0, then counterclockwise
    radius: radius of the ring of centres
    sigma: standard deviation of each Gaussian in x and in y
    data_seed: random seed of the points

    Raises UserError for a count or number of modes below 1, or a negative radius or sigma.
    """
    check("split", split, Split)
    for option, value, low in (("count", count, 1), ("modes", modes, 1), ("radius", radius, 0), ("sigma", sigma, 0)):
        at_least(option, value, low)
    at_most("count", count, MAX_COUNT)
    random = draws.generator("ring", split, data_seed)
    labels = random.integers(modes, size=count)
    angles = 2 * np.pi * np.arange(modes) / modes
    centres = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)  # [modes, 2]
    points = centres[labels] + sigma * random.standard_normal((count, 2))
    return Data("ring", Points.plain(2), points.astype(np.float32), labels, tuple(map(str, range(modes))))
