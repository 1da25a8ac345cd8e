"""A push is one commit that holds the index as it is, to a repository that is private unless public is meant."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from datasets import load_dataset

from search_core import Query, SearchEngine, StoreError, store
from search_core.build import add_to_index, remove_from_index
from search_core.collection import Collection
from search_core.encoder import Encoder
from search_core.errors import InputError
from search_core.filters import FilterSet
from search_core.generation import hash_reports, shards
from search_core.hub.layout import belongs
from search_core.hub.push import Pushed
from search_core.naming import Naming, read_naming, write_naming
from search_core.store import IndexDirectory, Manifest
from tests.conftest import MODEL
from tests.search_core.hub.conftest import NAME, READ, WRITE, generation_of
from tests.search_core.hub_server import Content, Hub


def test_a_pulled_generation_is_the_pushed_one_byte_for_byte(
    built: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], tmp_path: Path
) -> None:
    pushed = push(built)

    manifest = pull(tmp_path / "index")

    assert pushed.manifest == manifest
    assert (manifest.rows, manifest.unreadable) == (20, 1)
    assert generation_of(built) == generation_of(tmp_path / "index")
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
    assert {".gitattributes", "README.md", *generation_of(built)} == set(repo.files())


def test_a_second_push_removes_what_the_first_has_left_and_nothing_else(
    built: Path, smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    push(built)
    hub.tamper(NAME, lambda files: files.update({"LICENCE": Content(b"CC0", large=False)}))

    push(smaller)

    assert {".gitattributes", "README.md", "LICENCE", *generation_of(smaller)} == set(hub.repos[NAME].files())
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
    assert generation_of(tmp_path / "pulled") == generation_of(tmp_path / "index")


def test_what_is_said_of_the_collection_goes_along_and_may_change_alone(
    smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    index, pulled = shutil.copytree(smaller, tmp_path / "index"), tmp_path / "pulled"
    write_naming(index, Naming("Old | food", source_url="https://example.org/food"))
    push(index)
    pull(pulled)
    first = read_naming(pulled)
    card = hub.repos[NAME].files()["README.md"].data.decode()
    write_naming(index, Naming("Food"))

    push(index)
    pull(pulled)

    assert first == Naming("Old | food", source_url="https://example.org/food")
    assert card.count("Old | food") == 1
    assert "| collection | Old \\| food |" in card
    assert read_naming(pulled) == Naming("Food")
    assert generation_of(pulled) == generation_of(smaller)
    assert [path.name for path in pulled.glob("generation-*")] == ["generation-000001"]


def test_what_is_no_longer_said_is_taken_from_the_hub_and_left_where_it_was_pulled_to(
    smaller: Path, push: Callable[..., Pushed], pull: Callable[..., Manifest], hub: Hub, tmp_path: Path
) -> None:
    index, pulled = shutil.copytree(smaller, tmp_path / "index"), tmp_path / "pulled"
    write_naming(index, Naming("Food"))
    push(index)
    pull(pulled)

    write_naming(index, Naming())
    push(index)
    pull(pulled)

    assert "collection.json" not in hub.repos[NAME].files()
    assert read_naming(pulled) == Naming("Food")


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

    assert set(generation_of(built)) == {name for name in hub.repos[NAME].files() if belongs(name)}


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
