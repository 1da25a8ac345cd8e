"""What an index says of itself: its columns, and the report of an in-domain test where there is one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from search_core import LastTest, SearchEngine
from search_core.about import last_test
from search_core.evaluation.report import write_report
from search_core.store import IndexDirectory, Manifest, read_manifest
from tests.search_core.test_evaluation_report import _figures

Write = Callable[..., Path]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "index").mkdir()
    return tmp_path / "index"


@pytest.fixture
def manifest(sample_index: Path) -> Manifest:
    return read_manifest(IndexDirectory(sample_index).current())


@pytest.fixture
def write(manifest: Manifest) -> Write:
    """Write a report's figures to a file, changed as a test wishes."""

    def written(file: Path, index: dict[str, Any] | None = None, **changes: Any) -> Path:
        figures: dict[str, Any] = {
            "created": "2026-10-01T08:00:00+00:00", "labels": "taxonomy.csv", "k": 9, "classes": [{}, {}],
            "precision": {"value": 0.5, "low": 0.4, "high": 0.6}, "index": manifest.as_dict() | (index or {}),
        }  # fmt: skip
        file.write_text(json.dumps(figures | changes), encoding="utf-8")
        return file

    return written


async def test_the_engine_describes_rows_columns_and_that_nobody_tested_it(sample_index: Path) -> None:
    async with SearchEngine.open(sample_index, device="cpu") as engine:
        about, again = await engine.about(), await engine.about()

    assert about.manifest.rows == 966
    assert about.columns["label"].distinct == 19
    assert about.test is None
    assert again.columns is about.columns


def test_the_report_that_evaluate_writes_is_found(place: Path, manifest: Manifest) -> None:
    figures = replace(_figures(), index=manifest.as_dict())
    write_report(figures, place / "evaluation.md")

    found = last_test(place, manifest)

    interval = (figures.precision.value, figures.precision.low, figures.precision.high)
    assert found == LastTest(figures.created, figures.labels, 2, figures.k, *interval, holds=True)


def test_the_newest_report_counts(place: Path, write: Write, manifest: Manifest) -> None:
    write(place / "a.json", created="2026-11-02T08:00:00+00:00")
    write(place / "b.json", created="2026-11-01T08:00:00+00:00")

    found = last_test(place, manifest)

    assert found is not None
    assert (found.created[:10], found.holds) == ("2026-11-02", True)


@pytest.mark.parametrize("field", ["source_fingerprint", "weights", "text_weights", "processor"])
def test_a_report_on_other_pictures_or_another_model_is_told_as_such(
    place: Path, write: Write, manifest: Manifest, field: str
) -> None:
    write(place / "old.json", index={field: "another"})

    found = last_test(place, manifest)

    assert found is not None
    assert not found.holds


def test_a_report_on_what_is_served_goes_before_a_newer_one_on_something_else(
    place: Path, write: Write, manifest: Manifest
) -> None:
    write(place / "ours.json")
    write(place / "other.json", index={"weights": "another"}, created="2026-11-20T08:00:00+00:00")

    found = last_test(place, manifest)

    assert found is not None
    assert found.holds


def test_beside_the_directory_only_a_report_on_this_very_index_counts(
    place: Path, write: Write, manifest: Manifest
) -> None:
    write(place.parent / "of-another.json", index={"source_fingerprint": "another"})
    assert last_test(place, manifest) is None

    write(place.parent / "evaluation.json")
    found = last_test(place, manifest)

    assert found is not None
    assert found.holds


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"precision": 1}', b"\xff\xfe", b"[" * 100_000, b'{"precision": {"value": "x"}}']
)
def test_a_file_that_is_no_report_is_passed_over(place: Path, manifest: Manifest, content: bytes) -> None:
    (place / "something.json").write_bytes(content)

    assert last_test(place, manifest) is None


def test_a_folder_and_a_link_to_nowhere_are_passed_over(place: Path, manifest: Manifest) -> None:
    (place / "folder.json").mkdir()
    (place / "link.json").symlink_to(place / "nowhere")

    assert last_test(place, manifest) is None
