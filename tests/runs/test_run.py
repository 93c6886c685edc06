"""A run folder: readable without ganwright, and reopened unchanged."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganwright
from conftest import SMALL
from ganwright.core.errors import UserError
from ganwright.runs.run import CHUNK, Run


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


def test_a_sample_depends_on_its_index_and_the_seed_only(trained: Path) -> None:
    run = ganwright.open(trained)
    assert run.sample(3).shape == (3, 8, 8)
    assert run.sample(3).dtype == np.uint8
    assert np.array_equal(run.sample(3, 1), run.sample(CHUNK + 2, 1)[:3])
    assert not np.array_equal(run.sample(3, 1), run.sample(3, 2))
    with pytest.raises(UserError, match="at least 1, not 0"):
        run.sample(0)


def test_training_and_opening_give_the_same_samples(tmp_path: Path) -> None:
    run = ganwright.train("vanilla", "digits", tmp_path / "run", examples=32, **SMALL)
    assert np.array_equal(run.sample(5), ganwright.open(tmp_path / "run").sample(5))


def test_scores_accept_the_shapes_that_sample_returns(trained: Path) -> None:
    run = ganwright.open(trained)
    samples = run.sample(5)
    scores = run.score(samples)
    assert scores.shape == (5,)
    assert np.array_equal(run.score(samples[..., None]), scores)
    assert np.allclose(run.score(samples[:2]), scores[:2], atol=1e-6)
    assert np.allclose(run.score(samples.astype(np.float64)), scores, atol=1e-6)
    probability = run.probability(scores)
    assert probability is not None
    assert np.allclose(probability, 1 / (1 + np.exp(-scores)), atol=1e-6)
    with pytest.raises(UserError, match=r"pictures of 8x8, grey; these samples have the shape \(9, 9\)"):
        run.score(np.zeros((2, 9, 9)))
    with pytest.raises(UserError, match="There are no samples"):
        run.score(samples[:0])


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


def test_damaged_checkpoints_are_reported(run_folder: Path) -> None:
    weights = run_folder / "checkpoint" / "00000128" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"no intact checkpoint\. Checkpoint .*00000128 is damaged: weights"):
        ganwright.open(run_folder).sample(1)


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
    for epoch, examples in ((0, 0), (1, 64), (1.5, 96), (2, 128), (2.4, 128)):
        assert Path(run.picture(epoch).filename).stem == f"{examples:08d}"  # type: ignore[attr-defined]
    with pytest.raises(UserError, match=r"no sample grid of epoch 3; available: epochs 0\.00 to 2\.00"):
        run.picture(3)


def test_a_notebook_displays_the_last_sample_grid_and_the_curves(trained: Path) -> None:
    run = ganwright.open(trained)
    html = run._repr_html_()
    assert html.count("<img") == 1 + (trained / "losses.png").is_file()
    assert str(trained) in html
    assert repr(run) == f"Run({str(trained)!r}, examples=128)"
