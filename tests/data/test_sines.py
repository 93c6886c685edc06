"""The sines of TimeGAN: each feature is a sine of small frequency and phase."""

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.data import sines


def test_every_feature_is_a_sine_of_frequency_and_phase_up_to_a_tenth() -> None:
    data = sines.load(count=500)
    assert data.samples.shape == (500, 24, 5)
    angles = np.arcsin(2 * data.samples.astype(np.float64) - 1)
    rising = angles[:, :8]  # below a right angle: 0.1 x 7 + 0.1
    frequency = np.diff(rising, axis=1)
    assert frequency == pytest.approx(frequency[:, :1].repeat(7, 1), abs=1e-5)
    for values in (frequency[:, 0], rising[:, 0]):
        assert (values.min(), values.max()) == (pytest.approx(0, abs=1e-3), pytest.approx(0.1, abs=1e-3))
        assert values.mean() == pytest.approx(0.05, abs=0.003)
    assert np.corrcoef(frequency[:, 0, 0], frequency[:, 0, 1])[0, 1] == pytest.approx(0, abs=0.15)


def test_parts_differ_and_are_scaled_by_the_training_part() -> None:
    train, test = (sines.load(split, count=50, length=10, features=2) for split in ("train", "test"))
    assert train.domain == test.domain
    assert [column.name for column in train.domain.columns] == ["sine_1", "sine_2"]
    assert not np.isin(train.samples, test.samples).all()
    assert np.array_equal(sines.load(count=50, length=10, features=2).samples, train.samples)
    assert not np.array_equal(sines.load(count=50, length=10, features=2, data_seed=1).samples, train.samples)


@pytest.mark.parametrize("option", ["count", "length", "features"])
def test_sizes_are_checked(option: str) -> None:
    with pytest.raises(UserError, match=f"{option} must be at least 1, not 0"):
        sines.load(**{option: 0})
    with pytest.raises(UserError, match="at most"):
        sines.load(count=10**6)
