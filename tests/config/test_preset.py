"""Presets stand below the user's own options, and no default depends on the device."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from conftest import pairs, pictures
from ganwright.commands.command_line import request
from ganwright.commands.recipes import explain
from ganwright.commands.sweep import axes
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.recipe import find_recipe
from ganwright.config.resolve import resolve
from ganwright.config.training_config import TrainingConfig
from ganwright.core.data import Data
from ganwright.core.discovery import names
from ganwright.core.errors import UserError
from ganwright.core.machine import Machine

PRESETS = [(recipe, preset) for recipe in names("recipes") for preset in find_recipe(recipe).presets]
NARROW: dict[str, dict[str, Any]] = {  # options with which the networks of presets are small
    "cyclegan": {"width": 4, "blocks": 1, "discriminator_width": 4, "patch_size": None},
    "dragan": {"width": 4, "blocks": 1, "discriminator_width": 4},
    "pix2pix": {"width": 4, "discriminator_width": 4},
    "progan": {"width": 4, "finest_width": 4},
    "r3gan": {"width": 16},
    "sound": {"width": 4, "discriminator_width": 4},
    "srgan": {"width": 4, "blocks": 1, "discriminator_width": 4},
    "text": {"width": 4, "blocks": 1, "discriminator_width": 4},
}
MINE = """
from ganwright.recipes import vanilla

recipe = vanilla.recipe
PRESETS = {"wide": {"generator_sizes": (9,), "size": 16, "steps": 3}, "wrong": {"generator_size": 9}}
"""


def case_data(recipe: str) -> Data:
    """The small data of the recipe's contract case."""
    case: Any = importlib.import_module(f"contract_cases.{recipe.replace('-', '_')}")
    data: Data = case.data(False)
    return data


@pytest.fixture
def a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretends that the best device is a GPU that computes in bfloat16."""
    monkeypatch.setattr("ganwright.core.machine.device_called", lambda name: torch.device("cuda", 0))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    for flag in ("deterministic", "benchmark", "allow_tf32"):  # Machine.chosen sets them
        monkeypatch.setattr(torch.backends.cudnn, flag, getattr(torch.backends.cudnn, flag))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Pictures of 20x20, whose loader has the option `size`."""
    np.savez(tmp_path / "mine.npz", samples=pictures(size=20).samples)
    return str(tmp_path / "mine.npz")


@pytest.fixture
def recipe_file(tmp_path: Path) -> str:
    (tmp_path / "mine.py").write_text(MINE)
    return str(tmp_path / "mine.py")


def typed(*words: str) -> TrainingConfig:
    """The configuration of `ganwright train WORDS`."""
    return resolve(request(words, {}))


def test_defaults_do_not_depend_on_the_device(a_gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def defaults() -> dict[str, tuple[Any, ...]]:
        few = {"semi-supervised": {"labels": 20}}
        requests = {name: {"recipe": name, "data": case_data(name), **few.get(name, {})} for name in names("recipes")}
        configs = {name: resolve(request) for name, request in requests.items()}
        return {name: (one.recipe.options, one.hardware, one.build().examples) for name, one in configs.items()}

    with_gpu = defaults()
    monkeypatch.setattr("ganwright.core.machine.device_called", lambda name: torch.device("cpu"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert with_gpu == defaults()


@pytest.mark.usefixtures("a_gpu")
def test_precision_is_single_on_a_gpu_too() -> None:
    hardware = resolve({"data": pictures()}).hardware
    machine = Machine.chosen(hardware.device, hardware.precision)
    assert (machine.device.type, machine.precision) == ("cuda", "float32")
    assert not torch.backends.cudnn.allow_tf32
    assert Machine.chosen("auto", "bfloat16").precision == "bfloat16"


@pytest.mark.usefixtures("a_gpu")
def test_the_first_command_is_small_on_a_gpu_too() -> None:
    """On two CPU cores it takes one to two minutes."""
    config = typed()
    recipe = config.build()
    assert (config.recipe.spec.name, config.data.data.name) == ("r3gan", "digits")
    assert recipe.examples == 60 * 1_797
    assert sum(weights.numel() for player in recipe.game.players.values() for weights in player.parameters) < 300_000


@pytest.mark.parametrize(("recipe", "preset"), PRESETS)
def test_presets_resolve_and_build(recipe: str, preset: str) -> None:
    translates, narrow = recipe in ("cyclegan", "pix2pix"), NARROW.get(recipe, {})
    data = pairs(size=32) if translates else pictures(size=32, channels=3)
    data = case_data(recipe) if recipe in ("sound", "text") else data
    values = find_recipe(recipe).presets[preset]
    config = resolve({"recipe": recipe, "data": data, "preset": preset, **narrow})
    for name, value in config.recipe.options.items():
        assert value == {**values, **narrow}.get(name, value)
    horizon = {name: value for name, value in config.horizon.to_dict().items() if value is not None}
    assert horizon == {name: values[name] for name in ("examples", "epochs") if name in values}
    assert len(config.notes) == ("size" in values)
    assert config.build().notes[: len(config.notes)] == config.notes


def test_a_preset_is_chosen_on_the_command_line_in_files_and_in_python(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("recipe: r3gan\ndata: digits\npreset: published\nwidth: 16\n")
    one = typed("r3gan", "--data", "digits", "--preset", "published", "--width", "16")
    other = typed("--config", str(tmp_path / "c.yaml"))
    python = resolve({"recipe": "r3gan", "data": "digits", "preset": "published", "width": 16})
    assert one.identity == other.identity == python.identity == typed("--preset", "published", "--width", "16").identity
    assert one.horizon == other.horizon == python.horizon == RequestedHorizon(examples=20_000_000)


def test_the_users_own_options_win() -> None:
    config = typed("r3gan", "--preset", "published", "--batch", "8", "--no-ema-rampup", "--steps", "5")
    assert config.recipe.options["batch"] == 8
    assert config.recipe.options["ema_rampup"] is False
    assert config.recipe.options["block"] == "published"
    assert config.horizon == RequestedHorizon(steps=5)


def test_a_preset_sets_the_loaders_options(folder: str, recipe_file: str) -> None:
    config = typed(recipe_file, "--data", folder, "--preset", "wide")
    assert config.data.data.domain.shape == (1, 16, 16)
    assert config.recipe.options["generator_sizes"] == (9,)
    assert config.horizon == RequestedHorizon(steps=3)
    assert config.notes == ()
    own = typed(recipe_file, "--data", folder, "--preset", "wide", "--size", "12")
    assert own.data.data.domain.shape == (1, 12, 12)


def test_a_note_says_what_the_data_cannot_have(recipe_file: str) -> None:
    config = typed(recipe_file, "--preset", "wide")
    note = "--size 16 of the preset wide is left out: the data digits have no such option."
    assert config.build().notes[0] == note


def test_an_error_of_the_loader_names_the_preset() -> None:
    sentence = r"size.*The preset published sets --size 256: choose other data, or set your own value\.$"
    with pytest.raises(UserError, match=sentence):
        typed("pix2pix", "--preset", "published")
    assert typed("pix2pix", "--preset", "published", "--size", "none").horizon == RequestedHorizon(epochs=200)


def test_a_preset_that_prepares_the_data_needs_the_recipes_name(folder: str) -> None:
    with pytest.raises(UserError, match=r"sets --size 256 of the data: name the recipe, as in .* train cyclegan"):
        typed("--data", folder, "--other", folder, "--preset", "published")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("r3gan --preset publishd", "The recipe r3gan has no preset 'publishd' (published). Did you mean published?"),
        ("ring --preset published", "The recipe ring has no preset 'published' (it has none)."),
        ("dcgan --as-source --preset published", "The recipe dcgan --as-source has no preset 'published'"),
        ("./mine.py --preset wrong", "with its preset wrong, has no option --generator-size. Did you mean --generator"),
    ],
)
def test_a_wrong_preset(words: str, sentence: str, recipe_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(recipe_file).parent)
    with pytest.raises(UserError) as caught:
        typed(*words.split())
    assert sentence in str(caught.value)


def test_presets_that_are_no_mappings(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("def recipe(data): pass\nPRESETS = {'a': 3}\n")
    with pytest.raises(UserError, match=r"PRESETS of the recipe .*odd\.py should be \{name: \{option: value\}\}\."):
        find_recipe(str(tmp_path / "odd.py"))


def test_a_sweep_varies_what_a_preset_sets() -> None:
    options = {"preset": "published"}
    base = resolve({"recipe": "r3gan", **options})
    assert axes(["batch=8,16"], base, options) == {"batch": [8, 16]}


def test_recipes_lists_the_presets(capsys: pytest.CaptureFixture[str]) -> None:
    explain("progan", "digits", False)
    said = " ".join(capsys.readouterr().out.split())
    assert "--preset published: --loss wasserstein-drift --penalty gradient-penalty" in said
    assert "--examples 4200000" in said
