"""The judge: runs, folders, files and arrays, beside real data."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganwright
from conftest import pictures
from ganwright.cli import main
from ganwright.core.discovery import load_module
from ganwright.judging import cache


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))


def ring(seed: int, count: int = 600, **options: float) -> np.ndarray:
    return np.asarray(load_module("data", "ring").load(count=count, data_seed=seed, **options).samples)


POINTS = ["modes", "sliced-points"]


def test_a_run_leaves_its_card(run_folder: Path) -> None:
    card = ganwright.judge(run_folder, n=200, repetitions=2, metric=["frechet", "kernel", "spectrum"])
    assert [value.name for value in card.values] == ["fd_grey28_200", "kd_grey28_200", "spectrum_200"]
    assert all(value.samples is not None and value.samples.repetitions == 2 for value in card.values)
    assert all(
        value.baseline is not None and value.baseline.value < value.samples.value
        for value in card.values
        if value.samples
    )
    saved = json.loads((run_folder / "card.json").read_text())
    assert saved["protocol"]["features"]["sha256"] == card.protocol["features"]["sha256"]
    assert saved["protocol"]["reference"] == "a random half of the data"
    assert "fd_grey28_200" in (run_folder / "card.md").read_text()


def test_the_same_judgement_twice_gives_the_same_numbers(run_folder: Path) -> None:
    first, second = (ganwright.judge(run_folder, n=150, repetitions=2, metric=["kernel"]) for _ in range(2))
    other = ganwright.judge(run_folder, n=150, repetitions=2, metric=["kernel"], seed=1)
    assert first.values == second.values
    assert first.values != other.values


def test_real_points_reach_the_floor_and_others_do_not(tmp_path: Path) -> None:
    np.save(tmp_path / "real.npy", ring(5))
    np.save(tmp_path / "one.npy", ring(5)[:1].repeat(600, axis=0) + 1e-4)
    real = ganwright.judge(tmp_path / "real.npy", "ring", metric=POINTS, out=tmp_path, count=2000)
    bad = ganwright.judge(tmp_path / "one.npy", "ring", metric=POINTS, out=tmp_path, count=2000)
    assert real["modes_600"] == 8
    assert bad["modes_600"] == 1
    baseline = next(value.baseline for value in real.values if value.name == "sliced_w1_600")
    assert baseline is not None
    assert real["sliced_w1_600"] < 3 * baseline.value < bad["sliced_w1_600"]


@pytest.fixture(scope="module")
def stripes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures with parts train and test, each of the classes 0, upright stripes, and 1, level ones."""
    folder = tmp_path_factory.mktemp("stripes")
    for part, first in (("train", 0), ("test", 1000)):
        for kind in (0, 1):
            (folder / part / str(kind)).mkdir(parents=True)
            for place, picture in enumerate(striped(kind, 110, first + kind)):
                Image.fromarray(picture).save(folder / part / str(kind) / f"{place}.png")
    return folder


def striped(kind: int, count: int, seed: int) -> np.ndarray:
    """uint8 [count, 16, 16]."""
    random = np.random.default_rng(seed)
    stripes = 100 + 80 * np.sin(np.arange(16) + random.uniform(0, 6, (count, 1)))
    pictures = np.broadcast_to(stripes[:, None], (count, 16, 16)) + random.integers(-20, 20, (count, 16, 16))
    return (pictures if kind == 0 else pictures.swapaxes(1, 2)).astype(np.uint8)


@pytest.mark.parametrize(("asked", "share"), [([0, 1], 1.0), ([1, 0], 0.0)])
def test_samples_with_conditions_agree_with_them_or_not(
    asked: list[int], share: float, stripes: Path, tmp_path: Path
) -> None:
    samples = np.concatenate([striped(0, 50, 5), striped(1, 50, 6)])
    np.savez(tmp_path / "samples.npz", samples=samples, conditions=np.repeat(asked, 50))
    card = ganwright.judge(tmp_path / "samples.npz", stripes, metric=["agreement", "class-distance"], out=tmp_path)
    assert card["agreement_grey28_100"] == pytest.approx(share, abs=0.05)
    distance = next(value for value in card.values if value.name == "class_fd_mean_grey28_100")
    assert distance.samples is None
    assert "Class 0 has 50 fakes" in distance.note


def test_one_class_where_there_should_be_two_is_seen(stripes: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", striped(0, 100, 7))
    card = ganwright.judge(tmp_path / "one.npy", stripes, metric=["classes"], out=tmp_path)
    assert card["classes_found_grey28_100"] == 1
    assert card["class_entropy_share_grey28_100"] < 0.2
    assert card["probe_accuracy_grey28_100"] > 0.95


def test_copies_of_the_training_pictures_are_noticed(stripes: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "copies.npy", striped(0, 110, 0)[:100])
    card = ganwright.judge(tmp_path / "copies.npy", stripes, metric=["memorisation"], out=tmp_path)
    (ratio, share) = card.values
    assert ratio.samples is not None
    assert share.samples is not None
    assert ratio.baseline is not None
    assert (ratio.samples.value, share.samples.value) == (0, 1)
    assert ratio.baseline.value == pytest.approx(1, abs=0.2)  # held-out pictures beside held-out pictures
    assert card.protocol["reference"] == "the test part"
    assert Image.open(tmp_path / "closest.png").width > 100


def test_too_few_samples_are_marked_and_never_a_wrong_value(run_folder: Path) -> None:
    card = ganwright.judge(run_folder, n=100, repetitions=2, metric=["frechet", "kernel"])
    value = next(value for value in card.values if value.name.startswith("fd_"))
    assert value.samples is None
    assert "at least 129" in value.note


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("judge {run} --metric agreement", "--metric agreement cannot be measured here: it needs samples with"),
        ("judge {run} --metric modes", "it compares points, and these are pictures of 8x8, grey"),
        ("judge {run} --metric frechett", "Did you mean frechet?"),
        ("judge {run} --features grey82", "Did you mean grey28?"),
        ("judge {run} --data ring", "The run makes pictures of 8x8, grey, and ring has points of 2 dimensions"),
        ("judge {run} --checkpoint best", "has no checkpoint marked 'best'"),
        ("judge {run} --siez 3", "has no option --siez"),
        ("judge {run} -n 1", "-n 2 or more"),
        ("judge {array}", "need the real data to be judged against: give --data"),
        ("judge {array} --data ring", "array.npy should hold numbers [n, 2], points of 2 dimensions"),
        ("judge {array} --data digits -n 5000", "fewer than the 5,000 of -n"),
        ("judge {nan} --data ring", "nan.npy"),
        ("judge nowhere --data digits", "There is no"),
        ("judge {array} --pairs --data digits", "Pairs are pictures in two folders"),
    ],
)
def test_a_mistake_is_one_sentence(
    words: str, sentence: str, run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "array.npy", pictures(64).samples[..., 0])
    np.save(tmp_path / "nan.npy", np.full((50, 2), np.nan, np.float32))
    places = {"run": run_folder, "array": tmp_path / "array.npy", "nan": tmp_path / "nan.npy"}
    with pytest.raises(SystemExit) as ended:
        main(words.format(**places).split())
    error = capsys.readouterr().err
    assert ended.value.code == 1
    assert sentence in error
    assert len(error.strip().split("\n")) == 1


def test_features_of_real_pictures_are_computed_once(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"n": 150, "repetitions": 1, "metric": ["kernel"]}
    first = ganwright.judge(run_folder, **given)
    monkeypatch.setattr(cache.np, "save", None)  # a second computation would have to save it
    assert ganwright.judge(run_folder, **given).values == first.values


def test_an_open_run_is_judged_as_it_is_asked_for(run_folder: Path) -> None:
    run = ganwright.open(run_folder)
    cards = [ganwright.judge(run, n=60, repetitions=1, metric=["spectrum"], raw=raw) for raw in (False, True)]
    assert [card.protocol["weights"] for card in cards] == ["EMA where available", "as trained"]
    assert cards[0].values != cards[1].values
    assert ganwright.judge(ganwright.open(run_folder, raw=True), n=60, repetitions=1, metric=["spectrum"]) == cards[1]
