"""Classes named by a run's discriminator, and how often that is right."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganwright
from conftest import pictures
from ganwright.commands.classify import accuracy, classify
from ganwright.core.errors import UserError

SMALL: dict[str, Any] = {
    "width": 4,
    "features": 16,
    "generator_width": 4,
    "batch": 12,
    "labelled_batch": 4,
    "labels": 20,
    "quiet": True,
}


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of two classes, dark and bright, as a file."""
    noise = np.random.default_rng(0).integers(0, 100, (200, 8, 8, 1), dtype=np.uint8)
    labels = np.arange(200) % 2
    noise[labels == 1] += 150
    path = tmp_path_factory.mktemp("data") / "halves.npz"
    np.savez(path, samples=noise, labels=labels)
    return path


@pytest.fixture(scope="module")
def run(halves: Path, tmp_path_factory: pytest.TempPathFactory) -> ganwright.Run:
    folder = tmp_path_factory.mktemp("semi") / "run"
    return ganwright.train("semi-supervised", halves, folder, examples=1200, lr=3e-3, **SMALL)


def test_how_often_it_is_right_on_labels_that_it_never_saw(run: ganwright.Run) -> None:
    found = accuracy(ganwright.open(run.path))
    assert found.part == "samples of halves without a label"
    assert len(found.right) == 180
    assert found.share > 0.9
    assert found.error < 0.03


def test_a_row_for_each_picture_and_for_each_class(
    run: ganwright.Run, halves: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with np.load(halves) as arrays:
        np.save(tmp_path / "two.npy", arrays["samples"][:2])
        probability = run.classify(arrays["samples"][:2])
    np.testing.assert_allclose(probability.sum(1), 1, rtol=1e-6)
    classify(run.path, [tmp_path / "two.npy"])
    assert all(f"{one.max():.4f}" in capsys.readouterr().out for one in probability[:1])
    classify(run.path)
    said = capsys.readouterr().out
    assert "180" in said
    assert "+-" in said


def test_an_auxiliary_classifier_names_classes_too(halves: Path, tmp_path: Path) -> None:
    small: dict[str, Any] = {"conditioning": "auxiliary-classifier", "width": 4, "depth": 1, "batch": 8, "quiet": True}
    run = ganwright.train("cgan", halves, tmp_path / "run", examples=16, **small)
    assert run.classify(np.zeros((3, 8, 8), np.uint8)).shape == (3, 2)
    with pytest.raises(UserError, match=r"no test part, and hides no label from .*: name pictures"):
        accuracy(run)


def test_a_discriminator_that_names_no_classes(trained: Path) -> None:
    with pytest.raises(UserError, match="has no classifier"):
        ganwright.open(trained).classify(np.zeros((1, 8, 8), np.uint8))


def test_a_discriminator_that_gets_the_class_names_no_classes(halves: Path, tmp_path: Path) -> None:
    small: dict[str, Any] = {"conditioning": "projection", "width": 4, "depth": 1, "batch": 8, "quiet": True}
    run = ganwright.train("cgan", halves, tmp_path / "run", examples=16, **small)
    with pytest.raises(UserError, match="has no classifier"):
        run.classify(np.zeros((3, 8, 8), np.uint8))


def test_data_from_python_cannot_be_found_again(tmp_path: Path) -> None:
    run = ganwright.train("semi-supervised", pictures(), tmp_path / "run", examples=12, **SMALL)
    with pytest.raises(UserError, match="came from Python: name the pictures"):
        accuracy(run)


def shades(folder: Path, counts: dict[str, int]) -> None:
    """Pictures of classes that differ in shade: a is dark, b is bright, c between them."""
    random = np.random.default_rng(0)
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for index in range(count):
            noise = random.integers(0, 40, (8, 8), dtype=np.uint8) + {"a": 0, "b": 200, "c": 100}[name]
            Image.fromarray(noise.astype(np.uint8)).save(folder / name / f"{index}.png")


@pytest.fixture(scope="module")
def of_folders(tmp_path_factory: pytest.TempPathFactory) -> ganwright.Run:
    folder = tmp_path_factory.mktemp("parts")
    shades(folder / "set" / "train", {"a": 20, "b": 20, "c": 20})
    small = SMALL | {"examples": 12, "labels": 6}
    return ganwright.train("semi-supervised", folder / "set", folder / "run", **small)


def by_shade(run: ganwright.Run, samples: np.ndarray) -> np.ndarray:
    """The right classes, as a perfect classifier names them: a is dark, b bright, c between them."""
    return np.eye(3)[[0 if shade < 50 else 2 if shade < 150 else 1 for shade in samples.mean((1, 2))]]


@pytest.mark.parametrize("part", ["test", "val"])
@pytest.mark.parametrize("classes", [{"b": 20}, {"b": 10, "c": 10}, {"a": 5, "c": 15}])
def test_labels_match_by_name_where_the_test_part_lacks_classes(
    part: str, classes: dict[str, int], of_folders: ganwright.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(of_folders.settings["data"]["source"])
    monkeypatch.setattr(ganwright.Run, "classify", by_shade)
    shades(folder / part, classes)
    try:
        found = accuracy(ganwright.open(of_folders.path))
    finally:
        shutil.rmtree(folder / part)
    assert found.classes == ("a", "b", "c")
    assert [int((found.labels == place).sum()) for place in range(3)] == [classes.get(name, 0) for name in "abc"]
    assert found.share == 1


def test_samples_of_classes_that_the_run_does_not_know_are_counted(of_folders: ganwright.Run) -> None:
    folder = Path(of_folders.settings["data"]["source"])
    shades(folder / "test", {"b": 6})
    (folder / "test" / "b").rename(folder / "test" / "z")
    shades(folder / "test", {"a": 4})
    try:
        found = accuracy(ganwright.open(of_folders.path))
        assert "(left out: 6 of classes that the run does not know, z)" in found.part
        assert len(found.labels) == 4
        shutil.rmtree(folder / "test" / "a")
        with pytest.raises(UserError, match=r"has none of the classes that .* was trained on: a, b, c"):
            accuracy(ganwright.open(of_folders.path))
    finally:
        shutil.rmtree(folder / "test")
