"""A million rows, the whole directory: built, opened, asked, changed and checked within what the README states.

The processes that build and that serve are children of their own, so that what one took cannot hide what the other
takes. The system tells a process's own memory from pages of files, which are the system's cache, shared and given up
at need.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.cli import main
from search_core import FilterSet, Query, SearchEngine
from search_core.build import add_to_index, build_index, remove_from_index
from search_core.encoder import Encoder
from search_core.generation import read_duplicates, shards
from search_core.making import Content, Options, Work
from search_core.query import Kind
from search_core.store import IndexDirectory, read_manifest
from search_core.verify import verify_index
from tests.conftest import ROOT
from tests.search_core.hiding import hide
from tests.search_core.million import NEAR, RARE, WIDTH, metadata, narrow_model, write_rows
from tests.search_core.pictures import encoded, gradient

ROWS = 1_000_000
NO_RULES = FilterSet.empty()
README = (ROOT / "README.md").read_text(encoding="utf-8")

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells memory apart on Linux only"),
]


def _stated(pattern: str) -> int:
    """The megabytes that the README states."""
    [found] = re.findall(pattern, " ".join(README.split()))
    return int(found)


OWN_MB = _stated(r"at most (\d+) MB of its own for each million rows, whatever")
BUILD_MB = _stated(r"at most twice the index file and (\d+) MB of its own for each million rows")


OPENING_BYTES = 16 * 1024**2
"""Beside the index, what one query touches of the shards: the fields of its hits, with the pages around."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, small_pictures: Path) -> dict[str, Any]:
    """An index directory of two generations, of thirty real pictures and of a million rows; and what building took."""
    folder = tmp_path_factory.mktemp("million")
    model = narrow_model(folder / "model")
    build_index(small_pictures, folder / "index", model=model, device="cpu", progress=False)
    return _in_a_child("build_and_measure", folder / "index", model) | {"directory": folder / "index"}


@pytest.fixture(scope="module")
def small_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "pictures"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.png").write_bytes(encoded(gradient(40 + number, 60)))
    return folder


@pytest.fixture(scope="module")
def served(built: dict[str, Any]) -> dict[str, Any]:
    """What a process that serves the million rows answered, and what it took."""
    return _in_a_child("serve_and_measure", built["directory"])


def test_building_takes_the_memory_that_the_readme_states(built: dict[str, Any]) -> None:
    assert built["rows"] == ROWS
    assert built["index_type"] == "flat-fp16"
    assert built["own"] <= 2 * _index_bytes(built["directory"]) + BUILD_MB * 10**6


def test_serving_takes_the_memory_that_the_readme_states(served: dict[str, Any], built: dict[str, Any]) -> None:
    assert served["own"] <= OWN_MB * 10**6
    assert served["mapped_at_first"] <= _index_bytes(built["directory"]) + OPENING_BYTES


def test_every_kind_of_query_is_answered(served: dict[str, Any]) -> None:
    assert len(served["text"]) == 9
    assert served["vector"][0] == served["asked"]
    assert served["asked"] not in served["row"]
    assert len(served["row"]) == 9


def test_a_value_that_one_row_in_thousands_has_returns_those_rows(served: dict[str, Any]) -> None:
    assert sorted(served["rare"]) == list(range(RARE // 2, ROWS, RARE))
    assert served["titled"] == [777_777]
    assert set(served["years"]) <= {str(year) for year in range(1850, 1871)}
    assert len(served["years"]) == 100


def test_rows_that_the_filters_hide_are_replaced(served: dict[str, Any]) -> None:
    assert not set(served["hidden"]) & set(served["behind"])
    assert len(served["behind"]) == 9


def test_near_duplicates_are_folded(served: dict[str, Any], built: dict[str, Any]) -> None:
    assert served["twins"] == [NEAR - 2, [NEAR - 1]]
    generation = IndexDirectory(built["directory"]).generations()[-1]
    expected = tuple((row - 1, row) for row in range(NEAR - 1, ROWS, NEAR))
    assert read_duplicates(generation).groups == expected


def test_pictures_are_read_from_every_shard_and_from_the_generation_before(served: dict[str, Any]) -> None:
    assert served["names"] == [metadata(row)["file_name"] for row in (0, 500_000, ROWS - 1)]
    assert served["sound"] == [True, True, True]
    assert served["earlier"] == "0.png"


def test_info_describes_the_rows(built: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "info", str(built["directory"])]) == 0

    told = capsys.readouterr().out
    assert re.search(r"file_name +1000000 distinct\n", told)
    assert re.search(r"year +1500 to 1899, 400 distinct\n", told)
    assert re.search(r"mark +2 distinct: common \(999800\), rare \(200\)\n", told)
    assert f"near-duplicates: {2 * ROWS // NEAR:,} pictures in {ROWS // NEAR:,} groups" in told


def test_verify_checks_every_row(built: dict[str, Any]) -> None:
    found = verify_index(built["directory"], sample=0, progress=False)

    assert found == dataclasses.replace(found, rows=ROWS, embedded=0, problems=())


def test_rows_come_and_go_without_the_others_being_written_again(built: dict[str, Any], tmp_path: Path) -> None:
    target = IndexDirectory(built["directory"])
    before = {path.name: path.stat().st_ino for path in shards(target.current())}
    for number in range(3):
        (tmp_path / f"new{number}.png").write_bytes(encoded(gradient(100 + number, 80)))

    added = add_to_index(tmp_path, target.path, device="cpu", index="flat", progress=False)
    with_new = {path.name: path.stat().st_ino for path in shards(target.current())}
    removed = remove_from_index("mark=rare", target.path, progress=False)
    without_rare = {path.name: path.stat().st_ino for path in shards(target.current())}

    assert added.rows == ROWS + 3
    assert before.items() < with_new.items()
    assert len(with_new) == len(before) + 1
    assert removed.rows == ROWS + 3 - ROWS // RARE
    assert len(with_new.items() - without_rare.items()) == ROWS // RARE


def _index_bytes(directory: Path) -> int:
    return (IndexDirectory(directory).generations()[-1] / "index.faiss").stat().st_size


# ------------------------------------------------------------- in children


def _in_a_child(function: str, *arguments: object) -> dict[str, Any]:
    code = f"import sys; from {__name__} import {function}; {function}(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def build_and_measure(directory: str, model: str) -> None:
    """Write a million rows and publish them as a build does; tell what the last step took at most."""
    target, encoder = IndexDirectory(Path(directory)), Encoder.load(model, "cpu")
    encoder.encode_texts(["warm up"])
    # `auto` would measure and train, which `test_index_million` does.
    work = Work(target, "a million rows", Options("flat", progress=False))
    with target.locked():
        work.prepare()
        write_rows(target.building, ROWS)
        with _peak() as peak:
            manifest = work.publish(Content("made up", encoder.fingerprint, frozenset(), encoder.encode_texts))
    print(json.dumps({"rows": manifest.rows, "index_type": manifest.index_type, "own": peak["own"]}))


def serve_and_measure(directory: str) -> None:
    """Serve thirty pictures, then the million rows by a reload, and tell what the step from one to the other took."""
    print(json.dumps(asyncio.run(_serve(IndexDirectory(Path(directory))))))


async def _serve(target: IndexDirectory) -> dict[str, Any]:
    small, large = target.generations()
    target.switch_to(small)
    async with SearchEngine.open(target.path, device="cpu") as engine:
        await _ask_everything(engine, 7)
        earlier = engine.generation
        before = _memory()
        target.switch_to(large)
        with _peak() as peak:
            assert await engine.reload()
            await _rows(engine, Query(text="a ship"))
            mapped_at_first = _memory()["RssFile"] - before["RssFile"]
            answers = await _ask_everything(engine, 600_123)
        mapped = _memory()["RssFile"] - before["RssFile"]
        [picture] = await engine.pictures([0], earlier)
    assert read_manifest(large).encoder.width == WIDTH
    return answers | {
        "own": peak["own"],
        "mapped_at_first": mapped_at_first,
        "mapped": mapped,
        "earlier": picture.file_name,
    }


async def _ask_everything(engine: SearchEngine, asked: int) -> dict[str, Any]:
    """Each kind of query, and pictures; rows and columns that only the million has are asked for where there are."""
    rows = engine.manifest.rows
    answers: dict[str, Any] = {"asked": asked, "text": await _rows(engine, Query(text="a ship"))}
    found = await engine.search(Query(row=asked, k=50), NO_RULES)
    answers["row"] = await _rows(engine, Query(row=asked))
    answers["vector"] = await _rows(engine, Query(vector=found.vector, kind=Kind.IMAGE))
    pictures = await engine.pictures([0, rows // 2, rows - 1])
    answers["names"] = [picture.file_name for picture in pictures]
    if rows == ROWS:
        answers |= await _ask_the_million(engine, found.vector)
        answers["sound"] = [hashlib.sha256(one.data).hexdigest() == _checksum(engine, one.row) for one in pictures]
    return answers


async def _ask_the_million(engine: SearchEngine, vector: np.ndarray) -> dict[str, Any]:
    best = await _pages(engine, 5, vector=vector, kind=Kind.IMAGE)
    hiding = await hide(engine, best)
    behind = await engine.search(Query(vector=vector, kind=Kind.IMAGE), hiding)
    years = await engine.search(Query(text="a ship", k=100, where="year=1850..1870"), NO_RULES)
    near = (await engine.search(Query(row=NEAR - 2), NO_RULES)).vector
    [twin] = (await engine.search(Query(vector=near, kind=Kind.IMAGE, k=1), NO_RULES)).hits
    return {
        "rare": await _pages(engine, 2, text="a ship", where="mark=rare"),
        "titled": await _rows(engine, Query(text="a ship", where="title~Picture 777777 ")),
        "years": [hit.metadata["year"] for hit in years.hits],
        "hidden": best,
        "behind": [hit.row for hit in behind.hits],
        "twins": [twin.row, list(twin.duplicates)],
    }


async def _pages(engine: SearchEngine, pages: int, **question: Any) -> list[int]:
    found = [await _rows(engine, Query(**question, k=100, offset=100 * page)) for page in range(pages)]
    return [row for page in found for row in page]


async def _rows(engine: SearchEngine, query: Query) -> list[int]:
    return [hit.row for hit in (await engine.search(query, NO_RULES)).hits]


def _checksum(engine: SearchEngine, row: int) -> str:
    return engine._opened.collection.sha256(row)


@contextmanager
def _peak() -> Iterator[dict[str, int]]:
    """Watch this process's own memory; tell by how much it grew at most."""
    before, peak, stop = _memory()["RssAnon"], {"own": 0}, threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            peak["own"] = max(peak["own"], _memory()["RssAnon"] - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()


def _memory() -> dict[str, int]:
    """Bytes of this process in memory: `RssAnon` its own, `RssFile` those of files."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith("Rss")}
