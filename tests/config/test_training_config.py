"""The identity of a run: an option that changes when a run resumes is refused and named."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import points
from ganwright.config.resolve import resolve
from ganwright.config.training_config import TrainingConfig, _differences, refuse_changes
from ganwright.core.errors import UserError
from ganwright.domains.points import Points

RING = {"recipe": "ring", "data": "ring", "count": 50, "latent": 2, "seed": 1}


def config(**changed: Any) -> TrainingConfig:
    return resolve({**RING, **changed})


def recorded(**changed: Any) -> dict[str, Any]:
    """The identity as it is read from recipe.json."""
    identity: dict[str, Any] = json.loads(json.dumps(config(**changed).identity))
    return identity


def test_the_same_options_are_accepted() -> None:
    assert not list(_differences(config().identity, recorded()))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"latent": 3}, "has --latent 2, not 3:"),
        ({"seed": 5}, "has --seed 1, not 5:"),
        ({"recipe": "grid"}, "has the recipe ring, not grid:"),
        ({"generator_sizes": (8, 4)}, "not 8,4:"),
        ({"data": "grid"}, "has --data ring, not grid:"),
        ({"modes": 5}, "has --modes 8, not 5:"),
        ({"start_from": "/elsewhere"}, "has --from none, not /elsewhere:"),
        ({"data": points(), "count": None}, "has --data ring, not <Data>:"),
    ],
)
def test_a_changed_option_is_refused_and_named(changed: dict[str, Any], sentence: str) -> None:
    values = {name: value for name, value in {**RING, **changed}.items() if value is not None}
    now = resolve(values).identity
    with pytest.raises(UserError) as caught:
        refuse_changes(now, recorded(), Path("the/run"))
    assert str(caught.value).startswith("The run in the/run has ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "changed",
    [{"epochs": 3}, {"log_every": 8}, {"threads": 1}, {"compile": "off"}, {"sample_every": 9}, {"quiet": True}],
)
def test_horizon_callbacks_and_hardware_may_change(changed: dict[str, Any]) -> None:
    assert not list(_differences(config(**changed).identity, recorded()))


def test_the_recipe_is_named_before_its_options() -> None:
    with pytest.raises(UserError, match="has the recipe ring, not grid"):
        refuse_changes(config(recipe="grid", latent=3, seed=5).identity, recorded(), Path("run"))


def test_fields_that_a_domain_has_had_since_do_not_keep_a_run_from_resuming() -> None:
    before = recorded()
    del before["data"]["domain"]["names"]
    assert list(_differences(config().identity, before)) == []
    before["data"]["domain"]["shift"] = [0.0, 1.0]
    assert [name for name, *_ in _differences(config().identity, before)] == ["the domain"]


def test_changed_samples_at_the_same_place_are_refused(tmp_path: Path) -> None:
    def saved(value: float) -> dict[str, Any]:
        np.save(tmp_path / "mine.npy", points().samples + np.float32(value))
        return resolve({"data": str(tmp_path / "mine.npy")}).identity

    before = saved(0.0)
    with pytest.raises(UserError, match=r"has the data .*mine\.npy as it was, not as it is now"):
        refuse_changes(saved(1.0), before, Path("run"))


def test_moved_data_with_the_same_samples_are_accepted(tmp_path: Path) -> None:
    for name in ("a.npy", "b.npy"):
        np.save(tmp_path / name, points().samples)
    one, other = (resolve({"data": str(tmp_path / name)}).identity for name in ("a.npy", "b.npy"))
    refuse_changes(one, other, Path("run"))
    assert one != other


def test_the_sample_grid_interval_replaces_that_of_the_recipe() -> None:
    usual, chosen = config().build().display, config(sample_every=77).build().display
    assert (chosen.every, chosen.first) == (77, 0)
    assert usual.every != 77


def test_another_class_of_domain_is_refused() -> None:
    class One(Points):
        pass

    class Other(Points):
        pass

    then, now = (
        resolve({"recipe": "ring", "data": replace(points(), domain=kind((0.0, 0.0), (1.0, 1.0)))}).identity
        for kind in (One, Other)
    )
    with pytest.raises(UserError, match="has the domain <One>, not <Other>:"):
        refuse_changes(now, json.loads(json.dumps(then)), Path("run"))
