"""The program as it is typed: words in, sentences out."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ganwright.cli import main

SMALL = ["--batch", "32", "--generator-sizes", "8", "--discriminator-sizes", "8", "--latent", "2", "--quiet"]
TRAIN = ["train", "vanilla", *SMALL]


def typed(*words: str) -> int:
    """The exit code of `ganwright words...`."""
    with pytest.raises(SystemExit) as caught:
        main(list(words))
    return int(caught.value.code or 0)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one sentence with which `ganwright words...` is refused."""
    assert typed(*words) in (1, 2)
    said = capsys.readouterr().err
    assert said.startswith("ganwright: ")
    assert "Traceback" not in said
    assert said.count("\n") == 1
    return said


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["recipes", "--help"], ["version"], []])
def test_help_imports_no_torch(words: list[str]) -> None:
    program = (
        f"import sys; from ganwright.cli import main\ntry: main({words})\nfinally: assert 'torch' not in sys.modules"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("trian", "No such command 'trian'. Did you mean 'train'? See ganwright --help."),
        ("train rnig", "There is no 'rnig' among recipes"),
        ("train digits", "digits is a data set and no recipe: ganwright train --data digits."),
        ("train ring --latnet 3", "The recipe ring has no option --latnet. Did you mean --latent?"),
        ("train --latnet=3", "has no option --latnet. Did you mean --latent?"),
        ("train --width 3 dcgan", "'dcgan' stands where an option should"),
        ("train ring --latent", "--latent: expected one argument."),
        ("train ring --latent abc", "--latent cannot be 'abc': it should be a valid integer."),
        ("train ring --examples abc", "'--examples'"),
        ("train ring --examples 10 --epochs 2", "Give one of --examples, --epochs and --minutes"),
        ("train ring --data digit", "Did you mean digits?"),
        ("train ring --device cud", "The device 'cud' cannot be used here"),
        ("train ./none.py", "There is no recipe file"),
        ("train --config none.yaml", "--config none.yaml cannot be read: no such file or directory."),
        ("train ring --out file", "a file exists where a folder is needed"),
        ("data digit", "Did you mean digits?"),
        ("data digits --splt test", "The data digits has no option --splt. Did you mean --split?"),
        ("data --split test", "The name or path of the data comes first, then --split."),
        ("data digits --out x.odd", "pictures are saved as .png, .jpg or .webp."),
        ("recipes rnig", "Did you mean ring?"),
        ("sample none", "--out"),
        ("sample none --out s.png", "none is not a run folder"),
        ("sample none --out s.png --seeed 3", "--seeed"),
        ("score none", "pictures"),
    ],
)
def test_mistakes_are_one_sentence(
    words: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    assert sentence in refused(capsys, *words.split())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_train_continue_and_refuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "run")]
    assert typed(*TRAIN, *out, "--examples", "64") == 0
    assert "Finished: 64 examples" in capsys.readouterr().out
    assert typed(*TRAIN, *out, "--examples", "96") == 0
    assert "Going on from 64 images." in capsys.readouterr().out
    assert "has --seed 0, not 1" in refused(capsys, *TRAIN, *out, "--seed", "1")


def test_a_config_file_stands_below_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("recipe: vanilla\nlatent: 3\ngenerator-sizes: [8]\ngenerator_lr: 1e-3\nepochs: 1\nquiet: true\n")
    out = tmp_path / "run"
    assert typed("train", "--config", str(config), "--out", str(out), "--latent", "4", "--examples", "64") == 0
    settings = json.loads((out / "recipe.json").read_text())
    assert settings["horizon"]["requested"] == {"examples": 64, "epochs": None, "minutes": None}
    assert [settings["options"][name] for name in ("latent", "generator_sizes", "generator_lr")] == [4, [8], 0.001]
    again = tmp_path / "again"
    assert typed("train", "--config", str(out / "recipe.json"), "--out", str(again), "--quiet", "--seed", "5") == 0
    copied = json.loads((again / "recipe.json").read_text())
    assert copied["options"] == settings["options"]
    assert copied["horizon"] == settings["horizon"]
    assert copied["seed"] == 5


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("just words", "must hold names and values"),
        ("a: [", "neither YAML nor a recipe.json"),
        ("recipe: ring\nlatnet: 3", "Did you mean --latent?"),
        ("recipe: 3", "There is no '3' among recipes"),
        ("data: 3", "There is no '3' among the data"),
        ("recipe: ring\nexamples: abc", "--examples cannot be 'abc'"),
        ("recipe: ring\nthreads: two", "--threads cannot be 'two'"),
        ("recipe: ring\nseed: one", "--seed cannot be 'one'"),
    ],
)
def test_a_config_file_with_a_mistake(
    content: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text(content)
    out = tmp_path / "run"
    assert sentence in refused(capsys, "train", "--config", str(tmp_path / "config.yaml"), "--out", str(out))
    assert not out.exists()


def test_starting_from_another_run(trained: Path, tmp_path: Path) -> None:
    assert typed(*TRAIN, "--from", str(trained), "--out", str(tmp_path / "run"), "--examples", "32") == 0
    config = tmp_path / "config.yaml"
    config.write_text(f"recipe: vanilla\nfrom: {trained}\n")
    assert typed(*TRAIN, "--config", str(config), "--out", str(tmp_path / "run"), "--examples", "32") == 0


def test_sample_and_score(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("sample", str(trained), "-n", "2", "--out", str(tmp_path / "pictures")) == 0
    assert "2 samples (seed 0)" in capsys.readouterr().out
    pictures = sorted(map(str, (tmp_path / "pictures").iterdir()))
    assert typed("score", str(trained), *pictures) == 0
    assert "probability" in capsys.readouterr().out


def test_data_and_recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert typed("data") == typed("data", "digits") == typed("recipes") == typed("recipes", "vanilla") == 0
    assert Path("digits-data.png").is_file()
    said = capsys.readouterr().out
    assert all(word in said for word in ("fashion-mnist", "1,797", "dcgan", "multiply-adds", "--generator-sizes"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that can be heard")
def test_a_signal_saves_and_the_same_command_goes_on(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ganwright", *TRAIN[:-1], "--out", str(tmp_path), "--examples", "10000000"]
    process = subprocess.Popen([*words, "--log-every", "32"], stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "log.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    while not (tmp_path / "log.jsonl").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    in_the_way = subprocess.run(words, capture_output=True, text=True, check=False)
    assert in_the_way.returncode == 1
    assert "Another process is training" in in_the_way.stderr
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "To go on, run the same command again." in said
    assert list((tmp_path / "checkpoint").iterdir())
