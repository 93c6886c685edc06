"""Downloads a published file once, from the first mirror that responds; resumes partial downloads and verifies them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from filelock import FileLock

from ganwright.core.errors import UserError
from ganwright.data._places import writing
from ganwright.data._progress import Report, bar

BLOCK = 1 << 18  # bytes
TIMEOUT = 30  # seconds without a byte
MAX_ATTEMPTS = 20  # passes over the mirrors; a pass without new bytes is the last


@dataclass(frozen=True)
class RemoteFile:
    """A published file: name, size in bytes, checksum (`md5:...` or `sha256:...`), and base URLs of its mirrors.

    Every mirror serves the same bytes, so a download can resume from another mirror.
    """

    name: str
    size: int
    checksum: str
    mirrors: tuple[str, ...]


class TransferError(Exception):
    """One mirror did not deliver the file."""


def fetch(remote: RemoteFile, folder: Path, report: Report | None = None) -> Path:
    """The path of the file in `folder`, downloaded if missing; one process downloads while others wait for its lock.

    Raises UserError, which names the mirrors if all fail, or the folder if it cannot be written.
    """
    path = folder / remote.name
    if path.is_file():
        return path
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{remote.name}.lock"), bar(remote.name, in_bytes=True) as progress:
            if not path.is_file():
                part = folder / f"{remote.name}.part"
                _download(remote, part, report or progress)
                part.replace(path)
    return path


def _download(remote: RemoteFile, part: Path, report: Report) -> None:
    failures: dict[str, str] = {}
    for _ in range(MAX_ATTEMPTS):
        before = _size(part)
        for mirror in remote.mirrors:
            try:
                _transfer(mirror, remote, part, report)
                return _verify(remote, part)
            except TransferError as error:
                failures[mirror] = str(error)
        if _size(part) == before:
            break
    tried = ", ".join(f"{mirror} ({failure})" for mirror, failure in failures.items())
    raise UserError(
        f"{remote.name} could not be downloaded; tried {tried}. Without a network, put the file into "
        f"FOLDER/{part.parent.name} and set GANWRIGHT_DATA=FOLDER."
    )


def _transfer(mirror: str, remote: RemoteFile, part: Path, report: Report) -> None:
    """Appends to `part` until it has the file's size; a mirror without range support restarts it."""
    have = _size(part)
    if have >= remote.size:
        return
    with _opened(mirror + remote.name, have) as response:
        resumed = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if response.status == 206 and not resumed:
            raise TransferError("sent another range than requested")
        have = have if resumed else 0
        with part.open("ab" if resumed else "wb") as file:
            for block in _blocks(response):
                file.write(block)
                have += len(block)
                report(have, remote.size)
                if have > remote.size:
                    break
    if have < remote.size:
        raise TransferError(f"stopped after {have:,} of {remote.size:,} bytes")


def _opened(address: str, start: int) -> HTTPResponse:
    headers = {"User-Agent": "ganwright"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        response: HTTPResponse = urlopen(Request(address, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        raise TransferError(f"HTTP {error.code}") from error
    except (URLError, OSError, HTTPException) as error:
        raise TransferError(_reason(error)) from error
    return response


def _blocks(response: HTTPResponse) -> Iterator[bytes]:
    while True:
        try:
            block = response.read(BLOCK)
        except (OSError, HTTPException) as error:
            raise TransferError(_reason(error)) from error
        if not block:
            return
        yield block


def _verify(remote: RemoteFile, part: Path) -> None:
    """Deletes a part whose checksum differs, so that the next mirror restarts it; raises TransferError."""
    algorithm, expected = remote.checksum.split(":")
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with part.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    if digest.hexdigest() != expected:
        part.unlink()
        raise TransferError("wrong checksum")


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0
