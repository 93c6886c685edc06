"""The trainer: a resumed run equals an uninterrupted one, bit for bit, in eager and compiled steps."""

import json
import re
import shutil
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ganwright
from conftest import pictures, points
from ganwright.callbacks.signals import SignalHandler
from ganwright.core.errors import Stopped, UserError
from ganwright.core.recipe import Recipe
from ganwright.execution import compilation
from ganwright.execution.mode import ExecutionMode, not_compiled
from ganwright.recipes import vanilla
from ganwright.runs.run import Run
from ganwright.training import trainer
from training.sessions import go, log, state, stop_at

# -- resuming


@pytest.mark.parametrize("given", [{}, {"lr_schedule": "cosine", "log_every": 96, "penalty": "r1", "penalty_every": 2}])
def test_a_stopped_and_resumed_run_equals_an_uninterrupted_one(
    given: dict[str, Any], trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken = Run(trained) if not given else go(tmp_path / "unbroken", **given)
    with monkeypatch.context() as patch:
        stop_at(64, patch)
        with pytest.raises(KeyboardInterrupt):
            go(tmp_path / "run", **given)
    assert [path.name for path in (tmp_path / "run" / "checkpoint").iterdir()] == ["00000064"]
    continued = go(tmp_path / "run", **given)
    assert state(continued) == state(unbroken)
    assert log(continued) == log(unbroken)


def test_an_interrupt_within_a_step_saves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        stop_at(64, patch, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            go(tmp_path)
    assert not (tmp_path / "checkpoint").exists()
    assert "Stopped at once." in capsys.readouterr().out
    go(tmp_path)
    assert "has no checkpoint yet: the run starts again" in capsys.readouterr().out
    assert [line["examples"] for line in Run(tmp_path).log()] == [32, 64, 96, 128]


def test_recipe_json_that_is_deleted_meanwhile_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for error in (Stopped, None):
        with monkeypatch.context() as patch:
            patch.setattr(SignalHandler, "__call__", lambda *_, error=error: deleted(tmp_path / "recipe.json", error))
            with pytest.raises(Stopped) if error else nullcontext():
                go(tmp_path)
        assert "recipe.json was deleted while the run was trained: it is written again." in capsys.readouterr().out
        assert ganwright.open(tmp_path).sample(1).shape == (1, 8, 8)


def deleted(path: Path, error: type[BaseException] | None) -> None:
    path.unlink(missing_ok=True)
    if error is not None:
        raise error


def test_a_folder_that_is_deleted_meanwhile_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SignalHandler, "__call__", lambda *_: shutil.rmtree(tmp_path / "run", ignore_errors=True))
    with pytest.raises(UserError, match=r"^Writing .* failed \(no such file or directory\)"):
        go(tmp_path / "run", log_every=32)


def test_a_repeated_command_changes_nothing(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = state(Run(run_folder)), (run_folder / "recipe.json").read_text(), log(Run(run_folder))
    run = go(run_folder)
    assert (state(run), (run_folder / "recipe.json").read_text(), log(run)) == before
    assert "The run has finished: 128 examples." in capsys.readouterr().out
    assert go(run_folder, examples=None).settings["horizon"]["examples"] == 128


def test_less_than_was_trained_is_refused_and_nothing_changes(run_folder: Path) -> None:
    before = state(Run(run_folder)), (run_folder / "recipe.json").read_text(), log(Run(run_folder))
    with pytest.raises(UserError, match=r"trained on 128 examples already, more than the 64 that are requested"):
        go(run_folder, examples=64)
    assert (state(Run(run_folder)), (run_folder / "recipe.json").read_text(), log(Run(run_folder))) == before


def test_a_stopped_run_obeys_a_smaller_horizon_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        stop_at(64, patch)
        with pytest.raises(KeyboardInterrupt):
            go(tmp_path, examples=3_000)
    assert go(tmp_path, examples=96).log()[-1]["examples"] == 96
    assert "The run ends at 96 examples now, not at the 3,000 planned before." in capsys.readouterr().out


def test_a_larger_horizon_resumes_the_run(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = log(Run(run_folder))
    run = go(run_folder, examples=160, log_every=32)
    assert "Resuming from 128 examples." in capsys.readouterr().out
    assert log(run)[: len(before)] == before
    assert run.log()[-1]["examples"] == 160
    assert run.settings["horizon"] == {
        "examples": 160,
        "requested": {"examples": 160, "steps": None, "epochs": None, "minutes": None},
    }
    assert Run(run_folder).settings["began"] == run.settings["began"]


def test_a_damaged_checkpoint_is_skipped_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = state(go(tmp_path, checkpoint_seconds=0))
    weights = tmp_path / "checkpoint" / "00000128" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    run = go(tmp_path)
    assert state(run) == whole
    said = capsys.readouterr().out
    assert "00000128/weights.safetensors is damaged (it does not match its hash)." in said
    assert "Resuming from 96 examples." in said


def test_a_run_resumed_on_other_hardware_is_reported_as_not_bit_equal(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go(run_folder, examples=160, precision="float64")
    said = capsys.readouterr().out
    assert "The resumed run will not equal an uninterrupted one bit for bit: precision was float32, is float64." in said


def test_checkpoints_are_kept_at_requested_intervals(tmp_path: Path) -> None:
    run = go(tmp_path, examples=160, keep_every=64)
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["00000064", "00000128", "00000160"]


# -- from Python


class Own:
    """A least-squares loss."""

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        return (real_score - 1).square().mean() + fake_score.square().mean()

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        return (fake_score - 1).square().mean()


def test_own_networks_are_copied_and_required_to_open_the_run(tmp_path: Path) -> None:
    generator, before = nn.Linear(8, 2), {}
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    loss = Own()
    given: dict[str, Any] = {"generator": generator, "loss": loss, "latent": 8, "quiet": True, "batch": 32}
    run = ganwright.train("ring", points(), tmp_path, examples=64, **given)
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())
    assert run.settings["options"]["generator"] == "<Linear>"
    with pytest.raises(UserError, match=r"pass them again, ganwright\.open\(.*, generator=\.\.\., loss=\.\.\.\)"):
        ganwright.open(tmp_path).sample(1)
    opened = ganwright.open(tmp_path, generator=generator, loss=loss)
    assert np.array_equal(opened.sample(4), run.sample(4))
    assert ganwright.train("ring", points(), tmp_path, examples=96, **given).log()[-1]["examples"] == 96


def test_own_recipe_function(tmp_path: Path) -> None:
    def mine(data: Any, *, size: int = 8) -> Recipe:
        return vanilla.recipe(data, generator_sizes=(size,), discriminator_sizes=(size,))

    run = ganwright.train(mine, pictures(), tmp_path, examples=64, size=4, quiet=True)
    with pytest.raises(UserError, match=r"recipe=\.\.\."):
        ganwright.open(tmp_path).sample(1)
    assert np.array_equal(ganwright.open(tmp_path, recipe=mine).sample(2), run.sample(2))


def test_arrays_and_torch_data_sets(tmp_path: Path) -> None:
    array = pictures(40).samples
    run = go(tmp_path / "array", data=array[..., 0])
    tensors = torch.utils.data.TensorDataset(torch.from_numpy(array).permute(0, 3, 1, 2))
    other = go(tmp_path / "dataset", data=tensors)
    assert np.array_equal(run.sample(3), other.sample(3))


# -- captured graphs, not compiled: tests/execution/test_compiler.py compiles them


def uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs are run by torch, operation by operation."""
    monkeypatch.setattr(compilation, "compiled", lambda graph: graph)
    monkeypatch.setattr(compilation, "MAX_STEPS_PER_CALL", 4)
    monkeypatch.setattr(compilation, "MAX_SECONDS", 3600.0)  # however busy the machine is
    compile_steps, found = compilation.compile_steps, []

    def once(make: Any, per_call: int | None, *given: Any) -> ExecutionMode:
        """Graphs take seconds to trace: the sessions of a test share them."""
        found.extend([compile_steps(make, per_call, *given)] * (not found))
        assert per_call in (None, found[0].calls.per_call)
        return found[0]

    monkeypatch.setattr(compilation, "compile_steps", once)


LONGER: dict[str, Any] = {"examples": 384, "ema_half_life": 100, "lr_schedule": "cosine", "sample_every": 192}


def test_graphs_train_the_eager_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uncompiled(monkeypatch)
    given = {**LONGER, "precision": "float64", "penalty": "r1", "penalty_every": 2, "penalty_end": 0.5}
    plain, fast = (go(tmp_path / wish, **given, compile=wish) for wish in ("off", "on"))
    assert plain.settings["machine"]["compiled_steps_per_call"] is None
    assert fast.settings["machine"]["compiled_steps_per_call"] >= 1
    for mine, theirs in zip(log(plain), log(fast), strict=True):
        assert mine["examples"] == theirs["examples"]
        assert mine["learning_rates"] == theirs["learning_rates"]
        assert mine["terms"] == pytest.approx(theirs["terms"], rel=1e-9)
        assert mine["gradient_norms"] == pytest.approx(theirs["gradient_norms"], rel=1e-9)
    assert [sample_grid.name for sample_grid in plain.sample_grids()] == [
        sample_grid.name for sample_grid in fast.sample_grids()
    ]


def test_a_resumed_run_of_graphs_is_equal_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uncompiled(monkeypatch)
    whole = go(tmp_path / "whole", **LONGER, compile="on")
    with monkeypatch.context() as within:
        stop_at(200, within)
        with pytest.raises(Stopped):
            go(tmp_path / "parts", **LONGER, compile="on")
    parts = go(tmp_path / "parts", **LONGER)  # as before
    assert log(parts) == log(whole)
    assert state(parts) == state(whole)


def test_a_run_that_can_no_longer_be_compiled_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = go(tmp_path)
    machine = run.settings["machine"] | {"compiled_steps_per_call": 4}
    run.write_settings(run.settings | {"machine": machine})
    monkeypatch.setattr(compilation, "compile_steps", lambda *_: not_compiled("there is no compiler"))
    go(tmp_path, examples=200)
    said = capsys.readouterr().out
    assert "Steps are not compiled: there is no compiler." in said
    assert re.search(r"not equal an uninterrupted one .* compiled_steps_per_call was 4, is None", said)


def test_compilation_ends_at_its_time_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compilation, "MAX_SECONDS", 0.05)
    monkeypatch.setattr(compilation, "compiled", lambda graph: time.sleep(60))
    began = time.monotonic()
    fast = go(tmp_path / "on", compile="on")
    assert time.monotonic() - began < 30
    assert fast.settings["machine"]["compiled_steps_per_call"] is None
    assert "Steps are not compiled: compilation exceeded its limit of" in capsys.readouterr().out
    first, *rest = log(fast)
    assert first.pop("notes")
    assert [first, *rest] == log(go(tmp_path / "off", compile="off"))


# -- failures, and micro-batches


def test_other_errors_are_raised_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "loop", None)
    with pytest.raises(TypeError, match="'NoneType' object is not callable"):
        go(tmp_path)


@pytest.mark.parametrize("penalty", ["none", "r1", "r2", "gradient-penalty", "dragan"])
def test_micro_batches_are_the_same_batch(penalty: str, tmp_path: Path) -> None:
    """Without batch norm, whose statistics are those of a part."""
    generator = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 64), nn.Unflatten(1, (1, 8, 8)))
    given = {"generator": generator, "penalty": penalty, "examples": 64}
    whole, parts = go(tmp_path / "whole", **given), go(tmp_path / "parts", micro_batch=10, **given)
    for one, other in zip(whole.log(), parts.log(), strict=True):
        assert one["terms"] == pytest.approx(other["terms"], abs=1e-4)


def test_a_disk_that_fills_up_leaves_the_last_checkpoint(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = state(Run(run_folder))

    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("ganwright.runs.checkpoint.save_file", full)
        with pytest.raises(UserError, match=r"00000160 failed \(no space left on device\): free some space"):
            go(run_folder, examples=160)
    assert [path.name for path in (run_folder / "checkpoint").iterdir()] == ["00000128"]
    assert json.loads((run_folder / "recipe.json").read_text())["horizon"]["examples"] == 160
    assert state(go(run_folder, examples=160)).keys() > whole.keys() - {"00000128.png"}


def test_the_display_is_closed_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr("ganwright.callbacks.progress.SilentDisplay.close", lambda self: closed.append(True))

    def refuse(*given: object) -> None:
        raise UserError("no")

    monkeypatch.setattr(trainer, "introduction", refuse)
    with pytest.raises(UserError, match="no"):
        go(tmp_path)
    assert closed == [True]
