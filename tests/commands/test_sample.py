"""Samples in every form that can be asked for."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import ganwright
from conftest import SMALL, points
from ganwright.cli import main
from ganwright.commands.sample import sample, writers
from ganwright.core.errors import UserError
from ganwright.runs import checkpoint


@pytest.fixture(scope="module")
def point_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("points") / "run"
    ganwright.train("ring", points(), folder, examples=32, **SMALL)
    return folder


def test_pictures(trained: Path, tmp_path: Path) -> None:
    array = ganwright.open(trained).sample(5, 3)
    for name in ("a.npy", "a.npz", "a.PNG", "folder"):
        said = sample(trained, 5, 3, tmp_path / "new" / name)
        assert said == f"5 samples (seed 3) of {trained} are in {tmp_path / 'new' / name}."
    assert np.array_equal(np.load(tmp_path / "new" / "a.npy"), array)
    with np.load(tmp_path / "new" / "a.npz") as arrays:
        assert arrays.files == ["samples"]
        assert np.array_equal(arrays["samples"], array)
    with Image.open(tmp_path / "new" / "a.PNG") as grid:
        assert grid.mode == "L"
    pictures = sorted((tmp_path / "new" / "folder").iterdir())
    assert len(pictures) == 5
    with Image.open(pictures[4]) as picture:
        assert np.array_equal(np.asarray(picture), array[4])


def test_points(point_run: Path, tmp_path: Path) -> None:
    array = ganwright.open(point_run).sample(5)
    assert array.dtype == np.float32
    assert array.shape == (5, 2)
    sample(point_run, 5, 0, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().startswith("x0,x1\n")
    assert np.allclose(np.loadtxt(tmp_path / "a.csv", delimiter=",", skiprows=1), array, rtol=1e-5)


def test_refusals(trained: Path, point_run: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"pictures of 8x8, grey can be saved as a folder, \.npy, \.npz, \.png"):
        sample(trained, 1, 0, tmp_path / "a.csv")
    with pytest.raises(
        UserError, match=r"points of 2 dimensions can be saved as \.csv, \.npy, \.npz, \.parquet, \.png"
    ):
        sample(point_run, 1, 0, tmp_path / "folder")
    with pytest.raises(UserError, match="at least 1, not 0"):
        sample(trained, 0, 0, tmp_path / "a.npy")
    with pytest.raises(UserError, match="without conditions"):
        sample(trained, 1, 0, tmp_path / "a.npy", condition="3")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="a file exists where a folder is needed"):
        sample(trained, 1, 0, tmp_path / "file" / "a.npy")
    with pytest.raises(UserError, match="file is a file: a folder needs another name"):
        sample(trained, 1, 0, tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_fewer_samples_are_not_mixed_with_earlier_ones(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sample(trained, 20, 0, out)
    with pytest.raises(UserError, match=r"the folder is not empty \(20 files\)"):
        sample(trained, 3, 1, out)
    assert len(list(out.iterdir())) == 20
    sample(trained, 3, 1, out, overwrite=True)
    assert sorted(path.name for path in out.iterdir()) == ["000000.png", "000001.png", "000002.png"]
    with Image.open(out / "000002.png") as picture:
        assert np.array_equal(np.asarray(picture), ganwright.open(trained).sample(3, 1)[2])


def test_samples_of_a_full_disk_leave_the_earlier_ones(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample(trained, 4, 0, tmp_path / "out")
    monkeypatch.setattr(Image.Image, "save", lambda *given, **more: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(UserError, match="Earlier files are intact"):
        sample(trained, 3, 1, tmp_path / "out", overwrite=True)
    assert len(list((tmp_path / "out").iterdir())) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_data_of_a_run_are_never_replaced(tmp_path: Path) -> None:
    data, run = tmp_path / "points.csv", tmp_path / "run"
    data.write_text("x,y\n" + "".join(f"{place % 7},{place % 5}\n" for place in range(40)))
    before = data.read_bytes()
    ganwright.train("ring", str(data), run, examples=32, **SMALL)
    with pytest.raises(UserError, match=r"points\.csv would replace the data of .*run: name another file\."):
        sample(run, 3, 0, data)
    assert data.read_bytes() == before
    sample(run, 3, 0, tmp_path / "other.csv")


def test_a_file_that_is_the_condition_is_never_replaced(trained: Path, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    sample(trained, 1, 0, picture)
    before = picture.read_bytes()
    with pytest.raises(UserError, match=r"a\.png would replace the --condition: name another file\."):
        sample(trained, 1, 1, picture, condition=str(picture))
    assert picture.read_bytes() == before


def test_a_file_that_is_replaced_is_mentioned(trained: Path, tmp_path: Path) -> None:
    assert sample(trained, 2, 0, tmp_path / "a.npy").endswith("are in " + str(tmp_path / "a.npy") + ".")
    assert "in place of the file that was there" in sample(trained, 3, 0, tmp_path / "a.npy")
    assert len(np.load(tmp_path / "a.npy")) == 3
    (tmp_path / "b.npy").mkdir()
    with pytest.raises(UserError, match="is a folder: name a file in it"):
        sample(trained, 3, 0, tmp_path / "b.npy")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["sample", "{run}", "--out", ""], "A path is empty"),
        (["sample", "", "--out", "a.npy"], "A path is empty"),
        (["sample", "{run}", "--out", "a.npy", "-n", str(10**22)], "need 640,000,000,000,000.0 GB of memory"),
        (["sample", "{run}", "--out", "a.png", "-n", str(10**22)], "choose -n"),
        (["score", "{run}", ""], "A path is empty"),
        (["classify", "{run}", ""], "A path is empty"),
        (["data", "digits", "--out", ""], "A path is empty"),
        (["judge", "{run}", "--out", ""], "A path is empty"),
        (["judge", "", "--data", "digits"], "is empty"),
        (["judge", "{run}", "-n", str(10**22)], "choose -n"),
        (["judge", "{run}", "--repetitions", str(10**12)], "of memory, and this machine has"),
        (["sample", "{run}", "--out", "a.npy", "--condition", ""], "--condition is empty"),
    ],
)
def test_what_is_empty_or_endless_is_refused_at_once(
    words: list[str],
    sentence: str,
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main([word.format(run=trained) for word in words])
    assert ended.value.code != 0
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_whole_rows_of_a_grid_are_mentioned(tmp_path: Path) -> None:
    options = {"width": 4, "quiet": True, "examples": 16, "batch": 16}
    run = ganwright.train("cgan", "digits", tmp_path / "run", **options)
    assert "A grid has whole rows, one for each class: 60 samples, not 64." in sample(run, 64, 0, tmp_path / "a.png")
    assert "A grid" not in sample(run, 60, 0, tmp_path / "a.png")


def spoil(folder: Path) -> None:
    """Sets all weights of the newest checkpoint to NaN, with hashes that match."""
    path = sorted((folder / "checkpoint").iterdir())[-1]
    found = checkpoint.load(path)
    weights = {
        name: torch.full_like(value, torch.nan) if value.is_floating_point() else value
        for name, value in found.weights.items()
    }
    shutil.rmtree(path)
    state = {name: value for name, value in found.state.items() if name not in ("format", "keep")}
    checkpoint.save(path.parent, int(path.name), checkpoint.Checkpoint(weights, found.optimizer, state))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("sample {run} -n 7 --out {out}.npy", "7 of 7 samples of"),
        ("sample {run} -n 300 --out {out}.png", "300 of 300 samples of"),
        ("judge {run} -n 50 --metric spectrum", "50 of 50 samples of"),
        ("score {run} {picture}", "1 of 1 scores of"),
    ],
)
def test_weights_that_are_not_finite_are_said_with_a_count(
    words: str, sentence: str, run_folder: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample(trained, 1, 0, tmp_path / "one")
    spoil(run_folder)
    with pytest.raises(SystemExit) as ended:
        main(words.format(run=run_folder, out=tmp_path / "out", picture=tmp_path / "one" / "000000.png").split())
    assert ended.value.code == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert "are not finite" in error
    assert not list(tmp_path.glob("out*"))
    assert not (run_folder / "card.json").exists()


def test_a_picture_of_a_link_is_read_and_its_name_kept(trained: Path, tmp_path: Path) -> None:
    sample(trained, 3, 0, tmp_path / "store.npy")
    (tmp_path / "a.npy").symlink_to("store.npy")
    sample(trained, 5, 0, tmp_path / "a.npy")
    assert (tmp_path / "a.npy").is_symlink()
    assert len(np.load(tmp_path / "store.npy")) == 5
    assert set(writers(ganwright.open(trained).domain)) == {".png", ".npy", ".npz"}
