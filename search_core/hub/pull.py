"""An index from the Hub to a directory: whole and checked, or not at all.

    DIR/pulling/                       an unfinished pull; the same command goes on where it stopped
    DIR/pulling/generation-000001/     the files that have come so far

What has come is checked against the repository's checksums and then, before it is served, against its own manifest:
counts, fingerprint, the checksum of each picture, the vectors in the index against those beside the pictures.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from search_core import store
from search_core.errors import ManifestMismatch, StoreError
from search_core.generation import open_generation
from search_core.hub.layout import MANIFEST, NAMING, belongs, check_whole
from search_core.hub.repository import RemoteFile, Repository, client_bars
from search_core.naming import Naming, read_naming, write_naming
from search_core.store import IndexDirectory, Manifest
from search_core.verify import verify_index

AT_ONCE = 8
"""Files downloaded at once: as many as the Hub's client takes by default."""

_WORK, _CLIENTS_NOTES = "pulling", ".cache"


def pull_index(
    repository: str,
    directory: str | Path,
    *,
    revision: str | None = None,
    token: str | None = None,
    endpoint: str | None = None,
    progress: bool = True,
) -> Manifest:
    """Pull an index from a data set repository on the Hub, and serve it as the directory's next generation.

    Nothing is embedded, and the model is not needed. Interrupted, the same call goes on with the files that are
    missing; the generation served so far is served until the end, and an engine that runs takes the new one. If
    the newest generation is the one in the repository already, nothing is done.

    Args:
        repository: `owner/name`. Vector index and Arrow files are read by Faiss and pyarrow, which are not made for
            hostile files: pull from people you trust.
        directory: the index directory; made if missing.
        revision: branch, tag or commit; None for the main branch.
        token: None takes HF_TOKEN or the login of the Hub's client.
        endpoint: the Hub's address; None takes HF_ENDPOINT or the public Hub.
        progress: whether to show bars on standard error.

    Returns:
        The manifest of the generation that is served now.

    Raises:
        InputError: if `repository` is no name of one.
        StoreError: if the repository cannot be read or holds no sound index, or the directory is in use.
        ManifestMismatch: naming the manifest's field that was changed or does not fit the files.
    """
    remote = Repository(repository, revision, token, endpoint)
    commit = remote.head().commit
    there = remote.files(commit)
    files = [file for file in there.values() if belongs(file.name)]
    check_whole({file.name for file in files}, repository)
    target = IndexDirectory(Path(directory).expanduser().resolve())
    with target.locked(), client_bars(False):
        return _Pull(remote, commit, tuple(files), there.get(NAMING), target, progress).run()


@dataclass(frozen=True)
class _Pull:
    remote: Repository
    commit: str
    files: tuple[RemoteFile, ...]
    naming: RemoteFile | None
    target: IndexDirectory
    progress: bool

    @property
    def work(self) -> IndexDirectory:
        """An index directory of its own, so that it can be opened and verified before anybody serves it."""
        return IndexDirectory(self.target.path / _WORK)

    @property
    def generation(self) -> Path:
        return self.work.path / "generation-000001"

    def run(self) -> Manifest:
        self._fetch([file for file in self.files if file.name == MANIFEST], quiet=True)
        with self._refusing():
            manifest = store.read_manifest(self.generation)
        naming = self._said()
        if not self._is_served(manifest):
            self._fetch(self.files)
            self._clear()
            with self._refusing():
                self._check(manifest)
            self._publish()
        if naming is not None:
            write_naming(self.target.path, naming)
        self._drop()
        return manifest

    def _said(self) -> Naming | None:
        """What is said of the collection there; None if nothing is, which takes nothing away here."""
        if self.naming is None:
            return None
        self._fetch([self.naming], quiet=True)
        with self._refusing():
            return read_naming(self.generation)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Drop what is wrong in the repository itself: to fetch the same files again would not mend them."""
        try:
            yield
        except StoreError as error:
            self._drop()
            message = f"{self.remote.name} at {self.commit[:12]} was refused. {error}"
            if isinstance(error, ManifestMismatch):
                raise ManifestMismatch(error.field, message) from error
            raise StoreError(message) from error

    def _is_served(self, manifest: Manifest) -> bool:
        """Whether the newest generation is this one, and sound; a pull may have been killed before the switch."""
        for generation in self.target.generations()[-1:]:
            try:
                if store.read_manifest(generation) != manifest:
                    return False
                open_generation(generation, manifest)
            except StoreError:
                return False
            self.target.switch_to(generation)
            return True
        return False

    def _fetch(self, files: Iterable[RemoteFile], quiet: bool = False) -> None:
        files = list(files)
        shown = self.progress and not quiet
        with (
            tqdm(
                total=sum(file.size for file in files), desc="Pulling", unit="B", unit_scale=True, disable=not shown
            ) as bar,
            ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pull") as pool,
        ):
            try:
                for size in pool.map(self._fetch_one, files):
                    bar.update(size)
            except BaseException:
                pool.shutdown(cancel_futures=True)  # what is in hand ends; nothing new is begun
                raise

    def _fetch_one(self, file: RemoteFile) -> int:
        path = self.remote.download(file.name, self.commit, self.generation)
        if not file.matches(path):
            path.unlink()
            raise StoreError(f"{file.name} of {self.remote.name} came damaged. Run the command again.")
        return file.size

    def _clear(self) -> None:
        """Drop the client's notes, and what an interrupted pull of another commit has left."""
        shutil.rmtree(self.generation / _CLIENTS_NOTES, ignore_errors=True)
        wanted = {file.name for file in self.files}
        for path in self.generation.rglob("*"):
            if path.is_file() and path.relative_to(self.generation).as_posix() not in wanted:
                path.unlink()

    def _check(self, manifest: Manifest) -> None:
        open_generation(self.generation, manifest)
        self.work.switch_to(self.generation)
        problems = verify_index(self.work.path, sample=0, progress=self.progress).problems
        if problems:
            raise StoreError(" ".join(problems))

    def _publish(self) -> None:
        generation = self.target.path / self.target.next_generation()
        self.generation.rename(generation)
        self.target.switch_to(generation)

    def _drop(self) -> None:
        shutil.rmtree(self.work.path, ignore_errors=True)
