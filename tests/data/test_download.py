"""Tests of downloads from a local server: complete, resumed, interrupted, wrong and unreachable."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from ganwright.core.errors import UserError
from ganwright.data._download import RemoteFile, fetch

CONTENT = bytes(range(256)) * 4000  # about 1 MB
PIECE = 300_000
UNREACHABLE = "http://127.0.0.1:9/"  # the discard port, on which nothing listens


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT: /whole/ without ranges, /range/ with ranges, /wrong/ other bytes.

    Three paths stop early: /short/ half-way, /piece/ after each PIECE, /stuck/ always after the first.
    """

    requests: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        kind, requested = self.path.split("/")[1], self.headers.get("Range")
        self.requests.append((kind, requested))
        if kind == "missing":
            return self.send_error(404)
        content = bytes(len(CONTENT)) if kind == "wrong" else CONTENT
        start = int(requested.removeprefix("bytes=").removesuffix("-")) if requested and kind != "whole" else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        ends = {"short": len(content) // 2, "piece": start + PIECE, "stuck": PIECE}
        self.wfile.write(content[start : ends.get(kind)])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Handler.requests = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()


def remote(*mirrors: str, algorithm: str = "sha256") -> RemoteFile:
    digest = hashlib.new(algorithm, CONTENT).hexdigest()
    return RemoteFile("file.gz", len(CONTENT), f"{algorithm}:{digest}", mirrors)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"file.gz.lock"}


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_file_is_downloaded_once_and_progress_is_reported(server: str, tmp_path: Path, algorithm: str) -> None:
    reports: list[tuple[int, int]] = []
    for _ in range(2):
        path = fetch(remote(f"{server}/range/", algorithm=algorithm), tmp_path, lambda *done: reports.append(done))
        assert path.read_bytes() == CONTENT
    assert Handler.requests == [("range", None)]
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    assert left_in(tmp_path) == {"file.gz"}


def test_a_partial_download_is_resumed(server: str, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(CONTENT[:1000])
    assert fetch(remote(f"{server}/range/"), tmp_path).read_bytes() == CONTENT
    assert Handler.requests == [("range", "bytes=1000-")]


def test_a_server_without_ranges_restarts_the_download(server: str, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(b"x" * 1000)
    assert fetch(remote(f"{server}/whole/"), tmp_path).read_bytes() == CONTENT


def test_the_next_mirror_resumes_an_interrupted_download(server: str, tmp_path: Path) -> None:
    assert fetch(remote(f"{server}/short/", f"{server}/range/"), tmp_path).read_bytes() == CONTENT
    assert Handler.requests == [("short", None), ("range", f"bytes={len(CONTENT) // 2}-")]


def test_a_mirror_that_disconnects_repeatedly_still_delivers(server: str, tmp_path: Path) -> None:
    assert fetch(remote(f"{server}/piece/"), tmp_path).read_bytes() == CONTENT
    assert len(Handler.requests) == 4


def test_an_incomplete_download_is_kept_and_resumed_later(server: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="stopped after"):
        fetch(remote(f"{server}/stuck/"), tmp_path)
    assert left_in(tmp_path) == {"file.gz.part"}
    assert fetch(remote(f"{server}/range/"), tmp_path).read_bytes() == CONTENT
    assert Handler.requests[-1] == ("range", f"bytes={PIECE}-")


def test_a_file_longer_than_expected_is_refused(server: str, tmp_path: Path) -> None:
    short = RemoteFile("file.gz", 1024, f"sha256:{hashlib.sha256(CONTENT[:1024]).hexdigest()}", (f"{server}/range/",))
    with pytest.raises(UserError, match="checksum"):
        fetch(short, tmp_path)
    assert left_in(tmp_path) == set()


def test_failing_mirrors_are_skipped(server: str, tmp_path: Path) -> None:
    mirrors = (UNREACHABLE, f"{server}/missing/", f"{server}/wrong/", f"{server}/range/")
    assert fetch(remote(*mirrors), tmp_path).read_bytes() == CONTENT


def test_a_partial_download_with_wrong_bytes_is_deleted(server: str, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(b"x" * 1000)
    assert fetch(remote(f"{server}/range/"), tmp_path).read_bytes() == CONTENT
    assert Handler.requests == [("range", "bytes=1000-"), ("range", None)]


def test_a_file_with_a_wrong_checksum_is_deleted(server: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="wrong checksum"):
        fetch(remote(f"{server}/wrong/"), tmp_path)
    assert left_in(tmp_path) == set()


def test_without_a_network_the_error_names_the_mirrors(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        fetch(remote(UNREACHABLE), tmp_path / "mnist")
    text = str(caught.value)
    assert text.startswith("file.gz could not be downloaded")
    assert UNREACHABLE in text
    assert "GANWRIGHT_DATA" in text
    assert "FOLDER/mnist" in text


def test_an_error_names_a_folder_that_cannot_be_written(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UserError, match="GANWRIGHT_CACHE"):
        fetch(remote(f"{server}/range/"), tmp_path / "file" / "mnist")
