"""A session: the same command again goes on, a larger horizon too, and nothing else may change."""

import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ganwright
from conftest import SMALL, pictures, points
from ganwright.callbacks.signals import SignalHandler, Stopped
from ganwright.core import game
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.execution import compilation
from ganwright.execution.mode import ExecutionMode
from ganwright.planning import profiler
from ganwright.recipes import vanilla
from ganwright.runs import checkpoint
from ganwright.runs.run import Run
from ganwright.training import memory, session, trainer

TIMES = ("seconds", "examples_per_second")


def go(out: Path, recipe: Any = "vanilla", data: Any = "digits", examples: int | None = 128, **given: Any) -> Run:
    return ganwright.train(recipe, data, out, examples=examples, **{**SMALL, **given})


def log(run: Run) -> list[dict[str, Any]]:
    return [{name: value for name, value in line.items() if name not in TIMES} for line in run.log()]


def state(run: Run) -> dict[str, bytes]:
    """The files of the last checkpoint that hold no time, and the sheets."""
    newest = checkpoint.saved(run.checkpoints)[-1]
    return {path.name: path.read_bytes() for path in [*newest.glob("*.safetensors"), *run.sample_grids()]}


def stop_at(examples: int, monkeypatch: pytest.MonkeyPatch, error: type[BaseException] = Stopped) -> None:
    def observe(self: SignalHandler, clock: Clock, played: object) -> None:
        if clock.examples >= examples:
            raise error

    monkeypatch.setattr(SignalHandler, "__call__", observe)


# -- going on


@pytest.mark.parametrize("given", [{}, {"lr_schedule": "cosine", "log_every": 96, "penalty": "r1", "penalty_every": 2}])
def test_stopped_and_continued_is_equal_to_the_unbroken_run(
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


def test_interrupted_within_a_round_saves_nothing(
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


def test_the_same_again_changes_nothing(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = state(Run(run_folder)), (run_folder / "recipe.json").read_text(), log(Run(run_folder))
    run = go(run_folder)
    assert (state(run), (run_folder / "recipe.json").read_text(), log(run)) == before
    assert "The run has finished: 128 examples." in capsys.readouterr().out
    assert go(run_folder, examples=64).settings["horizon"]["examples"] == 128
    assert go(run_folder, examples=None).settings["horizon"]["examples"] == 128


def test_a_larger_horizon_goes_on(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
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


def test_a_damaged_checkpoint_is_passed_over_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = state(go(tmp_path, checkpoint_seconds=0))
    weights = tmp_path / "checkpoint" / "00000128" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    run = go(tmp_path)
    assert state(run) == whole
    said = capsys.readouterr().out
    assert "00000128 is damaged: weights.safetensors does not match its hash." in said
    assert "Resuming from 96 examples." in said


def test_when_all_checkpoints_are_damaged_nothing_is_touched(run_folder: Path) -> None:
    weights = run_folder / "checkpoint" / "00000128" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"is damaged.*No intact checkpoint is left: choose another --out"):
        go(run_folder)
    assert weights.exists()
    assert Run(run_folder).log()


def test_other_hardware_goes_on_and_says_what_it_costs(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    go(run_folder, examples=160, precision="float64")
    said = capsys.readouterr().out
    assert "The resumed run will not equal an uninterrupted one bit for bit: precision was float32, is float64." in said


def test_checkpoints_are_kept_when_asked_for(tmp_path: Path) -> None:
    run = go(tmp_path, examples=160, keep_every=64)
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["00000064", "00000128", "00000160"]


# -- what may not change


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"recipe": "dcgan", "generator_sizes": None}, "has no option --generator-sizes"),
        ({"latent": 3}, "has --latent 2, not 3"),
        ({"generator_sizes": (8, 8)}, "has --generator-sizes 8, not 8,8"),
        ({"seed": 1}, "has --seed 0, not 1"),
        ({"start_from": "elsewhere"}, "has --from none, not"),
        ({"data": pictures()}, "has --data digits, not <Data>"),
        ({"as_source": True, "data": "curve", "recipe": "curve"}, "has no option --batch"),
        ({"loss": "hing"}, "Did you mean hinge"),
    ],
)
def test_another_option_is_refused_by_name(given: dict[str, Any], sentence: str, run_folder: Path) -> None:
    before = (run_folder / "recipe.json").read_bytes()
    with pytest.raises(UserError, match=sentence):
        go(run_folder, **given)
    assert (run_folder / "recipe.json").read_bytes() == before


def test_data_that_changed_are_refused(tmp_path: Path) -> None:
    array = tmp_path / "points.npy"
    np.save(array, points().samples)
    go(tmp_path / "run", "ring", str(array))
    np.save(array, points().samples + 1)
    with pytest.raises(UserError, match=r"has the data .*points\.npy as it was, not as it is now"):
        go(tmp_path / "run", "ring", str(array))


# -- what a stranger gets wrong, before the folder is touched


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"recipe": "vanila"}, "Did you mean vanilla"),
        ({"data": "digit"}, "Did you mean digits"),
        ({"widht": 3}, "has no option --widht"),
        ({"latent": 0}, "--latent cannot be 0"),
        ({"batch": 0}, "--batch cannot be 0"),
        ({"examples": -5}, "--examples cannot be -5"),
        ({"examples": "abc"}, "--examples cannot be 'abc'"),
        ({"epochs": 2}, "one of --examples, --steps, --epochs and --minutes, not --examples and --epochs"),
        ({"examples": None, "epochs": float("inf")}, "--epochs cannot be inf"),
        ({"seed": "abc"}, "--seed cannot be 'abc'"),
        ({"threads": 0}, "--threads cannot be 0"),
        ({"micro_batch": 0}, "--micro-batch cannot be 0"),
        ({"device": "gpu"}, "The device 'gpu' cannot be used here"),
        ({"precision": "half"}, "There is no precision 'half'"),
        ({"loss": "hing"}, "Did you mean hinge"),
        ({"penalty": "gradient"}, "Did you mean gradient-penalty"),
        ({"loss": "hinge", "real_label": 0.9}, "no labels to smooth"),
        ({"recipe": "ring"}, "This recipe is for points"),
        ({"as_source": True}, "has no option --batch"),
        ({"generator": nn.Linear(2, 3)}, r"shape \[3\], not \[1, 8, 8\]"),
        ({"generator": nn.Linear(3, 3)}, "The generator cannot make a sample"),
        ({"discriminator": nn.Linear(3, 1)}, "The discriminator cannot take a sample"),
        (
            {"discriminator": nn.Sequential(nn.Flatten(), nn.Linear(64, 1), nn.BatchNorm1d(1)), "penalty": "r1"},
            "without interaction between samples",
        ),
        ({"start_from": "nowhere"}, "no intact checkpoint there"),
    ],
)
def test_mistakes_are_one_sentence(given: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        go(tmp_path / "run", **given)
    assert "\n\n" not in str(caught.value)
    assert not (tmp_path / "run" / "recipe.json").exists()


@pytest.mark.parametrize("ema_half_life", [0, 10_000])
def test_weights_of_another_run_with_an_average_or_without(ema_half_life: float, trained: Path, tmp_path: Path) -> None:
    still = {"generator_lr": 1e-12, "discriminator_lr": 1e-12, "ema_half_life": ema_half_life, "examples": 32}
    run = go(tmp_path / "run", start_from=trained, **still)
    player, other = run.recipe.game.players["generator"], Run(trained).recipe.game.players["generator"]
    for mine, theirs in zip(player.parameters, other.parameters, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)
    back = go(tmp_path / "back", start_from=tmp_path / "run", **still | {"ema_half_life": 500})
    assert len(back.log()) == 1


def test_weights_of_another_size_are_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds networks of another size"):
        go(tmp_path / "other", start_from=trained, latent=3)


# -- from Python


class Own:
    """A least-squares loss."""

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        return (real_score - 1).square().mean() + fake_score.square().mean()

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        return (fake_score - 1).square().mean()


def test_own_networks_are_copied_and_needed_again(tmp_path: Path) -> None:
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


def test_the_data_choose_the_recipe_and_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given: dict[str, Any] = {"examples": 32, "batch": 32, "quiet": True}
    assert ganwright.train(data="grid", **given).path == Path("runs/grid-grid")
    assert ganwright.train(data=points().samples, **given).path == Path("runs/curve-array")
    assert ganwright.train(**given).path == Path("runs/r3gan-digits")


def test_a_batch_larger_than_the_data_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    go(tmp_path, data=pictures(20))
    assert "A batch of 32 contains each of the 20 samples more than once." in capsys.readouterr().out


# -- rounds by their graphs, which nobody compiles here: that is tried in tests/core/test_compiler.py


def uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs are run by torch, operation by operation."""
    monkeypatch.setattr(compilation, "compiled", lambda graph: graph)
    monkeypatch.setattr(compilation, "MAX_STEPS_PER_CALL", 4)
    monkeypatch.setattr(compilation, "MAX_SECONDS", 3600.0)  # however busy the machine is
    compile_steps, found = compilation.compile_steps, []

    def once(make: Any, per_call: int | None, *given: Any) -> ExecutionMode:
        """Graphs take seconds to trace: the sessions of a test share them."""
        found.extend([compile_steps(make, per_call, *given)] * (not found))
        assert per_call in (None, found[0].per_call)
        return found[0]

    monkeypatch.setattr(compilation, "compile_steps", once)


LONGER: dict[str, Any] = {"examples": 384, "ema_half_life": 100, "lr_schedule": "cosine", "sample_every": 192}


def test_graphs_give_the_plain_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_graphs_go_on_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uncompiled(monkeypatch)
    whole = go(tmp_path / "whole", **LONGER, compile="on")
    with monkeypatch.context() as within:
        stop_at(200, within)
        with pytest.raises(Stopped):
            go(tmp_path / "parts", **LONGER, compile="on")
    parts = go(tmp_path / "parts", **LONGER)  # as before
    assert log(parts) == log(whole)
    assert state(parts) == state(whole)


def test_a_run_that_can_no_longer_be_compiled_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = go(tmp_path)
    machine = run.settings["machine"] | {"compiled_steps_per_call": 4}
    run.write_settings(run.settings | {"machine": machine})
    monkeypatch.setattr(compilation, "compile_steps", lambda *_: ExecutionMode(reason="there is no compiler"))
    go(tmp_path, examples=200)
    said = capsys.readouterr().out
    assert "Steps are not compiled: there is no compiler." in said
    assert re.search(r"not equal an uninterrupted one .* compiled_steps_per_call was 4, is None", said)


def test_compiling_is_given_up_when_it_takes_more_than_its_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compilation, "MAX_SECONDS", 0.05)
    monkeypatch.setattr(compilation, "compiled", lambda graph: time.sleep(60))
    began = time.monotonic()
    fast = go(tmp_path / "on", compile="on")
    assert time.monotonic() - began < 30
    assert fast.settings["machine"]["compiled_steps_per_call"] is None
    assert "Steps are not compiled: compilation exceeded its limit of" in capsys.readouterr().out
    assert log(fast) == log(go(tmp_path / "off", compile="off"))


def test_auto_plays_a_short_run_plainly(tmp_path: Path) -> None:
    assert go(tmp_path, examples=32, compile="auto").settings["machine"]["compiled_steps_per_call"] is None


# -- minutes and memory


def test_minutes_are_planned_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiler, "SECONDS", 0.01)
    run = go(tmp_path, examples=None, minutes=0.001, batch=16)
    planned = run.settings["horizon"]
    assert planned["requested"]["minutes"] == 0.001
    monkeypatch.setattr(session, "profile", lambda *_: pytest.fail("it was planned before"))
    assert go(tmp_path, examples=None, minutes=0.001, batch=16).settings["horizon"] == planned


def refusing_above(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose memory holds batches up to `limit`."""
    split = game.split

    def tight(batch: Any, draws: Any, micro_batch: int | None) -> Any:
        if min(micro_batch or len(batch), len(batch)) > limit:
            raise torch.OutOfMemoryError("too much")
        return split(batch, draws, micro_batch)

    monkeypatch.setattr(game, "split", tight)


@pytest.mark.parametrize(
    ("limit", "sentence"), [(8, "8 fit: add --micro-batch 8 "), (0, "even with one sample at once")]
)
def test_out_of_memory_says_what_fits(
    limit: int, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing_above(limit, monkeypatch)
    with pytest.raises(UserError, match=sentence):
        go(tmp_path)


def test_other_errors_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(trainer, "loop", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        go(tmp_path)


def test_networks_that_do_not_fit_into_memory(tmp_path: Path) -> None:
    def refused() -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    with pytest.raises(UserError, match="choose smaller networks"), memory.enough():
        refused()


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


def test_display_is_closed_whatever_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr("ganwright.callbacks.progress.SilentDisplay.close", lambda self: closed.append(True))

    def refuse(*given: object) -> None:
        raise UserError("no")

    monkeypatch.setattr(trainer, "introduction", refuse)
    with pytest.raises(UserError, match="no"):
        go(tmp_path)
    assert closed == [True]
