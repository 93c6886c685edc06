"""A run's folder: readable without ganwright, locked for one process, and cut back to a checkpoint."""

import json
from pathlib import Path

import pytest
from PIL import Image

import ganwright
from conftest import SMALL
from ganwright.core.errors import UserError
from ganwright.runs import checkpoint
from ganwright.runs.folder import FORMAT, SETTINGS, RunFolder
from ganwright.runs.run import Run


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
    assert run.log() == lines  # what stands behind the broken line is not believed


def test_cutting_back_forgets_what_came_later(run_folder: Path) -> None:
    run = Run(run_folder)
    (run.samples / ".00000160.png.partial").touch()
    run.cut_back(64)
    assert [line["examples"] for line in run.log()] == [32, 64]
    assert max(int(sample_grid.stem) for sample_grid in run.sample_grids()) == 64
    assert not list(run.checkpoints.iterdir())
    assert not list(run.samples.glob(".*"))


def test_not_a_number_becomes_null(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.append_log({"examples": 1, "terms": {"loss": float("nan"), "other": float("-inf")}})
    assert run.log() == [{"examples": 1, "terms": {"loss": None, "other": None}}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "cannot be read"),
        ("[]", "of format None"),
        ('{"format": 99}', "of format 99"),
        ('{"format": 2, "recipe": "ring"}', "lacks as_source, began"),
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
    settings["data"]["count"] = 64
    (run_folder / "recipe.json").write_text(json.dumps(settings))
    run = ganwright.open(run_folder)
    for epoch, examples in ((0, 0), (1, 64), (1.25, 96), (1.5, 96), (2, 128), (2.4, 128)):
        assert Path(run.picture(epoch).filename).stem == f"{examples:08d}"  # type: ignore[attr-defined]
    with pytest.raises(UserError, match=r"no sample grid of epoch 3; available: epochs 0\.00 to 2\.00"):
        run.picture(3)


def test_a_notebook_displays_the_last_sample_grid_and_the_curves(trained: Path) -> None:
    run = ganwright.open(trained)
    html = run._repr_html_()
    assert html.count("<img") == 1 + (trained / "losses.png").is_file()
    assert str(trained) in html
    assert repr(run) == f"Run({str(trained)!r}, examples=128)"


def test_an_error_within_a_locked_folder_releases_it(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(ZeroDivisionError), folder.locked():
        raise ZeroDivisionError
    with folder.locked():
        pass


def test_written_settings_are_read_unchanged(tmp_path: Path) -> None:
    settings = {name: name for name in SETTINGS}
    folder = RunFolder(tmp_path / "run")
    assert not folder.exists
    folder.write_settings(settings)
    assert folder.exists
    assert folder.samples.is_dir()
    assert RunFolder(tmp_path / "run").settings == folder.settings == {"format": FORMAT, **settings}


def test_a_run_has_begun_with_its_first_log_line_or_checkpoint(run_folder: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "new")
    folder.write_settings({name: name for name in SETTINGS})
    assert not folder.begun
    folder.append_log({"examples": 32})
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
    lines = [{"examples": 32, "terms": {"ä": 0.1}}, {"examples": 64, "terms": {}}]
    for line in lines:
        folder.append_log(line)
    assert folder.log() == lines
    assert repr(folder) == f"Run({str(tmp_path)!r}, examples=64)"
