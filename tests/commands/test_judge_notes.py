"""What the judge converts, leaves out or does not use is said; options that would change nothing are refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganwright
from conftest import SMALL, pictures, points
from ganwright.cli import main
from ganwright.commands import judge as command
from ganwright.config import data_source
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.judging import inputs, real_data
from ganwright.judging.card import Card
from ganwright.judging.real_data import load_real_data
from ganwright.judging.views import Views

SPECTRUM: dict[str, Any] = {"metric": ["spectrum"], "repetitions": 1}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def saved(folder: Path, samples: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for place, sample in enumerate(samples):
        Image.fromarray(sample).save(folder / f"{place:03d}.png")
    return folder


def notes(card: Card, *, halves: bool = False) -> str:
    """The notes of a card; that the data are split in halves is left out unless it is wanted."""
    found = card.protocol.get("notes", [])
    return "\n".join(note for note in found if halves or not note.startswith("The data are split in halves"))


# -- samples are read as the data are


@pytest.mark.parametrize(("height", "width", "channels"), [(50, 50, 3), (24, 72, 3)])
def test_samples_of_the_datas_shape_are_read_as_they_are(
    height: int, width: int, channels: int, tmp_path: Path
) -> None:
    np.save("real.npy", noise(60, height, width, channels))
    saved(tmp_path / "fakes", noise(20, height, width, channels, seed=1))
    shutil.make_archive("fakes", "zip", "fakes")
    cards = [ganwright.judge(name, "real.npy", **SPECTRUM) for name in ("fakes", "fakes.zip")]
    assert cards[0].values == cards[1].values
    assert notes(cards[0]) == notes(cards[1]) == ""


def test_samples_are_read_at_the_size_that_the_data_were_read_with(tmp_path: Path) -> None:
    saved(tmp_path / "reals", noise(30, 96, 96, 3))
    saved(tmp_path / "fakes", noise(20, 96, 96, 3, seed=1))
    shutil.make_archive("fakes", "zip", "fakes")
    for fakes in ("fakes", "fakes.zip"):
        assert notes(ganwright.judge(fakes, "reals", size=96, **SPECTRUM)) == ""
        said = notes(ganwright.judge(fakes, "reals", **SPECTRUM))
        assert "20 of 20 files in" in said
        assert "were reduced to 64x64 (from 96x96)." in said
        assert "--size 96 reads the data at theirs." in said


def test_small_samples_are_enlarged_and_how_to_avoid_that_is_said(tmp_path: Path) -> None:
    saved(tmp_path / "reals", noise(30, 32, 32))
    saved(tmp_path / "fakes", noise(20, 16, 16, seed=1))
    said = notes(ganwright.judge("fakes", "reals", size=32, **SPECTRUM))
    assert "20 of 20 files in fakes were enlarged to 32x32 (from 16x16)." in said
    assert "--size 16 reads the data at theirs." in said


def test_metrics_of_pairs_are_mentioned_only_where_they_are_asked_for() -> None:
    card = ganwright.judge(noise(20, 8, 8), noise(60, 8, 8), repetitions=1, features="none")
    assert not any("pairs" in sentence for sentence in card.left_out)
    with pytest.raises(UserError, match=r"it needs pairs \(--pairs\)"):
        ganwright.judge(noise(20, 8, 8), noise(60, 8, 8), metric=["psnr"], repetitions=1, features="none")


def test_colour_beside_grey_data_is_converted_and_said(tmp_path: Path) -> None:
    saved(tmp_path / "fakes", noise(20, 8, 8, 3))
    assert "20 of 20 files in fakes were converted from colour to grey." in notes(
        ganwright.judge("fakes", "digits", **SPECTRUM)
    )


def test_stray_files_are_ignored_and_said(tmp_path: Path) -> None:
    (saved(tmp_path / "fakes", noise(20, 8, 8)) / "card.json").touch()
    assert "Ignored 1 other files in fakes" in notes(ganwright.judge("fakes", "digits", **SPECTRUM))


def test_floats_are_converted_and_said(tmp_path: Path) -> None:
    np.save("fakes.npy", noise(20, 8, 8) / np.float32(255))
    assert "fakes.npy: Values from 0 to 1: 0 is black, 1 white." in notes(
        ganwright.judge("fakes.npy", "digits", **SPECTRUM)
    )
    card = ganwright.judge(noise(20, 8, 8) / 255, "digits", **SPECTRUM)
    assert "The array: Values from 0 to" in notes(card)


def test_real_data_of_a_run_are_read_at_its_size(trained: Path, tmp_path: Path) -> None:
    saved(tmp_path / "photos", noise(30, 40, 40))
    run = Path(shutil.copytree(trained, tmp_path / "run"))
    card = ganwright.judge(run, "photos", n=20, **SPECTRUM)
    assert "photos was read with --size 8, as the run's data." in notes(card)
    assert notes(ganwright.judge(run, "photos", n=20, size=8, **SPECTRUM)) == ""


def test_data_that_have_changed_since_the_training_are_mentioned(tmp_path: Path) -> None:
    np.save("data.npy", noise(64, 8, 8))
    run = ganwright.train("vanilla", "data.npy", "run", examples=32, **SMALL)
    assert "have changed" not in notes(ganwright.judge(run, n=20, **SPECTRUM))
    np.save("data.npy", noise(64, 8, 8, seed=1))
    card = ganwright.judge("run", n=20, **SPECTRUM)
    assert f"The data {tmp_path / 'data.npy'} have changed since run was trained on them." in notes(card)


# -- how many


def test_fewer_samples_than_there_are_are_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "SAMPLES", 30)
    np.save("fakes.npy", noise(50, 8, 8))
    said = notes(ganwright.judge("fakes.npy", "digits", **SPECTRUM))
    assert "30 of the 50 samples are judged, chosen at random: -n 50 takes all." in said
    assert "are judged" not in notes(ganwright.judge("fakes.npy", "digits", n=40, **SPECTRUM))


def test_a_run_with_few_real_samples_draws_fewer_and_says_so(tmp_path: Path) -> None:
    run = ganwright.train("ring", "ring", tmp_path / "run", examples=32, count=80, **SMALL)
    card = ganwright.judge(run, metric=["sliced-points"], repetitions=1)
    assert "80 samples are judged, as many as there are real ones for the baseline, not 10,000." in notes(card)


def test_a_reference_that_is_not_all_of_the_data_is_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_data, "REFERENCE", 12)
    monkeypatch.setattr(real_data, "TRAIN", 25)
    data = replace(points(100), labels=None, classes=())
    loaded = load_real_data(data_source.find(data, {}), Views(data.domain), 5)
    assert loaded.notes == (
        "The reference is 12 of 50 real samples, chosen at random.",
        "The baseline is 25 of 50 real samples, chosen at random.",
    )


# -- parts and classes


def test_the_part_that_is_the_reference_has_its_name() -> None:
    for split, reference, baseline in (("train", "test", "training"), ("test", "training", "test")):
        source = data_source.find("ring", {"count": 60, "split": split})
        protocol = load_real_data(source, Views(source.data.domain), 10).protocol
        assert (protocol["reference"], protocol["baseline"]) == (f"the {reference} part", f"the {baseline} part")


def test_why_the_data_are_split_in_halves_is_said() -> None:
    card = ganwright.judge(noise(20, 8, 8), "digits", **SPECTRUM)
    assert "The data are split in halves, because digits has no test part." in notes(card, halves=True)


@pytest.mark.parametrize("classes", [1, 101])
def test_labels_that_no_metric_takes_are_mentioned(classes: int) -> None:
    data = replace(points(202), labels=np.arange(202) % classes, classes=tuple(map(str, range(classes))))
    loaded = load_real_data(data_source.find(data, {}), Views(data.domain), 10)
    assert any(f"The labels of cloud are not used: it has {classes} class" in note for note in loaded.notes)


def test_labels_of_samples_that_the_data_lack_are_mentioned(tmp_path: Path) -> None:
    np.savez("fakes.npz", samples=noise(20, 8, 8), labels=np.arange(20) % 2 + 9)
    said = notes(ganwright.judge("fakes.npz", "digits", **SPECTRUM))
    assert "The classes of the samples are not used: 1 of 2, such as 10, are unknown to digits" in said
    np.save("plain.npy", noise(60, 8, 8))
    assert "which has none" in notes(ganwright.judge("fakes.npz", "plain.npy", **SPECTRUM))


def turned(data: Data) -> Data:
    """The same data with their classes in the opposite order."""
    assert data.labels is not None
    return replace(data, labels=len(data.classes) - 1 - data.labels, classes=data.classes[::-1])


def test_classes_of_a_run_match_those_of_the_data_by_name(tmp_path: Path) -> None:
    options = {"width": 4, "quiet": True, "examples": 16, "batch": 16}
    run = ganwright.train("cgan", pictures(96), tmp_path / "run", **options)
    subject = inputs.drawn(run, 0, data_source.find(turned(pictures(96)), {}))
    views = Views(run.domain)
    labels = subject.whole(views, 40).labels
    same = inputs.drawn(run, 0, data_source.find(pictures(96), {})).whole(views, 40).labels
    assert labels is not None
    assert same is not None
    assert np.array_equal(labels, 9 - same)
    others = replace(pictures(96), classes=tuple("abcdefghij"))
    unlike = inputs.drawn(run, 0, data_source.find(others, {}))
    assert unlike.whole(views, 40).labels is None
    assert unlike.notes == (
        "The classes of the run are not used: 10 of 10, such as 0, are unknown to noise, which has the classes "
        "a, b, c, d, e, ....",
    )


# -- options that would change nothing


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("judge fakes.npy --data digits --seed 3", "fakes.npy is no run: leave --seed out"),
        ("judge fakes.npy --data digits --raw", "fakes.npy is no run: leave --raw out"),
        ("judge fakes.npy --data digits --checkpoint best", "fakes.npy is no run: leave --checkpoint out"),
        ("judge fakes --pairs --data fakes -n 5", "compares all pictures of two folders once: leave -n out"),
        ("judge fakes --pairs --data fakes --repetitions 9", "leave --repetitions out"),
        ("judge fakes --pairs --data fakes --raw", "leave --raw out"),
    ],
)
def test_options_without_an_effect_are_refused(
    words: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("fakes.npy", noise(20, 8, 8))
    saved(tmp_path / "fakes", noise(2, 40, 40))
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "cards").exists()


def test_notes_and_what_is_left_out_are_printed_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    np.save("fakes.npy", noise(20, 8, 8) / np.float32(255))
    with pytest.raises(SystemExit) as ended:
        main(["judge", "fakes.npy", "--data", "digits", "--features", "none"])
    assert not ended.value.code
    said = capsys.readouterr().out
    assert "Note: fakes.npy: Values from 0 to 1" in said
    protocol = json.loads((tmp_path / "cards" / "fakes" / "card.json").read_text())["protocol"]
    assert "fakes.npy: Values" in protocol["notes"][0]
    assert "fakes.npy: Values" in (tmp_path / "cards" / "fakes" / "card.md").read_text()


def test_samples_that_are_too_few_for_every_metric_are_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = [f"{first}{second}" for first in "abcdefghij" for second in "klmnopqrst"]
    (tmp_path / "real.txt").write_text("\n".join(real))
    (tmp_path / "few.txt").write_text("ak\nbl\ncm\n")
    with pytest.raises(SystemExit) as ended:
        main(["judge", "few.txt", "--data", "real.txt"])
    assert ended.value.code == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "No metric can be measured on 3 samples of few.txt (at least 20 strings of each kind are needed, not" in said
    assert not (tmp_path / "cards").exists()


# -- pairs


def test_a_pair_of_sixteen_bits_is_told_apart_from_its_upside_down(tmp_path: Path) -> None:
    deep = (np.random.default_rng(0).integers(300, 60_000, (40, 40))).astype(np.uint16)
    for folder, pixels in (("a", deep[::-1]), ("b", deep)):
        (tmp_path / folder).mkdir()
        Image.fromarray(np.ascontiguousarray(pixels)).save(tmp_path / folder / "x.png")
    card = ganwright.judge("a", "b", pairs=True, metric=["psnr"])
    assert card["psnr_y"] < 15
    assert "2 of 2 pictures were reduced to 8 bits." in notes(card)


def test_a_grey_picture_is_compared_with_one_in_colour(tmp_path: Path) -> None:
    grey = noise(40, 40)
    saved(tmp_path / "a", grey[None])
    saved(tmp_path / "b", np.repeat(grey[None, ..., None], 3, 3))
    (tmp_path / "b" / "notes.txt").touch()
    card = ganwright.judge("a", "b", pairs=True, metric=["psnr"])
    assert card["psnr_rgb"] == float("inf")
    assert "1 of 2 pictures was converted from grey to colour." in notes(card)
    assert "Ignored 1 other file or folder in b, such as notes.txt." in notes(card)
