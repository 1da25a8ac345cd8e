"""An index directory to the Hub: the generation that is served, in one commit."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from search_core import store
from search_core.describe import counted
from search_core.errors import StoreError
from search_core.generation import open_generation
from search_core.hub.card import write_card
from search_core.hub.layout import CARD, NAMING, belongs, index_files
from search_core.hub.repository import Head, RemoteFile, Repository, client_bars
from search_core.naming import read_naming
from search_core.store import IndexDirectory, Manifest

MAX_FILES = 25_000
"""Large files that the Hub takes in one commit, by its client's documentation; 6.4 million rows in shards of 256."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A finished push.

    Attributes:
        manifest: of the generation that was pushed.
        url: the commit's address.
        commit: its id.
        changed: False if the repository held this very generation already.
        private: whether only its owner, and those let in, may read it.
        reveals: manifest fields that hold a folder of this machine, for all readers of the repository to see.
    """

    manifest: Manifest
    url: str
    commit: str
    changed: bool
    private: bool
    reveals: tuple[str, ...]


def push_index(
    directory: str | Path,
    repository: str,
    *,
    revision: str | None = None,
    private: bool = True,
    token: str | None = None,
    endpoint: str | None = None,
    progress: bool = True,
) -> Pushed:
    """Push the current generation of an index directory to a data set repository on the Hub.

    Files and manifest go as they are, so that a pulled generation equals the one that was pushed, byte for byte.
    Files that an earlier push has left are deleted in the same commit; what else is in the repository stays. Earlier
    commits keep what they held: a picture that must vanish from the Hub vanishes with the repository's history.

    Args:
        directory: the index directory. It is checked first.
        repository: `owner/name`; made if missing.
        revision: the branch; made if missing. None for the main branch.
        private: whether it must be private. An existing repository is never made public, nor private.
        token: None takes HF_TOKEN or the login of the Hub's client.
        endpoint: the Hub's address; None takes HF_ENDPOINT or the public Hub.
        progress: whether the Hub's client shows its bars on standard error.

    Raises:
        InputError: if `repository` is no name of one.
        StoreError: if the directory is no finished index or damaged, or the Hub refuses or cannot be reached.
        ManifestMismatch: if the manifest does not fit the files.
    """
    target = IndexDirectory(Path(directory).expanduser().resolve())
    generation = target.current()
    manifest = store.read_manifest(generation)
    open_generation(generation, manifest)
    files = index_files(generation)
    if (naming := target.path / NAMING).is_file():
        files[NAMING] = naming
    if len(files) > MAX_FILES:
        raise StoreError(f"{generation} has {len(files):,} files; the Hub takes {MAX_FILES:,} in one commit.")
    remote = Repository(repository, revision, token, endpoint)
    with client_bars(progress):
        head = _prepared(remote, private)
        there = remote.files(head.commit)
        title = read_naming(target.path).title
        card = write_card(_existing_card(remote, head, there), repository, manifest, title).encode()
        stale = [name for name in there if (belongs(name) or name == NAMING) and name not in files]
        message = f"{counted(manifest.rows, 'picture')}, {manifest.generation}"
        url, commit = remote.commit({CARD: card, **files}, stale, message, head.commit)
    return Pushed(manifest, url, commit, commit != head.commit, head.private, _revealing(generation, manifest))


def _prepared(remote: Repository, private: bool) -> Head:
    """Make the repository if need be, and refuse to publish by mistake what should be private."""
    remote.create(private)
    head = remote.head()
    if private and not head.private:
        raise StoreError(
            f"{remote.name} is public: everybody could see these pictures. "
            "Make it private on the Hub, choose another name, or push with --public."
        )
    return head


def _existing_card(remote: Repository, head: Head, there: dict[str, RemoteFile]) -> str | None:
    if CARD not in there:
        return None
    with tempfile.TemporaryDirectory() as folder:
        return remote.download(CARD, head.commit, Path(folder)).read_text(encoding="utf-8")


def _revealing(generation: Path, manifest: Manifest) -> tuple[str, ...]:
    """Which fields hold an absolute path. They are not cleaned: the manifest's digests vouch for them."""
    texts = {"source": manifest.source, "model": manifest.encoder.model}
    local = [name for name, text in texts.items() if Path(text).is_absolute()]
    report = (generation / "unreadable.json").read_text(encoding="utf-8")
    return (*local, "unreadable") if "source" in local and manifest.source in report else tuple(local)
