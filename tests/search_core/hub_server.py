"""A stand-in for the Hub: the HTTP interface that its official client calls, on a port of this machine.

    POST api/repos/create, api/validate-yaml
    GET  api/datasets/ID[/revision/REV], api/datasets/ID/tree/REV[/PATH]   HEAD, GET  datasets/ID/resolve/REV/PATH
    POST api/datasets/ID/paths-info/REV, .../preupload/REV, .../commit/REV, .../branch/REV
    POST datasets/ID.git/info/lfs/objects/batch
    PUT, GET  storage/SHA256

Requests and answers have the form that the client's source reads and writes; large files go to a storage address of
their own, as on the Hub. Commits are snapshots: each keeps the content of all files by name.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

LARGE = (".arrow", ".faiss")
"""Endings that the Hub stores as large files."""


class Content(NamedTuple):
    """A file's bytes, and whether they are stored as a large file."""

    data: bytes
    large: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def git_id(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.large else self.git_id


@dataclass
class Repo:
    """A repository: its commits by id, and its branches."""

    private: bool
    commits: dict[str, dict[str, Content]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)

    def find(self, revision: str) -> str | None:
        return self.branches.get(revision) or (revision if revision in self.commits else None)

    def add(self, branch: str, files: dict[str, Content]) -> str:
        commit = hashlib.sha1(f"{branch} {len(self.commits)}".encode()).hexdigest()
        self.commits[commit] = files
        self.branches[branch] = commit
        return commit

    def files(self, branch: str = "main") -> dict[str, Content]:
        return self.commits[self.branches[branch]]


@dataclass
class Hub:
    """The Hub's state, and what a test wants to go wrong.

    Attributes:
        tokens: what each token may: `read` or `write`.
        requests: every request that came, as `METHOD path`.
        sent: names of the files whose content was asked for, in order.
        page: files that one page of a listing holds.
        cuts: for a file's name, the number of times that its download ends in the middle.
        wrong: for a file's name, what is sent in place of its content.
        gate: called with each file's name before its content is sent.
    """

    tokens: dict[str, str]
    repos: dict[str, Repo] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    page: int = 1000
    cuts: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, bytes] = field(default_factory=dict)
    gate: Callable[[str], object] = lambda _name: None
    url: str = ""

    @property
    def storage(self) -> str:
        """The address of large files: another host for the client, which must not send its token there."""
        return self.url.replace("127.0.0.1", "localhost")

    def publish(self, name: str, files: dict[str, bytes], private: bool = False) -> str:
        """Commit files as all there is in a repository, past all checks, and say the commit's id."""
        repo = self.repos.setdefault(name, Repo(private))
        return repo.add("main", {path: Content(data, path.endswith(LARGE)) for path, data in files.items()})

    def tamper(self, name: str, change: Callable[[dict[str, Content]], None], branch: str = "main") -> None:
        """Commit a change to a repository past all checks."""
        repo = self.repos[name]
        files = dict(repo.files(branch))
        change(files)
        repo.add(branch, files)


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve a hub for the length of a with block; `hub.url` is its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Refused(Exception):
    def __init__(self, status: int, code: str | None = None, message: str | None = None) -> None:
        self.status, self.code, self.message = status, code, message


_ID = r"(?P<name>[^/]+/[^/]+?)"
_REV = r"(?P<rev>[^/]+)"


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None: ...

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        self._query = parse_qs(parts.query)
        self._body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or self._chunks()
        self.hub.requests.append(f"{self.command} {parts.path}")
        try:
            for methods, pattern, action in _ROUTES:
                match = re.fullmatch(pattern, parts.path)
                if self.command in methods and match:
                    given = {name: unquote(value) for name, value in match.groupdict().items() if value is not None}
                    return action(self, **given)
            raise _Refused(404, message=f"no such address: {parts.path}")  # noqa: TRY301
        except _Refused as error:
            names = {"X-Error-Code": error.code, "X-Error-Message": error.message}
            self._send(error.status, b"{}", {name: value for name, value in names.items() if value})

    do_GET = do_HEAD = do_POST = do_PUT = _answer  # noqa: N815

    def _chunks(self) -> bytes:
        """The body of a chunked request."""
        body = b""
        while self.headers.get("Transfer-Encoding") == "chunked":
            size = int(self.rfile.readline(), 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if not size:
                break
        return body

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None, sent: int | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(data))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:sent])
        if sent is not None:
            self.close_connection = True

    def _send_json(self, value: object, headers: dict[str, str] | None = None) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"} | (headers or {}))

    def _right(self) -> str | None:
        header = self.headers.get("Authorization")
        if header is None:
            return None
        right = self.hub.tokens.get(header.removeprefix("Bearer "))
        if right is None:
            raise _Refused(401, message="Invalid credentials in Authorization header")
        return right

    def _repo(self, name: str, write: bool = False) -> Repo:
        right, repo = self._right(), self.hub.repos.get(name)
        if repo is None or (repo.private and right is None):
            raise _Refused(404 if right else 401, "RepoNotFound", "Repository not found")
        if write and right != "write":
            raise _Refused(403 if right else 401, message="You have no write access")
        return repo

    def _commit_of(self, repo: Repo, revision: str) -> str:
        commit = repo.find(revision)
        if commit is None:
            raise _Refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    def create(self) -> None:
        if self._right() != "write":
            raise _Refused(403 if self._right() else 401, message="You may not create a repository")
        wanted = json.loads(self._body)
        name = f"{wanted['organization']}/{wanted['name']}"
        assert wanted["type"] == "dataset"
        if name in self.hub.repos:
            return self._send(409, json.dumps({"url": f"{self.hub.url}/datasets/{name}"}).encode())
        repo = self.hub.repos[name] = Repo(wanted["visibility"] == "private")
        repo.add("main", {".gitattributes": Content(b"*.arrow filter=lfs\n", large=False)})
        return self._send_json({"url": f"{self.hub.url}/datasets/{name}"})

    def validate(self) -> None:
        self._send_json({"errors": [], "warnings": []})

    def info(self, name: str, rev: str = "main") -> None:
        repo = self._repo(name)
        commit = self._commit_of(repo, rev)
        files = [{"rfilename": path} for path in repo.commits[commit]]
        self._send_json({"id": name, "sha": commit, "private": repo.private, "siblings": files})

    def tree(self, name: str, rev: str, folder: str = "") -> None:
        repo = self._repo(name)
        entries = _entries(repo.commits[self._commit_of(repo, rev)])
        below = [path for path in sorted(entries) if path.startswith(f"{folder}/" if folder else "")]
        if folder and not below:
            raise _Refused(404, "EntryNotFound", f"{folder} does not exist")
        deep = self._query.get("recursive", ["false"])[0].lower() == "true"
        listed = [path for path in below if deep or "/" not in path.removeprefix(f"{folder}/")]
        start = int(self._query.get("cursor", ["0"])[0])
        end = start + self.hub.page
        following = f'<{self.hub.url}{urlsplit(self.path).path}?recursive={deep}&cursor={end}>; rel="next"'
        page = [entries[path] for path in listed[start:end]]
        self._send_json(page, {"Link": following} if end < len(listed) else None)

    def paths(self, name: str, rev: str) -> None:
        repo = self._repo(name)
        entries = _entries(repo.commits[self._commit_of(repo, rev)])
        self._send_json([entries[path] for path in json.loads(self._body)["paths"] if path in entries])

    def branch(self, name: str, rev: str) -> None:
        repo = self._repo(name, write=True)
        repo.branches[rev] = repo.branches["main"]
        self._send_json({})

    def preupload(self, name: str, rev: str) -> None:
        repo = self._repo(name, write=True)
        there = repo.commits[self._commit_of(repo, rev)]
        paths = [one["path"] for one in json.loads(self._body)["files"]]
        self._send_json({"files": [_mode(path, there.get(path)) for path in paths]})

    def batch(self, name: str) -> None:
        self._repo(name, write=True)
        asked = json.loads(self._body)
        assert (asked["operation"], asked["hash_algo"]) == ("upload", "sha256")
        objects = []
        for one in asked["objects"]:
            upload = {"actions": {"upload": {"href": f"{self.hub.storage}/storage/{one['oid']}"}}}
            objects.append(one | ({} if one["oid"] in self.hub.stored else upload))
        self._send_json({"transfer": "basic", "objects": objects})

    def put(self, sha: str) -> None:
        assert hashlib.sha256(self._body).hexdigest() == sha
        self._expect_no_token()
        self.hub.stored[sha] = self._body
        self._send(200, b"")

    def commit(self, name: str, rev: str) -> None:
        repo = self._repo(name, write=True)
        head = self._commit_of(repo, rev)
        lines = [json.loads(line) for line in self._body.splitlines()]
        if lines[0]["value"].get("parentCommit", head) != head:
            raise _Refused(412, message="A commit has happened since. Please refresh and try again.")
        files = dict(repo.commits[head])
        for line in lines[1:]:
            self._apply(line["key"], line["value"], files)
        commit = repo.add(rev, files)
        url = f"{self.hub.url}/datasets/{name}/commit/{commit}"
        self._send_json({"success": True, "commitOid": commit, "commitUrl": url})

    def _apply(self, key: str, value: dict[str, Any], files: dict[str, Content]) -> None:
        path = value["path"]
        if key == "file":
            files[path] = Content(base64.b64decode(value["content"]), large=False)
        elif key == "lfsFile":
            files[path] = Content(self.hub.stored[value["oid"]], large=True)
        elif key == "deletedFile" and path in files:
            del files[path]
        else:
            raise _Refused(404, "EntryNotFound", "A file with this name doesn't exist")

    def resolve(self, name: str, rev: str, path: str) -> None:
        repo = self._repo(name)
        commit = self._commit_of(repo, rev)
        content = repo.commits[commit].get(path)
        if content is None:
            raise _Refused(404, "EntryNotFound", "Entry not found")
        headers = {"X-Repo-Commit": commit, "ETag": f'"{content.etag}"'}
        if not content.large:
            return self._send_content(path, content.data, headers)
        self.hub.stored[content.sha256] = content.data
        headers |= {"X-Linked-Etag": f'"{content.sha256}"', "X-Linked-Size": str(len(content.data))}
        return self._send(302, b"", headers | {"Location": f"{self.hub.storage}/storage/{content.sha256}/name/{path}"})

    def _expect_no_token(self) -> None:
        if "Authorization" in self.headers:
            raise _Refused(400, message="A token is none of the storage's business")

    def get(self, sha: str, path: str) -> None:
        self._expect_no_token()
        self._send_content(path, self.hub.stored[sha], {"ETag": f'"{sha}"'})

    def _send_content(self, name: str, data: bytes, headers: dict[str, str]) -> None:
        if self.command == "GET":
            self.hub.sent.append(name)
            self.hub.gate(name)
            data = self.hub.wrong.get(name, data)
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        start = int(asked[1]) if asked else 0
        if asked:
            headers |= {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        cut = self.command == "GET" and self.hub.cuts[name] > 0
        self.hub.cuts[name] -= cut
        self._send(206 if asked else 200, data[start:], headers, (len(data) - start) // 2 if cut else None)


def _entries(files: dict[str, Content]) -> dict[str, dict[str, Any]]:
    """Files and the folders that they lie in, as listings give them."""
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents if folder.name}
    entries = {path: {"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in folders}
    return entries | {path: _entry(path, content) for path, content in files.items()}


def _entry(name: str, content: Content) -> dict[str, Any]:
    large = {"lfs": {"oid": content.sha256, "size": len(content.data), "pointerSize": 130}} if content.large else {}
    return {"type": "file", "path": name, "size": len(content.data), "oid": content.git_id} | large


def _mode(name: str, there: Content | None) -> dict[str, Any]:
    known = {"oid": there.etag} if there else {}
    return {"path": name, "uploadMode": "lfs" if name.endswith(LARGE) else "regular", "shouldIgnore": False} | known


_ROUTES: list[tuple[tuple[str, ...], str, Callable[..., None]]] = [
    (("POST",), "/api/repos/create", _Handler.create),
    (("POST",), "/api/validate-yaml", _Handler.validate),
    (("GET",), f"/api/datasets/{_ID}(?:/revision/{_REV})?", _Handler.info),
    (("GET",), f"/api/datasets/{_ID}/tree/{_REV}(?:/(?P<folder>.+))?", _Handler.tree),
    (("POST",), f"/api/datasets/{_ID}/paths-info/{_REV}", _Handler.paths),
    (("POST",), f"/api/datasets/{_ID}/preupload/{_REV}", _Handler.preupload),
    (("POST",), f"/api/datasets/{_ID}/commit/{_REV}", _Handler.commit),
    (("POST",), f"/api/datasets/{_ID}/branch/{_REV}", _Handler.branch),
    (("POST",), rf"/datasets/{_ID}\.git/info/lfs/objects/batch", _Handler.batch),
    (("HEAD", "GET"), f"/datasets/{_ID}/resolve/{_REV}/(?P<path>.+)", _Handler.resolve),
    (("PUT",), "/storage/(?P<sha>[0-9a-f]{64})", _Handler.put),
    (("HEAD", "GET"), "/storage/(?P<sha>[0-9a-f]{64})/name/(?P<path>.+)", _Handler.get),
]
