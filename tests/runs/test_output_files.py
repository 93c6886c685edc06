"""Outputs of commands: whole or not at all, and never mixed with what was there."""

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import pictures
from ganwright.core.errors import UserError
from ganwright.domains.images import Images
from ganwright.runs import atomic_files, output_files
from ganwright.runs.output_files import check_folder, empty_folder, replacing


def half_written(path: Path) -> None:
    """Replaces a file on a disk that becomes full."""
    with replacing(path) as beside:
        beside.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"old")
    with replacing(tmp_path / "a.npy") as beside:
        beside.write_bytes(b"new")
        assert (tmp_path / "a.npy").read_bytes() == b"old"
    assert (tmp_path / "a.npy").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]


@pytest.mark.parametrize("place", ["a.npy", "new/a.npy"])
def test_a_full_disk_leaves_what_was_there(place: str, tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"old")
    message = r"Writing .*a\.npy failed \(no space left on device\): free some space.*Earlier files are intact"
    with pytest.raises(UserError, match=message):
        half_written(tmp_path / place)
    assert (tmp_path / "a.npy").read_bytes() == b"old"
    assert not list(tmp_path.rglob(".*partial"))


def test_a_limit_on_file_sizes_leaves_the_old_array(tmp_path: Path) -> None:
    """As a full disk does, in a process of its own, through NumPy's own writing."""
    np.save(tmp_path / "a.npy", np.arange(3))
    program = f"""
import resource, signal, numpy as np
from pathlib import Path
from ganwright.commands.sample import writers
from ganwright.domains.images import Images
from ganwright.runs.output_files import replacing
samples = np.random.default_rng(0).integers(0, 256, (99, 8, 8, 1), np.uint8)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for suffix in (".npy", ".npz", ".png"):
    try:
        with replacing(Path({str(tmp_path)!r}) / f"a{{suffix}}") as beside:
            writers(Images(8, 8, 1))[suffix](samples, None, beside)
    except Exception as error:
        print(suffix, error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert [line.split()[0] for line in done.stdout.splitlines()] == [".npy", ".npz", ".png"], done
    assert done.stdout.count("Earlier files are intact") == 3
    assert np.array_equal(np.load(tmp_path / "a.npy"), np.arange(3))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "a.npy").symlink_to(tmp_path / "store" / "b.npy")
    with replacing(tmp_path / "a.npy") as beside:
        beside.write_bytes(b"new")
    assert (tmp_path / "a.npy").is_symlink()
    assert (tmp_path / "store" / "b.npy").read_bytes() == b"new"


def test_a_link_in_the_place_of_the_scratch_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "kept").touch()
    (tmp_path / ".a.npy.partial").symlink_to(tmp_path / "other")
    with pytest.raises(UserError, match="Writing"), replacing(tmp_path / "a.npy") as beside:
        beside.write_bytes(b"new")
    assert (tmp_path / "other" / "kept").exists()


def test_what_a_killed_command_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".a.npy.partial").mkdir()
    (tmp_path / ".a.npy.partial" / "a.npy").touch()
    with replacing(tmp_path / "a.npy") as beside:
        beside.write_bytes(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]


def files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    check_folder(tmp_path / "new", ".png", (), (), overwrite=False)
    check_folder(tmp_path, ".png", (), (), overwrite=False)
    folder = files(tmp_path / "out", "000000.png", "000001.png")
    with pytest.raises(UserError, match=r"the folder is not empty \(2 files\).*--overwrite"):
        check_folder(folder, ".png", (), (), overwrite=False)
    check_folder(folder, ".png", (), (), overwrite=True)


@pytest.mark.parametrize("other", ["notes.txt", "holiday.png", "000002.jpg", "cat/000000.png", "0/notes.txt", "12.png"])
def test_what_is_no_sample_is_never_overwritten(other: str, tmp_path: Path) -> None:
    folder = files(tmp_path, "000000.png", other)
    with pytest.raises(UserError, match="is no sample of this run"):
        check_folder(folder, ".png", ("0", "1"), (), overwrite=True)
    assert (folder / other).exists()


def test_links_are_no_samples_and_are_not_followed(tmp_path: Path) -> None:
    elsewhere = files(tmp_path / "elsewhere", "000000.png")
    folder = files(tmp_path / "out", "000001.png")
    (folder / "0").symlink_to(elsewhere)
    (folder / "000000.png").symlink_to(elsewhere / "000000.png")
    with pytest.raises(UserError, match="is no sample of this run"):
        check_folder(folder, ".png", ("0",), (), overwrite=True)
    empty_folder(folder, ".png", ("0",), ())
    assert (elsewhere / "000000.png").exists()
    assert not (folder / "000001.png").exists()


def test_samples_by_class_and_by_name_are_emptied(tmp_path: Path) -> None:
    folder = files(tmp_path, "0/000000.png", "1/000001.png", "photo.png")
    check_folder(folder, ".png", ("0", "1"), ("photo",), overwrite=True)
    empty_folder(folder, ".png", ("0", "1"), ("photo",))
    assert list(folder.iterdir()) == []


def test_more_than_memory_holds_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = Images(8, 8, 1)
    with pytest.raises(UserError, match=r"10,000,000,000,000,000,000,000 samples, pictures of 8x8, grey, need"):
        output_files.check_memory(10**22, domain)
    monkeypatch.setattr(output_files, "physical_memory", lambda: 6_400)
    output_files.check_memory(100, domain)
    with pytest.raises(UserError, match="choose -n 100 at most"):
        output_files.check_memory(101, domain)


def test_more_than_the_disk_holds_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic_files, "free", lambda path: 1_000)
    output_files.check_disk(tmp_path / "a.npy", 15, Images(8, 8, 1))
    with pytest.raises(UserError, match=r"a\.npy needs 0\.00 GB"):
        output_files.check_disk(tmp_path / "a.npy", 16, Images(8, 8, 1))


@pytest.mark.parametrize("name", ["../../escaped", "a/b", "..", ""])
def test_a_class_whose_name_is_another_place_is_no_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be the name of a folder"):
        Images(8, 8, 1).write_folder(pictures(1).samples, np.array([name]), tmp_path / "deep" / "out")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
