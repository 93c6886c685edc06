"""Learning-rate schedules over the progress of a stage."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from ganwright.core.player import Player
from ganwright.core.schedules import FACTORS, LrSchedule, cosine_between, lr_schedule


def new_player(lr: float = 1.0) -> Player:
    return Player(nn.Linear(1, 1), lambda parameters: torch.optim.SGD(parameters, lr=lr))


def test_learning_rates_are_relative_to_their_initial_values() -> None:
    player = new_player()
    schedule = lr_schedule([player], "cosine")
    for progress, expected in ((0.0, 1.0), (0.5, 0.5), (0.5, 0.5), (1.0, 0.0)):
        schedule(progress)
        assert player.lr == pytest.approx(expected)
    lr_schedule([player], "linear", floor=0.1)(1.0)
    assert player.lr == pytest.approx(0.1)
    lr_schedule([player], "constant")(0.7)
    assert player.lr == 1.0


def test_players_keep_the_ratio_of_their_learning_rates() -> None:
    one, other = new_player(0.1), new_player(0.4)
    lr_schedule([one, other], "linear")(0.75)
    assert (one.lr, other.lr) == pytest.approx((0.025, 0.1))


@pytest.mark.parametrize("shape", FACTORS)
def test_factors_fall_from_one(shape: LrSchedule) -> None:
    values = [FACTORS[shape](place / 50) for place in range(51)]
    assert values[0] == 1
    assert all(before >= after for before, after in pairwise(values))
    assert values[-1] == pytest.approx(1.0 if shape == "constant" else 0.0)


def test_the_late_linear_factor_falls_in_the_second_half() -> None:
    assert [FACTORS["late-linear"](progress) for progress in (0.25, 0.5, 0.75, 1.0)] == [1, 1, 0.5, 0]


@pytest.mark.parametrize("shape", [shape for shape in FACTORS if shape != "constant"])
def test_progress_beyond_the_end_keeps_the_floor(shape: LrSchedule) -> None:
    player = new_player()
    for progress in (1.0, 1.5):
        lr_schedule([player], shape, floor=0.2)(progress)
        assert player.lr == pytest.approx(0.2)


def test_a_longer_horizon_stretches_the_cosine() -> None:
    values = [cosine_between(3.0, 1.0, step / 40) for step in range(41)]
    assert values[::2] == [cosine_between(3.0, 1.0, step / 20) for step in range(21)]
    assert (values[0], values[20], values[40]) == pytest.approx((3, 2, 1))
    assert cosine_between(3.0, 1.0, 2.0) == 1
