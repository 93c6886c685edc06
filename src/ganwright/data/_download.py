"""Fetches a published file once: from the first mirror that answers, resumed where it broke off, and checked."""

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
ROUNDS = 20  # over the mirrors, as long as each round brings some bytes


@dataclass(frozen=True)
class Official:
    """A published file: its name, its bytes, its checksum (`md5:...` or `sha256:...`), and the addresses' beginnings.

    Every mirror serves the same bytes, so that one can finish what another has begun.
    """

    name: str
    size: int
    checksum: str
    mirrors: tuple[str, ...]


class TransferError(Exception):
    """Why one mirror did not deliver."""


def fetch(official: Official, folder: Path, report: Report | None = None) -> Path:
    """The file in `folder`, downloaded where it is missing; of several processes one downloads and the others wait.

    A UserError names the mirrors when none delivers, or the folder when it cannot be written.
    """
    path = folder / official.name
    if path.is_file():
        return path
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{official.name}.lock"), bar(official.name, in_bytes=True) as shown:
            if not path.is_file():
                part = folder / f"{official.name}.part"
                _complete(official, part, report or shown)
                part.replace(path)
    return path


def _complete(official: Official, part: Path, report: Report) -> None:
    troubles: dict[str, str] = {}
    for _ in range(ROUNDS):
        before = _size(part)
        for mirror in official.mirrors:
            try:
                _transfer(mirror, official, part, report)
                return _verify(official, part)
            except TransferError as error:
                troubles[mirror] = str(error)
        if _size(part) == before:
            break
    tried = ", ".join(f"{mirror} ({trouble})" for mirror, trouble in troubles.items())
    raise UserError(
        f"{official.name} could not be downloaded; tried {tried}. Where there is no network, put the file into "
        f"FOLDER/{part.parent.name} and set GANWRIGHT_DATA=FOLDER."
    )


def _transfer(mirror: str, official: Official, part: Path, report: Report) -> None:
    """Appends to `part` until it is as long as the file should be; a mirror without ranges starts it anew."""
    have = _size(part)
    if have >= official.size:
        return
    with _opened(mirror + official.name, have) as response:
        resumed = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if response.status == 206 and not resumed:
            raise TransferError("answered with another range than was asked for")
        have = have if resumed else 0
        with part.open("ab" if resumed else "wb") as file:
            for block in _blocks(response):
                file.write(block)
                have += len(block)
                report(have, official.size)
                if have > official.size:
                    break
    if have < official.size:
        raise TransferError(f"broke off after {have:,} of {official.size:,} bytes")


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


def _verify(official: Official, part: Path) -> None:
    """A part with the wrong bytes is thrown away, so that the next mirror starts anew."""
    algorithm, expected = official.checksum.split(":")
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with part.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    if digest.hexdigest() != expected:
        part.unlink()
        raise TransferError("the checksum does not agree")


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0
