"""A run's folder: readable without ganwright, locked for one process, and cut back to a checkpoint."""

import base64
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import ganwright
from conftest import SMALL
from ganwright.callbacks import artefacts
from ganwright.core.errors import DamagedError, UserError
from ganwright.runs import checkpoint
from ganwright.runs.folder import RunFolder
from ganwright.runs.run import Run
from ganwright.runs.schemas import FORMAT
from run_entries import SETTINGS, log_line


def test_the_folder_is_readable_without_ganwright(trained: Path) -> None:
    settings = json.loads((trained / "recipe.json").read_text())
    assert settings["recipe"] == "vanilla"
    assert settings["options"]["batch"] == 32
    assert settings["versions"].keys() == {"ganwright", "torch", "numpy", "python"}
    last = json.loads((trained / "log.jsonl").read_text().splitlines()[-1])
    assert last["examples"] == 128
    assert {"D(x)", "D(G(z))", "V(D,G)", "generator", "discriminator"} <= last["terms"].keys()
    assert set(last["learning_rates"]) == set(last["gradient_norms"]) == {"generator", "discriminator"}
    for name in ("data.png", "animation.webp", "animation.gif", "first-and-last.png", "samples/00000128.png"):
        with Image.open(trained / name) as picture:
            assert picture.width > 50
    assert [path.name for path in (trained / "checkpoint").iterdir()] == ["00000128"]


def test_an_incomplete_log_line_is_ignored(run_folder: Path) -> None:
    run = Run(run_folder)
    lines = run.log()
    with run.log_file.open("a") as file:
        file.write('{"examples": 160, "ste')
    assert run.log() == lines
    with run.log_file.open("a") as file:
        file.write("\n" + json.dumps(lines[0]) + "\n")
    with pytest.raises(DamagedError, match=r"log\.jsonl is damaged \(line 5 is no JSON"):
        run.log()


def test_cutting_back_forgets_what_came_later(run_folder: Path) -> None:
    run = Run(run_folder)
    for name in (".00000160.png.partial", ".00000160.wav.partial", "00000064.wav", "00000096.wav"):
        (run.samples / name).touch()
    run.cut_back(64)
    assert [path.name for path in run.audio()] == ["00000064.wav"]
    assert [line["examples"] for line in run.log()] == [32, 64]
    assert max(int(sample_grid.stem) for sample_grid in run.sample_grids()) == 64
    assert not list(run.checkpoints.iterdir())
    assert not list(run.samples.glob(".*"))


def test_not_a_number_becomes_null(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.append_log(log_line(1, loss=float("nan"), other=float("-inf")))
    assert run.log() == [log_line(1, loss=None, other=None)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", r"recipe\.json is damaged \(it is no JSON"),
        ("[]", r"recipe\.json is damaged \(its content should be a valid dictionary"),
        ('{"format": 99}', "of format 99"),
        ('{"format": 2, "recipe": "ring"}', r"recipe\.json is damaged \(as_source is missing"),
        ("[" * 100_000, r"recipe\.json is damaged \(it is nested too deeply"),
    ],
)
def test_an_invalid_recipe_json_is_reported(content: str, reason: str, run_folder: Path) -> None:
    (run_folder / "recipe.json").write_text(content)
    with pytest.raises(UserError, match=reason):
        ganwright.open(run_folder)
    with pytest.raises(UserError, match=reason):
        ganwright.train("vanilla", "digits", run_folder, **SMALL)


def test_a_missing_run_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is not a run folder: it has no recipe\.json"):
        ganwright.open(tmp_path)


def test_a_folder_is_locked_for_one_process(tmp_path: Path) -> None:
    with (
        Run(tmp_path / "run").locked(),
        pytest.raises(UserError, match="Another process is training"),
        Run(tmp_path / "run").locked(),
    ):
        pass
    with Run(tmp_path / "run").locked():
        pass


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / ".hidden").touch()
    with Run(tmp_path).locked():
        pass
    (tmp_path / "photo.png").touch()
    with pytest.raises(UserError, match=r"holds photo\.png but no recipe\.json"):
        ganwright.train("vanilla", "digits", tmp_path, **SMALL)


def test_sample_grids_are_found_by_epoch(run_folder: Path) -> None:
    settings = json.loads((run_folder / "recipe.json").read_text())
    settings["data"] |= {"count": 64, "class_counts": [64] + [0] * 9}
    (run_folder / "recipe.json").write_text(json.dumps(settings))
    run = ganwright.open(run_folder)
    for epoch, examples in ((0, 0), (1, 64), (1.25, 96), (1.5, 96), (2, 128), (2.4, 128)):
        assert run.picture(epoch) == Image.open(run.samples / f"{examples:08d}.png")
    with pytest.raises(UserError, match=r"no sample grid of epoch 3; available: epochs 0\.00 to 2\.00"):
        run.picture(3)


def test_a_notebook_displays_the_last_sample_grid_and_the_curves(trained: Path) -> None:
    run = ganwright.open(trained)
    html = run._repr_html_()
    assert html.count("<img") == 1 + (trained / "losses.png").is_file()
    assert str(trained) in html
    assert repr(run) == f"Run({str(trained)!r}, examples=128)"


def test_a_notebook_plays_the_sound_of_the_last_grid(run_folder: Path) -> None:
    run = ganwright.open(run_folder)
    for name in ("00000032", "00000128"):
        (run.samples / f"{name}.wav").write_bytes(name.encode())
    player = base64.b64encode(b"00000128").decode()
    assert f'<audio controls src="data:audio/wav;base64,{player}"></audio>' in run._repr_html_()


def test_an_error_within_a_locked_folder_releases_it(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(ZeroDivisionError), folder.locked():
        raise ZeroDivisionError
    with folder.locked():
        pass


def test_written_settings_are_read_unchanged(tmp_path: Path) -> None:
    settings = SETTINGS
    folder = RunFolder(tmp_path / "run")
    assert not folder.exists
    folder.write_settings(settings)
    assert folder.exists
    assert folder.samples.is_dir()
    assert RunFolder(tmp_path / "run").settings == folder.settings == {"format": FORMAT, **settings}


def test_a_run_has_begun_with_its_first_log_line_or_checkpoint(run_folder: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "new")
    folder.write_settings(SETTINGS)
    assert not folder.begun
    folder.append_log(log_line(32))
    assert folder.begun
    trained = RunFolder(run_folder)
    trained.log_file.unlink()
    assert trained.begun


def test_sample_grids_are_ordered_by_their_examples(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.samples.mkdir()
    for name in ("123456789.png", "00000064.png", "notes.png", "00000032.webp", ".00000096.png.partial"):
        (folder.samples / name).touch()
    assert [path.name for path in folder.sample_grids()] == ["00000064.png", "123456789.png"]


def test_cutting_back_to_a_checkpoint_keeps_what_was_written_before(run_folder: Path) -> None:
    folder = RunFolder(run_folder)
    lines, grids = folder.log(), folder.sample_grids()
    (folder.path / ".recipe.json.partial").touch()
    folder.cut_back(128)
    assert (folder.log(), folder.sample_grids()) == (lines, grids)
    assert [path.name for path in checkpoint.saved(folder.checkpoints)] == ["00000128"]
    assert not list(folder.path.glob(".*.partial"))
    folder.cut_back(-1)
    assert (folder.log(), folder.sample_grids()) == ([], [])


def test_a_log_line_is_appended_and_read_unchanged(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.log() == []
    lines = [log_line(32, ä=0.1), log_line(64)]
    for line in lines:
        folder.append_log(line)
    assert folder.log() == lines
    assert repr(folder) == f"Run({str(tmp_path)!r}, examples=64)"


# -- a folder that anyone may have made


def set_entry(run_folder: Path, path: str, value: Any) -> None:
    """Changes an entry of recipe.json."""
    settings = json.loads((run_folder / "recipe.json").read_text())
    *owners, last = path.split(".")
    owner = settings
    for name in owners:
        owner = owner[name]
    owner[last] = value
    (run_folder / "recipe.json").write_text(json.dumps(settings))


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("as_source", "maybe", "as_source should be a valid boolean"),
        ("as_source", 1, "as_source should be a valid boolean"),
        ("seed", 10**22, "seed should be less than or equal to"),
        ("data.count", -1, "data.count should be greater than or equal to 1"),
        ("data.count", 10**12, "data.class_counts do not add up to data.count"),
        ("data.class_counts", [10**12] * 10, "data.class_counts.0 should be less than or equal to 100000000"),
        ("data.classes", ["a"], "data.class_counts do not add up"),
        ("data.domain", {"kind": "Feed"}, "the domain 'Feed', which is unknown"),
        ("data.domain", {"kind": "_text"}, "the domain '_text', which is unknown"),
        ("data.domain", {"kind": "images", "height": "x"}, "its domain 'images' has wrong fields"),
        ("data.domain", 5, "data.domain"),
        ("machine.threads", 10**9, "machine.threads should be less than or equal to 1024"),
        ("horizon.requested.epochs", float("inf"), "horizon.requested.epochs"),
        ("horizon", {}, "horizon.examples is missing"),
        ("extra", 1, "extra is unknown"),
        ("options.generator_sizes", [10**9, 10**9], "its networks are far larger than the saved ones"),
        ("options.generator_sizes", [8] * 200_000, "its networks are far larger than the saved ones"),
        ("options.generator_sizes", [8, 8], "holds different networks"),
        ("options.latent", 3, "holds networks of another size"),
        ("options.latent", "x", "--latent cannot be 'x'"),
        ("recipe", "evil", "There is no 'evil' among recipes"),
        ("recipe", "mine.py", "its recipe mine.py is a relative path"),
        ("recipe", "/nowhere/mine.py", "names the recipe file /nowhere/mine.py, which does not exist"),
    ],
)
def test_a_recipe_json_of_other_values_is_one_sentence(path: str, value: Any, reason: str, run_folder: Path) -> None:
    set_entry(run_folder, path, value)
    with pytest.raises(UserError, match=re.escape(reason)) as raised:
        ganwright.open(run_folder).sample(1)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["checkpoint", "samples"])
def test_a_link_in_place_of_a_folder_is_neither_read_nor_emptied(name: str, run_folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(run_folder / name, outside)
    (outside / ".hidden").mkdir()
    shutil.rmtree(run_folder / name)
    (run_folder / name).symlink_to(outside)
    before = sorted(outside.rglob("*"))
    with pytest.raises(UserError, match=f"{name} is a link, through which nothing is written"):
        ganwright.train("vanilla", "digits", run_folder, **SMALL, examples=256)
    assert sorted(outside.rglob("*")) == before
    assert Run(run_folder).sample_grids() == [] or name != "samples"


@pytest.mark.parametrize("name", ["log.jsonl", ".lock"])
def test_a_link_in_place_of_a_file_is_not_written_through(name: str, run_folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    (run_folder / name).unlink(missing_ok=True)
    (run_folder / name).symlink_to(target)
    with pytest.raises(UserError, match="is a link"):
        ganwright.train("vanilla", "digits", run_folder, **SMALL, examples=256)
    assert target.read_text() == "precious"


def test_the_run_folder_itself_may_be_a_link(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(run_folder)
    run = ganwright.train("vanilla", "digits", tmp_path / "link", **SMALL, examples=160)
    assert run.log()[-1]["examples"] == 160
    assert ganwright.open(tmp_path / "link").sample(2).shape == (2, 8, 8)


def test_files_with_foreign_names_are_ignored_and_kept(run_folder: Path) -> None:
    foreign = [
        run_folder / "samples" / "00000064 copy.png",
        run_folder / "samples" / "²²²²²²²².png",
        run_folder / "checkpoint" / "notes.txt",
        run_folder / "checkpoint" / ".mine" / "file",
        run_folder / ".my.partial",
    ]
    for path in foreign:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    (run_folder / "samples" / "00000001.png").mkdir()
    ganwright.train("vanilla", "digits", run_folder, **SMALL, examples=160)
    assert all(path.read_text() == "mine" for path in foreign)


def test_a_torn_sample_grid_is_left_out_of_the_animation_with_a_note(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = run_folder / "samples" / "00000064.png"
    torn.write_bytes(torn.read_bytes()[:100])
    ganwright.train("vanilla", "digits", run_folder, **SMALL, examples=160)
    assert f"The animation lacks a sample grid: {torn} is damaged" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("5", "line 1 should be a valid dictionary"),
        ("[" * 20_000, "line 1 is nested too deeply"),
        (json.dumps(log_line(32) | {"examples": -1}), "line 1.examples should be greater than or equal to 0"),
        (json.dumps(log_line(32) | {"terms": [1]}), "line 1.terms should be a valid dictionary"),
        (json.dumps(log_line(32) | {"examples": 1e30}), "line 1.examples"),
        ("x" * 2**21, "it has a line of more than 1,048,576 bytes"),
    ],
)
def test_a_damaged_log_is_one_sentence(line: str, reason: str, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.log_file.write_text(line + "\n")
    with pytest.raises(DamagedError, match=re.escape(f"log.jsonl is damaged ({reason}")):
        folder.log()


def test_a_long_log_is_read_line_by_line(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with folder.log_file.open("w") as file:
        for examples in range(10_000):
            file.write(json.dumps(log_line(examples)) + "\n")
    assert len(artefacts.thinned(folder.log_lines())) <= artefacts.POINTS + 1
    assert artefacts.thinned(folder.log_lines())[-1]["examples"] == 9_999
    assert artefacts.thinned(folder.log_lines())[0]["examples"] == 0
    folder.samples.mkdir()
    folder.cut_back(5)
    assert [line["examples"] for line in folder.log()] == list(range(6))


def test_the_last_log_line_is_read_from_the_end(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.last_log_line() is None
    for examples in (32, 64):
        folder.append_log(log_line(examples))
    with folder.log_file.open("a") as file:
        file.write('{"examples": 96')
    assert folder.last_log_line() == log_line(64)
