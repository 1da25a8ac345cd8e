"""What people call a collection and its model: a title, a line to cite, an address.

What is said of a collection lies in `collection.json` in the index directory, beside the generations and not in their
manifests: it says nothing of what made an index, outlives every build, addition and removal, and may be changed while
the index is served. Where nothing is said, the names are taken from what the index was made of.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from search_core import store
from search_core.errors import InputError, StoreError

if TYPE_CHECKING:
    from search_core.store import Manifest

logger = logging.getLogger(__name__)

FILE = "collection.json"

MAX_TITLE, MAX_CITATION, MAX_URL = 200, 1_000, 500
"""Characters. All three stand in one Discord message with much else; a citation of a book with five authors fits."""

MAX_CARD = 64 * 1024
"""Bytes of a model card that are looked at: its title stands near the top."""

_HUB = "https://huggingface.co/datasets/"
_HUB_SOURCE = re.compile(r"hf://datasets/(?P<name>[\w.-]+/[\w.-]+)(?:@(?P<commit>[\w./-]+))?")
_HUB_CACHE = re.compile(r"models--(?P<owner>.+?)--(?P<name>.+)")
_PATH = re.compile(r"[/~.\\]|[A-Za-z]:[\\/]")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_HEADING = re.compile(r"^#[ \t]+(?P<title>.+?)[ \t#]*$", re.MULTILINE)
_MARKS = re.compile(r"[*_`]|!?\[|\]\([^)]*\)|<[^>]*>")


@dataclass(frozen=True, slots=True)
class Naming:
    """What somebody said of a collection. Empty where nothing was said.

    Attributes:
        title: what it is called.
        citation: how it wants to be cited, on one line.
        source_url: where it is described or comes from.
    """

    title: str = ""
    citation: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """What a collection and its model are called, fit for everybody to read.

    Attributes:
        title: of the collection; as said, or else the name of its source without any folder of this machine.
        citation, source_url: as in `Naming`.
        source: the name of its source, whatever was said.
        model: the name of the model, or of both towers joined by ` + `.
    """

    title: str
    citation: str
    source_url: str
    source: str
    model: str


def read_naming(directory: Path) -> Naming:
    """Read what is said of a collection.

    Raises:
        StoreError: if the file cannot be read.
    """
    file = directory / FILE
    if not file.is_file():
        return Naming()
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return renamed(Naming(), **{name: values.get(name, "") for name in _FIELDS})
    except (OSError, ValueError, AttributeError, TypeError, InputError) as error:
        again = f"vignette index describe {directory} --title ..."
        raise StoreError(f"{file} cannot be read: {error} Remove it, and say it again: {again}") from error


def write_naming(directory: Path, naming: Naming) -> None:
    """Write what is said of a collection; a running engine tells it from the next question on."""
    file = directory / FILE
    if naming == Naming():
        file.unlink(missing_ok=True)
        return
    said = {name: value for name, value in asdict(naming).items() if value}
    text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    store.write_whole(file, lambda path: path.write_text(text, encoding="utf-8"))


def renamed(
    naming: Naming, title: str | None = None, citation: str | None = None, source_url: str | None = None
) -> Naming:
    """Change what is said; None leaves a part as it is, and nothing between the quotes takes it away.

    Raises:
        InputError: if a part is too long, or the address is none of the web.
    """
    said = {"title": (title, MAX_TITLE), "citation": (citation, MAX_CITATION), "source_url": (source_url, MAX_URL)}
    changes = {name: _line(name, value, limit) for name, (value, limit) in said.items() if value is not None}
    if (url := changes.get("source_url")) and not re.fullmatch(r"https?://[^\s<>/][^\s<>]*", url):
        raise InputError(f"{url!r} is no address of the web; write one such as https://example.org/collection.")
    return replace(naming, **changes)


def names_of(directory: Path, manifest: Manifest, model: str | Path | None = None) -> Names:
    """Say what a collection and its model are called.

    Args:
        directory: the index directory.
        manifest: of the generation that is served.
        model: where the model lies now, if not where the manifest says.
    """
    try:
        naming = read_naming(directory)
    except StoreError as error:  # what is said of pictures keeps nobody from them
        logger.warning("%s", error)
        naming = Naming()
    source, towers = public_name(manifest.source), [str(model or manifest.encoder.model), manifest.encoder.text_model]
    return Names(
        title=naming.title or source,
        citation=naming.citation,
        source_url=naming.source_url or _hub_address(manifest.source),
        source=source,
        model=" + ".join(model_title(tower) for tower in towers if tower),
    )


def model_title(model: str) -> str:
    """Name a model as people know it: one of the Hub by its name there, one in a folder by its card or its folder.

    Args:
        model: a Hub name or a folder, which need not be there any more.
    """
    if not _PATH.match(model):
        return model
    return _titled_by_card(Path(model)) or _cached_from_hub(model) or public_name(model)


def public_name(name: str) -> str:
    """Reduce the name of a source or model, or of several joined by ` + `, to what tells nothing of the machine."""
    return " + ".join(map(_public, name.split(" + ")))


def _public(name: str) -> str:
    if found := _HUB_SOURCE.fullmatch(name):
        return found["name"]
    if "://" in name:
        url = urlsplit(name)
        return f"{url.scheme}://{url.hostname or ''}{url.path}"
    if not _PATH.match(name):
        return name  # `owner/name` of the Hub, or a model's own name
    path = PureWindowsPath(name) if "\\" in name else PurePosixPath(name)
    return path.name or "collection"


def _hub_address(source: str) -> str:
    """Where a data set of the Hub can be looked at, at the very commit that was indexed; nothing for other sources."""
    found = _HUB_SOURCE.fullmatch(source)
    if found is None:
        return ""
    return f"{_HUB}{found['name']}" + (f"/tree/{found['commit']}" if found["commit"] else "")


def _titled_by_card(folder: Path) -> str:
    try:
        with (folder / "README.md").open("rb") as file:
            card = file.read(MAX_CARD).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return ""
    heading = _HEADING.search(_FRONT_MATTER.sub("", card))
    title = " ".join(_MARKS.sub("", heading["title"]).split()) if heading else ""
    return title if len(title) <= MAX_TITLE else ""


def _cached_from_hub(model: str) -> str:
    """The Hub's name of a model that lies in the Hub client's cache; nothing for other folders."""
    found = next(filter(None, map(_HUB_CACHE.fullmatch, Path(model).parts)), None)
    return f"{found['owner']}/{found['name']}" if found else ""


def _line(name: str, value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise InputError(f"The {name} is no text.")
    line = " ".join(value.split())
    if len(line) > limit:
        raise InputError(f"The {name} has {len(line):,} characters; at most {limit:,}, please.")
    return line


_FIELDS = tuple(field.name for field in fields(Naming))
