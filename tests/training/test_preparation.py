"""Preparation: mistakes are found before the folder is touched, and a folder resumes the run that it holds."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from conftest import pictures, points
from ganwright.config.training_config import TrainingConfig
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError
from ganwright.runs import checkpoint
from ganwright.runs.run import Run
from ganwright.training.preparation import ResumePoint, load_weights, make_feed, prepare, resume_point
from run_entries import state
from training.sessions import configured, go


@pytest.fixture(scope="module")
def config() -> TrainingConfig:
    """The configuration of the run `trained`."""
    return configured()


def spoil(path: Path) -> Path:
    """Truncates the weights of a checkpoint."""
    weights = path / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    return weights


# -- recipe and feed


def test_a_rebuilt_recipe_has_equal_weights_of_its_own() -> None:
    prepared = prepare(configured(data=pictures()))
    again, _ = prepared.rebuilt()
    for name, player in prepared.recipe.game.players.items():
        others = again.game.players[name].parameters
        for mine, other in zip(player.parameters, others, strict=True):
            assert torch.equal(mine, other)
            assert mine.data_ptr() != other.data_ptr()


def test_a_feed_has_the_requested_seed_and_precision() -> None:
    prepared = prepare(configured(data=pictures(), seed=3, precision="float64"))
    feed = make_feed(prepared.config, prepared.recipe, prepared.machine)
    batch, draws = feed.draw(Clock(), 0)
    assert batch.real.dtype == torch.float64
    assert draws.seed == 3
    assert {weight.dtype for player in prepared.recipe.game.players.values() for weight in player.parameters} == {
        torch.float64
    }


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
        ({"generator": nn.Linear(3, 3)}, "The generator failed: RuntimeError: mat1 and mat2"),
        ({"discriminator": nn.Linear(3, 1)}, "The discriminator of samples of the shape .* failed: RuntimeError: mat1"),
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


# -- where a folder stands


def test_a_new_folder_has_nothing_to_resume(config: TrainingConfig, tmp_path: Path) -> None:
    point = resume_point(Run(tmp_path / "new"), config)
    assert point == ResumePoint()
    assert not point.begun
    assert point.machine == {}
    assert not (tmp_path / "new").exists()


def test_a_run_resumes_from_its_newest_checkpoint(config: TrainingConfig, trained: Path) -> None:
    point = resume_point(Run(trained), config)
    assert point.begun
    assert point.path == trained / "checkpoint" / "00000128"
    assert point.checkpoint is not None
    assert point.checkpoint.state["clock"]["examples"] == 128
    assert point.notes == ()


def test_a_damaged_checkpoint_is_skipped_with_a_note(config: TrainingConfig, run_folder: Path) -> None:
    run = Run(run_folder)
    found = checkpoint.load(run.checkpoints / "00000128")
    checkpoint.save(run.checkpoints, 160, replace(found, state=found.state | {"clock": state(160)["clock"]}))
    spoil(run.checkpoints / "00000160")
    point = resume_point(run, config)
    assert point.path == run.checkpoints / "00000128"
    (note,) = point.notes
    assert "00000160/weights.safetensors is damaged (it does not match its hash)." in note


def test_a_run_without_a_checkpoint_starts_again_with_its_settings(config: TrainingConfig, run_folder: Path) -> None:
    run = Run(run_folder)
    shutil.rmtree(run.checkpoints)
    point = resume_point(run, config)
    assert point.checkpoint is None
    assert point.settings == run.settings
    assert point.notes == (f"{run_folder} has no checkpoint yet: the run starts again.",)


def test_a_resumed_run_knows_how_its_steps_were_executed(config: TrainingConfig, run_folder: Path) -> None:
    run = Run(run_folder)
    machine = run.settings["machine"] | {"compiled_steps_per_call": 4}
    run.write_settings(run.settings | {"machine": machine})
    assert resume_point(run, config).machine == machine


def test_another_run_is_refused(config: TrainingConfig, trained: Path) -> None:
    other = replace(config, recipe=replace(config.recipe, seed=1))
    with pytest.raises(UserError, match="has --seed 0, not 1"):
        resume_point(Run(trained), other)


def test_when_all_checkpoints_are_damaged_nothing_is_touched(run_folder: Path) -> None:
    weights = run_folder / "checkpoint" / "00000128" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"is damaged.*No intact checkpoint is left: choose another --out"):
        go(run_folder)
    assert weights.exists()
    assert Run(run_folder).log()


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


# -- weights of another run (--from)


@pytest.mark.parametrize("ema_half_life", [0, 10_000])
def test_networks_start_from_the_weights_of_another_run(ema_half_life: float, trained: Path) -> None:
    recipe = configured(seed=1, ema_half_life=ema_half_life).build()
    load_weights(recipe, Run(trained))
    saved = checkpoint.load(trained / "checkpoint" / "00000128").weights
    for name, player in recipe.game.players.items():
        for key, value in player.weights().items():
            assert torch.equal(value, saved[f"{name}.{key}"])


def test_an_ema_that_the_other_run_lacks_starts_from_its_network(tmp_path: Path) -> None:
    without, recipe = (configured(seed=seed, ema_half_life=seed * 500).build() for seed in (0, 1))
    checkpoint.save(Run(tmp_path).checkpoints, 32, checkpoint.capture(without.game, state(32)))
    load_weights(recipe, Run(tmp_path))
    ema, network = recipe.game.players["generator"].ema, without.game.players["generator"].network
    assert ema is not None
    for name, value in network.state_dict().items():
        assert torch.equal(ema.network.state_dict()[name], value)


def test_a_run_trains_on_from_the_weights_of_another(trained: Path, tmp_path: Path) -> None:
    still = {"generator_lr": 1e-12, "discriminator_lr": 1e-12, "examples": 32, "sample_every": 32, "seed": 1}
    run = go(tmp_path / "run", start_from=trained, **still)
    player, other = run.recipe.game.players["generator"], Run(trained).recipe.game.players["generator"]
    for mine, theirs in zip(player.parameters, other.parameters, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)


def test_weights_are_those_of_the_newest_intact_checkpoint(run_folder: Path) -> None:
    spoil(run_folder / "checkpoint" / "00000128")
    with pytest.raises(UserError, match=r"no intact checkpoint there\. .*00000128/weights\.safetensors is damaged"):
        load_weights(configured().build(), Run(run_folder))


def test_weights_of_another_size_are_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds networks of another size"):
        go(tmp_path / "other", start_from=trained, latent=3)
