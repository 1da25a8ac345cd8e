"""A stand-in for the Hub's HTTP interface, as far as its official clients need it to read a data set."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class HubStandIn:
    """One data set, `owner/name`, at one commit.

    Attributes:
        files: its files.
        token: what a client must send to see it, if anything.
        requests: methods and paths that were asked for.
    """

    files: dict[str, bytes]
    token: str | None = None
    name: str = "owner/name"
    address: str = ""
    requests: list[str] = field(default_factory=list)

    @contextmanager
    def serving(self) -> Iterator[HubStandIn]:
        """Serve on this machine for the length of a with block."""
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self)) as server:
            self.address = f"http://127.0.0.1:{server.server_address[1]}"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield self
            server.shutdown()
            thread.join()

    def info(self) -> dict[str, Any]:
        """The repository, with its files."""
        return {
            "id": self.name, "sha": COMMIT, "private": self.token is not None, "gated": False, "disabled": False,
            "tags": [], "downloads": 0, "likes": 0, "lastModified": "2026-01-01T00:00:00.000Z",
            "siblings": [{"rfilename": name} for name in self.files],
        }  # fmt: skip

    def tree(self, folder: str, recursive: bool) -> list[dict[str, Any]] | None:
        """The entries below a folder, or None if there is no such folder."""
        prefix = f"{folder}/" if folder else ""
        inside = [name for name in self.files if name.startswith(prefix)]
        if not inside:
            return None
        folders = {name[: len(prefix)] + part for name in inside for part in _folders(name[len(prefix) :])}
        names = sorted(folders) + inside
        return [self.entry(name) for name in names if recursive or "/" not in name[len(prefix) :]]

    def entry(self, name: str) -> dict[str, Any]:
        """A file or folder, as listings give it."""
        if name not in self.files:
            return {"type": "directory", "path": name, "oid": "0" * 40, "size": 0}
        data = self.files[name]
        return {"type": "file", "path": name, "oid": hashlib.sha1(data).hexdigest(), "size": len(data)}


def _folders(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _handler(hub: HubStandIn) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        do_HEAD = do_POST = do_GET  # noqa: N815

        def _answer(self) -> None:
            hub.requests.append(f"{self.command} {unquote(self.path)}")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path, query = unquote(urlsplit(self.path).path), urlsplit(self.path).query
            if hub.token is not None and self.headers.get("Authorization") != f"Bearer {hub.token}":
                return self._missing("RepoNotFound", 401)
            if path == f"/api/datasets/{hub.name}":
                return self._json(hub.info())
            for prefix, answer in (
                (f"/api/datasets/{hub.name}/revision/", self._revision),
                (f"/api/datasets/{hub.name}/tree/", self._tree),
                (f"/api/datasets/{hub.name}/paths-info/", self._paths),
                (f"/datasets/{hub.name}/resolve/", self._file),
            ):
                if path.startswith(prefix):
                    revision, _, rest = path.removeprefix(prefix).partition("/")
                    if revision not in ("main", COMMIT):
                        return self._missing("RevisionNotFound")
                    return answer(rest, query, body)
            return self._missing("RepoNotFound")

        def _revision(self, *_: object) -> None:
            self._json(hub.info())

        def _tree(self, folder: str, query: str, _: bytes) -> None:
            entries = hub.tree(folder, "recursive=true" in query.lower())
            self._json(entries) if entries is not None else self._missing("EntryNotFound")

        def _paths(self, _: str, __: str, body: bytes) -> None:
            wanted = json.loads(body)["paths"]
            self._json([hub.entry(name) for name in wanted if name in hub.files or hub.tree(name, False)])

        def _file(self, name: str, *_: object) -> None:
            if name not in hub.files:
                return self._missing("EntryNotFound")
            data = hub.files[name]
            etag = hashlib.sha1(data).hexdigest()
            return self._send(200, data, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"})

        def _json(self, value: object) -> None:
            self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

        def _missing(self, code: str, status: int = 404) -> None:
            self._send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": code, "X-Repo-Commit": COMMIT})

        def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(data))}).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler
