"""A data set is checked before it is trained on: its arrays, and the encoding of its domain."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from conftest import pictures, points
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.domains.points import Points


@dataclass(frozen=True)
class Wrong(Points):
    """Points whose encoding or decoding gives something else."""

    encoding: Any = None
    decoding: Any = None

    def encode(self, stored: Tensor) -> Any:
        return super().encode(stored) if self.encoding is None else self.encoding(stored)

    def decode(self, encoded: Tensor) -> Any:
        return super().decode(encoded) if self.decoding is None else self.decoding(encoded)


def wrong(**changed: Any) -> Data:
    return replace(points(), domain=Wrong((0.0, 0.0), (1.0, 1.0), **changed))


def raising(stored: Tensor) -> Tensor:
    raise ZeroDivisionError("division by zero")


@pytest.mark.parametrize("data", [points(), pictures(), wrong()], ids=["points", "pictures", "own"])
def test_data_that_fit_their_domain_pass(data: Data) -> None:
    assert data.check() is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (replace(points(), domain=Points), "should be an object of a subclass of Domain, not Points."),
        (replace(points(), domain=object()), "should be an object of a subclass of Domain, not object."),
        (
            replace(points(), samples=[[0.0, 1.0]]),
            "should be an array of numbers [n, 2], points of 2 dimensions, not list.",
        ),
        (replace(points(), samples=np.ones((4, 3))), "points of 2 dimensions, not float64 [4, 3]."),
        (replace(points(), samples=np.ones((4, 2), dtype=complex)), "not complex128 [4, 2]."),
        (replace(points(), samples=np.ones((0, 2))), "has no samples."),
        (replace(points(), samples=np.full((4, 2), np.nan)), "not finite: check the samples for NaN and infinity."),
        (replace(points(), labels=np.zeros(3, dtype=int), classes=("a",)), "one for each sample."),
        (replace(points(), conditions=np.ones((4, 2))), "should be an object of a subclass of Domain, not NoneType."),
        (wrong(encoding=lambda stored: stored[:, :1]), "as a tensor of floats [64, 2], not torch.float32 [64, 1]."),
        (wrong(encoding=lambda stored: stored.long()), "as a tensor of floats [64, 2], not torch.int64 [64, 2]."),
        (wrong(encoding=lambda stored: stored.numpy()), "as a tensor of floats [64, 2], not ndarray."),
        (
            wrong(encoding=raising),
            "decoding samples failed: ZeroDivisionError: division by zero (./tests/core/test_data.py:35, in raising).",
        ),
        (wrong(decoding=lambda encoded: None), "should decode 64 samples as an array [64, 2], not NoneType."),
        (wrong(decoding=lambda encoded: encoded.numpy()[:, :1]), "as an array [64, 2], not [64, 1]."),
    ],
)
def test_other_data_are_one_sentence(data: Data, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        data.check()
    assert str(caught.value).endswith(sentence)
