"""A data set on the Hub: `owner/name`, or `hf://datasets/owner/name`, with `@revision` and `:configuration` if need be.

Loaded by `datasets`, into its own cache and with its own offline mode. Picture folders are counted against what the
repository holds, because `datasets` reads split names out of file names and silently drops the rest.
"""

from __future__ import annotations

import glob
import os
import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from search_core.describe import counted
from search_core.errors import SourceError
from search_core.sources.cells import Files
from search_core.sources.files import is_picture
from search_core.sources.metadata import METADATA_FILES
from search_core.sources.source import Options
from search_core.sources.stored import bars, choose, left_aside
from search_core.sources.tables import Table

if TYPE_CHECKING:
    from datasets import Dataset

PREFIX = "hf://"
_UNAUTHORISED = 401
_ADDRESS = re.compile(
    r"(?:hf://datasets/)?(?P<name>[\w][\w.-]*/[\w][\w.-]*)(?:@(?P<revision>[^:@]+))?(?::(?P<config>[\w.-]+))?"
)
_EVERYTHING = "everything"


class Address(NamedTuple):
    """A data set on the Hub."""

    name: str
    revision: str | None
    config: str | None


def parse_address(source: str) -> Address | None:
    """Read `[hf://datasets/]owner/name[@revision][:configuration]`; None if it is something else."""
    match = _ADDRESS.fullmatch(source)
    return Address(match["name"], match["revision"], match["config"]) if match else None


def open_hub(address: Address, options: Options) -> Table:
    """Load a data set from the Hub or from its client's cache.

    Raises:
        SourceError: if it is not there, not to be had, or `--split` is missing or unknown.
    """
    revision = options.revision or address.revision
    with _explained(address), bars(options.progress):
        return _Repository(address, revision, options.token or os.environ.get("HF_TOKEN")).table(options.split)


class _Repository:
    def __init__(self, address: Address, revision: str | None, token: str | None) -> None:
        from datasets import load_dataset_builder

        self._address = address
        self._arguments = {"name": address.config, "revision": revision, "token": token}
        self._builder = load_dataset_builder(address.name, **self._arguments)
        commit = re.search(r"@([0-9a-f]{7,40})", self._builder.base_path or "")
        self._label = f"hf://datasets/{address.name}@{commit[1] if commit else revision or 'main'}"

    def table(self, split: str | None) -> Table:
        """Load the split wanted, and say what is left out."""
        left_out = self._left_out()
        if left_out and split is None:
            data, notes = self._everything(left_out)
        else:
            data, notes = self._split(split)
            if left_out:
                belong = counted(len(left_out), "picture belongs", "pictures belong")
                notes += (f"{belong} to no split, the first is {left_out[0]}.",)
        return Table(self._label, data, data._fingerprint, self._files(), notes, self._of_files)

    def _split(self, split: str | None) -> tuple[Dataset, tuple[str, ...]]:
        splits = dict(self._load())
        self._check_rows(splits)
        if split is not None and set("[+") & set(split):  # the part language of `datasets`: train[:10%], train+test
            return self._load(split=split), (f"Only the part {split} is taken.",)
        return choose(splits, split, self._label), left_aside(splits, split)

    def _load(self, **more: Any) -> Any:
        from datasets import load_dataset

        return load_dataset(self._address.name, **self._arguments, **more)

    def _check_rows(self, splits: dict[str, Dataset]) -> None:
        for name, data in splits.items():
            stated = (data.info.splits or {}).get(name)
            if stated is not None and stated.num_examples != len(data):
                raise SourceError(
                    f"{self._label} states {counted(stated.num_examples, 'row')} in {name}, but {len(data):,} came. "
                    "Load it again, with another --revision if need be."
                )

    def _everything(self, left_out: list[str]) -> tuple[Dataset, tuple[str, ...]]:
        """All pictures of a repository of picture files, under one split of our own naming."""
        files = self._repository_files
        pictures = list(filter(is_picture, files))
        wanted = pictures + [name for name in files if posixpath.basename(name) in METADATA_FILES]
        # `datasets` takes names for patterns, in which brackets mean something else.
        data: Dataset = self._load(data_files={_EVERYTHING: list(map(glob.escape, wanted))}, split=_EVERYTHING)
        if len(data) != len(pictures):
            raise SourceError(
                f"{self._label} holds {counted(len(pictures), 'picture')}, but {counted(len(data), 'row')} came. "
                "Download the repository and give its folder."
            )
        problem = f"File names that look like split names would hide {counted(len(left_out), 'picture')}"
        return data, (f"{problem}, the first is {left_out[0]}. All {len(data):,} are taken.",)

    @cached_property
    def _used(self) -> set[str]:
        """URLs of the files that make the splits; empty where only the client's cache is asked."""
        return {file for files in (self._builder.config.data_files or {}).values() for file in files}

    @property
    def _of_files(self) -> bool:
        return any(map(is_picture, self._used))

    def _left_out(self) -> list[str]:
        """Pictures of the repository that are in no split, where its rows are picture files."""
        if not self._of_files or not str(self._builder.base_path).startswith(PREFIX):
            return []
        return [name for name in self._repository_files if is_picture(name) and self._url(name) not in self._used]

    @cached_property
    def _repository_files(self) -> list[str]:
        from huggingface_hub import HfFileSystem

        root = self._url("").removeprefix(PREFIX)
        found = HfFileSystem(token=self._arguments["token"]).find(root)
        return sorted(path.removeprefix(root) for path in found)

    def _url(self, name: str) -> str:
        return f"{str(self._builder.base_path).rstrip('/')}/{name}"

    def _files(self) -> Files:
        from datasets import config
        from huggingface_hub.constants import HF_HUB_CACHE

        folder = Path(HF_HUB_CACHE, f"datasets--{self._address.name.replace('/', '--')}")
        return Files(folder, within=(folder, Path(config.DOWNLOADED_DATASETS_PATH)))


@contextmanager
def _explained(address: Address) -> Iterator[None]:
    """Turn what the Hub's clients raise into one clear sentence."""
    from datasets.exceptions import DatasetNotFoundError, DatasetsError
    from huggingface_hub.errors import HfHubHTTPError

    name = address.name
    try:
        yield
    except SourceError:
        raise
    except DatasetNotFoundError as error:
        raise SourceError(
            f"There is no folder or file {name} here, and no data set of this name on the Hub that can be read: "
            f"{_first_line(error)} If it is private or gated, set HF_TOKEN."
        ) from error
    except ConnectionError as error:
        raise SourceError(
            f"There is no folder or file {name} here, and the Hub cannot be asked for a data set of this name: "
            f"{_first_line(error)}. Check the network and HF_HUB_OFFLINE."
        ) from error
    except (DatasetsError, ValueError, OSError, RuntimeError) as error:
        if isinstance(error, HfHubHTTPError) and error.response.status_code == _UNAUTHORISED:
            raise SourceError(
                f"The Hub does not know your token, so it does not hand over {name}. "
                "Set HF_TOKEN to a valid one; for a public data set, unset it."
            ) from error
        advice = f"Choose a configuration with {name}:NAME. " if "onfig name" in str(error) else ""
        raise SourceError(f"The data set {name} cannot be loaded: {_all_lines(error)} {advice}") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _all_lines(error: Exception) -> str:
    return " ".join(str(error).split())[:500]
