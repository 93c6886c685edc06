"""Tests of the metrics of tables on a table itself, on copies, and on independently permuted columns."""

import numpy as np
import pytest
from scipy import stats

from ganwright.core.column import Column
from ganwright.core.errors import UserError
from ganwright.core.metric import Compared, Samples, TooFewError
from ganwright.metrics import closest_record, correlations, efficacy, marginals

COLUMNS = (
    Column("x", (), 0.0, 0.0, 1.0),
    Column("kind", ("a", "b", "c")),
    Column("y", (), 0.0, 0.0, 2.0),
    Column("rich", ("no", "yes")),
)


def rows(count: int, seed: int) -> np.ndarray:
    """A number, a kind that depends on it, a second number that depends on both, and a class of about a fifth."""
    g = np.random.default_rng(seed)
    x = g.standard_normal(count)
    kind = np.clip(np.round(x + 0.5 * g.standard_normal(count)) + 1, 0, 2)
    y = x + kind + 0.5 * g.standard_normal(count)
    return np.column_stack([x, kind, y, y + 0.3 * g.standard_normal(count) > 2.2])


REAL, TRAIN, OTHER = rows(1000, 0), rows(1000, 1), rows(1000, 2)
PERMUTED = np.random.default_rng(3).permuted(OTHER, axis=0)


def compared(fake: np.ndarray, real: np.ndarray = REAL, train: np.ndarray = TRAIN) -> Compared:
    return Compared(*(Samples(values, columns=COLUMNS) for values in (fake, real, train)))


def test_the_distance_of_a_table_to_itself_is_zero() -> None:
    assert marginals.METRIC.measure(compared(REAL)) == {"marginals": 0, "worst_marginal": 0}
    assert correlations.METRIC.measure(compared(REAL)) == {"correlations": 0}


def test_permuted_columns_have_equal_marginals_and_no_correlations() -> None:
    whole, permuted = compared(OTHER), compared(PERMUTED)
    assert marginals.marginals(whole) == marginals.marginals(permuted)
    assert correlations.correlations(whole)["correlations"] < 0.04
    assert correlations.correlations(permuted)["correlations"] > 0.4
    assert closest_record.closest_record(permuted)["closest_record"] > 1.5


def test_distances_by_column_begin_with_the_largest() -> None:
    fake = OTHER.copy()
    fake[:, 1] = 0
    by_column = marginals.by_column(compared(fake))
    assert next(iter(by_column)) == "kind"
    assert by_column["kind"] == pytest.approx(np.mean(REAL[:, 1] != 0))
    assert marginals.marginals(compared(fake))["worst_marginal"] == by_column["kind"]


def test_distances_of_distributions_agree_with_scipy() -> None:
    g = np.random.default_rng(0)
    first, second = g.standard_normal(300), g.standard_normal(200) + 0.5
    assert marginals.kolmogorov_smirnov(first, second) == pytest.approx(stats.ks_2samp(first, second).statistic)
    assert marginals.total_variation(np.array([0.5, 0.5, 0]), np.array([0, 0.5, 0.5])) == 0.5


def test_associations_have_known_values() -> None:
    g = np.random.default_rng(0)
    x, codes = g.standard_normal(2000), g.integers(0, 4, 2000)
    assert correlations.pearson(x, x) == pytest.approx(1)
    assert correlations.pearson(x, -3 * x + g.standard_normal(2000)) == pytest.approx(-3 / np.sqrt(10), abs=0.02)
    assert correlations.correlation_ratio(codes, codes * 2.0) == pytest.approx(1)
    assert correlations.cramers_v(codes, 3 - codes) == pytest.approx(1)
    assert correlations.correlation_ratio(codes, x) < 0.06
    assert correlations.cramers_v(codes, g.integers(0, 9, 2000)) < 0.06
    assert correlations.pearson(x, np.ones(2000)) == correlations.cramers_v(codes, 0 * codes) == 0
    assert correlations.correlation_ratio(codes, np.ones(2000)) == 0


def test_cramers_v_agrees_with_scipy_for_many_rows() -> None:
    """The bias correction is then negligible."""
    counts = np.array([[30_000, 10_000], [5_000, 40_000], [20_000, 20_000]])
    first, second = np.indices(counts.shape)
    v = correlations.cramers_v(np.repeat(first.ravel(), counts.ravel()), np.repeat(second.ravel(), counts.ravel()))
    assert v == pytest.approx(stats.contingency.association(counts, method="cramer"), abs=1e-4)


def test_copied_rows_have_distance_zero() -> None:
    assert closest_record.closest_record(compared(TRAIN)) == {"closest_record": 0, "copies": 1}


def test_new_rows_are_as_distant_as_held_out_ones() -> None:
    found = closest_record.closest_record(compared(OTHER))
    assert found["closest_record"] == pytest.approx(1, abs=0.1)
    assert found["copies"] == 0


def test_the_closest_distance_equals_its_definition() -> None:
    few, many = rows(30, 5), rows(40, 6)
    apart = [
        [(a[0] - b[0]) ** 2 + (a[1] != b[1]) + ((a[2] - b[2]) / 2) ** 2 + (a[3] != b[3]) for b in many] for a in few
    ]
    expected = np.sqrt(np.min(apart, axis=1))
    assert np.allclose(closest_record.closest(few, many, COLUMNS), expected, atol=1e-6)


def test_the_quotient_is_one_or_infinite_if_held_out_rows_are_copies() -> None:
    coarse = rows(300, 0) * np.array([0, 1, 0, 1])
    assert closest_record.closest_record(compared(coarse, coarse, coarse))["closest_record"] == 1
    assert (
        closest_record.closest_record(compared(coarse + np.array([1, 0, 0, 0]), coarse, coarse))["closest_record"]
        == np.inf
    )


@pytest.fixture
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficacy, "STEPS", 300)


@pytest.mark.usefixtures("_few_steps")
def test_efficacy_is_high_for_real_and_low_for_permuted_rows() -> None:
    real, permuted = (efficacy.efficacy(compared(fake)) for fake in (OTHER, PERMUTED))
    assert real["efficacy"] == pytest.approx(real["efficacy_of_real"], abs=0.05)
    assert real["efficacy"] > 0.8
    assert permuted["efficacy"] < 0.4
    assert permuted["efficacy_of_real"] == real["efficacy_of_real"]


@pytest.mark.usefixtures("_few_steps")
@pytest.mark.parametrize(("target", "minimum"), [("y", 0.8), ("kind", 0.6)])
def test_any_column_can_be_the_target(target: str, minimum: float) -> None:
    found = efficacy.efficacy(compared(TRAIN), target)
    assert minimum < found["efficacy"] == found["efficacy_of_real"] < 1


def test_unknown_targets_are_refused() -> None:
    with pytest.raises(UserError, match=r"no column 'ritch' to predict\. Did you mean rich"):
        efficacy.efficacy(compared(TRAIN), "ritch")
    alone = Samples(REAL[:, :1], columns=COLUMNS[:1])
    with pytest.raises(UserError, match="column x only"):
        efficacy.efficacy(Compared(alone, alone, alone))


def test_f1_and_r2_have_known_values() -> None:
    predicted, true = np.array([1, 1, 0, 0, 0]), np.array([1, 0, 1, 0, 0])
    assert efficacy.f1(predicted, true, 2) == pytest.approx(0.5)  # precision 1/2, recall 1/2 of class 1
    assert efficacy.f1(predicted, true, 3) == pytest.approx((0.5 + 2 / 3) / 2)
    assert efficacy.r2(np.array([1.0, 2]), np.array([1.0, 3])) == pytest.approx(0.5)
    assert efficacy.r2(np.ones(2), np.ones(2)) == 0


@pytest.mark.parametrize("metric", [marginals, correlations, closest_record, efficacy])
def test_too_few_and_diverged_rows_are_refused(metric) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TooFewError, match="fakes are needed, not 10"):
        metric.METRIC.measure(compared(REAL[:10]))
    with pytest.raises(UserError, match="diverged"):
        metric.METRIC.measure(compared(np.where(REAL > 2, np.nan, REAL)))


def with_missing(values: np.ndarray, share: float, seed: int = 5) -> np.ndarray:
    """The rows with NaN for a share of the first column."""
    rows = values.copy()
    rows[np.random.default_rng(seed).random(len(rows)) < share, 0] = np.nan
    return rows


MARKED = (Column("x", (), 0.0, 0.0, 1.0, "NA"), *COLUMNS[1:])


def compared_with_missing(fake: np.ndarray, real: np.ndarray, train: np.ndarray = TRAIN) -> Compared:
    return Compared(*(Samples(values, columns=MARKED) for values in (fake, real, train)))


def test_a_share_of_missing_values_is_a_distance() -> None:
    same = compared_with_missing(with_missing(REAL, 0.3), with_missing(REAL, 0.3))
    assert marginals.by_column(same)["x"] == 0
    real = with_missing(REAL, 0.3)
    share = np.isnan(real[:, 0]).mean()
    assert marginals.by_column(compared_with_missing(REAL, real))["x"] == pytest.approx(share, abs=0.02)
    everything = with_missing(REAL, 1.1)
    assert marginals.by_column(compared_with_missing(everything, real))["x"] == pytest.approx(1 - share)


def test_rows_with_missing_values_are_left_out_of_a_pair_of_columns() -> None:
    part = with_missing(OTHER, 0.3)
    complete = part[~np.isnan(part[:, 0])]
    assert correlations.correlations(compared_with_missing(part, part)) == {"correlations": 0}
    gaps = correlations.correlations(compared_with_missing(part, complete))["correlations"]
    assert gaps < 0.02
    everything = with_missing(OTHER, 1.1)
    assert correlations.correlations(compared_with_missing(everything, everything)) == {"correlations": 0}


def test_a_missing_value_is_as_far_from_a_number_as_a_category_from_another() -> None:
    columns = (Column("x", (), 0.0, 0.0, 1.0, "NA"),)
    distances = closest_record.closest(np.array([[np.nan], [0.5]]), np.array([[0.0], [np.nan]]), columns)
    assert distances.tolist() == [0.0, 0.5]
    assert closest_record.closest(np.array([[np.nan]]), np.array([[0.0]]), columns).tolist() == [1.0]
    rows = Samples(np.array([[np.nan], [1.0]]), columns=columns)
    assert closest_record.copies(rows, Samples(np.array([[np.nan]]), columns=columns)) == 0.5


def test_rows_without_a_target_are_left_out_of_its_models() -> None:
    part = with_missing(OTHER, 0.3)
    scores = efficacy.efficacy(compared_with_missing(part, with_missing(REAL, 0.3), with_missing(TRAIN, 0.3)), "x")
    assert scores["efficacy"] > 0.5
    with pytest.raises(TooFewError, match="At least 50 rows with a target are needed, not 0"):
        efficacy.efficacy(compared_with_missing(with_missing(OTHER, 1.1), REAL), "x")


def test_missing_values_are_refused_where_real_rows_have_none() -> None:
    with pytest.raises(UserError, match="NaN or infinity"):
        marginals.marginals(compared(with_missing(OTHER, 0.3)))
