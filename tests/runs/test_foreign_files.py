"""Files of a run folder are read if they are regular, of limited size, and no links."""

import os
from pathlib import Path

import pytest

from ganwright.core.errors import DamagedError
from ganwright.judging.card import Card
from ganwright.runs import foreign_files


def refusal(path: Path) -> str:
    """Why a file is called damaged, after its name."""
    with pytest.raises(DamagedError) as raised:
        foreign_files.read(path, 100)
    assert str(raised.value).startswith(f"{path} is damaged ({raised.value.reason})")
    return raised.value.reason


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert foreign_files.read(tmp_path / "a", 100) == b"x" * 100


def test_a_larger_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 101)
    assert refusal(tmp_path / "a").startswith("it has more than 100 bytes")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert refusal(tmp_path / "link").startswith("it is a link, and links inside a run folder are not followed")


def test_a_pipe_without_a_writer_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").startswith("it is not a regular file")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith("it is not a regular file")
    assert refusal(tmp_path / "none").startswith("it cannot be read: no such file or directory")


def test_a_device_is_refused() -> None:
    assert refusal(Path("/dev/zero")).startswith("it is not a regular file")


def test_a_file_of_holes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    path.touch()
    os.truncate(path, 2**40)
    assert refusal(path).endswith("hardly any of them are on the disk")


@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xff", b'"' + b"1" * 90, b"1" * 5_000])
def test_what_is_no_json_is_damaged(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DamagedError, match=r"a\.json is damaged \(it is no JSON"):
        foreign_files.read_json(tmp_path / "a.json")


def test_deep_nesting_is_damage(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"[" * 1_000_000)
    with pytest.raises(DamagedError, match="nested too deeply"):
        foreign_files.read_json(tmp_path / "a.json")


def test_lines_are_those_that_are_complete(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a\n\nb\nincomplete")
    assert list(foreign_files.lines(tmp_path / "log")) == [b"a", b"", b"b"]


def test_a_card_that_is_a_pipe_is_no_card(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "card.json")
    assert Card.read(tmp_path / "card.json") is None
