"""Reads pictures of samples out of a zip, one after the other."""

from __future__ import annotations

import contextlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from ganwright.core.errors import UserError
from ganwright.core.files import hidden
from ganwright.domains._pictures import is_picture, why

SIGNATURE = b"PK\x03\x04"  # of a first file
MAX_MEMBER_SIZE = 1 << 28  # bytes: larger members are not unpacked


def pictures_in_zip(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The name and the content of each picture, sorted by name; a UserError if there are none."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted((info for info in archive.infolist() if is_picture(info.filename)), key=_name)
            if not members:
                raise UserError(f"{path} holds no pictures ({len(archive.infolist()):,} other files).")
            for member in members:
                if member.file_size > MAX_MEMBER_SIZE:
                    raise UserError(
                        f"{path}: {member.filename} unpacks to {member.file_size:,} bytes, which is no picture."
                    )
                yield member.filename, io.BytesIO(archive.read(member))
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise UserError(unreadable_zip(path, error)) from error


def unreadable_zip(path: Path, error: Exception) -> str:
    """A sentence about a zip that cannot be opened: the list of its files lies at its end, which may be cut off."""
    if _begins_as_zip(path) and not zipfile.is_zipfile(path):
        return (
            f"{path} begins as a zip, but its end is missing or damaged: it was not copied or downloaded completely, "
            "so do that again."
        )
    return f"{path} cannot be read as a zip ({why(error)})."


def _begins_as_zip(path: Path) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(len(SIGNATURE)) == SIGNATURE
    return False


def ignored_in_zip(path: Path) -> Iterator[str]:
    """A note about the files in a zip that are not pictures."""
    with zipfile.ZipFile(path) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    others = [name for name in names if not is_picture(name) and not hidden(name.split("/"))]
    if others:
        yield f"Ignored {len(others):,} other files in {path} that hold no pictures, such as {others[0]}."


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename


def below_common(files: Sequence[Path]) -> list[Path]:
    """The paths without the leading folders that all of them share."""
    while all(len(file.parts) > 1 and file.parts[0] == files[0].parts[0] for file in files):
        files = [Path(*file.parts[1:]) for file in files]
    return list(files)
