"""Tests of the location of files in tar archives, compared with tarfile for every kind of header."""

import io
import mmap
import tarfile
from pathlib import Path

import pytest

from ganwright.data._tar import members

NAMES = ("0.png", "./a/1.png", "a/b.c/2.cls", "d\u00e9j\u00e0 vu.png", "long/" * 30 + "3.png", "n" * 100, "4.png")


def archive(path: Path, form: int) -> None:
    """Files of several sizes with fractional times, among folders, links and an empty file."""
    with tarfile.open(path, "w", format=form) as written:
        for index, name in enumerate(NAMES):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = 511 * index, index + 0.5 if form == tarfile.PAX_FORMAT else index
            written.addfile(info, io.BytesIO(bytes([index + 1]) * info.size))
            for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE):
                other = tarfile.TarInfo(f"{index}")
                other.type, other.linkname = kind, "elsewhere"
                written.addfile(other)


def found(path: Path) -> list[tuple[str, int, int]]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return list(members(content, lambda reason, name: None))


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_file_is_located_as_by_tarfile(tmp_path: Path, form: int) -> None:
    archive(tmp_path / "a.tar", form)
    with tarfile.open(tmp_path / "a.tar") as opened:
        expected = [(one.name, one.offset_data, one.size) for one in opened if one.isfile()]
    assert found(tmp_path / "a.tar") == expected
    assert [name for name, *_ in expected] == list(NAMES)


def test_truncated_and_corrupt_archives_are_errors(tmp_path: Path) -> None:
    archive(tmp_path / "a.tar", tarfile.PAX_FORMAT)
    whole = (tmp_path / "a.tar").read_bytes()
    start = next(start for name, start, _ in found(tmp_path / "a.tar") if name == "4.png")
    for content, message in {
        whole[: start + 512]: "truncated within 4.png",
        whole[: start - 512]: "no end mark",
        whole[: start - 512] + b"9" * 512 + whole[start:]: "no header",
    }.items():
        (tmp_path / "b.tar").write_bytes(content)
        with pytest.raises(tarfile.TarError, match=message):
            found(tmp_path / "b.tar")
