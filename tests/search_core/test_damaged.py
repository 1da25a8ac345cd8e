"""A damaged index is built again, never called unchanged, and nothing damaged enters the next generation."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from search_core.build import DAMAGED, UNCHANGED, add_to_index, build_index, remove_from_index
from search_core.collection import Collection
from search_core.errors import StoreError
from search_core.generation import read_removed, shards
from search_core.store import IndexDirectory
from search_core.verify import verify_index
from tests.conftest import MODEL
from tests.search_core.pictures import encoded, gradient
from tests.search_core.test_build import Built, _build, _opened
from tests.search_core.test_update import directory, embedded, more

__all__ = ["directory", "embedded", "more"]  # fixtures


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _swap(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert data.count(old) >= 1
    path.write_bytes(data.replace(old, new, 1))


def _vector(generation: Path, row: int = 1) -> None:
    """Turn a vector of the first shard into another one of unit length."""
    shard = shards(generation)[0]
    vector = Collection([shard]).vector(row)
    _swap(shard, vector.tobytes(), np.roll(vector, 7).tobytes())


def _picture(generation: Path) -> None:
    shard = shards(generation)[0]
    [picture] = Collection([shard]).pictures([2])
    _swap(shard, picture.data, bytes(40) + picture.data[40:])


def _hash(generation: Path) -> None:
    shard = shards(generation)[0]
    _swap(shard, f"{Collection([shard]).difference_hash(1):016x}".encode(), b"no hash at all!!")


def _name(generation: Path) -> None:
    shard = shards(generation)[0]
    [metadata] = Collection([shard]).metadata([1])
    title = metadata["title"].encode()
    _swap(shard, title, bytes(len(title)))


UNOPENABLE: dict[str, Callable[[Path], None]] = {
    "a shard cut short": lambda generation: _cut(shards(generation)[1]),
    "a shard less": lambda generation: shards(generation)[1].unlink(),
    "no shard": lambda generation: [shard.unlink() for shard in shards(generation)] and None,
    "an empty shard": lambda generation: os.truncate(shards(generation)[1], 0),
    "an index cut short": lambda generation: _cut(generation / "index.faiss"),
    "no index": lambda generation: (generation / "index.faiss").unlink(),
    "another title": _name,
    "no list of near-duplicates": lambda generation: (generation / "duplicates.json").unlink(),
}
"""What opening refuses."""

OTHER: dict[str, Callable[[Path], None]] = {
    "a stored vector": _vector,
    "a stored picture": _picture,
}
"""What verification finds, besides."""


def _verified(directory: Path) -> tuple[str, ...]:
    return verify_index(directory, device="cpu", sample=0, progress=False).problems


@pytest.mark.parametrize("damage", UNOPENABLE | OTHER)
def test_the_same_build_makes_a_damaged_index_anew(
    damage: str, small_source: Path, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _opened(directory)
    names, vectors = before.names, before.vectors
    (UNOPENABLE | OTHER)[damage](before.generation)
    assert _verified(directory)

    after = _build(small_source, directory)

    assert UNCHANGED not in capsys.readouterr().err
    assert _verified(directory) == ()
    assert after.names == names
    assert np.allclose(after.vectors, vectors, atol=2e-3)


def test_damage_that_no_time_shows_is_mended_once_verification_has_found_it(
    small_source: Path, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_core.unchanged._files", lambda _folder: [])  # a disk that rots
    build_index(small_source, directory, model=MODEL, device="cpu", progress=False, shard_rows=7)
    _vector(IndexDirectory(directory).current())
    assert _verified(directory)

    build_index(small_source, directory, model=MODEL, device="cpu", progress=False, shard_rows=7)

    assert _verified(directory) == ()


def test_an_index_that_was_only_copied_is_unchanged(
    small_source: Path, directory: Path, embedded: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    before = _opened(directory).manifest
    os.utime(shards(IndexDirectory(directory).current())[0])

    assert _build(small_source, directory).manifest == before
    assert UNCHANGED in capsys.readouterr().err
    assert sum(embedded) == 0


@pytest.mark.parametrize("damage", UNOPENABLE | {"a difference hash": _hash})
def test_a_build_of_a_changed_source_embeds_anew_and_says_so(
    damage: str, small_source: Path, directory: Path, embedded: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    (UNOPENABLE | {"a difference hash": _hash})[damage](IndexDirectory(directory).current())
    (small_source / "new.png").write_bytes(encoded(gradient()))

    assert _build(small_source, directory).manifest.rows == 31

    assert sum(embedded) == 31
    assert DAMAGED in capsys.readouterr().err
    assert _verified(directory) == ()


def test_what_was_removed_stays_out_of_what_is_built_over_damage(small_source: Path, directory: Path) -> None:
    gone = _opened(directory).names[5]
    remove_from_index(f"file_name={gone}", directory, progress=False)
    removed = read_removed(IndexDirectory(directory).current())
    _cut(shards(IndexDirectory(directory).current())[0])

    after = _build(small_source, directory)

    assert gone not in after.names
    assert read_removed(after.generation) == removed


@pytest.mark.parametrize("action", ["add", "remove"])
@pytest.mark.parametrize("damage", UNOPENABLE | {"a stored vector": _vector, "a difference hash": _hash})
def test_nothing_is_changed_on_top_of_damage(action: str, damage: str, directory: Path, more: Path) -> None:
    generation = IndexDirectory(directory).current()
    (UNOPENABLE | {"a stored vector": _vector, "a difference hash": _hash})[damage](generation)

    change = {
        "add": lambda: add_to_index(more, directory, device="cpu", progress=False),
        "remove": lambda: remove_from_index("label=food", directory, progress=False),
    }
    with pytest.raises(StoreError, match=r"(?i)build (the index )?again"):
        change[action]()

    assert not (directory / "building").exists()
    assert IndexDirectory(directory).current() == generation


def test_a_damaged_vector_is_made_again_and_no_other(
    small_source: Path, directory: Path, embedded: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    before: Built = _opened(directory)
    vectors = before.vectors.copy()
    _vector(before.generation)
    (small_source / "zz.png").write_bytes(encoded(gradient()))

    after = _build(small_source, directory)

    assert sum(embedded) == 2
    assert np.allclose(after.vectors[:30], vectors, atol=2e-3)
    assert "1 vector of the index so far is damaged" in capsys.readouterr().err
    assert verify_index(directory, device="cpu", progress=False).problems == ()
    assert after.manifest.rows == 31


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"generation-000009\n", b"..\n"])
def test_a_damaged_pointer_is_mended_by_the_same_build(content: bytes, small_source: Path, directory: Path) -> None:
    before = _opened(directory).manifest
    (directory / "CURRENT").write_bytes(content)
    with pytest.raises(StoreError, match=r"(?i)build"):
        IndexDirectory(directory).current()

    assert _build(small_source, directory).manifest == before
