"""Views of samples: computed once, cached for real samples, and cut to subsets."""

import numpy as np
import pytest

from conftest import pictures, points
from ganwright.core.column import Column
from ganwright.domains.table import Table
from ganwright.judging.views import ViewedSamples, Views, default_features
from mean_features import MeanFeatures

DATA = pictures(20)
LABELS = DATA.labels


@pytest.fixture
def network() -> MeanFeatures:
    return MeanFeatures()


def viewed(network: MeanFeatures, real: bool = False) -> ViewedSamples:
    return ViewedSamples(Views(DATA.domain, network), DATA.samples, LABELS, real)


def test_a_domain_has_its_own_views() -> None:
    assert Views(DATA.domain, MeanFeatures()).has("features")
    assert not Views(DATA.domain).has("features")
    assert Views(DATA.domain).has("pictures")
    assert not Views(DATA.domain, MeanFeatures()).has("points")
    assert Views(points().domain).has("points")


def test_the_protocol_names_the_feature_network() -> None:
    assert Views(DATA.domain, MeanFeatures()).protocol == {"name": "mean", "sha256": "0"}
    assert Views(DATA.domain).protocol == {}


def test_stored_samples_are_a_view_of_themselves() -> None:
    seen = viewed(MeanFeatures())("pictures")
    assert seen.values is DATA.samples
    assert seen.labels is LABELS


def test_rows_of_a_table_come_with_their_columns() -> None:
    columns = (Column("age"), Column("job", ("clerk", "smith")))
    seen = ViewedSamples(Views(Table(columns)), np.zeros((3, 2)))("rows")
    assert seen.columns == columns


def test_features_are_computed_once(network: MeanFeatures) -> None:
    fakes = viewed(network)
    first = fakes("features")
    assert fakes("features") is first
    assert network.calls == [20]
    np.testing.assert_array_equal(first.values, MeanFeatures()(DATA.samples))
    assert first.labels is LABELS


def test_features_of_real_samples_are_cached(network: MeanFeatures) -> None:
    first, again = viewed(network, real=True)("features"), viewed(network, real=True)("features")
    assert network.calls == [20]
    np.testing.assert_array_equal(first.values, again.values)


def test_features_of_fakes_are_not_cached(network: MeanFeatures) -> None:
    viewed(network)("features")
    viewed(network)("features")
    assert network.calls == [20, 20]


def test_another_network_has_its_own_cached_features(network: MeanFeatures) -> None:
    viewed(network, real=True)("features")
    other = MeanFeatures(protocol={"sha256": "1"})
    viewed(other, real=True)("features")
    assert other.calls == [20]


def test_a_subset_has_the_features_of_the_whole_set(network: MeanFeatures) -> None:
    whole, rows = viewed(network), np.array([7, 3, 11])
    part = whole.rows(rows)
    np.testing.assert_array_equal(part("features").values, whole("features").values[rows])
    assert network.calls == [20]
    assert np.array_equal(part.stored, DATA.samples[rows])
    assert part.labels is not None
    assert part.labels.tolist() == [7, 3, 1]
    assert part.content == ViewedSamples(part.views, DATA.samples[rows], part.labels).content != whole.content


def test_one_process_computes_shared_features_on_demand(network: MeanFeatures) -> None:
    viewed(network).share_features()
    assert network.calls == []


def test_default_features_fit_the_channels() -> None:
    grey = default_features(DATA.domain, None)
    assert grey is not None
    assert grey.name == "grey28"
    assert default_features(DATA.domain, "none") is None
    assert default_features(points().domain, None) is None
