"""Values, domains and stand-ins of data as recipe.json stores them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import pictures, points
from ganwright.config.serialization import (
    domain_from_json,
    domain_to_json,
    is_object_marker,
    object_marker,
    shape_only_data,
    to_json,
    with_conditions,
)
from ganwright.core.column import Column
from ganwright.core.domain import Domain
from ganwright.core.errors import UserError
from ganwright.domains._own_range import OwnRange
from ganwright.domains.images import Images
from ganwright.domains.points import Points
from ganwright.domains.series import Series
from ganwright.domains.table import Table

DOMAINS: dict[str, Domain] = {
    "images": Images(8, 9, 3),
    "points": Points((0.1, -2.0), (1.0, 0.5)),
    "series": Series(
        9,
        (Column("x"), Column("sky", ("rain", "sun"))),
        (Column("size"),),
        variable=True,
        own_ranges=(OwnRange(Column("middle of x"), Column("log half range of x"), 0.1),),
        given=3,
        key="shop",
        times=tuple("123456789"),
        latest=True,
    ),
    "table": Table((Column("age", (), 1.0, 40.0, 10.0), Column("job", ("clerk", "smith")))),
}


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("kind", DOMAINS)
def test_every_domain_is_restored_from_json(kind: str) -> None:
    domain = DOMAINS[kind]
    recorded = domain_to_json(domain)
    assert isinstance(recorded, dict)
    assert recorded["kind"] == kind
    assert domain_from_json(through_json(recorded), "recipe.json") == domain


@pytest.mark.parametrize(
    ("recorded", "sentence"),
    [
        ({"kind": "voxels"}, "recipe.json has the domain 'voxels', which is unknown"),
        *[
            (damaged, r"recipe.json is damaged \(its domain is no object")
            for damaged in ({"height": 8}, None, [1], "images")
        ],
        ({"kind": "images", "height": 8}, r"recipe.json is damaged \(its domain 'images' has wrong fields"),
    ],
)
def test_an_unknown_domain_is_one_sentence(recorded: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        domain_from_json(recorded, "recipe.json")


def test_a_domain_of_the_users_is_recorded_as_a_marker() -> None:
    class Squares(Images):
        """Not in the package, although its base class is."""

    assert domain_to_json(Squares(8, 8, 1)) == "<Squares>"


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0.1, 9)), min_size=1, max_size=4))
def test_numbers_of_a_domain_are_restored_exactly(axes: list[tuple[float, float]]) -> None:
    domain = Points(*map(tuple, zip(*axes, strict=True)))
    assert domain_from_json(through_json(domain_to_json(domain)), "recipe.json") == domain


def test_python_objects_are_recorded_as_markers() -> None:
    recorded = to_json({"loss": pictures(), "function": points, "sizes": (1, 2), "none": None})
    assert recorded == {"loss": "<Data>", "function": "<points>", "sizes": [1, 2], "none": None}
    assert [name for name, word in recorded.items() if is_object_marker(word)] == ["loss", "function"]
    assert object_marker(Points) == "<Points>"


@pytest.mark.parametrize("value", [None, True, 3, 0.1, "word", [1, [2.5, None]], {"a": {"b": [False]}}])
def test_json_values_are_recorded_unchanged(value: Any) -> None:
    assert to_json(value) == value
    assert through_json(to_json(value)) == value


def test_data_without_samples_have_the_shapes_and_classes_of_the_real_ones() -> None:
    real = pictures(30)
    data = shape_only_data("noise", real.domain, len(real), real.classes, real.class_counts)
    assert (data.samples.shape, data.samples.dtype) == (real.samples.shape, real.samples.dtype)
    assert data.class_counts == real.class_counts
    assert not data.samples.any()
    assert shape_only_data("noise", real.domain, 5, (), ()).labels is None


def test_conditions_without_samples_have_their_shape() -> None:
    data = with_conditions(shape_only_data("noise", Images(8, 8, 3), 5, (), ()), Images(4, 4, 1), paired=False)
    assert data.conditions is not None
    assert data.conditions.shape == (5, 4, 4, 1)
    assert (data.condition_domain, data.paired) == (Images(4, 4, 1), False)
