"""An index is the same from whichever kind of source it is built, and few pictures are in memory at once."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from search_core import store
from search_core.build import build_index
from search_core.collection import Collection
from search_core.encoder import BATCH
from search_core.generation import read_unreadable, shards
from search_core.sources import Source, SourceRow, open_source
from search_core.store import IndexDirectory, Manifest
from tests.conftest import MODEL
from tests.search_core.pictures import encoded, gradient


@dataclass(frozen=True)
class Built:
    """A finished index, opened."""

    manifest: Manifest
    collection: Collection
    unreadable: dict[str, str]

    @property
    def vectors(self) -> np.ndarray:
        return np.concatenate(list(self.collection.vectors()))

    @property
    def names(self) -> list[str]:
        return [row["file_name"] for row in self.collection.metadata(range(len(self.collection)))]


def _build(source: Path | Source, directory: Path) -> Built:
    build_index(source, directory, model=MODEL, device="cpu", progress=False, shard_rows=8)
    generation = IndexDirectory(directory).current()
    unreadable = {entry.file_name: entry.reason for entry in read_unreadable(generation)}
    return Built(store.read_manifest(generation), Collection(shards(generation)), unreadable)


def _packed(folder: Path, kind: str) -> Path:
    """The pictures of a folder and their metadata in another form."""
    path = folder.with_name(f"packed.{kind}")
    if kind != "parquet":
        packing = {"zip": "zip", "tar": "tar", "tar.gz": "gztar"}[kind]
        shutil.make_archive(str(folder.with_name("packed")), packing, folder)
        return path
    rows = open_source(folder).rows
    columns = {name: [row.metadata[name] for row in rows] for name in rows[0].metadata}
    cells = [{"bytes": row.read(), "path": row.metadata["file_name"]} for row in rows]
    pq.write_table(pa.table({"image": cells} | columns), path, row_group_size=7)
    return path


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "parquet"])
def test_other_kinds_of_sources_give_the_index_of_the_folder(
    small_source: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGNETTE_CACHE", str(tmp_path / "cache"))
    (small_source / "food" / "broken.png").write_bytes(b"no picture")
    folder = _build(small_source, tmp_path / "folder")

    built = _build(_packed(small_source, kind), tmp_path / "index")
    again = _build(_packed(small_source, kind), tmp_path / "index")

    assert built.manifest.source_fingerprint == folder.manifest.source_fingerprint
    assert np.array_equal(built.vectors, folder.vectors)
    assert built.unreadable == folder.unreadable
    assert built.manifest.source == str(tmp_path / f"packed.{kind}")
    if kind == "zip":  # checksums in the archive say that it was only packed again
        assert again.manifest == built.manifest


def test_a_source_can_be_opened_first_with_options(small_source: Path, tmp_path: Path) -> None:
    source = open_source(small_source, filename_pattern="{thing}_{number:d}")

    columns = _build(source, tmp_path / "index").collection.metadata([0])[0]

    assert columns["thing"] + "_" + columns["number"] == Path(columns["file_name"]).stem


def test_rows_of_a_table_without_a_picture_are_named_with_a_reason(small_source: Path, tmp_path: Path) -> None:
    whole = small_source / "animals" / "ant_01.jpg"
    cells = [whole.read_bytes(), None, b"no picture", b"II*\0 and nothing", encoded(gradient(), "TIFF")]
    table = pa.table({"image": pa.array(cells, pa.binary())})
    with pa.OSFile(str(tmp_path / "table.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as stream:
        stream.write_table(table)

    built = _build(tmp_path / "table.arrow", tmp_path / "index")

    assert built.names == ["row-000000", "row-000004"]
    assert {name: reason.split(".")[0] for name, reason in built.unreadable.items()} == {
        "row-000001": "The row has no picture",
        "row-000002": "The file is no picture that can be read",
        "row-000003": "The file is no picture that can be read",
    }


@dataclass
class _Counting:
    """Hands out the bytes of a picture, and knows how many are alive."""

    data: bytes
    alive: int = 0
    most: int = 0

    def read(self) -> bytes:
        held = _Held(self.data)
        held.counting = self
        self.alive += 1
        self.most = max(self.most, self.alive)
        return held


class _Held(bytes):
    """Bytes that say when they are let go."""

    counting: _Counting

    def __del__(self) -> None:
        self.counting.alive -= 1


def test_the_bytes_of_a_few_shards_are_in_memory_at_once_however_many_rows(tmp_path: Path) -> None:
    counting = _Counting(encoded(gradient(32, 32)))
    rows = tuple(SourceRow({"file_name": str(number)}, str(number), counting.read) for number in range(600))

    built = _build(Source("many", ("file_name",), rows, ()), tmp_path / "index")

    assert built.manifest.rows == 600
    assert counting.most <= 8 + 3 * BATCH + (os.cpu_count() or 1)  # a shard, what is decoded ahead, and what is in hand
