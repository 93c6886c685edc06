"""The sentence of an error that ends the program, and where its traceback is kept."""

import json
from pathlib import Path

import pytest

from ganwright.core import failures
from ganwright.core.errors import UserError
from ganwright.data._arrays import from_dataset


class Broken:
    """A data set of a user's."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int:
        raise ValueError("broken")


def raised(wrapped: bool = True) -> Exception:
    try:
        from_dataset(Broken())
    except UserError as error:
        return error if wrapped else error.__cause__  # type: ignore[return-value]
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UserError("Do this."), "Do this."),
        (MemoryError(), "Out of memory: choose less at once, such as a smaller -n or --batch."),
        (FileNotFoundError(2, "No such file or directory", "x/y"), "x/y: no such file or directory."),
        (
            RuntimeError("[gloo/transport] Connection closed by peer [127.0.0.1]"),
            "Another process of this run has ended. What was saved is intact; the same command resumes.",
        ),
    ],
)
def test_sentences(error: Exception, sentence: str) -> None:
    assert failures.sentence(error, False) == sentence


def test_the_traceback_of_a_users_code_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said = failures.sentence(raised(), False)
    (kept,) = tmp_path.iterdir()
    assert said.endswith(f" The traceback is in {kept}; GANWRIGHT_TRACEBACK=1 prints it.")
    assert all(word in kept.read_text() for word in ("ValueError: broken", "in __getitem__", "Item 0 of dataset"))
    assert "The traceback" not in failures.sentence(raised(), True)


def test_an_error_that_nobody_foresaw_is_to_be_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said = failures.sentence(KeyError("x"), False)
    assert said.startswith("An error that was not foreseen: KeyError: 'x'. Please report it. The traceback is in ")


def test_a_traceback_that_cannot_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    assert failures.sentence(KeyError("x"), False).endswith(
        "Please report it. GANWRIGHT_TRACEBACK=1 prints the traceback."
    )


def test_torchrun_gets_the_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failures.tell_torchrun("nobody asked")
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(tmp_path / "error.json"))
    failures.tell_torchrun("ganwright: Do this.")
    told = json.loads((tmp_path / "error.json").read_text())["message"]
    assert told["extraInfo"]["py_callstack"] == told["message"] == "ganwright: Do this."
    assert told["extraInfo"]["timestamp"].isdigit()


def test_a_mistake_of_all_processes_is_said_by_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    lost = RuntimeError("Connection reset by peer")
    for rank, error, expected in [
        ("0", UserError(""), 0),
        ("1", UserError(""), 1),
        ("0", lost, 1),
        ("1", lost, 1),
        ("2", lost, 2),
    ]:
        monkeypatch.setenv("LOCAL_RANK", rank)
        failures.let_the_first_process_speak(error)
        assert len(waited) == expected
