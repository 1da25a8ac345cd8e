"""A download is whole or not there, goes on where it stopped, and is done once; from a real server on this machine."""

from __future__ import annotations

import http.server
import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import filelock
import pytest

from search_core.errors import SourceError
from search_core.sources import download, open_source
from tests.search_core.pictures import encoded, gradient

PICTURE = encoded(gradient())
CHANGED = "Thu, 01 Jan 2026 00:00:00 GMT"


def _archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, PICTURE)
    return buffer.getvalue()


@dataclass
class Server:
    """What the server does, and what it was asked."""

    data: bytes = _archive("a.png", "b/c.png")
    etag: str = '"1"'
    statuses: list[int] = field(default_factory=list)  # answered one after the other, before any data
    cut_after: list[int] = field(default_factory=list)  # bytes after which the next connections end
    ranges: bool = True
    length: bool = True
    hang: float = 0.0
    address: str = ""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def asked_ranges(self) -> list[str | None]:
        return [headers.get("Range") for _, headers in self.requests]


def _handler(server: Server) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests.append((self.path, dict(self.headers)))
            if self.path == "/moved.zip":
                return self._head(302, {"Location": server.address + "/pictures.zip"})
            if server.statuses:
                return self.send_error(server.statuses.pop(0))
            time.sleep(server.hang)
            start = self._start()
            if start > len(server.data):
                return self.send_error(416)
            body = server.data[start:]
            headers = {"ETag": server.etag, "Last-Modified": CHANGED, "Connection": "close"}
            headers |= {"Content-Length": str(len(body))} if server.length else {}
            headers |= {"Content-Range": f"bytes {start}-{len(server.data) - 1}/{len(server.data)}"} if start else {}
            self._head(206 if start else 200, headers)
            self.wfile.write(body[: server.cut_after.pop(0)] if server.cut_after else body)
            return None

        def _start(self) -> int:
            if not server.ranges or "Range" not in self.headers or self.headers["If-Range"] != server.etag:
                return 0
            return int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler


class _QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up: they do so on purpose here."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("VIGNETTE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE", 0.01)
    settings = Server()
    with _QuietServer(("127.0.0.1", 0), _handler(settings)) as running:
        settings.address = f"http://127.0.0.1:{running.server_address[1]}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield settings
        running.shutdown()
        thread.join()


def _left_in_cache(tmp_path: Path) -> set[str]:
    found = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    return {path.suffix for path in found} - {".lock"}


def test_an_archive_by_url_gives_its_rows_and_is_downloaded_once(server: Server) -> None:
    url = server.address + "/pictures.zip"

    first, second = open_source(url), open_source(url)

    assert first.name == second.name == url
    assert [row.metadata for row in first.rows] == [
        {"file_name": "a.png", "label": ""},
        {"file_name": "b/c.png", "label": "b"},
    ]
    assert first.rows[1].read() == PICTURE
    assert len(server.requests) == 1
    assert first.notes == ()
    assert "downloaded before" in second.notes[0]
    assert first.listing() == second.listing()


def test_a_second_download_of_the_same_file_is_the_same_source(server: Server, tmp_path: Path) -> None:
    first = open_source(server.address + "/pictures.zip").listing()
    for path in (tmp_path / "cache" / "downloads").iterdir():
        path.unlink()

    assert open_source(server.address + "/pictures.zip").listing() == first
    assert len(server.requests) == 2


def test_the_way_may_lead_elsewhere_and_names_may_be_odd(server: Server) -> None:
    assert len(open_source(server.address + "/moved.zip").rows) == 2
    assert len(open_source(server.address + "/a%2Fb%20%C3%BC?x=1#y").rows) == 2
    assert len(open_source(server.address).rows) == 2


def test_what_follows_a_question_mark_may_be_secret_and_is_in_no_name(server: Server) -> None:
    source = open_source(server.address + "/pictures.zip?signature=secret")

    assert source.name == server.address + "/pictures.zip"
    server.statuses = [404]
    with pytest.raises(SourceError) as caught:
        open_source(server.address + "/other.zip?signature=secret")
    assert "secret" not in str(caught.value)


def test_a_broken_connection_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.cut_after = [100, 50]

    assert len(open_source(server.address + "/pictures.zip").rows) == 2

    assert server.asked_ranges == [None, "bytes=100-", "bytes=150-"]
    assert _left_in_cache(tmp_path) == {".zip"}


def test_a_file_that_changed_meanwhile_is_downloaded_from_its_start(server: Server) -> None:
    server.cut_after = [100] * download.ATTEMPTS
    with pytest.raises(SourceError, match="to go on"):
        open_source(server.address + "/pictures.zip")
    server.data, server.etag = _archive("other.png"), '"2"'

    source = open_source(server.address + "/pictures.zip")

    assert server.asked_ranges[-1] == f"bytes={100 * download.ATTEMPTS}-"
    assert [row.metadata["file_name"] for row in source.rows] == ["other.png"]


def test_a_file_that_became_shorter_is_downloaded_from_its_start(server: Server, tmp_path: Path) -> None:
    server.cut_after = [200] * download.ATTEMPTS
    server.data += bytes(1_000)
    with pytest.raises(SourceError, match="could not be downloaded"):
        open_source(server.address + "/pictures.zip")
    server.data = _archive("a.png")

    assert len(open_source(server.address + "/pictures.zip").rows) == 1


def test_a_server_that_knows_no_ranges_sends_all_again(server: Server) -> None:
    server.ranges, server.cut_after = False, [100]

    assert len(open_source(server.address + "/pictures.zip").rows) == 2


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_server_that_is_busy_is_asked_again(server: Server, status: int) -> None:
    server.statuses = [status, status]

    assert len(open_source(server.address + "/pictures.zip").rows) == 2


@pytest.mark.parametrize(
    ("statuses", "requests", "word"),
    [([404], 1, "404 Not Found"), ([403], 1, "403 Forbidden"), ([503] * 9, download.ATTEMPTS, "503")],
)
def test_a_server_that_refuses_is_a_clear_error(
    server: Server, statuses: list[int], requests: int, word: str, tmp_path: Path
) -> None:
    server.statuses = statuses

    with pytest.raises(SourceError, match=word):
        open_source(server.address + "/pictures.zip")

    assert len(server.requests) == requests
    assert _left_in_cache(tmp_path) == set()


def test_a_download_that_never_ends_well_leaves_no_file_and_goes_on_next_time(server: Server, tmp_path: Path) -> None:
    server.cut_after = [10] * download.ATTEMPTS
    with pytest.raises(SourceError, match=r"ended after 40 of \d+ bytes. Run the same command again to go on"):
        open_source(server.address + "/pictures.zip")
    assert _left_in_cache(tmp_path) == {".part", ".version"}

    assert len(open_source(server.address + "/pictures.zip").rows) == 2

    assert server.asked_ranges[-1] == "bytes=40-"


def test_a_server_that_says_nothing_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 0.05)
    monkeypatch.setattr(download, "ATTEMPTS", 2)
    server.hang = 0.3

    with pytest.raises(SourceError, match="timed out"):
        open_source(server.address + "/pictures.zip")


def test_a_server_that_is_not_there_is_a_clear_error(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)

    with pytest.raises(SourceError, match="Connection refused"):
        open_source("http://127.0.0.1:9/pictures.zip")


def test_a_file_of_unknown_length_that_is_no_archive_is_a_clear_error(server: Server) -> None:
    server.length, server.data = False, b"<!doctype html><title>Sign in</title>"

    with pytest.raises(SourceError, match="no zip, tar, Parquet or Arrow file"):
        open_source(server.address + "/pictures.zip")


def test_a_password_in_the_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(SourceError, match="name or password") as caught:
        open_source("https://me:secret@example.org/pictures.zip")

    assert "secret" not in str(caught.value)


def test_two_downloads_of_one_file_at_once_are_refused(server: Server, tmp_path: Path) -> None:
    open_source(server.address + "/pictures.zip")
    [path] = (tmp_path / "cache" / "downloads").glob("*.zip")
    path.unlink()

    with filelock.FileLock(f"{path}.lock"), pytest.raises(SourceError, match="another process"):
        open_source(server.address + "/pictures.zip")


def test_progress_is_shown_when_wanted(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    open_source(server.address + "/quiet.zip")
    assert capsys.readouterr().err == ""

    open_source(server.address + "/pictures.zip", progress=True)
    assert "Downloading" in capsys.readouterr().err


def test_the_version_file_holds_what_the_server_said(server: Server, tmp_path: Path) -> None:
    server.etag, server.cut_after = 'W/"weak"', [10] * download.ATTEMPTS
    with pytest.raises(SourceError):
        open_source(server.address + "/pictures.zip")

    [version] = (tmp_path / "cache").rglob("*.version")
    assert json.loads(version.read_text(encoding="utf-8")) == CHANGED  # a weak tag does not say that bytes are equal
