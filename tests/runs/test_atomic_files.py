"""Atomic writes, and readable errors."""

import errno
import json
from pathlib import Path

import pytest

from ganwright.core.errors import UserError
from ganwright.runs import atomic_files


def test_a_failed_write_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    atomic_files.write(path, "old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic_files.os, "fsync", full)
    with pytest.raises(UserError, match="free some space"):
        atomic_files.write(path, "new")
    assert path.read_text() == "old"


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_file_in_place_of_a_folder_is_reported(out: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="a file exists where a folder is needed"), atomic_files.writing(tmp_path / out):
        (tmp_path / out).mkdir(exist_ok=True)


def test_any_other_error_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="fix this"), atomic_files.writing(tmp_path):
        raise OSError("odd")


def test_names_that_are_no_text_survive_in_json(tmp_path: Path) -> None:
    name = b"caf\xe9".decode(errors="surrogateescape")
    atomic_files.write_json(tmp_path / "x.json", {"name": name, "other": "\u00fc"})
    content = (tmp_path / "x.json").read_text(encoding="utf-8")
    assert json.loads(content) == {"name": name, "other": "\u00fc"}
    assert "\u00fc" in content
    atomic_files.write(tmp_path / "x.md", name)
    assert (tmp_path / "x.md").read_bytes() == b"caf\xe9"
