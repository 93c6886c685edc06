"""What the discriminator says of pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganwright
from conftest import SMALL, pictures
from ganwright.commands.sample import sample
from ganwright.commands.score import compared, read, score
from ganwright.core.errors import UserError


def test_files_are_read_as_the_training_data_were(trained: Path, tmp_path: Path) -> None:
    run = ganwright.open(trained)
    sample(run, 3, 0, tmp_path / "pictures")
    sample(run, 3, 0, tmp_path / "array.npy")
    Image.new("RGB", (20, 30), "red").save(tmp_path / "large.png")
    paths = [*sorted((tmp_path / "pictures").iterdir()), tmp_path / "array.npy", tmp_path / "large.png"]
    names, found, notes = read(run, paths)
    assert notes == [
        f"{tmp_path / 'large.png'} was converted from colour to grey.",
        f"{tmp_path / 'large.png'} was cropped to the proportions of 8x8 (33% of the area cut away).",
        f"{tmp_path / 'large.png'} was reduced to 8x8 (from 30x20).",
    ]
    assert found.shape[1:3] == (8, 8)
    assert names[3:] == [*[f"{tmp_path / 'array.npy'} [{place}]" for place in range(3)], str(tmp_path / "large.png")]
    assert np.array_equal(found[:3].squeeze(), found[3:6].squeeze())


def test_a_row_for_each_and_the_distributions(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    sample(trained, 2, 0, tmp_path / "array.npy")
    Image.new("L", (20, 30)).save(tmp_path / "large.png")
    score(trained, [tmp_path / "array.npy", tmp_path / "large.png"])
    said = capsys.readouterr().out
    assert all(
        word in said for word in ("array.npy [0]", "array.npy [1]", "1000 real", "1000 generated", "95%", "Note: ")
    )


def test_a_csv_of_points_where_the_loss_defines_no_probability(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    run = ganwright.train("ring", "ring", tmp_path / "run", examples=32, count=500, **SMALL | {"loss": "hinge"})
    (tmp_path / "points.csv").write_text("x,y\n0.5,0.5\n1,0\n")
    score(run, [tmp_path / "points.csv"])
    assert capsys.readouterr().out.count("not defined") == 2
    assert compared(run)["real"].shape == (500,)
    with pytest.raises(UserError, match="does not exist"):
        score(run, [tmp_path / "none.csv"])
    (tmp_path / "wide.csv").write_text("1,2,3\n")
    with pytest.raises(UserError, match=r"3 columns \(1, 2, 3\) that do not match the data's: x0, x1"):
        score(run, [tmp_path / "wide.csv"])


def test_data_from_python_cannot_be_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    run = ganwright.train("vanilla", pictures(), tmp_path / "run", examples=32, **SMALL)
    sample(run, 1, 0, tmp_path / "a.npy")
    score(run, [tmp_path / "a.npy"])
    said = capsys.readouterr().out
    assert "1000 generated" in said
    assert "above real" not in said
