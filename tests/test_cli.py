"""The command line: help, options, mistakes, exit codes."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ganwright
from ganwright.callbacks.progress import LineDisplay
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


SLOW = {"torch", "numpy", "rich", "pydantic"}  # to import


@pytest.mark.parametrize(
    "words", ["", "-h", "--help", "--version", "version", "train -h", "train x --help", "judge -h"]
)
def test_help_is_instant(words: str) -> None:
    program = (
        "import sys; from ganwright.cli import main\n"
        f"try: main({words.split()})\n"
        f"finally: assert not {SLOW} & sys.modules.keys()"
    )
    slow = SLOW - {"pydantic"} if words == "version" else SLOW  # typer imports it to run a command
    program = program.replace(str(SLOW), str(slow))
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_help_lists_the_options_of_train_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("train", "--help") == 0
    said = capsys.readouterr().out
    places = [said.index(f"\n{group}:\n") for group in ("Run", "Horizon", "Hardware", "Callbacks", "Several runs")]
    assert places == sorted(places)
    assert said.count("  ganwright train") == 5
    assert all(option in said for option in ("--steps N", "--compile auto|on|off", "--from VALUE", "[default: auto]"))
    assert "recipes NAME" in " ".join(said.split())


def test_completion(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_GANWRIGHT_COMPLETE", "complete_bash")
    for words, completed in [
        ("train ri", "ring"),
        ("train ring --data di", "digits"),
        ("train --on-verdict st", "stop"),
    ]:
        monkeypatch.setenv("COMP_WORDS", f"ganwright {words}")
        monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
        assert typed() == 0
        assert capsys.readouterr().out.split() == [completed]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("trian", "No such command 'trian'. Did you mean 'train'? See ganwright --help."),
        ("train rnig", "There is no 'rnig' among recipes"),
        ("train digits", "digits is a data set, not a recipe: use --data digits."),
        ("train ring --latnet 3", "The recipe ring on the data ring has no option --latnet. Did you mean --latent?"),
        ("train --latnet=3", "The recipe r3gan on the data digits has no option --latnet. Did you mean --latent?"),
        ("train --width 3 dcgan", "Unexpected 'dcgan': a name comes first, then options, which begin with --."),
        ("train ring --latent", "--latent needs a value."),
        ("train ring --latent abc", "--latent cannot be 'abc': it should be a valid integer."),
        ("train ring --examples abc", "--examples cannot be 'abc': it should be a valid integer."),
        ("train ring --out=", "--out has an empty value."),
        ("train --data=", "--data has an empty value."),
        ("train ring --seed 1.5", "--seed cannot be '1.5'"),
        ("train ring --generator x", "--generator takes an object from Python, not 'x'."),
        (
            "train ring --steps 3 --minutes 1",
            "Give one of --examples, --steps, --epochs and --minutes, not --steps and",
        ),
        ("train ring --form x", "has no option --form. Did you mean --from?"),
        (
            "train ring --examples 10 --epochs 2",
            "Give one of --examples, --steps, --epochs and --minutes, not --examples and --epochs.",
        ),
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
        ("score none", "Missing argument 'FILE'."),
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
    assert "Resuming from 64 examples." in capsys.readouterr().out
    assert "has --seed 0, not 1" in refused(capsys, *TRAIN, *out, "--seed", "1")


def test_steps_are_global_batches(tmp_path: Path) -> None:
    assert typed(*TRAIN, "--out", str(tmp_path), "--steps", "3") == 0
    horizon = json.loads((tmp_path / "recipe.json").read_text())["horizon"]
    assert horizon == {"examples": 96, "requested": {"examples": None, "steps": 3, "epochs": None, "minutes": None}}


def test_a_config_file_stands_below_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("recipe: vanilla\nlatent: 3\ngenerator-sizes: [8]\ngenerator_lr: 1e-3\nepochs: 1\nquiet: true\n")
    out = tmp_path / "run"
    assert typed("train", "--config", str(config), "--out", str(out), "--latent", "4", "--examples", "64") == 0
    settings = json.loads((out / "recipe.json").read_text())
    assert settings["horizon"]["requested"] == {"examples": 64, "steps": None, "epochs": None, "minutes": None}
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
        ("a: [", "is no YAML"),
        ("recipe: ring\nlatnet: 3", "Did you mean --latent?"),
        ("recipe: 3", "There is no '3' among recipes"),
        ("data: 3", "There is no data set '3'"),
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
    words += ["--threads", "1", "--compile", "off"]  # or it would try for a minute what is fastest
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
    assert "The same command resumes the run." in said
    assert list((tmp_path / "checkpoint").iterdir())


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_a_signal_has_its_exit_code(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = getattr(signal, name)
    with monkeypatch.context() as patch:
        patch.setattr(LineDisplay, "report", lambda *_: signal.raise_signal(number))
        words = [*TRAIN[:-1], "--out", str(tmp_path / "run"), "--compile", "off", "--threads", "1"]
        assert typed(*words, "--examples", "96", "--log-every", "32") == 128 + number
    said = capsys.readouterr()
    assert said.err == ""
    assert "Stopped and saved at 32 examples. The same command resumes the run." in said.out
    assert typed(*words, "--examples", "96") == 0
    assert "Resuming from 32 examples." in capsys.readouterr().out


class Lost(io.StringIO):
    """Standard output of which the reader has gone after some lines."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.lines = lines

    def write(self, text: str) -> int:
        self.lines -= text.count("\n")
        if self.lines < 0:
            raise BrokenPipeError(32, "Broken pipe")
        return len(text)


@pytest.mark.parametrize("lines", [0, 1, 4])
def test_no_training_ends_because_its_display_is_gone(
    lines: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", Lost(lines))
    words = [*TRAIN[:-1], "--out", str(tmp_path), "--compile", "off", "--threads", "1", "--examples", "64"]
    assert typed(*words) == 0
    assert (
        capsys.readouterr().err == "ganwright: Progress can no longer be printed (broken pipe). The training goes on.\n"
    )
    assert ganwright.open(tmp_path).log()[-1]["examples"] == 64


def test_a_card_that_cannot_be_printed_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert typed("data") == 1
    assert capsys.readouterr().err == "ganwright: The output cannot be written (no space left on device).\n"


RECIPE = '''
from ganwright.recipes import vanilla
def recipe(data, *, size: int = 8):
    """Mine."""
    {}
    return vanilla.recipe(data, generator_sizes=(size,), discriminator_sizes=(size,))
'''


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (RECIPE.format("raise ValueError('no')"), "mine.py failed: ValueError: no (./mine.py:5, in recipe). The trace"),
        (RECIPE.format("return None"), "mine.py returned a NoneType: return a Recipe."),
        (
            RECIPE.format("import nothing_of_that_name"),
            "No module named 'nothing_of_that_name' (./mine.py:5, in recipe)",
        ),
        (RECIPE.format("raise SystemExit(0)"), "mine.py called sys.exit(0) (./mine.py:5, in recipe)."),
        (RECIPE.format("return recipe(data)"), "RecursionError: maximum recursion depth exceeded (./mine.py:5"),
        (RECIPE.format("data.nothing"), "AttributeError: 'Data' object has no attribute 'nothing' (./mine.py:5"),
        (f"import sys; sys.exit('bye')\n{RECIPE}", "mine.py called sys.exit('bye') (./mine.py:1, in <module>)."),
        (f"import nothing_of_that_name\n{RECIPE}", "No module named 'nothing_of_that_name' (./mine.py:1, in <module>)"),
        ("def recipe(data:", "mine.py failed: SyntaxError: '(' was never closed (mine.py, line 1)."),
        ("\0", "mine.py failed: "),
        ("def recipe(): ...", "mine.py should be a function `recipe(data, *, option=value, ...)`: it takes no data."),
        ("def recipe(*, data): ...", "it takes no data."),
        ("def recipe(data=1): ...", "its first parameter, data, gets the data, and has no default."),
        ("def recipe(data, size): ...", "its parameter size needs a default."),
        ("def recipe(data, *, size: 'Nothing' = 1): ...", "reading its options failed: NameError: name 'Nothing'"),
        ("recipe = 5", "mine.py should be a function `recipe(data, *, option=value, ...)`: it is 5."),
        ("DATA = 5\ndef recipe(data): ...", "DATA of the recipe"),
    ],
)
def test_a_recipe_of_ones_own_that_fails(
    content: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    Path("mine.py").write_text(content)
    assert sentence in refused(capsys, "train", "./mine.py", "--out", "run")
    assert not Path("run").exists()


def test_a_traceback_is_printed_where_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(RECIPE.format("raise ValueError('no')"))
    monkeypatch.setenv("GANWRIGHT_TRACEBACK", "1")
    assert typed("train", str(tmp_path / "mine.py")) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback (most recent call last):\n")
    assert "direct cause of the following exception" in said
    assert said.splitlines()[-1].startswith("ganwright: The recipe ")
    assert "The traceback is in" not in said


@pytest.mark.parametrize(
    ("environment", "words", "sentence"),
    [
        ({"RANK": "x", "WORLD_SIZE": "1"}, "train", "RANK is 'x' in the environment, not a number: unset it"),
        ({"RANK": "0", "WORLD_SIZE": "two"}, "train", "WORLD_SIZE is 'two' in the environment"),
        ({"RANK": "-1", "WORLD_SIZE": "2"}, "train", "RANK is '-1' in the environment"),
        ({"RANK": "2", "WORLD_SIZE": "2"}, "train", "RANK is not below WORLD_SIZE"),
        ({"RANK": "0", "WORLD_SIZE": "1"}, "train", "RANK is set, as by torchrun, but MASTER_ADDR is not"),
        ({"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "x"}, "train", "LOCAL_RANK is 'x' in the environment"),
        (
            {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "localhost", "MASTER_PORT": "99999"},
            "train",
            "MASTER_PORT is not below 65,536",
        ),
        ({"WORLD_SIZE": "x"}, "plan", "WORLD_SIZE is 'x' in the environment"),
        ({"WORLD_SIZE": "x"}, "train --seeds 2", "WORLD_SIZE is 'x' in the environment"),
        ({}, "train ~nobody_of_that_name/mine.py", "the home folder is not known; give the path without ~."),
        ({}, "train --data ~nobody_of_that_name/x", "the home folder is not known; give the path without ~."),
        ({}, "train ring --epochs 1e308", "--epochs 1e+308 is more than 1,000,000,000,000,000 examples"),
        ({}, f"train ring --steps 1{'0' * 18}", "is more than 1,000,000,000,000,000 examples"),
        ({}, f"train ring --threads 1{'0' * 30}", "it should be less than or equal to 1024."),
        ({}, f"train ring --generator-sizes 8,1{'0' * 30}", "it should be below 2^63."),
        ({}, f"train ring --generator-sizes 8,1{'0' * 18}", "The recipe ring failed: RuntimeError"),
        ({}, "train ring --as-source=maybe", "--as-source"),
        ({}, "plan ring --as-source=maybe", "--as-source"),
    ],
)
def test_places_and_numbers_are_one_sentence(
    environment: dict[str, str],
    words: str,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert sentence in refused(capsys, *words.split())
    assert not any(path.is_dir() for path in tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folder")
def test_a_working_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "The working folder cannot be read (No such file or directory)" in refused(capsys, *TRAIN)


@pytest.mark.parametrize("columns", ["0", "", "x"])
def test_a_width_of_no_columns_is_no_width(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert typed("recipes") == 0
    assert "The conditional GAN, for images with" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_folder_whose_name_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("GANWRIGHT_CACHE", str(tmp_path / "cache"))
    run = tmp_path / os.fsdecode(b"caf\xe9")
    assert typed(*TRAIN, "--compile", "off", "--out", str(run), "--examples", "32") == 0
    samples = run.with_name(run.name + "-samples")
    assert typed(*TRAIN, "--out", str(run), "--examples", "64") == 0
    assert typed("sample", str(run), "-n", "20", "--out", str(samples)) == 0
    assert typed("judge", str(run), "-n", "40", "--repetitions", "1", "--metric", "sliced_wasserstein") == 0
    assert typed("score", str(run), str(samples / "000000.png")) == 0
    words = ["train", "vanilla", "--data", str(samples), "--size", "8", "--out", str(run / "again"), "--steps", "1"]
    assert typed(*words, "--quiet", "--compile", "off") == 0
    assert typed(*words, "--quiet", "--compile", "off") == 0
    source = json.loads((run / "again" / "recipe.json").read_text())["data"]["source"]
    assert source == str(samples)
    assert b"of " + os.fsencode(run) in capfdbinary.readouterr().out


def test_every_public_name_is_found() -> None:
    assert all(getattr(ganwright, name) is not None for name in ganwright.__all__)


def test_output_that_is_no_longer_read_is_no_error() -> None:
    """As in `ganwright train --help | head -1`, of which the reader has gone."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    words = [sys.executable, "-u", "-m", "ganwright", "train", "--help"]
    finished = subprocess.run(words, stdout=write_end, stderr=subprocess.PIPE, text=True)
    os.close(write_end)
    assert (finished.returncode, finished.stderr) == (1, "")


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (KeyboardInterrupt(), 130, "ganwright: Interrupted."),
        (EOFError("no input"), 1, "ganwright: EOFError: no input (./tests/test_cli.py:"),
        (
            PermissionError(13, "Permission denied", "x"),
            1,
            "ganwright: PermissionError: [Errno 13] Permission denied: 'x' (",
        ),
        (MemoryError(), 1, "ganwright: Out of memory"),
        (
            RecursionError("maximum recursion depth exceeded"),
            1,
            "ganwright: RecursionError: maximum recursion depth exceeded (",
        ),
    ],
)
def test_other_errors_are_one_sentence_too(
    error: BaseException,
    code: int,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("ganwright.commands.command_line.data", fail)
    assert typed("data") == code
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert said.count("\n") == 1
