"""Which kind of source SOURCE is: by what lies there, never by its name alone."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from urllib.parse import unquote

from search_core.errors import SourceError
from search_core.sources import hub, stored
from search_core.sources.download import download, is_url
from search_core.sources.files import PICTURE_SUFFIXES, from_files, is_picture
from search_core.sources.folder import FolderFiles
from search_core.sources.names import compile_pattern
from search_core.sources.source import Options, Source
from search_core.sources.tables import from_table
from search_core.sources.tars import TarFiles
from search_core.sources.zips import ZipFiles

_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_PARQUET_MAGIC, _ARROW_MAGIC = b"PAR1", b"ARROW1"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FILE_URL = re.compile(r"file:(?://(?:localhost)?)?(?P<path>/(?!/).*)", re.IGNORECASE)


def open_source(
    source: str | Path,
    *,
    image_column: str | None = None,
    split: str | None = None,
    revision: str | None = None,
    filename_pattern: str | None = None,
    token: str | None = None,
    progress: bool = False,
) -> Source:
    """List the pictures of a source, without reading them.

    Args:
        source: a folder of pictures, nested or not, with metadata.csv, .jsonl or .parquet in any of its folders;
            a zip or tar archive of the same; Parquet or Arrow, as one file or a folder, or what `save_to_disk` has
            written; the file URL of one of these; the http or https URL of an archive or table; or a data set on the
            Hub, as `owner/name`, `owner/name:configuration` or `hf://datasets/owner/name`. What lies on disk goes
            before the Hub.
        image_column: a data set's column of pictures; else its only one, else `image`.
        split: which split of a data set, if it has several; `all` for all of them.
        revision: commit, tag or branch of a data set on the Hub.
        filename_pattern: turns file names into columns, as `names.compile_pattern` says; fills what is empty.
        token: for a private data set; else HF_TOKEN, else what the Hub's client has stored.
        progress: whether to show bars on standard error.

    Raises:
        SourceError: if the source is missing, empty, damaged or malformed; the message says what to do.
    """
    pattern = compile_pattern(filename_pattern) if filename_pattern is not None else None
    options = Options(image_column, split, revision, token, pattern, progress)
    text = _path_of_url(str(source))
    path = Path(text).expanduser()
    if is_url(text):
        return _open_url(text, options)
    if text.startswith(hub.PREFIX) or not text or not _exists(path):
        return _open_hub(text, options)
    _refuse_revision(options, text)
    return _open_folder(path, options) if path.is_dir() else _open_file(path, str(path.resolve()), options)


def _path_of_url(source: str) -> str:
    """The path in a file URL, such as a file manager copies; what is none as it stands."""
    if not source.lower().startswith("file:/"):
        return source
    match = _FILE_URL.fullmatch(source)
    if match is None:
        raise SourceError(f"{source} names a file of another machine. Mount it here, and give its path.")
    return unquote(match["path"])


def _open_url(url: str, options: Options) -> Source:
    _refuse_revision(options, "a URL")
    got = download(url, options.progress)
    opened = _open_file(got.path, got.name, options)
    if got.fresh:
        return opened
    note = f"Using the copy of {got.name} downloaded before; to load it anew, remove {got.path}."
    return Source(got.name, opened.columns, opened.rows, (note, *opened.notes), opened.strangers)


def _open_hub(source: str, options: Options) -> Source:
    if (scheme := _SCHEME.match(source)) and not source.startswith(hub.PREFIX):
        raise SourceError(
            f"Of URLs only http and https ones can be fetched, not {scheme[0]}. Download it yourself, give the file."
        )
    address = hub.parse_address(source)
    if address is None:
        raise SourceError(
            f"There is no folder {source}, and no file of this name. Give a folder, an archive, Parquet or Arrow "
            "files, a URL, or a data set on the Hub as owner/name."
        )
    return from_table(hub.open_hub(address, options), options)


def _open_folder(folder: Path, options: Options) -> Source:
    if stored.is_saved(folder):
        return from_table(stored.open_saved(folder, options.split), options)
    files = FolderFiles(folder)
    if not any(map(is_picture, files.names)) and (tables := stored.table_files(folder)):
        return from_table(stored.open_tables(tables, folder, options.split, options.progress), options)
    return from_files(files, options)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise SourceError(f"{path} cannot be looked at: {error.strerror}.") from error


def _open_file(path: Path, name: str, options: Options) -> Source:
    if not path.is_file():  # reading a pipe may wait for ever
        raise SourceError(f"{name} is neither a folder nor a file. Give one of these.")
    try:
        with path.open("rb") as file:
            head = file.read(8)
        if head.startswith(_ZIP_MAGIC):
            return from_files(ZipFiles(path, name), options)
        suffix = path.suffix.lower()
        if head.startswith((_PARQUET_MAGIC, _ARROW_MAGIC)) or suffix in stored.ARROW_SUFFIXES:
            return from_table(stored.open_tables([path], path, options.split, options.progress), options)
        if tarfile.is_tarfile(path) or ".tar" in path.suffixes:
            return from_files(TarFiles(path, name, options.progress), options)
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror or error}.") from error
    if suffix in PICTURE_SUFFIXES:
        raise SourceError(f"{name} is a single picture. Give the folder that it lies in.")
    raise SourceError(
        f"{name} is no zip, tar, Parquet or Arrow file, or a damaged one. Give one of these, or a folder of pictures."
    )


def _refuse_revision(options: Options, what: str) -> None:
    if options.revision is not None:
        raise SourceError(f"A revision belongs to a data set on the Hub, not to {what}. Leave --revision out.")
