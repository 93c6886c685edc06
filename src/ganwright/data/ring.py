"""A ring of Gaussians in the plane: does the generator find every mode?

The 8 modes of Metz, Poole, Pfau & Sohl-Dickstein, Unrolled generative adversarial networks, 2017, arXiv:1611.02163,
on radius 1 with sigma 0.01 as in Srivastava et al., VEEGAN, 2017, arXiv:1705.07761.
"""

from __future__ import annotations

import numpy as np

from ganwright.core import draws
from ganwright.core.data import Data
from ganwright.data._choices import Split, at_least, check
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
    """Points float32 [count, 2], each drawn from one of the modes with equal chances; the label is the mode's number.

    split: train, or test for as many fresh points.
    count: how many points.
    modes: how many Gaussians, the first at angle 0, then counterclockwise.
    radius: of the ring through the Gaussians' centres.
    sigma: standard deviation of each Gaussian in x and in y.
    data_seed: another seed gives other points.

    A UserError for a count or number of modes below 1, or a negative radius or sigma.
    """
    check("split", split, Split)
    for option, value, least in (("count", count, 1), ("modes", modes, 1), ("radius", radius, 0), ("sigma", sigma, 0)):
        at_least(option, value, least)
    random = draws.generator("ring", split, data_seed)
    labels = random.integers(modes, size=count)
    angles = 2 * np.pi * np.arange(modes) / modes
    centres = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)  # [modes, 2]
    points = centres[labels] + sigma * random.standard_normal((count, 2))
    return Data("ring", Points.plain(2), points.astype(np.float32), labels, tuple(map(str, range(modes))))
