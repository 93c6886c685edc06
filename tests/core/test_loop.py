"""The loop: stages, turns and draws, and their order."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from conftest import points
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import Played, loop
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.core.player import Player
from ganwright.core.turn import Stage, Terms, Turn
from ganwright.execution.eager import eager_step

MACHINE = Machine(torch.device("cpu"))


@dataclass
class Recorder:
    """A game of one player that records every turn."""

    players: dict[str, Player] = field(
        default_factory=lambda: {"one": Player(nn.Linear(2, 1), lambda p: torch.optim.SGD(p, lr=0.1))}
    )
    seen: list[tuple[str, Tensor, Tensor]] = field(default_factory=list)

    def turn(self, name: str, **options: object) -> Turn:
        def terms(batch: Batch, draws: Draws) -> Terms:
            self.seen.append((name, batch.real, draws.normal(1)))
            value = self.players["one"].network(batch.real).square().mean()
            return Terms({"one": value}, {name: value})

        return Turn(("one",), terms, **options)  # type: ignore[arg-type]


def feed(batch: int = 10) -> Feed:
    return Feed(points(100), Stream(batch), 0, MACHINE)


def play_stages(game: Recorder, stages: list[Stage], examples: int, clock: Clock | None = None) -> list[str]:
    loop(game, stages, clock or Clock(), feed(), Horizon(examples), [], eager_step)  # type: ignore[arg-type]
    return [name for name, _, _ in game.seen]


def test_turns_are_played_in_order_with_their_updates_and_intervals() -> None:
    game = Recorder()
    stage = Stage((game.turn("a", updates=2), game.turn("b"), game.turn("c", every=2)))
    assert play_stages(game, [stage], 30) == ["a", "a", "b", "c", "a", "a", "b", "a", "a", "b", "c"]


def test_shared_turns_share_their_draw_and_fresh_and_repeated_ones_do_not() -> None:
    game = Recorder()
    play_stages(game, [Stage((game.turn("a", updates=2), game.turn("b"), game.turn("c", draw="fresh")))], 10)
    (_, first, z), (_, again, z_again), (_, shared, z_shared), (_, fresh, z_fresh) = game.seen
    assert torch.equal(first, shared)
    assert torch.equal(z, z_shared)
    for other, z_other in ((again, z_again), (fresh, z_fresh)):
        assert not torch.equal(first, other)
        assert not torch.equal(z, z_other)


def test_stages_are_played_in_order_and_call_their_hooks() -> None:
    game, calls = Recorder(), []
    hooks = {"begin": lambda: calls.append("begin"), "enter": lambda: calls.append("enter")}
    first = Stage((game.turn("pretrain"),), examples=20)
    second = Stage((game.turn("adversarial"),), schedules=(lambda p: calls.append(p),), **hooks)  # type: ignore[arg-type]
    clock = Clock()
    assert play_stages(game, [first, second], 40, clock) == ["pretrain"] * 2 + ["adversarial"] * 2
    assert calls == ["begin", "enter", 0.0, 0.5]
    play_stages(game, [first, second], 60, clock)  # resumed: calls `enter` again, but not `begin`
    assert calls[4:] == ["enter", 0.5, 0.75]


@pytest.mark.parametrize("horizon", [40, 80])
def test_a_stage_lasts_its_share_of_the_horizon(horizon: int) -> None:
    game, progress = Recorder(), []
    first = Stage((game.turn("a"),), share=0.25)
    second = Stage((game.turn("b"),), share=0.5, schedules=(progress.append,))
    names = play_stages(game, [first, second, Stage((game.turn("c"),))], horizon)
    assert [names.count(name) * 10 / horizon for name in "abc"] == [0.25, 0.5, 0.25]
    assert progress[0] == 0
    assert progress[-1] == 1 - 20 / horizon


def test_an_empty_stage_begins_and_is_skipped() -> None:
    game, begun = Recorder(), []
    none = Stage((game.turn("a"),), share=0.0, begin=lambda: begun.append("first"))
    assert play_stages(game, [none, Stage((game.turn("b"),), begin=lambda: begun.append("second"))], 20) == ["b", "b"]
    assert begun == ["first", "second"]


def test_turns_get_the_view_of_the_stage() -> None:
    game = Recorder()
    play_stages(game, [Stage((game.turn("a"),), view=lambda batch, draws: batch.rows(slice(0, 3)))], 10)
    assert game.seen[0][1].shape == (3, 2)


def test_callbacks_see_every_step_after_the_tick() -> None:
    game, seen = Recorder(), []

    def callback(clock: Clock, played: Played) -> None:
        seen.append((clock.examples, played.examples, set(played.terms)))

    loop(game, [Stage((game.turn("a"),))], Clock(), feed(), Horizon(20), [callback], eager_step)  # type: ignore[arg-type]
    assert seen == [(10, 10, {"a"}), (20, 10, {"a"})]


@pytest.mark.parametrize("micro_batch", [1, 3, 4, 10])
def test_accumulated_gradients_equal_those_of_the_whole_batch(micro_batch: int) -> None:
    torch.manual_seed(0)
    whole = Recorder()
    torch.manual_seed(0)
    parts = Recorder()
    play_stages(whole, [Stage((whole.turn("a"),))], 50)
    machine = Machine(torch.device("cpu"), micro_batch=micro_batch)
    small = Feed(points(100), Stream(10), 0, machine)
    loop(parts, [Stage((parts.turn("a"),))], Clock(), small, Horizon(50), [], eager_step)  # type: ignore[arg-type]
    for mine, theirs in zip(whole.players["one"].parameters, parts.players["one"].parameters, strict=True):
        torch.testing.assert_close(mine, theirs)
    assert len(parts.seen) == 5 * -(-10 // micro_batch)


def test_a_feed_can_start_anywhere() -> None:
    one, other = feed(), feed()
    clock = Clock()
    batches = []
    for _ in range(15):
        batches.append(one.draw(clock, 0))
        clock.tick(10)
    clock = Clock(examples=120, step=12)
    batch, draws = other.draw(clock, 0)
    assert torch.equal(batch.real, batches[12][0].real)
    assert torch.equal(draws.normal(2), batches[12][1].normal(2))


def test_large_sets_are_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = feed().draw(Clock(), 0)[0].real
    monkeypatch.setattr("ganwright.core.feed.MAX_ENCODED_BYTES", 0)
    assert torch.equal(feed().draw(Clock(), 0)[0].real, whole)
    assert isinstance(feed().samples, np.ndarray)


def test_modules_that_use_the_global_generator_repeat_after_resuming() -> None:
    """A user's nn.Dropout draws from torch's generator; it is seeded by the step."""

    def player() -> Recorder:
        torch.manual_seed(0)
        network = nn.Sequential(nn.Dropout(0.5), nn.Linear(2, 1))
        return Recorder({"one": Player(network, lambda p: torch.optim.SGD(p, lr=0.1))})

    unbroken, resumed = player(), player()
    play_stages(unbroken, [Stage((unbroken.turn("a"),))], 60)
    clock = Clock()
    play_stages(resumed, [Stage((resumed.turn("a"),))], 30, clock)
    torch.manual_seed(123)
    play_stages(resumed, [Stage((resumed.turn("a"),))], 60, clock)
    for mine, theirs in zip(unbroken.players["one"].parameters, resumed.players["one"].parameters, strict=True):
        assert torch.equal(mine, theirs)


def test_a_revised_horizon_is_followed_at_once() -> None:
    game, horizon, clock = Recorder(), Horizon(100), Clock()

    def revise(clock: Clock, played: Played) -> None:
        horizon.examples = 30

    loop(game, [Stage((game.turn("a"),))], clock, feed(), horizon, [revise], eager_step)  # type: ignore[arg-type]
    assert (clock.examples, horizon.planned) == (30, 100)


def test_a_stopped_horizon_ends_the_run_where_it_stands() -> None:
    game, horizon, clock = Recorder(), Horizon(100), Clock()

    def stop(clock: Clock, played: Played) -> None:
        horizon.stopped = clock.examples == 20

    loop(game, [Stage((game.turn("a"),))], clock, feed(), horizon, [stop], eager_step)  # type: ignore[arg-type]
    assert clock.examples == 20
    assert horizon.reached(clock)


def test_turns_of_other_losses_may_not_share_a_terms_name() -> None:
    game = Recorder()
    with pytest.raises(UserError, match="Two turns of a step have a term of the name 'a': rename one of them"):
        play_stages(game, [Stage((game.turn("a"), game.turn("a")))], 10)
