"""Recipe files are executed only if this user trained with them, or says so."""

import importlib.util
import json
import py_compile
import shutil
import sys
from pathlib import Path

import pytest

import ganwright
from conftest import SMALL
from ganwright.commands import config_file
from ganwright.core.errors import UserError
from ganwright.runs import trust

RECIPE = '''
from pathlib import Path
import helper
from ganwright.recipes.vanilla import recipe as vanilla
from ganwright.recipes._two_player import Rules
from ganwright.nets.mlp import *

DATA = "digits"
Path(__file__).with_name("executed").write_text("yes")

def recipe(data, *, latent: int = 2):
    """A recipe."""
    return vanilla(data, latent=latent)
'''


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return trust.store()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a recipe file, the module that it imports, and a trained run."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, "helper", raising=False)
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "mine.py").write_text(RECIPE)
    (folder / "helper.py").write_text("import other\n")
    (folder / "other.py").write_text("X = 1\n")
    monkeypatch.delitem(sys.modules, "other", raising=False)
    ganwright.train(folder / "mine.py", None, folder / "run", examples=64, quiet=True)
    (folder / "executed").unlink()
    return folder


def executed(folder: Path) -> bool:
    return (folder / "executed").exists()


def test_a_recipe_file_that_was_trained_with_is_executed(project: Path, store: Path) -> None:
    assert json.loads(store.read_text())[str(project / "mine.py")].keys() == {"mine.py", "helper.py", "other.py"}
    assert ganwright.open(project / "run").sample(2).shape == (2, 8, 8)
    assert executed(project)


@pytest.mark.parametrize("changed", ["mine.py", "helper.py", "other.py"])
def test_a_changed_file_is_not_executed(changed: str, project: Path) -> None:
    with (project / changed).open("a") as file:
        file.write("\n# another line\n")
    with pytest.raises(UserError, match=r"mine\.py, with which you have not trained as it is now: read it"):
        ganwright.open(project / "run").sample(2)
    assert not executed(project)


def test_a_module_that_is_new_in_the_folder_is_not_imported(project: Path) -> None:
    (project / "other.py").unlink()
    (project / "other").mkdir()
    (project / "other" / "__init__.py").write_text("X = 2\n")
    with pytest.raises(UserError, match="you have not trained"):
        ganwright.open(project / "run").sample(2)


def test_a_run_folder_of_another_user_executes_nothing_unless_trusted(project: Path, store: Path) -> None:
    store.unlink()
    run = project / "run"
    for use in (
        lambda: ganwright.open(run).sample(2),
        lambda: ganwright.judge(run, n=8, repetitions=1),
        lambda: config_file.read(run / "recipe.json"),
    ):
        with pytest.raises(UserError, match=r"add --trust \(trust=True in Python\)"):
            use()
    assert not executed(project)
    assert ganwright.open(run, trust=True).sample(2).shape == (2, 8, 8)
    assert config_file.read(run / "recipe.json", trusted=True)["recipe"] == str(project / "mine.py")
    assert not store.exists()  # trusting once is not remembered


def test_the_same_file_at_another_place_is_not_executed(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, tmp_path / "copy")
    settings = json.loads((project / "run" / "recipe.json").read_text())
    settings["recipe"] = str(tmp_path / "copy" / "mine.py")
    (project / "run" / "recipe.json").write_text(json.dumps(settings))
    with pytest.raises(UserError, match="you have not trained"):
        ganwright.open(project / "run").sample(2)


@pytest.mark.parametrize("name", ["{}/mine.py", "mine.py", "./mine.py"])
def test_a_yaml_file_does_not_make_a_recipe_file_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(RECIPE)
    (tmp_path / "options.yaml").write_text(f"recipe: {name.format(tmp_path)}\n")
    with pytest.raises(UserError, match="you have not trained"):
        config_file.read(Path("options.yaml"))
    assert not executed(tmp_path)
    assert config_file.read(Path("options.yaml"), trusted=True)["recipe"] == str(tmp_path / "mine.py")


def test_a_store_that_cannot_be_written_is_said_and_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    (tmp_path / "own.py").write_text("from ganwright.recipes.vanilla import recipe\n")
    ganwright.train(tmp_path / "own.py", "digits", tmp_path / "run", examples=32, **SMALL)
    assert "own.py cannot be remembered" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["[", "5", '{"x": 5}', "{}"])
def test_a_damaged_store_trusts_nothing(content: str, project: Path, store: Path) -> None:
    store.write_text(content)
    with pytest.raises(UserError, match="you have not trained"):
        ganwright.open(project / "run").sample(2)


@pytest.mark.parametrize("name", ["mine", "helper"])
def test_compiled_files_beside_a_recipe_are_not_executed(name: str, project: Path) -> None:
    evil = project / "evil.py"
    evil.write_text(f"from pathlib import Path\nPath({str(project / 'PWNED')!r}).write_text('x')\n")
    target = Path(importlib.util.cache_from_source(str(project / f"{name}.py")))
    target.parent.mkdir(exist_ok=True)
    py_compile.compile(str(evil), str(target), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    sys.modules.pop(name, None)
    assert ganwright.open(project / "run").sample(2).shape == (2, 8, 8)
    assert executed(project)
    assert not (project / "PWNED").exists()


def test_packages_beside_a_recipe_are_imported(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "__init__.py").write_text("from .size import LATENT\n")
    (tmp_path / "parts" / "size.py").write_text("LATENT = 3\n")
    (tmp_path / "own.py").write_text(
        "from parts import LATENT\nfrom ganwright.recipes.vanilla import recipe as vanilla\n"
        "def recipe(data, *, latent: int = LATENT):\n    return vanilla(data, latent=latent)\n"
    )
    run = ganwright.train(tmp_path / "own.py", "digits", tmp_path / "run", examples=64, quiet=True)
    assert run.settings["options"]["latent"] == 3
    remembered = json.loads(trust.store().read_text())[str(tmp_path / "own.py")]
    assert remembered.keys() == {"own.py", "parts/__init__.py", "parts/size.py"}
    assert not list(tmp_path.rglob("__pycache__"))
