"""The kept form gives back what was kept, and its fingerprint notices every change but how it was cut into shards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search_core import collection
from search_core.collection import Collection, KeptRow, Unreadable, unreadable_of, without_rows, write_shard

COLUMNS = ["file_name", "title"]
ROWS = [
    KeptRow({"file_name": "a.png", "title": "Häuser"}, b"first", 1),
    KeptRow({"file_name": "b.png", "title": ""}, b"second", 2**64 - 1),
    KeptRow({"file_name": "c.png", "title": "three"}, b"", 3),
]
VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)


def _kept(folder: Path, *shards: list[int], rows: list[KeptRow] = ROWS, columns: list[str] = COLUMNS) -> Collection:
    paths = []
    for number, chosen in enumerate(shards):
        paths.append(folder / f"{len(list(folder.iterdir()))}-{number}")
        write_shard(paths[-1], columns, [rows[i] for i in chosen], VECTORS[chosen], [])
    return Collection(paths)


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    kept = _kept(tmp_path, [0, 1], [2])

    assert len(kept) == 3
    assert kept.columns == COLUMNS
    assert [picture.data for picture in kept.pictures([2, 0])] == [b"", b"first"]
    assert kept.metadata([1]) == [{"file_name": "b.png", "title": ""}]
    assert np.array_equal(np.concatenate(list(kept.vectors())), VECTORS)
    assert np.array_equal(kept.vector(2), VECTORS[2])
    assert kept.difference_hashes().tolist() == [1, 2**64 - 1, 3]
    assert kept.difference_hash(1) == 2**64 - 1
    assert len(np.unique(kept.checksums())) == 3
    assert bytes.fromhex(kept.sha256(2)) == kept.checksums()[2]


@pytest.mark.parametrize("cut", [[[0, 1, 2]], [[0], [1], [2]], [[0, 1], [], [2]]])
def test_the_fingerprint_does_not_depend_on_how_rows_are_cut_into_shards(cut: list[list[int]], tmp_path: Path) -> None:
    assert _kept(tmp_path, *cut).fingerprint() == _kept(tmp_path, [0, 1, 2]).fingerprint()


@pytest.mark.parametrize("together", [0, 40, 10_000])
def test_the_fingerprint_does_not_depend_on_how_many_shards_are_read_together(
    together: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_core.collection._HASHED_TOGETHER", together)
    rows = [KeptRow({"file_name": f"{n}.png", "title": "title " * n}, bytes([n]), n) for n in range(9)]
    vectors = np.ones((1, len(VECTORS[0])), np.float16)
    paths = [tmp_path / f"{number}" for number in range(9)]
    for path, row in zip(paths, rows, strict=True):
        write_shard(path, COLUMNS, [row], vectors, [])
    write_shard(tmp_path / "whole", COLUMNS, rows, np.repeat(vectors, 9, axis=0), [])

    assert Collection(paths).fingerprint() == Collection([tmp_path / "whole"]).fingerprint()
    for number in range(9):
        without = [*paths[:number], *paths[number + 1 :]]
        assert Collection(without).fingerprint() != Collection(paths).fingerprint()


def _with(row: int, data: bytes | None = None, **metadata: str) -> list[KeptRow]:
    old = ROWS[row]
    new = KeptRow(old.metadata | metadata, old.data if data is None else data, old.difference_hash)
    return [*ROWS[:row], new, *ROWS[row + 1 :]]


@pytest.mark.parametrize(
    ("order", "rows", "change"),
    [
        ([0, 1], ROWS, "a row is lost"),
        ([1, 0, 2], ROWS, "rows are swapped"),
        ([0, 1, 2], _with(0, title="Hauser"), "a letter"),
        ([0, 1, 2], _with(1, data=b"other"), "a picture"),
        ([0, 1, 2], _with(0, title="Häuse") [:1] + _with(1, title="r")[1:], "a letter moves to the next row"),
    ],
)  # fmt: skip
def test_the_fingerprint_notices_that(order: list[int], rows: list[KeptRow], change: str, tmp_path: Path) -> None:
    assert _kept(tmp_path, order, rows=rows).fingerprint() != _kept(tmp_path, [0, 1, 2]).fingerprint(), change


def test_a_column_that_a_shard_lacks_is_empty_there(tmp_path: Path) -> None:
    bare = [KeptRow({"file_name": row.metadata["file_name"]}, row.data, row.difference_hash) for row in ROWS]
    write_shard(tmp_path / "full", COLUMNS, ROWS[:1], VECTORS[:1], [])
    write_shard(tmp_path / "bare", ["file_name"], bare[1:], VECTORS[1:], [])

    kept = Collection([tmp_path / "full", tmp_path / "bare"])

    assert [row["title"] for row in kept.metadata(range(3))] == ["Häuser", "", ""]
    assert kept.column("title").to_pylist() == ["Häuser", "", ""]
    assert len(kept.fingerprint()) == 64


def test_a_shard_written_without_some_rows_keeps_the_others_and_the_report(tmp_path: Path) -> None:
    report = [Unreadable("bad.png", "damaged")]
    write_shard(tmp_path / "whole", COLUMNS, ROWS, VECTORS, report)

    without_rows(tmp_path / "whole", tmp_path / "cut", np.array([1]))

    kept = Collection([tmp_path / "cut"])
    assert [picture.file_name for picture in kept.pictures(range(2))] == ["a.png", "c.png"]
    assert np.array_equal(np.concatenate(list(kept.vectors())), VECTORS[[0, 2]])
    assert unreadable_of(tmp_path / "cut") == report
    assert b"second" not in (tmp_path / "cut").read_bytes()


def test_a_shard_of_many_bytes_is_cut_into_batches_that_arrow_can_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _kept(tmp_path, [0, 1, 2]).fingerprint()
    monkeypatch.setattr(collection, "BATCH_BYTES", 6)  # "second" fills one; "first" and "second" together do not fit

    kept = _kept(tmp_path, [0, 1, 2])

    assert kept.fingerprint() == whole
    assert [bytes(file) for file in kept.files()] == [b"first", b"second", b""]
    assert np.array_equal(np.concatenate(list(kept.vectors())), VECTORS)
    assert [len(chunk) for chunk in kept.vectors()] == [1, 2]
    [shard] = [path for path in tmp_path.iterdir() if path.name.startswith("1-")]
    without_rows(shard, tmp_path / "cut", np.array([1]))
    assert [picture.data for picture in Collection([tmp_path / "cut"]).pictures([0, 1])] == [b"first", b""]


def test_what_was_released_is_read_again(tmp_path: Path) -> None:
    kept = _kept(tmp_path, [0, 1], [2])
    before = kept.fingerprint()

    kept.release()

    assert kept.fingerprint() == before
    assert kept.metadata([1]) == [{"file_name": "b.png", "title": ""}]
