"""What somebody changed on the Hub is refused, field by field, and no other name is ever written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from search_core import ManifestMismatch, StoreError, store
from search_core.hub.push import Pushed
from search_core.store import IndexDirectory, Manifest
from tests.search_core.hub.conftest import NAME, generation_of
from tests.search_core.hub_server import Content, Hub


def _edit_manifest(**changes: object) -> Callable[[dict[str, Content]], None]:
    def change(files: dict[str, Content]) -> None:
        values = json.loads(files["manifest.json"].data) | changes
        files["manifest.json"] = Content(json.dumps(values).encode(), large=False)

    return change


def _forge_manifest(**changes: object) -> Callable[[dict[str, Content]], None]:
    """As someone would who knows how the digests are made."""

    def change(files: dict[str, Content]) -> None:
        values = json.loads(files["manifest.json"].data)
        values["digests"] |= {name: store._digest(value) for name, value in changes.items()}
        files["manifest.json"] = Content(json.dumps(values | changes).encode(), large=False)

    return change


def _edit_column(column: str, edit: Callable[[Any], Any]) -> Callable[[dict[str, Content]], None]:
    """Rewrite one column of the second shard."""

    def change(files: dict[str, Content]) -> None:
        name = "rows/shard-00001.arrow"
        table = pa.ipc.open_stream(files[name].data).read_all()
        place = table.schema.get_field_index(column)
        values = pa.array([edit(value) for value in table.column(column).to_pylist()], table.schema.types[place])
        table = table.set_column(place, table.schema.field(place), values)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        files[name] = Content(sink.getvalue().to_pybytes(), large=True)

    return change


def _swap_shards(files: dict[str, Content]) -> None:
    first, second = "rows/shard-00000.arrow", "rows/shard-00001.arrow"
    files[first], files[second] = files[second], files[first]


def _set(name: str, data: bytes) -> Callable[[dict[str, Content]], None]:
    return lambda files: files.update({name: Content(data, large=name.endswith((".arrow", ".faiss")))})


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (_edit_manifest(rows=21), ("rows", "'rows' was changed")),
        (_edit_manifest(weights="other"), ("weights", "'weights' was changed")),
        (_edit_manifest(format=99), ("format", "99 is not")),
        (_edit_manifest(extra=1), ("extra", "'extra' was changed")),
        (_forge_manifest(rows=21), ("rows", "says rows 21")),
        (_forge_manifest(width=7), ("width", "says width 7")),
        (_forge_manifest(metric="L2"), ("metric", "says metric 'L2'")),
        (_forge_manifest(unreadable=0), ("unreadable", "says unreadable 0")),
        (_forge_manifest(index_type="other"), ("index_type", "'other' is unknown")),
        (lambda files: files.pop("rows/shard-00003.arrow"), ("rows", "says rows 20")),
        (_swap_shards, ("source_fingerprint", "source_fingerprint")),
        (_edit_column("file_name", lambda name: name + "x"), ("source_fingerprint", "source_fingerprint")),
        (_edit_column("image", lambda image: image | {"bytes": b"x"}), (None, "6 rows with another checksum")),
        (_edit_column("embedding", lambda vector: vector[::-1]), (None, "6 rows with another vector")),
        (_set("rows/shard-00001.arrow", b"nonsense"), (None, "cannot be read")),
        (_set("index.faiss", b"nonsense"), (None, "cannot be read")),
        (_set("manifest.json", b"nonsense"), (None, "damaged")),
        (_set("unreadable.json", b"nonsense"), (None, "missing or damaged")),
        (_set("duplicates.json", b"[[0, 99]]"), ("reports", "reports")),
        (_set("removed.json", b"7"), (None, "holds no list")),
        (_set("duplicates.json", b"[5]"), ("reports", "reports")),
    ],
)
def test_what_was_changed_on_the_hub_is_refused_and_the_old_generation_served(
    change: Callable[[dict[str, Content]], None], refusal: tuple[str | None, str],
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path,
) -> None:  # fmt: skip
    field, words = refusal
    shutil.copytree(smaller, tmp_path / "index")
    push(built)
    hub.tamper(NAME, change)

    with pytest.raises(StoreError, match=words) as raised:
        pull(tmp_path / "index")

    assert f"{NAME} at " in str(raised.value)
    assert field == (raised.value.field if isinstance(raised.value, ManifestMismatch) else None)
    assert generation_of(smaller) == generation_of(tmp_path / "index")
    assert [path.name for path in IndexDirectory(tmp_path / "index").generations()] == ["generation-000001"]
    assert not (tmp_path / "index" / "pulling").exists()


@pytest.mark.parametrize(
    "name",
    [
        "../escaped.arrow",
        "rows/../../escaped.arrow",
        "rows/shard-00000.arrow/../../escaped",
        "/escaped.arrow",
        "rows/shard-00009.arrow\n",
        "rows/shard-00009.arrow.unfinished",
        "rows/shard-9.arrow",
        "rows/shard-٠٠٠٠٩.arrow",
        "CURRENT",
        "run.py",
    ],
)
def test_no_other_name_is_ever_written(
    name: str, built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    hub.tamper(NAME, _set(name, b"escaped"))

    pull(tmp_path / "index")

    assert name not in hub.sent
    assert generation_of(built) == generation_of(tmp_path / "index")
    assert not list(tmp_path.parent.rglob("*escaped*"))
    assert not Path("/escaped.arrow").exists()
