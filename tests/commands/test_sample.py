"""Samples in every form that can be asked for."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganwright
from conftest import SMALL, points
from ganwright.commands.sample import sample
from ganwright.core.errors import UserError


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
    with pytest.raises(UserError, match=r"points of 2 dimensions can be saved as \.csv, \.npy, \.npz, \.png"):
        sample(point_run, 1, 0, tmp_path / "folder")
    with pytest.raises(UserError, match="at least 1, not 0"):
        sample(trained, 0, 0, tmp_path / "a.npy")
    with pytest.raises(UserError, match="without conditions"):
        sample(trained, 1, 0, tmp_path / "a.npy", condition="3")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="a file exists where a folder is needed"):
        sample(trained, 1, 0, tmp_path / "file" / "a.npy")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
