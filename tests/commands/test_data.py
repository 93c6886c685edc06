"""The grid of `ganwright data`: written whole or not at all."""

from pathlib import Path

import pytest

from conftest import pictures
from ganwright.commands.data import save
from ganwright.core.errors import UserError
from ganwright.runs import output_files


def test_a_full_disk_leaves_the_earlier_grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(pictures(), tmp_path / "grid.png")
    before = (tmp_path / "grid.png").read_bytes()

    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output_files.atomic_files, "sync", full)
    with pytest.raises(UserError, match="Earlier files are intact"):
        save(pictures(), tmp_path / "grid.png")
    assert (tmp_path / "grid.png").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["grid.png"]


@pytest.mark.parametrize("name", ["grid.psd", "grid.nonsense", "grid"])
def test_a_format_that_cannot_be_written_is_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.png, \.jpg or \.webp"):
        save(pictures(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file_for_a_grid(tmp_path: Path) -> None:
    (tmp_path / "grid.png").mkdir()
    with pytest.raises(UserError, match="is a folder: name a file in it"):
        save(pictures(), tmp_path / "grid.png")
