"""Tables: encoding, decoding, and saved forms."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganwright.config.serialization import domain_from_json, domain_to_json
from ganwright.core.column import Column
from ganwright.domains.table import Table

CATEGORIES = ("?", "clerk", "smith")
JOBS = Table((Column("age", (), 1.0, 40.0, 10.0), Column("job", CATEGORIES), Column("height", (), 0.0, 1.7, 0.1)))


def rows(count: int, seed: int = 0) -> np.ndarray:
    g = np.random.default_rng(seed)
    return np.column_stack([g.integers(20, 60, count), g.integers(0, 3, count), g.normal(1.7, 0.1, count)])


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(-99, 999), st.integers(0, 2), st.floats(-5, 5)), min_size=1, max_size=9))
def test_decoding_inverts_encoding(drawn: list[tuple[int, int, float]]) -> None:
    stored = np.array(drawn, dtype=np.float64)
    encoded = JOBS.encode(torch.from_numpy(stored))
    assert (encoded.shape, encoded.dtype) == ((len(stored), 5), torch.float32)
    decoded = JOBS.decode(encoded)
    assert decoded.dtype == np.float64
    assert np.array_equal(decoded[:, :2], stored[:, :2])
    assert np.allclose(decoded[:, 2], stored[:, 2], atol=1e-5)


def test_any_network_output_decodes_to_a_row() -> None:
    decoded = JOBS.decode(torch.tensor([[0.234, -3.0, 2.0, 1.9, 0.0]]))
    assert decoded[0, :2].tolist() == [42, 1]
    assert decoded[0, 2] == pytest.approx(1.7)


def test_numbers_are_standardised() -> None:
    column = Column.of_numbers("x", np.array([1.0, 3.0]))
    assert (column.integer, column.shift, column.scale) == (True, 2.0, 1.0)
    constant = Column.of_numbers("x", np.array([0.5, 0.5]))
    assert (constant.integer, constant.scale) == (False, 1.0)


def test_the_domain_is_restored_from_its_dict() -> None:
    import json

    saved = json.loads(json.dumps(domain_to_json(JOBS)))
    assert domain_from_json(saved, "recipe.json") == JOBS
    assert saved["kind"] == "table"


def test_csv_has_the_original_category_names(tmp_path: Path) -> None:
    JOBS.writers[".csv"](np.array([[30.0, 2, 1.75], [41, 0, 1.5]]), None, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "age,job,height\n30,smith,1.75\n41,?,1.5\n"
    JOBS.writers[".csv"](np.array([[30.0, 2, 1.75]]), np.array([7]), tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text() == "age,job,height,condition\n30,smith,1.75,7\n"


def test_render_and_preview() -> None:
    wide, narrow = JOBS.render(rows(50, 1), rows(60)), JOBS.preview(rows(1))
    assert wide.size == narrow.size
    assert np.asarray(wide).std() > 0
    assert JOBS.describe() == "rows of 3 columns (2 numbers, 1 category)"
    assert Table(JOBS.columns[:1]).describe() == "rows of 1 column (1 number, 0 categories)"


def test_numbers_are_rounded_to_their_resolution_without_a_negative_zero() -> None:
    columns = Column("a", resolution=0.01), Column("b", resolution=2.5), Column("c")
    found = Table(columns).decode(torch.tensor([[0.0349, -1.2, -0.001], [-0.004, 11.3, 0.5]]))
    assert found[:, :2].tolist() == [[0.03, 0.0], [0.0, 12.5]]
    assert not np.signbit(found[:, :2]).any()
    np.testing.assert_allclose(found[:, 2], [-0.001, 0.5], rtol=1e-6)
