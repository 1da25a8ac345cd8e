"""One file by URL into the cache: whole or not at all, and going on where an interrupted download stopped."""

from __future__ import annotations

import http.client
import json
import os
import re
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout
from tqdm import tqdm

from search_core.errors import SourceError
from search_core.sources.cache import cache_folder, key_of

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as dead."""

ATTEMPTS = 4
"""Connections in a row that may end early; each goes on where the one before stopped."""

PAUSE = 1.0
"""Seconds before the second attempt; doubled for each further one."""

_CHUNK = 256 * 1024
_RETRIED = (408, 425, 429, 500, 502, 503, 504)
_OK, _PARTIAL, _RANGE_REFUSED = 200, 206, 416


class Download(NamedTuple):
    """A finished download.

    Attributes:
        path: where it lies.
        name: the URL without query, which may hold secrets.
        fresh: False if it was there before.
    """

    path: Path
    name: str
    fresh: bool


class _Interrupted(Exception):
    """A connection that ended early, and may be tried again."""


def is_url(source: str) -> bool:
    """Whether a source is an http or https URL."""
    return source.lower().startswith(("http://", "https://"))


def download(url: str, progress: bool = False) -> Download:
    """Download a file once; a finished download is used again without asking the server.

    Raises:
        SourceError: if the server cannot be reached, refuses, or never sends the whole file.
    """
    parts = urlsplit(url)
    name = parts._replace(query="", fragment="").geturl()
    if parts.username is not None or parts.password is not None:
        raise SourceError(f"A URL for {parts.hostname} holds a name or password. Download it yourself, give the file.")
    file_name = re.sub(r"[^\w.-]", "_", unquote(PurePosixPath(parts.path).name))[-80:] or "download"
    path = cache_folder("downloads") / f"{key_of(url)}-{file_name}"
    if path.is_file():
        return Download(path, name, fresh=False)
    try:
        with FileLock(f"{path}.lock", timeout=0):
            _Transfer(url, name, path, progress).run()
    except Timeout:
        raise SourceError(f"{name} is being downloaded by another process. Wait for it to end.") from None
    return Download(path, name, fresh=True)


class _Transfer:
    """The attempts to get one file."""

    def __init__(self, url: str, name: str, path: Path, progress: bool) -> None:
        self._url, self._name, self._path = url, name, path
        self._part, self._version = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.version")
        self._bar = tqdm(desc="Downloading", unit="B", unit_scale=True, unit_divisor=1024, disable=not progress)

    def run(self) -> None:
        """Try until the file is whole, then put it in its place."""
        with self._bar:
            for attempt in range(ATTEMPTS):
                problem = self._attempt()
                if problem is None:
                    return
                if attempt + 1 < ATTEMPTS:
                    time.sleep(PAUSE * 2**attempt)
        reason = getattr(problem, "reason", None) or problem
        raise SourceError(f"{self._name} could not be downloaded: {reason}. Run the same command again to go on.")

    def _attempt(self) -> Exception | None:
        try:
            self._transfer()
        except (_Interrupted, http.client.HTTPException, OSError) as error:
            return error
        return None

    def _transfer(self) -> None:
        have = self._part.stat().st_size if self._part.is_file() and self._version.is_file() else 0
        with self._open(have) as response:
            if response.status == _PARTIAL and not _starts_at(response, have):
                raise SourceError(f"{self._name}: the server sent another part than the one asked for. Try later.")
            have = have if response.status == _PARTIAL else 0
            total = have + int(response.headers["Content-Length"]) if "Content-Length" in response.headers else None
            self._bar.total, self._bar.n = total, have
            self._remember(response)
            self._receive(response, "ab" if have else "wb")
            self._finish(response, total)

    def _open(self, have: int) -> http.client.HTTPResponse:
        request = urllib.request.Request(self._url, headers={"User-Agent": "vignette", "Accept-Encoding": "identity"})
        if have:
            version = json.loads(self._version.read_text(encoding="utf-8"))
            request.add_header("Range", f"bytes={have}-")
            request.add_header("If-Range", version)
        try:
            response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == _RANGE_REFUSED:  # what is here does not fit any more
                self._part.unlink(missing_ok=True)
                raise _Interrupted("the file has changed on the server") from None
            if error.code in _RETRIED:
                raise _Interrupted(f"the server answers {error.code} {error.reason}") from None
            raise SourceError(
                f"{self._name}: the server answers {error.code} {error.reason}. Check the address."
            ) from None
        return response

    def _remember(self, response: http.client.HTTPResponse) -> None:
        """Keep what identifies this version of the file; without that, a broken download starts from nothing."""
        etag = response.headers.get("ETag", "")
        version = etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")
        self._version.unlink(missing_ok=True)
        if version and response.headers.get("Accept-Ranges") != "none":
            self._version.write_text(json.dumps(version), encoding="utf-8")

    def _receive(self, response: http.client.HTTPResponse, mode: str) -> None:
        with self._part.open(mode) as file:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                self._bar.update(len(chunk))
            file.flush()
            os.fsync(file.fileno())

    def _finish(self, response: http.client.HTTPResponse, total: int | None) -> None:
        size = self._part.stat().st_size
        if total is not None and size != total:
            raise _Interrupted(f"the connection ended after {size} of {total} bytes")
        if changed := _changed(response.headers):
            os.utime(self._part, (changed, changed))  # so that a second download counts as the same source
        self._part.replace(self._path)
        self._version.unlink(missing_ok=True)


def _starts_at(response: http.client.HTTPResponse, have: int) -> bool:
    return response.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _changed(headers: Any) -> float | None:
    try:
        return parsedate_to_datetime(headers["Last-Modified"]).timestamp()
    except (TypeError, ValueError):
        return None
