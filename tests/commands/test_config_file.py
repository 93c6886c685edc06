"""A file for --config is read if it is a small YAML mapping, or the recipe.json of a run."""

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganwright.commands import config_file
from ganwright.core.errors import UserError
from run_entries import SETTINGS

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_names_are_those_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("generator-lr: 1e-3\nfrom: 5\ncompile: on\n")
    read = config_file.read(tmp_path / "a.yaml")
    assert read["start_from"] == "5"
    assert read["generator_lr"] == "1e-3"


def test_numbers_stay_words(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("seed: 010\nminutes: 1:30\nname: 2026-99-99\nquiet: true\nloss: ~\n")
    read = config_file.read(tmp_path / "a.yaml")
    assert read == {"seed": "010", "minutes": "1:30", "name": "2026-99-99", "quiet": True, "loss": None}


def test_aliases_are_allowed(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("generator-sizes: &sizes [8, 8]\ndiscriminator-sizes: *sizes\n")
    assert config_file.read(tmp_path / "a.yaml")["discriminator_sizes"] == ["8", "8"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (BOMB, "has more than 10,000 values, counting those that aliases repeat."),
        ("a: &a [*a]\n", "is nested too deeply."),
        ("[" * 50_000, "is nested too deeply."),
        ("a: " + "[" * 50_000 + "]" * 50_000, "is nested too deeply."),
        ("batch: [", "is no YAML: expected the node content"),
        ("batch: !!python/object/apply:os.system [echo]\n", "is no YAML: could not determine a constructor"),
        ("? [1, 2]\n: 3\n", "is no YAML: found unhashable key"),
        ("- batch\n", "must hold names and values, such as `batch: 64`."),
        ("5", "must hold names and values"),
        ("", "must hold names and values"),
        ("x" * 2**21, "has more than 1,048,576 bytes."),
        ("\x00", "is no YAML"),
    ],
)
def test_any_other_content_is_one_sentence(content: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(content)
    with pytest.raises(UserError, match=re.escape(f"--config {tmp_path / 'a.yaml'} {sentence}")) as raised:
        config_file.read(tmp_path / "a.yaml")
    assert "\n" not in str(raised.value)


def test_devices_and_pipes_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe", tmp_path):
        with pytest.raises(UserError, match="is not a regular file"):
            config_file.read(path)


@pytest.mark.parametrize(("entry", "value"), [("as_source", "maybe"), ("horizon", 5), ("options", []), ("seed", None)])
def test_a_recipe_json_of_other_types_is_one_sentence(entry: str, value: Any, tmp_path: Path) -> None:
    settings = {"format": 2, **SETTINGS}
    (tmp_path / "recipe.json").write_text(json.dumps(settings))
    assert config_file.read(tmp_path / "recipe.json")["data"] == "digits"
    (tmp_path / "recipe.json").write_text(json.dumps(settings | {entry: value}))
    with pytest.raises(UserError, match=entry):
        config_file.read(tmp_path / "recipe.json")


@given(st.binary(max_size=200) | st.text(alphabet="[]{}&*a:-? \n!|>'\"%@0", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_in_a_sentence(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.yaml"
        path.write_bytes(content)
        try:
            config_file.read(path)
            said = ""
        except UserError as error:
            said = str(error).replace("\n", "a second line")
    assert "a second line" not in said


@pytest.mark.parametrize("name", ["out", "seeds", "recipe", "started", "threads", "quiet", "minutes"])
@pytest.mark.parametrize("owner", ["recipe", "data"])
def test_options_of_a_recipe_json_are_those_of_recipe_and_data_only(name: str, owner: str, tmp_path: Path) -> None:
    settings: dict[str, Any] = json.loads(json.dumps({"format": 2, **SETTINGS}))
    (settings if owner == "recipe" else settings["data"])["options"][name] = "/any/place"
    (tmp_path / "recipe.json").write_text(json.dumps(settings))
    with pytest.raises(UserError, match=f"{name} is no option of a recipe or of data"):
        config_file.read(tmp_path / "recipe.json")


@pytest.mark.parametrize("name", ["started", "judge", "trust", "config"])
def test_names_that_are_no_options_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"recipe: ring\n{name}: 5\n")
    with pytest.raises(UserError, match=f"has the option {name}, which cannot be set there"):
        config_file.read(tmp_path / "a.yaml")
