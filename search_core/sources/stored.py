"""Data sets on disk: Parquet and Arrow, as one file or a folder of them, and what `save_to_disk` has written.

Arrow is mapped where it lies. Parquet is converted to Arrow once, in the cache, by `datasets`. What is loaded is
counted against what the files say they hold.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search_core.describe import counted
from search_core.errors import SourceError
from search_core.sources.cache import cache_folder, key_of
from search_core.sources.cells import Files
from search_core.sources.files import is_hidden
from search_core.sources.tables import Table

if TYPE_CHECKING:
    from datasets import Dataset

PARQUET_SUFFIXES = (".parquet", ".pq")
ARROW_SUFFIXES = (".arrow", ".feather")
_PART = re.compile(r"(.+?)-\d{5}-of-\d{5}")
_SAVED, _SAVED_SPLITS = "state.json", "dataset_dict.json"
_FILE_MAGIC = b"ARROW1"


def is_saved(folder: Path) -> bool:
    """Whether `save_to_disk` has written a folder."""
    return (folder / _SAVED).is_file() or (folder / _SAVED_SPLITS).is_file()


def table_files(folder: Path) -> list[Path]:
    """The Parquet and Arrow files below a folder, sorted."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in PARQUET_SUFFIXES + ARROW_SUFFIXES)
    return sorted(path for path in found if path.is_file() and not is_hidden(path.relative_to(folder).as_posix()))


def open_saved(folder: Path, split: str | None) -> Table:
    """Open what `save_to_disk` has written.

    Raises:
        SourceError: if it is damaged, or `split` is missing or unknown.
    """
    from datasets import DatasetDict, load_from_disk

    name = str(folder.resolve())
    with _readable(name):
        loaded = load_from_disk(str(folder))
    splits = dict(loaded) if isinstance(loaded, DatasetDict) else {}
    data, notes = (choose(splits, split, name), left_aside(splits, split)) if splits else (loaded, ())
    if not splits:
        refuse_split(split, name)
    files = [Path(one["filename"]) for one in data.cache_files]
    _check_rows(name, len(data), sum(map(_arrow_rows, files)))
    return Table(name, data, _stamp(files), Files(folder), notes)


def open_tables(files: Sequence[Path], root: Path, split: str | None, progress: bool) -> Table:
    """Open Parquet or Arrow files. Names like `train-00000-of-00002` are splits, if all are such.

    Args:
        files: all of one kind.
        root: the file or folder that was given.
        split: the split wanted, if there are several.
        progress: whether to show a bar.

    Raises:
        SourceError: if one is damaged or of another kind, or `split` is missing or unknown.
    """
    name = str(root.resolve())
    kinds = {path.suffix.lower() in PARQUET_SUFFIXES for path in files}
    if len(kinds) > 1:
        raise SourceError(f"{name} holds both Parquet and Arrow files. Give a folder with one kind.")
    splits = _splits(files)
    if len(splits) > 1:
        chosen, notes = choose(splits, split, name), left_aside(splits, split, _rows_of)
    elif split in (None, "all", *splits):
        [chosen], notes = splits.values(), ()
    else:
        raise SourceError(f"{name} has no split {split}. It has: {', '.join(filter(None, splits)) or 'none'}.")
    with _readable(name):
        held = _rows_of(chosen)
        if not held:
            raise SourceError(f"{name} holds no rows. Choose another split or data set.")
        data = _load_parquet(chosen, progress) if kinds == {True} else _load_arrow(chosen)
        _check_rows(name, len(data), held)
    return Table(name, data, _stamp(chosen), Files(root if root.is_dir() else root.parent), notes)


def choose(splits: dict[str, Any], wanted: str | None, name: str) -> Any:
    """The split wanted, or the only one.

    Raises:
        SourceError: naming the splits.
    """
    if wanted is None and len(splits) == 1:
        return next(iter(splits.values()))
    if wanted == "all":
        return _together(list(splits.values()))
    if wanted not in splits:
        problem = f"has no split {wanted}" if wanted else "has several splits"
        raise SourceError(f"{name} {problem}. Choose with --split: {', '.join(splits)}, or all.")
    return splits[wanted]


def left_aside(splits: dict[str, Any], wanted: str | None, count: Callable[[Any], int] = len) -> tuple[str, ...]:
    """A sentence on the splits that are not taken."""
    if wanted in (None, "all"):
        return ()
    others = [f"{name} ({count(data)})" for name, data in splits.items() if name != wanted]
    return (f"Only the split {wanted} is taken; rows in the others: {', '.join(others)}.",) if others else ()


def refuse_split(split: str | None, name: str) -> None:
    """Refuse a split where there are none.

    Raises:
        SourceError: if one is asked for.
    """
    if split not in (None, "all"):
        raise SourceError(f"{name} has no splits. Leave --split out.")


def _together(parts: list[Any]) -> Any:
    from datasets import concatenate_datasets

    return [*chain(*parts)] if isinstance(parts[0], list) else concatenate_datasets(parts)


def _splits(files: Sequence[Path]) -> dict[str, list[Path]]:
    matches = [_PART.fullmatch(path.stem) for path in files]
    if not all(matches):
        return {"": list(files)}
    splits: dict[str, list[Path]] = {}
    for path, match in zip(files, matches, strict=True):
        assert match is not None
        splits.setdefault(match[1], []).append(path)
    return splits


def _load_parquet(files: Sequence[Path], progress: bool) -> Dataset:
    from datasets import load_dataset

    with bars(progress):
        # One split of our own naming: `datasets` would read others out of the file names. It also takes paths for
        # patterns, and stumbles over files without rows.
        paths = {"rows": [glob.escape(str(path.resolve())) for path in files if _parquet_rows(path)]}
        data: Dataset = load_dataset("parquet", data_files=paths, split="rows", cache_dir=str(cache_folder("tables")))
    return data


def _load_arrow(files: Sequence[Path]) -> Dataset:
    from datasets import concatenate_datasets

    return concatenate_datasets([_map_arrow(path) for path in files])


def _map_arrow(path: Path) -> Dataset:
    import pyarrow as pa
    from datasets import Dataset
    from datasets.table import InMemoryTable

    if not _is_file_form(path):
        return Dataset.from_file(str(path))
    # `datasets` maps the stream form alone. This table is mapped too, for all its name.
    return Dataset(InMemoryTable(pa.ipc.open_file(pa.memory_map(str(path))).read_all()), fingerprint=_stamp([path]))


def _is_file_form(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_FILE_MAGIC)) == _FILE_MAGIC


def _rows_of(files: Sequence[Path]) -> int:
    return sum(_parquet_rows(path) if path.suffix.lower() in PARQUET_SUFFIXES else _arrow_rows(path) for path in files)


def _parquet_rows(path: Path) -> int:
    import pyarrow.parquet as pq

    rows: int = pq.read_metadata(path).num_rows
    return rows


def _arrow_rows(path: Path) -> int:
    """Rows by the headers of the batches; columns are mapped, not read."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        if _is_file_form(path):
            reader = pa.ipc.open_file(file)
            return sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))
        return sum(batch.num_rows for batch in pa.ipc.open_stream(file))


def _check_rows(name: str, loaded: int, held: int) -> None:
    if loaded != held:
        rows = counted(held, "row")
        raise SourceError(f"{name} holds {rows}, but {loaded:,} came. Report this; none may be lost.")


def _stamp(files: Sequence[Path]) -> str:
    """Changes with the size or time of any of the files."""
    status = [path.stat() for path in files]
    return key_of(*((path.name, one.st_size, one.st_mtime_ns) for path, one in zip(files, status, strict=True)))


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn what pyarrow and `datasets` raise for damaged files into a clear error."""
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise SourceError(f"{name} cannot be read: {reason}. Write or fetch it again.") from error


@contextmanager
def bars(progress: bool) -> Iterator[None]:
    """Have `datasets` show its own progress bars, or not."""
    from datasets import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    before = are_progress_bars_disabled()
    (
        enable_progress_bars
        if progress and "HF_DATASETS_DISABLE_PROGRESS_BARS" not in os.environ
        else disable_progress_bars
    )()
    try:
        yield
    finally:
        (disable_progress_bars if before else enable_progress_bars)()
