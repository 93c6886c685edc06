"""Downloads against a server of our own: whole, resumed, broken off, wrong, dead, and with no place to write."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from ganwright.core.errors import UserError
from ganwright.data._download import Official, fetch

CONTENT = bytes(range(256)) * 4000  # about 1 MB
PIECE = 300_000
NOWHERE = "http://127.0.0.1:9/"  # the discard port: nobody listens


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT: /whole/ without ranges, /range/ with them, /wrong/ other bytes; three break off.

    /short/ half-way, /piece/ after each PIECE, /stuck/ always at the first.
    """

    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        kind, wanted = self.path.split("/")[1], self.headers.get("Range")
        self.asked.append((kind, wanted))
        if kind == "missing":
            return self.send_error(404)
        content = bytes(len(CONTENT)) if kind == "wrong" else CONTENT
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and kind != "whole" else 0
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
    Handler.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()


def official(*mirrors: str, algorithm: str = "sha256") -> Official:
    digest = hashlib.new(algorithm, CONTENT).hexdigest()
    return Official("file.gz", len(CONTENT), f"{algorithm}:{digest}", mirrors)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"file.gz.lock"}


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_whole_file_is_fetched_once_and_progress_is_told(server: str, tmp_path: Path, algorithm: str) -> None:
    told: list[tuple[int, int]] = []
    for _ in range(2):
        path = fetch(official(f"{server}/range/", algorithm=algorithm), tmp_path, lambda *done: told.append(done))
        assert path.read_bytes() == CONTENT
    assert Handler.asked == [("range", None)]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert left_in(tmp_path) == {"file.gz"}


def test_part_is_resumed(server: str, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(CONTENT[:1000])
    assert fetch(official(f"{server}/range/"), tmp_path).read_bytes() == CONTENT
    assert Handler.asked == [("range", "bytes=1000-")]


def test_server_without_ranges_starts_anew(server: str, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(b"x" * 1000)
    assert fetch(official(f"{server}/whole/"), tmp_path).read_bytes() == CONTENT


def test_interrupted_transfer_goes_on_with_the_next_mirror(server: str, tmp_path: Path) -> None:
    assert fetch(official(f"{server}/short/", f"{server}/range/"), tmp_path).read_bytes() == CONTENT
    assert Handler.asked == [("short", None), ("range", f"bytes={len(CONTENT) // 2}-")]


def test_one_mirror_that_breaks_off_each_time_still_delivers(server: str, tmp_path: Path) -> None:
    assert fetch(official(f"{server}/piece/"), tmp_path).read_bytes() == CONTENT
    assert len(Handler.asked) == 4


def test_what_has_arrived_is_kept_for_the_next_try(server: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="broke off after"):
        fetch(official(f"{server}/stuck/"), tmp_path)
    assert left_in(tmp_path) == {"file.gz.part"}
    assert fetch(official(f"{server}/range/"), tmp_path).read_bytes() == CONTENT
    assert Handler.asked[-1] == ("range", f"bytes={PIECE}-")


def test_a_file_longer_than_promised_is_refused(server: str, tmp_path: Path) -> None:
    short = Official("file.gz", 1024, f"sha256:{hashlib.sha256(CONTENT[:1024]).hexdigest()}", (f"{server}/range/",))
    with pytest.raises(UserError, match="checksum"):
        fetch(short, tmp_path)
    assert left_in(tmp_path) == set()


def test_dead_and_wrong_mirrors_are_passed(server: str, tmp_path: Path) -> None:
    mirrors = (NOWHERE, f"{server}/missing/", f"{server}/wrong/", f"{server}/range/")
    assert fetch(official(*mirrors), tmp_path).read_bytes() == CONTENT


def test_stale_part_with_wrong_bytes_is_thrown_away(server: str, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(b"x" * 1000)
    assert fetch(official(f"{server}/range/"), tmp_path).read_bytes() == CONTENT
    assert Handler.asked == [("range", "bytes=1000-"), ("range", None)]


def test_nothing_that_fails_the_checksum_is_kept(server: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the checksum does not agree"):
        fetch(official(f"{server}/wrong/"), tmp_path)
    assert left_in(tmp_path) == set()


def test_no_network_is_one_sentence_with_the_mirrors(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        fetch(official(NOWHERE), tmp_path / "mnist")
    text = str(caught.value)
    assert text.startswith("file.gz could not be downloaded")
    assert NOWHERE in text
    assert "GANWRIGHT_DATA" in text
    assert "FOLDER/mnist" in text


def test_a_place_that_cannot_be_written_is_named(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UserError, match="GANWRIGHT_CACHE"):
        fetch(official(f"{server}/range/"), tmp_path / "file" / "mnist")
