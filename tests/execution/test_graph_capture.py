"""Graph capture of steps: schedules, and unsupported steps."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from conftest import points
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.loop import play_step
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.core.turn import Schedule, Stage, Turn
from ganwright.execution.graph_capture import CapturedGraph, capture_step, state
from ganwright.execution.recorder import CaptureError
from lonely import Lonely

MACHINE = Machine(torch.device("cpu"))


def graph_of(game: Lonely, *schedules: Schedule) -> CapturedGraph:
    stage = Stage((Turn(("one",), game.terms),), schedules=schedules)
    return capture_step(game, stage, Clock(), Feed(points(64), Stream(8), 0, MACHINE))  # type: ignore[arg-type]


def dependent(game: Lonely, value: Tensor) -> Tensor:
    return value if value > 0 else -value


def counting(game: Lonely, value: Tensor) -> Tensor:
    game.count += 1
    return value * game.count


def drawing(game: Lonely, value: Tensor) -> Tensor:
    return value * torch.rand(())


ELSEWHERE = torch.ones(3)


def reading(game: Lonely, value: Tensor) -> Tensor:
    return value * ELSEWHERE.sum()


@pytest.mark.parametrize("disturb", [dependent, counting, drawing, reading])
def test_unsupported_steps_are_errors(disturb: Callable[[Lonely, Tensor], Tensor]) -> None:
    with pytest.raises(CaptureError):
        graph_of(Lonely(nn.Linear(2, 1), disturb))


def test_a_schedule_of_a_networks_attribute_is_an_error() -> None:
    slope = nn.LeakyReLU(0.1)

    def bend(progress: float) -> None:
        slope.negative_slope = progress

    with pytest.raises(CaptureError, match="negative_slope"):
        graph_of(Lonely(nn.Sequential(nn.Linear(2, 1), slope)), bend)


def test_a_schedule_that_replaces_a_tensor_is_an_error() -> None:
    layer = nn.Linear(2, 1)

    def replace(progress: float) -> None:
        layer.bias = nn.Parameter(torch.full((1,), progress))

    with pytest.raises(CaptureError, match="replaces a tensor"):
        graph_of(Lonely(layer), replace)


def test_a_scheduled_number_of_the_game_is_an_input_of_the_graph() -> None:
    game = Lonely(nn.Linear(2, 1))

    def fade(progress: float) -> None:
        game.share = 1 - progress / 2

    graph = graph_of(game, fade)
    assert graph.scheduled.attributes == ("share",)
    fade(0.5)
    assert graph.scheduled.values(game, 8, 8) == [0.1, 0.75]  # type: ignore[arg-type]
    assert graph.fits(game, state(game))  # type: ignore[arg-type]


def test_a_game_with_another_constant_does_not_fit() -> None:
    game = Lonely(nn.Linear(2, 1))
    graph = graph_of(game)
    game.count = 3
    assert not graph.fits(game, state(game))  # type: ignore[arg-type]
    assert graph.change(game, state(game)) == "game.count changed from 0 to 3"  # type: ignore[arg-type]


def test_capture_changes_the_game_by_one_eager_step() -> None:
    captured, eager = (Lonely(nn.Linear(2, 1)) for _ in range(2))
    eager.network.load_state_dict(captured.network.state_dict())
    graph_of(captured)
    feed = Feed(points(64), Stream(8), 0, MACHINE)
    play_step(eager, Stage((Turn(("one",), eager.terms),)), Clock(), feed, 8)  # type: ignore[arg-type]
    mine, theirs = (state(game) for game in (captured, eager))  # type: ignore[arg-type]
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert all(isinstance(parameter, nn.Parameter) for parameter in captured.network.parameters())
