"""An index goes to the Hub and comes back the same, or not at all.

The official client talks to a local stand-in for the Hub (`hub_server`). Storage by hf-xet is switched off: its
protocol is not part of the stand-in.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from datasets import load_dataset
from huggingface_hub import constants

from search_core import ManifestMismatch, Query, SearchEngine, StoreError, store
from search_core.build import add_to_index, build_index, remove_from_index
from search_core.collection import Collection
from search_core.encoder import Encoder
from search_core.errors import InputError
from search_core.filters import FilterSet
from search_core.generation import hash_reports, shards
from search_core.hub.layout import belongs
from search_core.hub.pull import pull_index
from search_core.hub.push import Pushed, push_index
from search_core.store import IndexDirectory, Manifest
from tests.conftest import COLLECTION, MODEL
from tests.search_core.hub_server import Content, Hub, serving

NAME = "library/engravings"
WRITE, READ = "hf_may_write", "hf_may_read"
SHARD_ROWS = 6


def _collect(folder: Path, pictures: int) -> Path:
    (folder / "food").mkdir(parents=True)
    for path in sorted((COLLECTION / "food").iterdir())[:pictures]:
        shutil.copy2(path, folder / "food")
    (folder / "food" / "broken.png").write_bytes(b"nonsense")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of 20 pictures in four shards, one more picture passed over."""
    folder = tmp_path_factory.mktemp("built")
    source = _collect(folder / "pictures", 20)
    build_index(source, folder / "index", model=MODEL, device="cpu", progress=False, shard_rows=SHARD_ROWS)
    return folder / "index"


@pytest.fixture(scope="module")
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the first 8 of these pictures, in two shards."""
    folder = tmp_path_factory.mktemp("smaller")
    source = _collect(folder / "pictures", 8)
    build_index(source, folder / "index", model=MODEL, device="cpu", progress=False, shard_rows=SHARD_ROWS)
    return folder / "index"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """An empty hub, and the client in this process free to talk to it: it read its settings when it was imported."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-login"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with serving(Hub({WRITE: "write", READ: "read"})) as running:
        yield running


@pytest.fixture
def push(hub: Hub) -> Callable[..., Pushed]:
    def run(directory: Path, repository: str = NAME, **options: Any) -> Pushed:
        return push_index(directory, repository, **{"token": WRITE, "endpoint": hub.url, "progress": False} | options)

    return run


@pytest.fixture
def pull(hub: Hub) -> Callable[..., Manifest]:
    def run(directory: Path, repository: str = NAME, **options: Any) -> Manifest:
        return pull_index(repository, directory, **{"token": READ, "endpoint": hub.url, "progress": False} | options)

    return run


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _generation(directory: Path) -> dict[str, bytes]:
    return _files(IndexDirectory(directory).current())


def test_a_pulled_generation_is_the_pushed_one_byte_for_byte(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    pushed = push(built)

    manifest = pull(tmp_path / "index")

    assert pushed.manifest == manifest
    assert (manifest.rows, manifest.unreadable) == (20, 1)
    assert _generation(built) == _generation(tmp_path / "index")
    assert sorted(path.name for path in (tmp_path / "index").iterdir() if path.name != ".lock") == [
        "CURRENT",
        "generation-000001",
    ]


async def test_a_pulled_index_answers_without_embedding_a_picture(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    push(built)

    def refuse(*_arguments: object) -> None:
        raise AssertionError("nothing may be embedded")

    with monkeypatch.context() as patched:
        patched.setattr(Encoder, "load", refuse)
        pull(tmp_path / "index")
    monkeypatch.setattr(Encoder, "encode_images", lambda _self, images: refuse() if images else [])
    answers = []
    for directory in (built, tmp_path / "index"):
        async with SearchEngine.open(directory, MODEL, "cpu") as engine:
            answers.append(await engine.search(Query(text="an apple", k=5), FilterSet.empty()))

    assert len(answers[0].hits) == 5
    assert answers[0].hits == answers[1].hits


def test_a_push_is_one_commit_to_a_private_repository(built: Path, push: Callable[..., Pushed], hub: Hub) -> None:
    pushed = push(built)

    repo = hub.repos[NAME]
    assert repo.private
    assert (pushed.private, pushed.changed) == (True, True)
    assert pushed.commit == repo.branches["main"]
    assert pushed.url.endswith(pushed.commit)
    assert len(repo.commits) == 2, "the one that the Hub makes itself, and ours"
    assert {".gitattributes", "README.md", *_generation(built)} == set(repo.files())


def test_a_second_push_removes_what_the_first_has_left_and_nothing_else(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    hub.tamper(NAME, lambda files: files.update({"LICENCE": Content(b"CC0", large=False)}))

    push(smaller)

    assert {".gitattributes", "README.md", "LICENCE", *_generation(smaller)} == set(hub.repos[NAME].files())
    assert len(hub.repos[NAME].commits) == 4
    assert pull(tmp_path / "index").rows == 8


def test_rows_added_and_removed_go_along(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    shutil.copytree(smaller, tmp_path / "index")
    push(smaller)
    pull(tmp_path / "pulled")
    more = store.read_manifest(IndexDirectory(built).current()).source
    add_to_index(more, tmp_path / "index", model=MODEL, device="cpu", progress=False)
    [gone] = Collection(shards(IndexDirectory(tmp_path / "index").current())).metadata([3])
    remove_from_index([f"file_name={gone['file_name']}"], tmp_path / "index", progress=False)

    push(tmp_path / "index")

    assert pull(tmp_path / "pulled").rows == 19
    assert _generation(tmp_path / "pulled") == _generation(tmp_path / "index")


def test_an_unchanged_push_makes_no_commit(built: Path, push: Callable[..., Pushed], hub: Hub) -> None:
    first = push(built)

    second = push(built)

    assert (False, first.commit) == (second.changed, second.commit)
    assert len(hub.repos[NAME].commits) == 2


def test_of_two_pushes_at_once_one_is_refused_and_nothing_is_mixed(
    built: Path, smaller: Path, push: Callable[..., Pushed], hub: Hub
) -> None:
    push(built)
    hub.gate = lambda _name: hub.tamper(NAME, lambda _files: None)  # while the second push reads the card

    with pytest.raises(StoreError, match="changed by somebody else"):
        push(smaller)

    assert set(_generation(built)) == {name for name in hub.repos[NAME].files() if belongs(name)}


def test_a_branch_is_made_and_leaves_the_main_branch_alone(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    first = push(built)
    push(smaller, revision="small")

    assert pull(tmp_path / "small", revision="small").rows == 8
    assert pull(tmp_path / "main").rows == 20
    assert pull(tmp_path / "commit", revision=first.commit).rows == 20


def test_the_card_says_what_it_is_and_names_no_local_folder(built: Path, push: Callable[..., Pushed], hub: Hub) -> None:
    pushed = push(built)

    card = hub.repos[NAME].files()["README.md"].data.decode()
    _, header, text = card.split("---\n", 2)
    assert yaml.safe_load(header)["configs"][0]["data_files"] == [{"split": "train", "path": "rows/*.arrow"}]
    assert "license" not in yaml.safe_load(header)
    for words in ("made by Vignette", "| pictures | 20 |", "as unreadable | 1 |", f"index pull {NAME} DIR"):
        assert words in text
    assert pushed.manifest.encoder.weights[:12] in text
    for folder in (pushed.manifest.source, pushed.manifest.encoder.model, str(Path.home()), tempfile.gettempdir()):
        assert folder not in card
    assert pushed.reveals == ("source", "model")


def test_a_report_that_names_a_local_folder_is_told(built: Path, push: Callable[..., Pushed], tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "index")
    generation = IndexDirectory(tmp_path / "index").current()
    reason = f"[Errno 13] Permission denied: '{store.read_manifest(generation).source}/food/broken.png'"
    report = [{"file_name": "food/broken.png", "reason": reason}]
    (generation / "unreadable.json").write_text(json.dumps(report))
    manifest = store.read_manifest(generation)
    changed = dataclasses.replace(manifest, unreadable=1, reports=hash_reports(generation))
    store.write_manifest(generation, changed)

    assert push(tmp_path / "index").reveals == ("source", "model", "unreadable")


def test_what_people_write_into_the_card_outlives_a_push(
    built: Path, smaller: Path, push: Callable[..., Pushed], hub: Hub
) -> None:
    push(built)
    card = hub.repos[NAME].files()["README.md"].data.replace(b"Not stated yet.", b"CC0, says the library.")
    hub.tamper(NAME, lambda files: files.update({"README.md": Content(card, large=False)}))

    push(smaller)

    text = hub.repos[NAME].files()["README.md"].data.decode()
    assert "CC0, says the library." in text
    assert "| pictures | 8 |" in text
    assert "| pictures | 20 |" not in text


def test_a_card_without_our_marks_is_somebodys_own(built: Path, push: Callable[..., Pushed], hub: Hub) -> None:
    push(built)
    hub.tamper(NAME, lambda files: files.update({"README.md": Content(b"# Mine", large=False)}))

    push(built)

    assert hub.repos[NAME].files()["README.md"].data == b"# Mine"


def test_the_pushed_rows_are_a_data_set_by_themselves(
    built: Path, push: Callable[..., Pushed], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    for name, content in hub.repos[NAME].files().items():
        path = tmp_path / "clone" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.data)

    data = load_dataset(str(tmp_path / "clone"), split="train", cache_dir=str(tmp_path / "cache"))

    assert len(data) == 20
    assert {"file_name", "label", "image", "embedding"} <= set(data.column_names)


def test_an_existing_public_repository_is_refused_unless_public_is_meant(
    built: Path, push: Callable[..., Pushed], hub: Hub
) -> None:
    assert not push(built, private=False).private
    commits = len(hub.repos[NAME].commits)

    with pytest.raises(StoreError, match=r"is public: everybody could see.*--public"):
        push(built)

    assert commits == len(hub.repos[NAME].commits)


def test_a_private_repository_is_never_made_public(built: Path, push: Callable[..., Pushed], hub: Hub) -> None:
    push(built)

    assert push(built, private=False).private
    assert hub.repos[NAME].private


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "rows" / "shard-00001.arrow").unlink(), "rows"),
        (lambda folder: (folder / "index.faiss").write_bytes(b"nonsense"), "cannot be read"),
        (lambda folder: (folder / "duplicates.json").unlink(), "duplicates.json is missing"),
        (lambda folder: (folder / "notes.txt").write_text("mine"), "notes.txt, which is no part of an index"),
    ],
)
def test_a_damaged_index_is_not_pushed(
    damage: Callable[[Path], object], words: str, built: Path, push: Callable[..., Pushed], hub: Hub, tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path / "index")
    damage(IndexDirectory(tmp_path / "index").current())

    with pytest.raises(StoreError, match=words):
        push(tmp_path / "index")

    assert hub.requests == []


@pytest.mark.parametrize(
    ("token", "repository", "error", "words"),
    [
        (None, NAME, StoreError, "set HF_TOKEN"),
        ("hf_expired", NAME, StoreError, "set HF_TOKEN"),
        (READ, "other/engravings", StoreError, "HF_TOKEN to one that may"),
        (READ, NAME, StoreError, "HF_TOKEN to one that may"),
        (WRITE, "engravings", InputError, "OWNER/NAME"),
        (WRITE, "../engravings", InputError, "OWNER/NAME"),
        (WRITE, "a/b/c", InputError, "OWNER/NAME"),
    ],
)
def test_a_push_that_is_not_allowed_says_why(
    token: str | None, repository: str, error: type[Exception], words: str,
    built: Path, smaller: Path, push: Callable[..., Pushed], hub: Hub,
) -> None:  # fmt: skip
    push(built)

    with pytest.raises(error, match=words) as raised:
        push(smaller, repository, token=token)

    assert token is None or token not in str(raised.value)
    assert list(hub.repos) == [NAME]
    assert len(hub.repos[NAME].commits) == 2


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"token": None}, StoreError, "set HF_TOKEN"),
        ({"token": "hf_expired"}, StoreError, "set HF_TOKEN"),
        ({"token": "hf_bro\nken"}, StoreError, "token cannot be sent"),
        ({"repository": "library/gone"}, StoreError, "no data set library/gone"),
        ({"repository": "engravings"}, InputError, "OWNER/NAME"),
        ({"revision": "gone"}, StoreError, "no branch, tag or commit gone"),
        ({"endpoint": "http://127.0.0.1:9"}, StoreError, "Check the network"),
    ],
)
def test_a_pull_that_is_not_possible_says_why_and_leaves_no_trace(
    options: dict[str, Any], error: type[Exception], words: str,
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path,
) -> None:  # fmt: skip
    push(built)

    with pytest.raises(error, match=words) as raised:
        pull(tmp_path / "index", **options)

    assert "ken" not in str(raised.value).replace("token", "").replace("TOKEN", "")
    assert not (tmp_path / "index").exists()


def test_the_token_is_taken_from_the_environment(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    push(built)
    monkeypatch.setenv("HF_TOKEN", READ)

    assert pull(tmp_path / "index", token=None).rows == 20


def test_offline_mode_is_named(pull: Callable[..., Manifest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    with pytest.raises(StoreError, match="HF_HUB_OFFLINE is set"):
        pull(tmp_path / "index")


def test_a_repository_without_an_index_is_refused(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    hub.tamper(NAME, lambda files: files.pop("index.faiss"))

    with pytest.raises(StoreError, match=r"index\.faiss is missing"):
        pull(tmp_path / "index")


def test_a_pull_of_what_is_served_already_does_nothing(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    first = pull(tmp_path / "index")
    before = _files(tmp_path / "index")
    hub.sent.clear()

    assert first == pull(tmp_path / "index")

    assert before == _files(tmp_path / "index")
    assert hub.sent == ["manifest.json"]


def test_a_pull_repairs_a_served_generation_that_is_damaged(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    push(built)
    pull(tmp_path / "index")
    (IndexDirectory(tmp_path / "index").current() / "rows" / "shard-00002.arrow").write_bytes(b"nonsense")

    pull(tmp_path / "index")

    assert _generation(built) == _generation(tmp_path / "index")


def test_a_pull_killed_before_its_last_step_only_takes_that_step(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(smaller)
    pull(tmp_path / "index")
    push(built)
    pull(tmp_path / "index")
    (tmp_path / "index" / "CURRENT").write_text("generation-000001\n")
    hub.sent.clear()

    assert pull(tmp_path / "index").rows == 20
    assert IndexDirectory(tmp_path / "index").current().name == "generation-000002"
    assert hub.sent == ["manifest.json"]


def test_a_pull_becomes_the_next_generation_and_leaves_an_unfinished_build_alone(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path / "index")
    target = IndexDirectory(tmp_path / "index")
    target.building.mkdir()
    (target.building / "plan.json").write_text("{}")
    push(smaller)

    pull(tmp_path / "index")

    assert [path.name for path in target.generations()] == ["generation-000001", "generation-000002"]
    assert _generation(smaller) == _generation(tmp_path / "index")
    assert (target.building / "plan.json").read_text() == "{}"


def test_a_directory_in_use_is_not_pulled_into(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    push(built)

    with IndexDirectory(tmp_path / "index").locked(), pytest.raises(StoreError, match="Wait for it to end"):
        pull(tmp_path / "index")


def test_long_listings_are_read_to_their_end(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    hub.page = 2
    push(built)

    assert pull(tmp_path / "index").rows == 20


def test_a_connection_that_breaks_is_taken_up_where_it_broke(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    hub.cuts["rows/shard-00001.arrow"] = 1

    pull(tmp_path / "index")

    assert hub.sent.count("rows/shard-00001.arrow") == 2
    assert _generation(built) == _generation(tmp_path / "index")


def test_bytes_that_come_damaged_are_told_and_fetched_again_by_the_next_pull(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    shutil.copytree(smaller, tmp_path / "index")
    push(built)
    name = "rows/shard-00001.arrow"
    hub.wrong[name] = bytes(len(_generation(built)[name]))

    with pytest.raises(StoreError, match=f"{name} of {NAME} came damaged. Run the command again"):
        pull(tmp_path / "index")

    assert _generation(smaller) == _generation(tmp_path / "index")
    hub.wrong.clear()
    hub.sent.clear()
    pull(tmp_path / "index")
    assert _generation(built) == _generation(tmp_path / "index")
    assert hub.sent.count(name) == 1


_PROGRAM = """
import argparse, sys
from search_core.cli import add_commands
from search_core.errors import VignetteError
parser = argparse.ArgumentParser()
add_commands(parser.add_subparsers())
options = parser.parse_args()
try:
    sys.exit(options.handler(options))
except VignetteError as error:
    sys.exit(f"vignette: {error}")
"""


def _vignette(hub: Hub, tmp_path: Path, *arguments: object, token: str = WRITE) -> subprocess.Popen[str]:
    """The command in a process and an environment of its own, as a user has it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")} | {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_TOKEN": token,
    }
    command = [sys.executable, "-c", _PROGRAM, *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, cwd=Path(__file__).parents[2], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_killed_pull_leaves_the_directory_as_it_was_and_goes_on(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    shutil.copytree(smaller, tmp_path / "index")
    push(built)
    reached, released = threading.Event(), threading.Event()

    def stop_at_the_index(name: str) -> None:
        if name == "index.faiss":
            reached.set()
            released.wait(60)

    hub.gate = stop_at_the_index
    with _vignette(hub, tmp_path, "index", "pull", NAME, tmp_path / "index") as process:
        assert reached.wait(60)
        _until(lambda: len(list((tmp_path / "index" / "pulling").glob("generation-*/rows/*.arrow"))) == 4)
        process.send_signal(signal.SIGKILL)
    released.set()
    assert _generation(smaller) == _generation(tmp_path / "index")

    hub.sent.clear()
    pull(tmp_path / "index")

    assert _generation(built) == _generation(tmp_path / "index")
    assert "index.faiss" in hub.sent
    assert not [name for name in hub.sent if name.startswith("rows/")], "what came before the kill is not fetched again"
    assert not (tmp_path / "index" / "pulling").exists()


def _until(true: Callable[[], bool]) -> None:
    wait = threading.Event()
    for _ in range(600):
        if true():
            return
        wait.wait(0.05)
    raise AssertionError("it never came to this")


def test_what_an_interrupted_pull_of_another_commit_left_is_not_mixed_in(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    hub.wrong["index.faiss"] = bytes(len(_generation(built)["index.faiss"]))
    with pytest.raises(StoreError, match="damaged"):
        pull(tmp_path / "index")
    hub.wrong.clear()
    push(smaller)

    pull(tmp_path / "index")

    assert _generation(smaller) == _generation(tmp_path / "index")


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
    assert _generation(smaller) == _generation(tmp_path / "index")
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
    assert _generation(built) == _generation(tmp_path / "index")
    assert not list(tmp_path.parent.rglob("*escaped*"))
    assert not Path("/escaped.arrow").exists()


def test_push_and_pull_are_commands(built: Path, hub: Hub, tmp_path: Path) -> None:
    pushed = _vignette(hub, tmp_path, "index", "push", built, NAME)
    out, errors = pushed.communicate(timeout=120)
    assert pushed.returncode == 0, errors
    assert "20 pictures" in out
    assert "private" in out
    assert "source, model" in errors

    pulled = _vignette(hub, tmp_path, "index", "pull", NAME, tmp_path / "index", token=READ)
    more_out, more_errors = pulled.communicate(timeout=120)
    assert pulled.returncode == 0, more_errors
    assert "20 pictures" in more_out
    assert "Pulling" in more_errors
    assert _generation(built) == _generation(tmp_path / "index")

    refused = _vignette(hub, tmp_path, "index", "pull", NAME, tmp_path / "other", token="hf_expired")
    _, line = refused.communicate(timeout=120)
    assert refused.returncode == 1
    assert "set HF_TOKEN" in line
    assert "Traceback" not in line
    for text in (out, errors, more_out, more_errors, line):
        assert not any(token in text for token in (READ, WRITE, "hf_expired"))
