"""What an index says of itself to those who use it: its names, its columns, and the last in-domain test run on it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from search_core.describe import ColumnSummary, summarise
from search_core.naming import Names, names_of

if TYPE_CHECKING:
    from search_core.collection import Collection
    from search_core.store import Manifest

MAX_REPORT_BYTES = 64 * 1024**2
"""The figures of a thousand classes, their confusion matrix included, take some ten megabytes."""

MAX_FILES = 200
"""JSON files that are looked at, the newest first: who keeps thousands beside an index keeps no reports there."""


@dataclass(frozen=True, slots=True)
class LastTest:
    """The headline of an in-domain test; see `evaluation`.

    Attributes:
        created: when it was run, ISO 8601, UTC.
        labels: the taxonomy's file name.
        classes: how many classes it had.
        k: places on a page.
        precision, low, high: the share of the first page that was right, and its 95% interval.
        holds: whether collection and model are still those that were tested.
    """

    created: str
    labels: str
    classes: int
    k: int
    precision: float
    low: float
    high: float
    holds: bool


@dataclass(frozen=True, slots=True)
class About:
    """What there is to say of an index.

    Attributes:
        manifest: what made it.
        names: what collection and model are called.
        columns: a summary of each metadata column.
        test: the last in-domain test, or None if no report of one lies there.
    """

    manifest: Manifest
    names: Names
    columns: Mapping[str, ColumnSummary]
    test: LastTest | None


_columns: WeakKeyDictionary[Collection, dict[str, ColumnSummary]] = WeakKeyDictionary()
"""A collection never changes, and a pass over its columns takes a second for a million rows."""


def describe_index(
    directory: Path, manifest: Manifest, collection: Collection, model: str | Path | None = None
) -> About:
    """Describe an index.

    Args:
        directory: the index directory, where `vignette evaluate` may have left its report, or beside which.
        manifest, collection: of the generation that is served.
        model: where the model lies now, if not where the manifest says.
    """
    if collection not in _columns:
        _columns[collection] = {name: summarise(collection.column(name)) for name in collection.columns}
    names = names_of(directory, manifest, model)
    return About(manifest, names, _columns[collection], last_test(directory, manifest))


def last_test(directory: Path, manifest: Manifest) -> LastTest | None:
    """Find the newest report of an in-domain test: in the index directory, or, of this very index, beside it.

    One that tested what is served now goes before a newer one that did not. Files that are no reports are passed over.
    """
    inside = list(_reports(directory.glob("*.json"), manifest))
    beside = [test for test in _reports(directory.parent.glob("*.json"), manifest) if test.holds]
    return max([*inside, *beside], key=lambda test: (test.holds, test.created), default=None)


def _reports(files: Iterable[Path], manifest: Manifest) -> Iterator[LastTest]:
    for file in sorted(files, key=_changed, reverse=True)[:MAX_FILES]:
        test = _read(file, manifest)
        if test is not None:
            yield test


def _read(file: Path, manifest: Manifest) -> LastTest | None:
    try:
        if file.stat().st_size > MAX_REPORT_BYTES:
            return None
        figures = json.loads(file.read_text(encoding="utf-8"))
        precision = figures["precision"]
        return LastTest(
            created=str(figures["created"]),
            labels=str(figures["labels"]),
            classes=len(figures["classes"]),
            k=int(figures["k"]),
            precision=float(precision["value"]),
            low=float(precision["low"]),
            high=float(precision["high"]),
            holds=_tested(figures["index"], manifest),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None  # some other JSON file


def _tested(index: Mapping[str, Any], manifest: Manifest) -> bool:
    """Whether a report's index had the same pictures and the same model as this one."""
    ours = manifest.as_dict()
    return all(index[name] == ours[name] for name in ("source_fingerprint", "weights", "text_weights", "processor"))


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
