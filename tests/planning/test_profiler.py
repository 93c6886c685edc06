"""The field that stands in for a trained discriminator's: lively, and finite where a dimension of the data is not."""

import numpy as np

from ganwright.planning.profiler import _landscape


def test_the_field_varies_over_the_plane_and_is_finite_for_constant_dimensions() -> None:
    random = np.random.default_rng(0)
    stored = random.standard_normal((100, 2)).astype(np.float32)
    values = _landscape(random, stored)(stored)
    assert values.shape == (100,)
    assert values.std() > 0.05
    stored[:, 1] = 7
    assert np.isfinite(_landscape(random, stored)(stored)).all()
