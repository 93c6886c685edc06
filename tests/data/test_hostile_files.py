"""Folders and archives that would never end, lead elsewhere or fill the memory: bounded, and named."""

import io
import os
import socket
import struct
import tarfile
import time
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.data import _files


def png(shade: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 8), shade).save(buffer, "PNG")
    return buffer.getvalue()


def pictures(folder: Path, count: int = 120) -> Path:
    folder.mkdir(exist_ok=True)
    for index in range(count):
        (folder / f"{index:03d}.png").write_bytes(png(index))
    return folder


def huge_png(side: int) -> bytes:
    """A small file that claims side x side pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_pipes_sockets_and_broken_links_are_left_out_and_named(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "set")
    os.mkfifo(folder / "pipe.png")
    (folder / "gone.png").symlink_to("nowhere.png")
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket is short
        try:
            one.bind("socket.png")
        finally:
            os.chdir(here)
    (folder / "null.png").symlink_to("/dev/zero")
    data = _files.load(folder)
    assert len(data) == 120
    notes = " ".join(data.notes)
    assert "Left out: 3 names, such as " in notes
    assert "(no regular file (a pipe, socket or device))" in notes
    assert "Left out: 1 name, gone.png (a broken link)." in notes


def test_link_loops_and_second_links_to_a_folder_are_named(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "set")
    (folder / "again").symlink_to(folder)
    data = _files.load(folder)
    assert len(data) == 120
    assert "Left out: 1 name, again (a link to a folder that was read already)." in data.notes


def test_folders_that_cannot_be_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pictures(tmp_path / "set")
    (folder / "locked").mkdir()
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert "Left out: 1 name, locked (cannot be read (Permission denied))." in _files.load(folder).notes


@pytest.mark.parametrize("side", [100_000, 12_000])
def test_a_picture_bomb_is_left_out_at_once(side: int, tmp_path: Path) -> None:
    folder = pictures(tmp_path / "set")
    (folder / "bomb.png").write_bytes(huge_png(side))
    started = time.process_time()
    data = _files.load(folder)
    assert time.process_time() - started < 3
    assert "bomb.png (too many pixels to decode safely)" in " ".join(data.notes)
    assert "bomb.png (too many pixels to decode safely)" in " ".join(_files.load(folder, tiles=8).notes)


def test_a_sparse_picture_is_not_read(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "set")
    for name in ("a.png", "b.bmp", "c.tif"):
        with (folder / name).open("wb") as file:
            file.truncate(1 << 40)
    with pytest.raises(UserError, match=r"a.png \(not a readable picture\)"):
        _files.load(folder)


def test_a_sparse_tar_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.tar").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UserError, match="holds no pictures"):
        _files.load(tmp_path / "a.tar")


def test_a_zip_of_bombs_is_refused_after_the_first_ones(tmp_path: Path) -> None:
    content = bytes(1 << 25)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.bmp", content)
    packed = (tmp_path / "a.zip").read_bytes()
    start, size = 30 + len("0.bmp"), zipfile.ZipFile(tmp_path / "a.zip").infolist()[0].compress_size
    checksum = zlib.crc32(content)
    names = [f"{index:04d}.bmp" for index in range(1000)]  # 33 GB from 33 KB: all read the same bytes
    body = packed[: start + size]
    directory = b"".join(
        struct.pack(
            "<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, 0, 0, 8, 0, 33, checksum, size, 1 << 25,
            len(name), 0, 0, 0, 0, 0, 0,
        )
        + name.encode()
        for name in names
    )  # fmt: skip
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1000, 1000, len(directory), len(body), 0)
    (tmp_path / "b.zip").write_bytes(body + directory + end)
    started = time.process_time()
    with pytest.raises(UserError, match=r"cannot be used \(the first 256 were tried\): .*0000.bmp \(unpacks to 33,554"):
        _files.load(tmp_path / "b.zip")
    assert time.process_time() - started < 3


def test_a_member_that_lies_about_its_size_is_bounded(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.bmp", bytes(1 << 22))
    content = bytearray((tmp_path / "a.zip").read_bytes())
    at = content.rindex(b"PK\1\2")
    content[at + 24 : at + 28] = struct.pack("<L", 1000)
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(UserError, match="cannot be used"):
        _files.load(tmp_path / "a.zip")


def test_names_links_and_devices_of_a_tar_are_left_out_and_named(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ("0.png", "/etc/1.png", "../2.png", "a/../../3.png"):
            info = tarfile.TarInfo(name)
            info.size = len(png())
            archive.addfile(info, io.BytesIO(png()))
        for name, kind in (("4.png", tarfile.SYMTYPE), ("5.png", tarfile.LNKTYPE), ("6.png", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    data = _files.load(tmp_path / "a.tar")
    assert len(data) == 1
    notes = " ".join(data.notes)
    assert "Left out: 3 names, such as /etc/1.png (a name that leads out of the archive)." in notes
    assert "Left out: 2 names, such as 4.png (a link)." in notes
    assert "Left out: 1 name, 6.png (no regular file (a pipe, socket or device))." in notes
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar"]


def test_a_tar_whose_headers_lead_back_ends(tmp_path: Path) -> None:
    info = tarfile.TarInfo("0.png")
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 12  # a size of -1
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    (tmp_path / "a.tar").write_bytes(bytes(header) + bytes(1024))
    with pytest.raises(UserError, match="cannot be read"):
        _files.load(tmp_path / "a.tar")


def test_a_tar_with_a_huge_header_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("0.png")
    info.type, info.size = tarfile.XHDTYPE, 1 << 32
    with (tmp_path / "a.tar").open("wb") as file:
        file.write(info.tobuf(tarfile.USTAR_FORMAT))
        file.truncate(1 << 33)
    with pytest.raises(UserError, match="header of 4,294,967,296 bytes"):
        _files.load(tmp_path / "a.tar")


def test_special_members_of_a_zip_are_left_out_and_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for index in range(3):
            archive.writestr(f"set\\cats\\{index}.png", png(index))  # as Windows writes it
            archive.writestr(f"set/dogs/{index}.png", png(10 + index))
        link = zipfile.ZipInfo("set/dogs/link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("set/dogs/0.png", png(20))
        archive.writestr("/abs.png", png())
        archive.writestr("C:/x.png", png())
    data = _files.load(tmp_path / "a.zip")
    assert data.classes == ("cats", "dogs")
    assert sorted(np.asarray(data.samples)[:, 0, 0, 0].tolist()) == [0, 1, 2, 11, 12, 20]
    notes = " ".join(data.notes)
    assert "set/dogs/link.png (a link)" in notes
    assert "set/dogs/0.png (a name that occurs again in the archive)" in notes
    assert "2 names, such as /abs.png (a name that leads out of the archive)" in notes


def test_compressed_tars_and_encrypted_zips_are_one_sentence(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("0.png"))
    with pytest.raises(UserError, match="Compressed tars are not read in place: unpack it"):
        _files.load(tmp_path / "a.tar.gz")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as zipped:
        zipped.writestr("0.png", png())
    content = bytearray((tmp_path / "b.zip").read_bytes())
    content[content.rindex(b"PK\1\2") + 8] |= 1
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(UserError, match="encrypted"):
        _files.load(tmp_path / "b.zip")


def test_a_folder_of_archives_names_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        archive.writestr("0.png", png())
    with pytest.raises(UserError, match=r"no pictures \(1 other file\). Give the path of one archive, train.zip"):
        _files.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", png()[:30], png()[:45]])
def test_empty_and_truncated_pictures_are_named(content: bytes, tmp_path: Path) -> None:
    folder = pictures(tmp_path / "set")
    (folder / "cut.png").write_bytes(content)
    assert "Left out: 1 of 121 pictures, cut.png (" in " ".join(_files.load(folder).notes)


def test_names_that_differ_in_undecodable_bytes_are_different_classes(tmp_path: Path) -> None:
    for byte in (b"\xff", b"\xfe"):
        folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a" + byte))
        try:
            pictures(folder, 2)
        except OSError:
            pytest.skip("the file system refuses names that are not text")
    assert _files.load(tmp_path).classes == ("a\\xfe", "a\\xff")


def test_a_tar_of_headers_for_headers_is_one_sentence(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 20
    header = info.tobuf(tarfile.USTAR_FORMAT) + b"20 path=aaaaaaaaaaa\n".ljust(512, b"\0")
    (tmp_path / "a.tar").write_bytes(header * 3000 + bytes(1024))
    with pytest.raises(UserError, match="cannot be read"):
        _files.load(tmp_path / "a.tar")


@pytest.mark.parametrize("content", [b"", b"{}", b"[3]", b'{"left_out": 3, "notes": []}', b"\x93NUMPY", b"PK\3\4"])
def test_a_damaged_cache_is_made_again(content: bytes, tmp_path: Path, cache: Path) -> None:
    folder = pictures(tmp_path / "set", 5)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(folder, "set")
    expected = [np.array(_files.load(path).samples) for path in (folder, tmp_path / "a.tar")]
    for kept in [*cache.rglob("*.json"), *cache.rglob("*.npz")]:
        kept.write_bytes(content)
    for path, samples in zip((folder, tmp_path / "a.tar"), expected, strict=True):
        assert np.array_equal(np.array(_files.load(path).samples), samples)
