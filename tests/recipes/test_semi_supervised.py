"""Semi-supervised learning: its batches, the supervised baseline, its errors."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganwright
from conftest import pictures, points
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import loop
from ganwright.core.machine import Machine
from ganwright.execution.eager import eager_step
from ganwright.recipes.semi_supervised import Learning, recipe

SMALL: dict[str, Any] = {"labels": 20, "width": 4, "features": 16, "generator_width": 8}


def test_batches_have_the_requested_number_of_labelled_images() -> None:
    made = recipe(pictures(), **SMALL, learning=Learning(batch=12, labelled_batch=4))
    feed = Feed(made.data, made.order, 0, Machine.chosen("cpu"), made.condition)
    for step in range(20):
        batch, draws = feed.draw(Clock(12 * step, step), 0)
        assert batch.condition is not None
        assert int((batch.condition >= 0).sum()) >= 4  # the other rows may be labelled, too
        assert len(draws) == 8


def test_the_supervised_baseline_trains_only_the_classifier() -> None:
    made = recipe(pictures(), **SMALL, supervised_only=True, learning=Learning(labelled_batch=5))
    assert len(made.data) == 20
    assert (np.bincount(made.data.labels) == 2).all()  # type: ignore[arg-type]
    before = {name: player.parameters[0].clone() for name, player in made.game.players.items()}
    reports = []
    feed = Feed(made.data, made.order, 0, Machine.chosen("cpu"), made.condition)
    loop(
        made.game,
        made.stages,
        Clock(),
        feed,
        Horizon(10),
        [lambda clock, played: reports.append(played.terms)],
        eager_step,
    )
    changed = {name for name, player in made.game.players.items() if not player.parameters[0].equal(before[name])}
    assert changed == {"discriminator"}
    assert len(reports) == 2


@pytest.mark.parametrize(
    ("data", "options", "sentence"),
    [
        (replace(pictures(), labels=None), {}, "needs a class for each sample, and noise has none"),
        (replace(pictures(), labels=np.zeros(96, int), classes=("a",)), {}, "at least two classes, and noise has only"),
        (pictures(), {"labels": 9}, "--labels 9 is less than one for each of the 10 classes of noise"),
        (pictures(), {"labels": 96}, "--labels 96 leaves no unlabelled picture among the 96 of noise"),
        (pictures(), {"labels": 20, "batch": 16}, "--labelled-batch 16 must be below --batch 16"),
        (points(), {}, "for pictures, but cloud has points"),
    ],
)
def test_invalid_data_and_options_are_refused(
    data: Any, options: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=sentence):
        ganwright.train("semi-supervised", data, tmp_path / "run", quiet=True, **options)
    assert not (tmp_path / "run").exists()
