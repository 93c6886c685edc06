"""Series: encoding, decoding, and saved forms."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ganwright.config.serialization import domain_from_json, domain_to_json
from ganwright.core.column import Column
from ganwright.core.errors import DamagedError, UserError
from ganwright.domains._own_range import OwnRange
from ganwright.domains.series import Series


def spanning(series: np.ndarray, steps: int, names: str) -> Series:
    """Windows of one series [time, features], whose values fill [-1, 1]."""
    return Series(steps, tuple(Column.spanning(name, series[:, i].astype(float)) for i, name in enumerate(names)))


WALK = np.random.default_rng(0).standard_normal((40, 2)).cumsum(axis=0).astype(np.float32)
DOMAIN = spanning(WALK, 5, "xy")
WINDOWS = np.stack([WALK[i : i + 5] for i in range(36)])
SKY, SIZE = Column("sky", ("rain", "sun")), Column("size", resolution=1.0, shift=2.0, scale=3.0)
UNEVEN = np.array([[[1, 0, 7], [3, 1, 7], [5, 1, 7]], [[400, 1, 8], [200, 0, 8], [np.nan] * 3]], np.float32)
MIXED = Series(
    3,
    (Column("x", scale=10.0), SKY),
    (SIZE,),
    variable=True,
    own_ranges=(OwnRange.of("x", UNEVEN[:, :, 0], 0.5),),
)


@settings(deadline=None, derandomize=True)
@given(hnp.arrays(np.float32, (7, 3), elements=st.floats(-1e4, 1e4, width=32)))
def test_decoding_inverts_encoding(series: np.ndarray) -> None:
    domain = spanning(series, 7, "abc")
    encoded = domain.encode(torch.from_numpy(series[None]))
    assert encoded.shape[1:] == domain.shape
    assert -1 - 1e-6 <= encoded.min() <= encoded.max() <= 1 + 1e-6
    assert np.allclose(domain.decode(encoded), series[None], atol=1e-2, rtol=1e-6)


def test_a_constant_feature_keeps_its_unit() -> None:
    assert spanning(np.full((9, 1), 4.0), 3, "x").features == (Column("x", (), 1.0, 4.0, 1.0),)


def test_series_of_several_lengths_are_encoded_with_a_flag_and_their_range() -> None:
    encoded = MIXED.encode(torch.from_numpy(UNEVEN))
    assert encoded.shape[1:] == MIXED.shape == (3, 1 + 2 + 1 + 1 + 2)
    assert encoded[:, :, 0].tolist() == [[-1, 0, 1], [1, -1, 0]]  # by the range of each series
    assert encoded[:, :, 1:4].tolist()[1] == [[0, 1, 1], [1, 0, 1], [0, 0, 0]]  # one-hot, flag
    assert (encoded[:, :, 4:] == encoded[:, :1, 4:]).all()
    assert np.allclose(MIXED.decode(encoded), UNEVEN, equal_nan=True)


def test_a_series_has_at_least_one_step_and_ends_once() -> None:
    encoded = MIXED.encode(torch.from_numpy(UNEVEN))
    encoded[0, :, 3], encoded[1, :, 3] = torch.tensor([0.0, 0, 1]), torch.tensor([1.0, 0, 1])
    assert np.isnan(MIXED.decode(encoded)[:, :, 0]).tolist() == [[False, True, True]] * 2


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ((0, 1, 0), np.nan, "series 0 holds NaN: NaN is allowed after the end of a series only"),
        ((1, 2), 1.0, None),
        ((0, 1), np.nan, "series 0 holds NaN"),
        ((1, 0, 1), 2.0, "series 1, step 0: sky is 2, expected is a code from 0 to 1"),
    ],
)
def test_arrays_are_checked(place: tuple[int, ...], value: float, message: str | None) -> None:
    array = UNEVEN.copy()
    array[place] = value
    if message is None:
        assert np.array_equal(MIXED.from_array(array, "a.npy"), array)
        return
    with pytest.raises(UserError, match=message):
        MIXED.from_array(array, "a.npy")


@pytest.mark.parametrize("domain", [DOMAIN, MIXED])
def test_the_domain_is_restored_from_its_dict(domain: Series) -> None:
    assert domain_from_json(json.loads(json.dumps(domain_to_json(domain))), "recipe.json") == domain


def test_csv_has_one_line_per_time_step(tmp_path: Path) -> None:
    DOMAIN.writers[".csv"](WINDOWS[:2], None, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "series,step,x,y"
    assert len(lines) == 11
    values = np.loadtxt(lines[1:], delimiter=",", dtype=np.float32)
    assert values[:, :2].tolist() == [[window, step] for window in range(2) for step in range(5)]
    assert np.array_equal(values[:, 2:].reshape(2, 5, 2), WINDOWS[:2])


def test_files_have_the_words_of_categories_and_the_names_of_the_data(tmp_path: Path) -> None:
    domain = Series(
        3, MIXED.features, (SIZE,), True, key="shop", time="day", times=("2024-01-01", "2024-01-02", "2024-01-05")
    )
    domain.writers[".csv"](UNEVEN, np.array(["a", "b"]), tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "shop,day,x,sky,size,condition"
    assert lines[3:] == ["0,2024-01-05,5.0,sun,7,a", "1,2024-01-01,400.0,sun,8,b", "1,2024-01-02,200.0,rain,8,b"]
    assert np.array_equal(domain.read(tmp_path / "a.csv").samples, UNEVEN, equal_nan=True)


def test_static_columns_of_conditions_stand_beside_the_samples_of_a_file(tmp_path: Path) -> None:
    town = Column("town", ("A", "B"))
    domain, stored = MIXED.with_static((town,), np.array([[1.0], [0.0]]), UNEVEN)
    assert domain.static == (SIZE, town)
    domain.writers[".csv"](stored, None, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines()[3:5] == ["0,2,5.0,sun,7,B", "1,0,400.0,sun,8,A"]
    read = MIXED.read(tmp_path / "a.csv")
    assert np.array_equal(read.samples, UNEVEN, equal_nan=True)
    assert "Columns of a.csv that the data lack are left out: town." in read.notes


@settings(deadline=None, derandomize=True, max_examples=50)
@given(hnp.arrays(np.float32, (2, 3, 1), elements=st.floats(-(2**127), 2**127, width=32)))
def test_any_float32_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, series: np.ndarray) -> None:
    domain, path = Series(3, (Column("x"),)), tmp_path_factory.mktemp("series") / "a.csv"
    domain.writers[".csv"](series, None, path)
    assert np.array_equal(domain.read(path).samples, series)


def test_features_that_count_are_no_times_in_another_file(tmp_path: Path) -> None:
    domain = Series(1, (Column("visits"), Column("x")), key="shop")
    (tmp_path / "a.csv").write_text("shop,visits,x,weight\nA,1,0.5,7\nB,1,1.5,8\n")
    assert domain.read(tmp_path / "a.csv").samples.tolist() == [[[1, 0.5]], [[1, 1.5]]]
    dated = Series(1, (Column("step"), Column("x")), key="shop", time="hour")
    (tmp_path / "b.csv").write_text("shop,step,x\nA,1,0.5\nB,1,1.5\n")
    assert dated.read(tmp_path / "b.csv").samples.tolist() == [[[1, 0.5]], [[1, 1.5]]]


def test_columns_are_taken_by_their_order_only_if_no_name_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,Y\n" + "1.5,2.5\n" * 5)
    with pytest.raises(UserError, match=r"2 columns \(x, Y\) that do not match the data's: x, y\."):
        spanning(WALK, 5, "xy").read(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("a,b\n" + "1.5,2.5\n" * 5)
    assert any("by their order: a as x, b as y" in note for note in DOMAIN.read(tmp_path / "b.csv").notes)


def test_render_and_preview() -> None:
    sample_grid, preview = DOMAIN.render(WINDOWS[:9], WINDOWS), DOMAIN.preview(WINDOWS[:1])
    assert sample_grid.width > preview.width
    assert DOMAIN.describe() == "series of 5 time steps, 2 features"
    assert MIXED.describe() == "series of at most 3 time steps, 2 features and 1 static one"


def test_rounding_errors_are_no_range() -> None:
    alike = np.full(1000, 21.7) * np.where(np.arange(1000) % 2, 1.0, 1 + 2e-16)
    assert Column.spanning("x", alike).scale == Column.of_numbers("x", alike).scale == 1.0


@pytest.mark.parametrize(
    "fields",
    [
        {"steps": -5},
        {"steps": 2**70},
        {"given": 4},
        {"times": ("1", "2")},
        {"own_ranges": ()} | {"features": ()},
        {"own_ranges": MIXED.own_ranges * 2},
        {"key": "x"},
        {"features": (Column("x", ("a", "a")),), "own_ranges": ()},
        {"features": (Column("x", scale=0.0), SKY)},
        {"own_ranges": (replace(MIXED.own_ranges[0], smallest=float("nan")),)},
    ],
)
def test_fields_that_do_not_go_together_are_refused(fields: dict[str, object]) -> None:
    recorded = domain_to_json(replace(MIXED))
    assert isinstance(recorded, dict)
    with pytest.raises(ValueError, match="should"):
        replace(MIXED, **fields)  # type: ignore[arg-type]
    with pytest.raises(DamagedError, match=r"its domain 'series' has wrong fields: .*should be from 1"):
        domain_from_json(recorded | {"steps": 0}, "recipe.json")
