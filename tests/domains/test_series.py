"""Series: encoding to [0, 1], decoding, and saved forms."""

import json
from pathlib import Path

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ganwright.config.serialization import domain_from_json, domain_to_json
from ganwright.domains.series import Series

WALK = np.random.default_rng(0).standard_normal((40, 2)).cumsum(axis=0).astype(np.float32)
DOMAIN = Series.spanning(WALK, 5, ("x", "y"))
WINDOWS = np.stack([WALK[i : i + 5] for i in range(36)])


@settings(deadline=None, derandomize=True)
@given(hnp.arrays(np.float32, (7, 3), elements=st.floats(-1e4, 1e4, width=32)))
def test_decoding_inverts_encoding(series: np.ndarray) -> None:
    domain = Series.spanning(series, 7, ("a", "b", "c"))
    encoded = domain.encode(torch.from_numpy(series[None]))
    assert encoded.shape[1:] == domain.shape
    assert -1e-6 <= encoded.min() <= encoded.max() <= 1 + 1e-6
    assert np.allclose(domain.decode(encoded), series[None], atol=1e-2, rtol=1e-6)


def test_a_constant_feature_keeps_its_unit() -> None:
    domain = Series.spanning(np.full((9, 1), 4.0), 3, ("x",))
    assert (domain.low, domain.high) == ((4.0,), (5.0,))


def test_the_domain_is_restored_from_its_dict() -> None:
    assert domain_from_json(json.loads(json.dumps(domain_to_json(DOMAIN))), "recipe.json") == DOMAIN


def test_csv_has_one_line_per_time_step(tmp_path: Path) -> None:
    DOMAIN.writers[".csv"](WINDOWS[:2], None, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "window,step,x,y"
    assert len(lines) == 11
    values = np.loadtxt(lines[1:], delimiter=",")
    assert values[:, :2].tolist() == [[window, step] for window in range(2) for step in range(5)]
    assert np.allclose(values[:, 2:].reshape(2, 5, 2), WINDOWS[:2], rtol=1e-6)


def test_render_and_preview() -> None:
    sample_grid, preview = DOMAIN.render(WINDOWS[:9], WINDOWS), DOMAIN.preview(WINDOWS[:1])
    assert sample_grid.width == 2 * preview.width
    assert DOMAIN.describe() == "series of 5 time steps, 2 features"
