"""What a collection and its model are called: as somebody said, or else as their source is; nothing of a machine."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from search_core import SearchEngine, StoreError
from search_core.build import add_to_index, build_index, remove_from_index
from search_core.errors import InputError
from search_core.naming import (
    FILE,
    MAX_TITLE,
    Naming,
    model_title,
    names_of,
    public_name,
    read_naming,
    renamed,
    write_naming,
)
from search_core.store import IndexDirectory, Manifest, read_manifest
from tests.conftest import COLLECTION, MODEL

SAID = Naming("Old maps", "Ann Smith: Old maps. London 2019.", "https://example.org/maps")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def manifest(sample_index: Path) -> Manifest:
    return read_manifest(IndexDirectory(sample_index).current())


def test_what_is_said_is_read_again(tmp_path: Path) -> None:
    assert read_naming(tmp_path) == Naming()

    write_naming(tmp_path, SAID)

    assert read_naming(tmp_path) == SAID


def test_parts_change_alone_and_an_empty_one_is_taken_away(tmp_path: Path) -> None:
    changed = renamed(SAID, title="  New\n maps ", citation="")

    assert changed == Naming("New maps", "", SAID.source_url)
    write_naming(tmp_path, renamed(changed, "", "", ""))
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    ("part", "value", "told"),
    [
        ("title", "x" * (MAX_TITLE + 1), "at most 200"),
        ("citation", "x" * 1_001, "at most 1,000"),
        ("source_url", "https://example.org/" + "x" * 500, "at most 500"),
        ("source_url", "example.org", "no address of the web"),
        ("source_url", "javascript:alert(1)", "no address of the web"),
        ("source_url", "https://example.org/a b", "no address of the web"),
        ("source_url", "https://", "no address of the web"),
    ],
)
def test_what_cannot_be_shown_is_refused(part: str, value: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        renamed(SAID, **{part: value})


@pytest.mark.parametrize("content", ["", "[]", '{"title": 5}', '{"source_url": "nowhere"}', "{" * 9])
def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")

    with pytest.raises(StoreError, match="vignette index describe"):
        read_naming(tmp_path)


def test_where_nothing_is_said_the_source_names_the_collection(tmp_path: Path, manifest: Manifest) -> None:
    for content in (None, "damaged"):
        if content:
            (tmp_path / FILE).write_text(content, encoding="utf-8")
        names = names_of(tmp_path, manifest)
        assert (names.title, names.source, names.citation, names.source_url) == ("collection", "collection", "", "")


def test_a_data_set_of_the_hub_knows_its_name_and_address(tmp_path: Path, manifest: Manifest) -> None:
    of_hub = replace(manifest, source=f"hf://datasets/library/maps@{COMMIT}")
    several = replace(manifest, source=f"{of_hub.source} + /home/ann/more maps")

    names = names_of(tmp_path, of_hub)

    assert (names.title, names.source) == ("library/maps", "library/maps")
    assert names.source_url == f"https://huggingface.co/datasets/library/maps/tree/{COMMIT}"
    assert (names_of(tmp_path, several).title, names_of(tmp_path, several).source_url) == (
        "library/maps + more maps",
        "",
    )


@pytest.mark.parametrize(
    "source", ["hf://datasets/a/b>", "hf://datasets/a/b@x y", "hf://datasets/only", "hf://datasets/a/b/c"]
)
def test_a_source_that_only_looks_like_the_hubs_has_no_address(tmp_path: Path, manifest: Manifest, source: str) -> None:
    assert names_of(tmp_path, replace(manifest, source=source)).source_url == ""


def test_what_is_said_goes_before_what_the_source_is_called(tmp_path: Path, manifest: Manifest) -> None:
    write_naming(tmp_path, SAID)

    names = names_of(tmp_path, replace(manifest, source="hf://datasets/library/maps@main"))

    assert (names.title, names.citation, names.source_url) == (SAID.title, SAID.citation, SAID.source_url)
    assert names.source == "library/maps"


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("/home/ann/Pictures/old books", "old books"), ("./pics", "pics"), ("~/x.zip", "x.zip"),
        ("C:\\data\\pics", "pics"), ("owner/name", "owner/name"),
        ("clip-ViT-B-32", "clip-ViT-B-32"), ("/", "collection"),
        ("https://ann:pw@host.org/x.zip?token=1", "https://host.org/x.zip"), ("/a/b + /c/d", "b + d"),
        (f"hf://datasets/owner/name@{COMMIT}", "owner/name"),
    ],
)  # fmt: skip
def test_a_name_tells_nothing_of_the_machine(name: str, public: str) -> None:
    assert public_name(name) == public


@pytest.mark.parametrize("name", ["clip-ViT-B-32", "owner/model"])
def test_a_model_of_the_hub_is_called_as_it_is_there(name: str) -> None:
    assert model_title(name) == name


@pytest.mark.parametrize(
    ("card", "title"),
    [
        ("---\n# a comment\nlicence: x\n---\n\n# My *fine* [CLIP](https://x.org) #\n\n# More", "My fine CLIP"),
        ("# A `model`\r\n", "A model"),
        ("## No title\n", "engravings-clip"),
        ("# " + "x" * 201, "engravings-clip"),
        (None, "engravings-clip"),
    ],
)
def test_a_model_in_a_folder_is_called_as_its_card_says_or_as_the_folder(
    tmp_path: Path, card: str | None, title: str
) -> None:
    folder = tmp_path / "engravings-clip"
    folder.mkdir()
    if card is not None:
        (folder / "README.md").write_text(card, encoding="utf-8", newline="")

    assert model_title(str(folder)) == title


def test_a_model_that_lies_elsewhere_by_now_is_called_after_its_folder_or_its_name_on_the_hub() -> None:
    assert model_title("/gone/engravings-clip") == "engravings-clip"
    assert model_title(f"/gone/hub/models--openai--clip-vit/snapshots/{COMMIT}") == "openai/clip-vit"


async def test_a_running_engine_tells_what_is_said_by_now(sample_index: Path, tmp_path: Path) -> None:
    index = shutil.copytree(sample_index, tmp_path / "index", symlinks=True)
    async with SearchEngine.open(index, device="cpu") as engine:
        before = await engine.names()
        write_naming(index, SAID)
        after, about = await engine.names(), await engine.about()

    assert before.title == "collection"
    assert before.model == "Vignette's sample model, for trying out and for tests"
    assert (after.title, after.source_url) == (SAID.title, SAID.source_url)
    assert about.names == after


def test_a_title_outlives_a_rebuild_an_addition_and_a_removal(tmp_path: Path) -> None:
    pictures, more = tmp_path / "pictures", tmp_path / "more"
    for folder, some in ((pictures, "apple*"), (more, "b*")):
        folder.mkdir()
        for path in sorted((COLLECTION / "food").glob(some))[:4]:
            shutil.copy2(path, folder)
    build_index(pictures, tmp_path / "index", model=MODEL, device="cpu", progress=False)
    write_naming(tmp_path / "index", SAID)

    add_to_index(more, tmp_path / "index", device="cpu", progress=False)
    remove_from_index("file_name~apple", tmp_path / "index", progress=False)
    manifest = build_index(more, tmp_path / "index", model=MODEL, device="cpu", progress=False)

    assert manifest.generation.startswith("generation-000004")
    assert names_of(tmp_path / "index", manifest).title == SAID.title
    assert json.loads((tmp_path / "index" / FILE).read_text(encoding="utf-8"))["title"] == SAID.title
