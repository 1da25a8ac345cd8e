"""Verification passes a sound directory and names what is wrong with a damaged one."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import faiss
import pytest

from search_core.errors import StoreError
from search_core.generation import hash_reports, open_generation, shards
from search_core.store import read_manifest, write_manifest
from search_core.verify import Verification, verify_index
from tests.search_core.test_build import _build


@pytest.fixture
def generation(small_source: Path, tmp_path: Path) -> Path:
    return _build(small_source, tmp_path / "index").generation


def _verify(generation: Path, **options: object) -> Verification:
    return verify_index(generation.parent, device="cpu", progress=False, **options)  # type: ignore[arg-type]


def test_a_sound_directory_has_no_problems(generation: Path) -> None:
    assert _verify(generation) == Verification(rows=30, embedded=30, problems=())


def test_without_a_sample_the_model_is_not_needed(generation: Path, tmp_path: Path) -> None:
    assert _verify(generation, sample=0, model=tmp_path / "gone") == Verification(30, 0, ())


def test_a_changed_manifest_is_named(generation: Path) -> None:
    values = json.loads((generation / "manifest.json").read_text())
    (generation / "manifest.json").write_text(json.dumps(values | {"rows": 31}))

    [problem] = _verify(generation).problems

    assert "'rows'" in problem


def test_a_vector_that_differs_between_index_and_shard_is_named(generation: Path) -> None:
    index = faiss.read_index(str(generation / "index.faiss"))
    vectors = index.reconstruct_n(0, index.ntotal)
    vectors[[4, 17]] = vectors[[17, 4]]
    index.reset()
    index.add(vectors)
    faiss.write_index(index, str(generation / "index.faiss"))

    problems = _verify(generation).problems

    assert "2 rows with another vector in the index" in problems[0]
    assert "4, 17" in problems[0]
    assert any("embedded otherwise" in problem for problem in problems)


def test_a_picture_whose_bytes_changed_is_named(generation: Path) -> None:
    manifest = read_manifest(generation)
    collection, _ = open_generation(generation, manifest)
    picture = collection.pictures([2])[0]
    shard = shards(generation)[0]
    damaged = shard.read_bytes().replace(picture.data[40:200], bytes(160))
    shard.write_bytes(damaged)

    problems = _verify(generation, sample=0).problems

    assert "1 row with another checksum" in problems[0]
    assert problems[0].endswith(": 2.")


def test_near_duplicates_that_do_not_exist_are_named(generation: Path) -> None:
    (generation / "duplicates.json").write_text("[[1, 99], [1, 2]]")
    manifest = read_manifest(generation)
    write_manifest(generation, dataclasses.replace(manifest, reports=hash_reports(generation)))

    problems = _verify(generation, sample=0).problems

    assert any("99" in problem for problem in problems)
    assert any("two groups" in problem for problem in problems)


@pytest.mark.parametrize("name", ["duplicates.json", "removed.json", "unreadable.json"])
@pytest.mark.parametrize(("content", "word"), [("[[0, 1]]", "reports"), ("{oops", "damaged"), ("{}", "no list")])
def test_a_changed_report_is_named(generation: Path, name: str, content: str, word: str) -> None:
    (generation / name).write_text(content)

    [problem] = _verify(generation, sample=0).problems

    assert word in problem


@pytest.mark.parametrize("name", ["duplicates.json", "removed.json", "unreadable.json"])
def test_a_missing_report_is_named(generation: Path, name: str) -> None:
    (generation / name).unlink()

    [problem] = _verify(generation, sample=0).problems

    assert name in problem


def test_a_stored_file_that_cannot_be_decoded_any_more_is_named_beside_its_checksum(generation: Path) -> None:
    collection, _ = open_generation(generation, read_manifest(generation))
    picture = collection.pictures([2])[0]
    shard = shards(generation)[0]
    shard.write_bytes(shard.read_bytes().replace(picture.data, bytes(40) + picture.data[40:]))

    problems = " ".join(_verify(generation).problems)

    assert "another checksum" in problems
    assert "cannot be decoded any more: 2." in problems


def test_another_model_is_named(generation: Path, other_model: Path) -> None:
    [problem] = _verify(generation, model=other_model).problems

    assert "weights" in problem


def test_what_is_no_index_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="vignette index build"):
        verify_index(tmp_path, progress=False)
