"""A data set repository on the Hub, reached by the Hub's official client, with its errors put into clear words."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from search_core.errors import InputError, StoreError, VignetteError

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

_KIND = "dataset"
_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
_BLOCK = 1024 * 1024
_UNAUTHORISED, _FORBIDDEN, _CHANGED_MEANWHILE = 401, 403, (409, 412)


@dataclass(frozen=True, slots=True)
class Head:
    """What a repository's branch, tag or commit stands for."""

    commit: str
    private: bool


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in a repository.

    Attributes:
        name: its path there.
        size: bytes.
        sha256: of a large file's content; None for a small one.
        git_id: of a small file: SHA-1 over git's header and the content.
    """

    name: str
    size: int
    sha256: str | None
    git_id: str

    def matches(self, path: Path) -> bool:
        """Whether a local file has these bytes; flushes it to disk besides, as it is read to the end anyway."""
        size = path.stat().st_size
        digest = hashlib.sha256() if self.sha256 else hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        with path.open("rb+") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
            os.fsync(file.fileno())
        return (size, digest.hexdigest()) == (self.size, self.sha256 or self.git_id)


class Repository:
    """A data set repository.

    Args:
        name: `owner/name`.
        revision: a branch, tag or commit; None for the main branch.
        token: the Hub's token; None takes HF_TOKEN or the client's own login.
        endpoint: the Hub's address; None takes HF_ENDPOINT or the public Hub.

    Raises:
        InputError: if the name is none. Every method raises `StoreError` for what the Hub answers.
    """

    def __init__(self, name: str, revision: str | None, token: str | None, endpoint: str | None) -> None:
        from huggingface_hub import HfApi  # late: half a second

        if not _NAME.fullmatch(name):
            raise InputError(f"{name!r} names no repository of the Hub. Give it as OWNER/NAME.")
        self.name = name
        self._revision = revision
        self._api = HfApi(endpoint=endpoint, token=token, library_name="vignette")

    def create(self, private: bool) -> None:
        """Make the repository if there is none, and the branch if there is none."""
        from huggingface_hub.errors import RevisionNotFoundError

        with self._explained():
            self._api.create_repo(self.name, repo_type=_KIND, private=private, exist_ok=True)
            try:
                self._api.repo_info(self.name, repo_type=_KIND, revision=self._revision)
            except RevisionNotFoundError:
                self._api.create_branch(self.name, repo_type=_KIND, branch=self._revision or "", exist_ok=True)

    def head(self) -> Head:
        """Ask what the revision stands for. Everything is then read from that one commit."""
        with self._explained():
            info = self._api.repo_info(self.name, repo_type=_KIND, revision=self._revision)
        return Head(str(info.sha), bool(info.private))

    def files(self, commit: str) -> dict[str, RemoteFile]:
        """List all files of a commit by their name."""
        from huggingface_hub import RepoFile

        with self._explained():
            tree = list(self._api.list_repo_tree(self.name, repo_type=_KIND, recursive=True, revision=commit))
        return {
            one.path: RemoteFile(one.path, one.size, one.lfs.sha256 if one.lfs else None, one.blob_id)
            for one in tree
            if isinstance(one, RepoFile)
        }

    def download(self, name: str, commit: str, folder: Path) -> Path:
        """Download a file below a folder; one that is there already, and whole, is left as it is."""
        with self._explained():
            path = self._api.hf_hub_download(self.name, name, repo_type=_KIND, revision=commit, local_dir=folder)
        return Path(path)

    def commit(
        self, files: Mapping[str, Path | bytes], stale: Sequence[str], message: str, parent: str
    ) -> tuple[str, str]:
        """Upload files and delete others in one commit, so that a reader never sees a part of it.

        Not `upload_folder`: beside hf-xet that makes several commits of a large folder.

        Args:
            files: path or content of each file by its name in the repository.
            stale: names to delete.
            message: of the commit.
            parent: the commit that this one must follow, so that two pushes never mix.

        Returns:
            The commit's address and its id; those of `parent` if nothing has changed.
        """
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        with self._explained():
            operations: list[CommitOperationAdd | CommitOperationDelete] = [
                *(CommitOperationDelete(name, is_folder=False) for name in stale),
                *(CommitOperationAdd(name, content) for name, content in files.items()),
            ]
            done = self._api.create_commit(
                self.name,
                operations,
                repo_type=_KIND,
                revision=self._revision,
                commit_message=message,
                parent_commit=parent,
            )
        return str(done.commit_url), done.oid

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except VignetteError:
            raise
        except Exception as error:  # the client, its HTTP library and hf-xet raise many kinds
            raise StoreError(self._explain(error)) from error

    def _explain(self, error: Exception) -> str:
        from huggingface_hub import errors

        cause = next((one for one in _chain(error) if isinstance(one, _telling_kinds())), error)
        status = cause.response.status_code if isinstance(cause, errors.HfHubHTTPError) else None
        if isinstance(cause, errors.OfflineModeIsEnabled):
            return f"{self.name} cannot be reached: HF_HUB_OFFLINE is set. Unset it."
        if isinstance(cause, errors.RevisionNotFoundError):
            return f"{self.name} has no branch, tag or commit {self._revision}."
        if isinstance(cause, errors.RepositoryNotFoundError) or status == _UNAUTHORISED:
            return (
                f"There is no data set {self.name} on the Hub, or you may not see it. "
                "Check the name, and set HF_TOKEN to a token with access to it."
            )
        if status == _FORBIDDEN:
            return f"Your token may not write to {self.name}. Set HF_TOKEN to one that may."
        if status in _CHANGED_MEANWHILE:
            return f"{self.name} was changed by somebody else meanwhile. Run the command again."
        return (
            f"{self.name}: the transfer failed: {_line(cause)}. "
            "Check the network and the free disk space, and run the command again; it goes on where it stopped."
        )


@contextmanager
def client_bars(progress: bool) -> Iterator[None]:
    """Have the Hub's client show its own progress bars, or not."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if progress or are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()


def _telling_kinds() -> tuple[type[Exception], ...]:
    """Errors that say by themselves what is wrong, however deep the client wraps them."""
    from huggingface_hub import errors

    return errors.HfHubHTTPError, errors.OfflineModeIsEnabled


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _line(error: BaseException) -> str:
    """An error in one line, without the header that a broken token can put there."""
    words = " ".join(str(error).split()) or type(error).__name__
    return re.sub(r"Bearer .*", "the token cannot be sent as it is", words)[:300].rstrip(".")
