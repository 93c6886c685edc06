"""A square grid of Gaussians in the plane: 25 modes at {-4, -2, 0, 2, 4}^2 with sigma 0.05.

Dumoulin et al., Adversarially learned inference, 2017, arXiv:1606.00704; sigma as in Lin, Khetan, Fanti & Oh,
PacGAN, 2018, arXiv:1712.04086.
"""

from __future__ import annotations

import numpy as np

from ganwright.core import draws
from ganwright.core.choices import MAX_COUNT, Split, at_least, at_most, check
from ganwright.core.data import Data
from ganwright.domains.points import Points

STEP = 2.0  # between neighbouring centres


def load(
    split: Split = "train", *, count: int = 100_000, side: int = 5, sigma: float = 0.05, data_seed: int = 0
) -> Data:
    """Points float32 [count, 2], each from a mode drawn uniformly; the label is the mode's index.

    split: train, or test for `count` other points
    count: number of points
    side: number of Gaussians along each axis, two apart and centred on the origin; mode = side * column + row
    sigma: standard deviation of each Gaussian in x and in y
    data_seed: random seed of the points

    Raises UserError for a count or side below 1, or a negative sigma.
    """
    check("split", split, Split)
    for option, value, minimum in (("count", count, 1), ("side", side, 1), ("sigma", sigma, 0)):
        at_least(option, value, minimum)
    at_most("count", count, MAX_COUNT)
    random = draws.generator("grid", split, data_seed)
    labels = random.integers(side**2, size=count)
    line = STEP * (np.arange(side) - (side - 1) / 2)
    centres = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)  # [modes, 2]
    points = centres[labels] + sigma * random.standard_normal((count, 2))
    return Data("grid", Points.plain(2), points.astype(np.float32), labels, tuple(map(str, range(side**2))))
