"""Data sets on the Hub, read by its official clients from a stand-in on this machine: whole, or with a clear error."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from search_core.sources.hub import Address, parse_address
from tests.conftest import ROOT
from tests.search_core.hub_server import Hub, serving
from tests.search_core.pictures import encoded, gradient

PICTURE = encoded(gradient())
RING = "000499442_0_000579_1_[The Ring and the Book  etc ]_1920.png"

PROGRAM = """
import json, sys
from search_core.errors import PictureError, SourceError
from search_core.sources import open_source

def last_byte(row):
    try:
        return row.read()[-1]
    except PictureError as error:
        return str(error)

def opened(source, options):
    try:
        found = open_source(source, **options)
    except SourceError as error:
        return {"error": str(error)}
    return {
        "name": found.name, "notes": found.notes, "listing": found.listing(),
        "rows": [row.metadata | {"last": last_byte(row)} for row in found.rows],
    }

print(json.dumps([opened(*call) for call in json.load(sys.stdin)]))
"""


class Client:
    """A process of its own: the Hub's clients read their settings when they are imported."""

    def __init__(self, home: Path, hub: Hub) -> None:
        self._home, self._hub = home, hub

    def open(self, *calls: tuple[str, dict[str, str]], offline: bool = False, **more: str) -> list[dict[str, Any]]:
        """Open sources one after the other; for each its name, notes, listing and rows, or its error."""
        settings = {"HF_ENDPOINT": self._hub.url, "HF_HOME": str(self._home), "HF_HUB_OFFLINE": str(int(offline))}
        settings |= {"HF_HUB_DISABLE_XET": "1", "no_proxy": "127.0.0.1", "PYTHONPATH": str(ROOT)}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], input=json.dumps(calls), capture_output=True, text=True,
            env=clean | settings | more, cwd=self._home, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answers: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return answers


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving(Hub({"hf_secret": "read"})) as running:
        yield running


@pytest.fixture
def client(tmp_path: Path, hub: Hub) -> Client:
    (tmp_path / "home").mkdir()
    return Client(tmp_path / "home", hub)


def _parquet(*numbers: int, path: str | None = None) -> bytes:
    cells = [{"bytes": None if path else PICTURE + bytes([number]), "path": path} for number in numbers]
    features = {"image": {"_type": "Image"}, "kind": {"_type": "ClassLabel", "names": ["ship", "tree"]}}
    schema = pa.schema(
        [("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])), ("kind", pa.int64())],
        {"huggingface": json.dumps({"info": {"features": features}})},
    )
    buffer = io.BytesIO()
    kinds = [number % 2 for number in numbers]
    pq.write_table(pa.Table.from_pydict({"image": cells, "kind": kinds}, schema=schema), buffer)
    return buffer.getvalue()


TABLES = {
    "data/train-00000-of-00002.parquet": _parquet(0, 1),
    "data/train-00001-of-00002.parquet": _parquet(2),
    "data/test-00000-of-00001.parquet": _parquet(3),
}


def _last(answer: dict[str, Any]) -> list[int]:
    return [row["last"] for row in answer["rows"]]


def test_a_split_of_a_data_set_is_read_with_its_classes_and_again_without_a_network(hub: Hub, client: Client) -> None:
    commit = hub.publish("owner/name", TABLES)
    call = ("owner/name", {"split": "train"})

    [online, again] = client.open(call, ("hf://datasets/owner/name", {"split": "train"}))
    asked = len(hub.requests)
    [offline] = client.open(call, offline=True)

    assert online["name"] == f"hf://datasets/owner/name@{commit}"
    assert online["rows"] == [
        {"file_name": "row-000000", "label": "ship", "kind": "ship", "last": 0},
        {"file_name": "row-000001", "label": "tree", "kind": "tree", "last": 1},
        {"file_name": "row-000002", "label": "ship", "kind": "ship", "last": 2},
    ]
    assert online["notes"] == ["Only the split train is taken; rows in the others: test (1)."]
    assert again == online
    assert offline["rows"] == online["rows"]
    assert offline["listing"] == online["listing"]  # so that a build goes on without a network
    assert len(hub.requests) == asked


def test_splits_are_chosen_by_name_together_or_in_part(hub: Hub, client: Client) -> None:
    hub.publish("owner/name", TABLES)

    none, all_of_them, both, part, unknown = client.open(
        *(("owner/name", {"split": split} if split else {}) for split in ("", "all", "train+test", "train[:2]", "val"))
    )

    assert "several splits. Choose with --split: train, test, or all" in none["error"]
    assert _last(all_of_them) == _last(both) == [0, 1, 2, 3]
    assert _last(part) == [0, 1]
    assert "train[:2]" in part["notes"][0]
    assert "no split val. Choose" in unknown["error"]


def test_a_private_data_set_needs_its_token_and_says_so(hub: Hub, client: Client) -> None:
    hub.publish("owner/name", {"data/train-00000-of-00001.parquet": _parquet(7)}, private=True)

    without, wrong, right = client.open(
        *(("owner/name", {"token": token} if token else {}) for token in (None, "hf_other", "hf_secret"))
    )
    [by_setting] = client.open(("owner/name", {}), HF_TOKEN="hf_secret")

    assert "no folder or file owner/name here" in without["error"]
    assert "set HF_TOKEN" in without["error"]
    assert "The Hub does not know your token, so it does not hand over owner/name. Set HF_TOKEN" in wrong["error"]
    assert "hf_" not in wrong["error"]
    assert _last(right) == _last(by_setting) == [7]


def test_words_that_datasets_takes_for_splits_lose_no_picture_of_a_repository(hub: Hub, client: Client) -> None:
    names = ["1850/plain.png", "1850/validation_1.png", f"1920/{RING}"]
    pictures = {name: PICTURE + bytes([number]) for number, name in enumerate(names)}
    hub.publish("owner/name", pictures | {"README.md": b"# x"})

    [answer] = client.open(("owner/name", {"filename_pattern": "british-library"}))

    assert [row["file_name"] for row in answer["rows"]] == names
    assert [row["label"] for row in answer["rows"]] == ["1850", "1850", "1920"]
    assert _last(answer) == [0, 1, 2]
    assert answer["rows"][2]["title"] == "The Ring and the Book"
    assert "would hide 2 pictures" in answer["notes"][0]


def test_picture_files_in_folders_of_splits_and_classes_are_known(hub: Hub, client: Client) -> None:
    names = [
        f"{split}/{kind}/{number}.png" for split in ("train", "test") for kind in ("cat", "dog") for number in "12"
    ]
    hub.publish("owner/name", dict.fromkeys(names, PICTURE))

    [answer] = client.open(("owner/name", {"split": "test"}))

    assert [(row["file_name"], row["label"]) for row in answer["rows"]] == [
        ("test/cat/1.png", "cat"), ("test/cat/2.png", "cat"), ("test/dog/1.png", "dog"), ("test/dog/2.png", "dog"),
    ]  # fmt: skip
    assert answer["notes"] == ["Only the split test is taken; rows in the others: train (4)."]


def test_a_data_set_from_elsewhere_cannot_have_files_of_this_machine_shown(
    hub: Hub, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "private.png").write_bytes(PICTURE)
    paths = (("a", str(tmp_path / "private.png")), ("b", "../../../../private.png"))
    tables = {f"data/{split}-00000-of-00001.parquet": _parquet(0, path=path) for split, path in paths}
    hub.publish("owner/name", tables)

    for answer in client.open(("owner/name", {"split": "a"}), ("owner/name", {"split": "b"})):
        assert answer["rows"][0]["file_name"] == "private.png"
        assert "outside of its data set" in answer["rows"][0]["last"]


def test_configurations_are_chosen_after_a_colon_and_revisions_after_an_at(hub: Hub, client: Client) -> None:
    card = "---\nconfigs:\n- config_name: a\n  data_files: a.parquet\n- config_name: b\n  data_files: b.parquet\n---\n"
    files = {"README.md": card.encode(), "a.parquet": _parquet(1), "b.parquet": _parquet(2)}
    commit = hub.publish("owner/name", files)

    none, second, at, by_option, unknown = client.open(
        ("owner/name", {}),
        ("owner/name:b", {}),
        (f"hf://datasets/owner/name@{commit}:a", {}),
        ("owner/name:a", {"revision": "main"}),
        ("owner/name:a", {"revision": "gone"}),
    )

    assert "Choose a configuration with owner/name:NAME" in none["error"]
    assert _last(second) == [2]
    assert _last(at) == _last(by_option) == [1]
    assert "gone" in unknown["error"]


def test_a_hub_without_an_answer_or_a_data_set_is_a_clear_error(client: Client) -> None:
    missing, malformed = client.open(("other/name", {}), ("hf://models/owner/name", {}))
    [offline] = client.open(("owner/name", {}), offline=True)
    [unreachable] = client.open(("owner/name", {}), HF_ENDPOINT="http://127.0.0.1:9")

    assert "no data set of this name on the Hub" in missing["error"]
    assert "There is no folder hf://models/owner/name" in malformed["error"]
    assert "HF_HUB_OFFLINE" in offline["error"]
    assert "owner/name" in unreachable["error"]
    assert "Traceback" not in unreachable["error"]


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("owner/name", Address("owner/name", None, None)),
        ("owner/na.me-1_x", Address("owner/na.me-1_x", None, None)),
        ("hf://datasets/owner/name", Address("owner/name", None, None)),
        ("owner/name@refs/convert/parquet:b", Address("owner/name", "refs/convert/parquet", "b")),
        ("name", None),
        ("a/b/c", None),
        ("../name", None),
        ("/owner/name", None),
        ("owner/", None),
        ("hf://owner/name", None),
        ("hf://models/owner/name", None),
    ],
)
def test_an_address_on_the_hub_is_told_from_a_path(source: str, address: Address | None) -> None:
    assert parse_address(source) == address
