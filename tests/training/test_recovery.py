"""Recovery: an alarming verdict ends a run, or rewinds it to a healthy state with new draws."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from conftest import pictures
from ganwright.core.errors import AlarmError
from ganwright.health.recovery import MAX_ATTEMPTS
from ganwright.health.verdict import COLLAPSE, DISCRIMINATOR, HEALTHY, UNDECIDED, Verdict
from ganwright.runs import checkpoint
from ganwright.runs.run import Run
from ganwright.training.preparation import prepare
from ganwright.training.session import set_up
from ganwright.training.trainer import Trainer
from training.sessions import configured

ALARM = Verdict(COLLAPSE, "evidence")
LR = 1e-3

Started = Callable[[str], Trainer]


@pytest.fixture
def started(tmp_path: Path) -> Started:
    """Starts a run of 20 steps, with a log line and, while it is healthy, a checkpoint after each."""

    def start(on_verdict: str) -> Trainer:
        lr = {"generator_lr": LR, "discriminator_lr": LR}
        config = configured(data=pictures(64), steps=20, on_verdict=on_verdict, sample_every=32, **lr)
        trainer = set_up(Run(tmp_path / "run"), prepare(config))
        trainer.start()
        trainer.callbacks.time_budget.begin(trainer.clock)
        return trainer

    return start


def play(trainer: Trainer, steps: int, verdict: Verdict) -> None:
    """Plays steps after which the verdict is this one."""
    trainer.callbacks.monitor.verdict = verdict
    for _ in range(steps):
        stage = trainer.recipe.stages[0]
        played = trainer.step(trainer.recipe.game, stage, trainer.clock, trainer.feed, trainer.horizon.examples)
        for callback in trainer.callbacks:
            callback(trainer.clock, played)


def weights(trainer: Trainer) -> dict[str, Tensor]:
    """Copies of all weights and optimizer states."""
    saved = checkpoint.capture(trainer.recipe.game, {})
    tensors = {**saved.weights, **{f"optimizer {name}": value for name, value in saved.optimizer.items()}}
    return {name: value.clone() for name, value in tensors.items()}


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def lrs(trainer: Trainer) -> dict[str, float]:
    return {name: player.lr for name, player in trainer.recipe.game.players.items()}


# -- when a run ends


def test_a_note_never_ends_a_run(started: Started) -> None:
    trainer = started("note")
    trainer.callbacks.monitor.verdict = ALARM
    assert trainer.alarm is None


@pytest.mark.parametrize("verdict", [Verdict(), Verdict(HEALTHY, "evidence", passing=True)])
def test_a_verdict_that_is_not_alarming_never_ends_a_run(verdict: Verdict, started: Started) -> None:
    trainer = started("stop")
    trainer.callbacks.monitor.verdict = verdict
    assert trainer.alarm is None


def test_stop_saves_and_ends_a_run(started: Started) -> None:
    trainer = started("stop")
    play(trainer, 3, ALARM)
    with pytest.raises(AlarmError, match=rf"^After 96 examples: {COLLAPSE}: evidence; .* The run is saved; ") as raised:
        trainer.recovery.answer(ALARM)
    assert (raised.value.code, raised.value.verdict) == (3, COLLAPSE)
    path, found, _ = checkpoint.newest(trainer.run.checkpoints)
    assert found is not None
    assert found.state["clock"]["examples"] == 96
    assert path is not None
    assert trainer.clock.examples == 96


def test_a_rewound_run_ends_when_its_attempts_are_exhausted(started: Started) -> None:
    trainer = started("rewind")
    trainer.callbacks.monitor.verdict = ALARM
    assert trainer.alarm is None
    trainer.callbacks.attempts.add([COLLAPSE] * (MAX_ATTEMPTS - 1))
    assert trainer.alarm is None
    trainer.callbacks.attempts.add([COLLAPSE] * MAX_ATTEMPTS)
    assert trainer.alarm is not None
    assert f" {MAX_ATTEMPTS} attempts to resume from a healthy state failed." in str(trainer.alarm)


# -- what a rewind restores


def test_a_rewind_restores_the_last_but_one_healthy_checkpoint(started: Started) -> None:
    trainer = started("rewind")
    play(trainer, 2, Verdict(HEALTHY, "", passing=True))
    before, states = weights(trainer), trainer.callbacks.early_stopping.state_dict()
    log = trainer.run.log()
    play(trainer, 1, Verdict(HEALTHY, "", passing=True))
    play(trainer, 2, Verdict())
    assert not equal(weights(trainer), before)
    sentence = trainer.recovery.answer(ALARM)
    assert sentence == (
        f"After 160 examples: {ALARM}. Rewound to 64 examples; the generator's learning rate is multiplied by 0.5 "
        "and the discriminator's learning rate is multiplied by 0.5, and all random draws are new."
    )
    assert trainer.clock.examples == 64
    assert trainer.clock.step == 2
    assert equal(weights(trainer), before)
    assert trainer.callbacks.early_stopping.state_dict() == states
    assert trainer.callbacks.monitor.verdict.name == UNDECIDED
    assert trainer.callbacks.checkpoints.marks == {HEALTHY: 64, "healthy before": 32}
    assert trainer.run.log() == log
    assert [path.stem for path in trainer.run.sample_grids()] == ["00000000", "00000032", "00000064"]
    assert [path.name for path in checkpoint.saved(trainer.run.checkpoints)] == ["00000064"]


def test_with_one_healthy_checkpoint_that_one_is_restored(started: Started) -> None:
    trainer = started("rewind")
    play(trainer, 1, Verdict(HEALTHY, "", passing=True))
    before = weights(trainer)
    play(trainer, 2, Verdict())
    assert "Rewound to 32 examples;" in trainer.recovery.answer(ALARM)
    assert equal(weights(trainer), before)


def test_without_a_healthy_checkpoint_the_initial_state_is_restored(started: Started) -> None:
    trainer = started("rewind")
    before = {name: value for name, value in weights(trainer).items() if not name.startswith("optimizer")}
    play(trainer, 2, Verdict())
    assert "Rewound to 0 examples;" in trainer.recovery.answer(ALARM)
    assert trainer.clock.examples == trainer.clock.step == 0
    now = weights(trainer)
    assert all(torch.equal(value, now[name]) for name, value in before.items())
    assert trainer.run.log() == []
    assert [path.stem for path in trainer.run.sample_grids()] == ["00000000"]


def test_the_initial_state_of_a_run_that_starts_from_another_has_its_weights(started: Started, tmp_path: Path) -> None:
    config = configured(data=pictures(64), steps=20, start_from=tmp_path / "run", on_verdict="rewind")
    other = started("rewind")
    play(other, 2, Verdict())
    other.callbacks.checkpoints.save()
    trainer = set_up(Run(tmp_path / "second"), prepare(config))
    trainer.start()
    trainer.callbacks.time_budget.begin(trainer.clock)
    before = {name: value for name, value in weights(trainer).items() if not name.startswith("optimizer")}
    trained = weights(other)
    assert all(torch.equal(value, trained[name]) for name, value in before.items())
    play(trainer, 2, Verdict())
    assert "Rewound to 0 examples;" in trainer.recovery.answer(ALARM)
    now = weights(trainer)
    assert all(torch.equal(value, now[name]) for name, value in before.items())


def test_each_attempt_has_new_draws_and_lower_learning_rates(started: Started) -> None:
    trainer = started("rewind")
    play(trainer, 1, Verdict(HEALTHY, "", passing=True))
    draws = [trainer.feed.draws_seed]
    for attempt, verdict in enumerate([COLLAPSE, DISCRIMINATOR], start=1):
        play(trainer, 1, Verdict())
        trainer.recovery.answer(Verdict(verdict, "evidence"))
        draws.append(trainer.feed.draws_seed)
        assert trainer.feed.attempt == attempt
    assert len(set(draws)) == 3
    assert lrs(trainer) == pytest.approx({"generator": LR * 0.5, "discriminator": LR * 0.5 * 0.3})
    assert trainer.callbacks.attempts.state_dict() == {"given": [COLLAPSE, DISCRIMINATOR]}


def test_a_replayed_step_differs_from_the_one_that_failed(started: Started) -> None:
    trainer = started("rewind")
    play(trainer, 1, Verdict(HEALTHY, "", passing=True))
    batch, draws = trainer.feed.draw(trainer.clock, 0)
    play(trainer, 1, Verdict())
    trainer.recovery.answer(ALARM)
    other_batch, other_draws = trainer.feed.draw(trainer.clock, 0)
    assert not torch.equal(draws.normal(2), other_draws.normal(2))
    assert not torch.equal(batch.real, other_batch.real)


def test_time_is_not_rewound(started: Started) -> None:
    trainer = started("rewind")
    trainer.stopwatch.before = 50.0
    play(trainer, 1, Verdict(HEALTHY, "", passing=True))
    play(trainer, 1, Verdict())
    seconds = trainer.stopwatch.seconds
    trainer.recovery.answer(ALARM)
    assert trainer.stopwatch.before == 50
    assert seconds <= trainer.stopwatch.seconds < seconds + 50
