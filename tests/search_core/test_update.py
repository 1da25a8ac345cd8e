"""An index lives: rows are added and removed without a rebuild, and nothing is embedded twice."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from search_core import FilterSet, Query, SearchEngine
from search_core.build import add_to_index, build_index, remove_from_index
from search_core.encoder import Encoder
from search_core.errors import ManifestMismatch, QueryError, StoreError
from search_core.generation import shards
from search_core.store import IndexDirectory, Manifest
from tests.conftest import MODEL, ROOT
from tests.search_core.pictures import encoded, gradient
from tests.search_core.test_build import SHARD, Built, _opened, _without_names

NO_RULES = FilterSet.empty()


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many images each call of the encoder got."""
    calls: list[int] = []
    encode = Encoder.encode_images

    def counting(self: Encoder, images: list[object]) -> np.ndarray:
        calls.append(len(images))
        return encode(self, images)  # type: ignore[arg-type]

    monkeypatch.setattr(Encoder, "encode_images", counting)
    return calls


@pytest.fixture
def directory(small_source: Path, tmp_path: Path) -> Path:
    _build(small_source, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def more(tmp_path: Path) -> Path:
    """Six new pictures in a folder of their own, without metadata."""
    folder = tmp_path / "more"
    folder.mkdir()
    for number in range(6):
        (folder / f"new{number}.png").write_bytes(encoded(gradient(100 + 9 * number, 80)))
    return folder


def _build(source: Path, directory: Path) -> Built:
    build_index(source, directory, model=MODEL, device="cpu", progress=False, shard_rows=SHARD)
    return _opened(directory)


def _add(source: Path, directory: Path) -> Built:
    add_to_index(source, directory, device="cpu", progress=False, shard_rows=SHARD)
    return _opened(directory)


def _remove(where: str | list[str], directory: Path) -> Built:
    remove_from_index(where, directory, progress=False)
    return _opened(directory)


def test_a_renamed_file_is_not_embedded_again(small_source: Path, directory: Path, embedded: list[int]) -> None:
    before = _opened(directory)
    (small_source / "animals").rename(small_source / "beasts")

    after = _build(small_source, directory)

    assert sum(embedded) == 0
    assert sorted(name.split("/")[-1] for name in after.names) == sorted(name.split("/")[-1] for name in before.names)
    assert after.collection.fingerprint() != before.collection.fingerprint()
    for name, vector in zip(after.names, after.vectors, strict=True):
        assert np.array_equal(vector, before.vectors[before.names.index(name.replace("beasts", "animals"))])


def test_a_file_that_is_there_five_times_is_embedded_once(tmp_path: Path, embedded: list[int]) -> None:
    (tmp_path / "pictures").mkdir()
    for number in range(5):  # more than a shard holds
        (tmp_path / "pictures" / f"{number}.png").write_bytes(encoded(gradient()))

    built = _build(tmp_path / "pictures", tmp_path / "index")

    assert sum(embedded) == 1
    assert built.manifest.rows == 5
    assert (built.vectors == built.vectors[0]).all()


def test_only_a_changed_file_is_embedded_anew(small_source: Path, directory: Path, embedded: list[int]) -> None:
    (small_source / "animals" / "zz.png").write_bytes(encoded(gradient()))

    assert _build(small_source, directory).manifest.rows == 31
    assert sum(embedded) == 1


def test_another_model_embeds_all_again(
    small_source: Path, directory: Path, other_model: Path, embedded: list[int]
) -> None:
    build_index(small_source, directory, model=other_model, device="cpu", progress=False)

    assert sum(embedded) == 30


def test_added_rows_follow_those_that_were_there(directory: Path, more: Path, embedded: list[int]) -> None:
    before = _opened(directory)

    after = _add(more, directory)

    assert after.names == [*before.names, *(f"new{number}.png" for number in range(6))]
    assert np.array_equal(after.vectors[:30], before.vectors)
    assert sum(embedded) == 6
    assert "more" in after.manifest.source


def test_rows_that_were_there_share_their_bytes_on_disk(directory: Path, more: Path) -> None:
    before = {shard.stat().st_ino for shard in shards(_opened(directory).generation)}

    after = {shard.stat().st_ino for shard in shards(_add(more, directory).generation)}

    assert before < after


def test_columns_that_one_source_lacks_are_empty_there(directory: Path, more: Path) -> None:
    (more / "metadata.csv").write_text("file_name,year\nnew0.png,1850\n", encoding="utf-8")

    after = _add(more, directory)

    old, new = after.collection.metadata([0, 30])
    assert old["year"] == ""
    assert new["year"] == "1850"
    assert new["title"] == ""


async def test_added_rows_are_found_by_their_columns(directory: Path, more: Path) -> None:
    (more / "metadata.csv").write_text("file_name,year\nnew0.png,1850\n", encoding="utf-8")
    _add(more, directory)

    async with SearchEngine.open(directory, device="cpu") as engine:
        result = await engine.search(Query(text="a cat", where="year=1800..1900"), NO_RULES)

    assert [hit.metadata["file_name"] for hit in result.hits] == ["new0.png"]


def test_what_is_there_already_is_not_added_again(directory: Path, more: Path, embedded: list[int]) -> None:
    first = _add(more, directory)
    (more / "new0.png").rename(more / "renamed.png")

    second = _add(more, directory)

    assert second.manifest == first.manifest
    assert not (directory / "building").exists()
    assert sum(embedded) == 6


def test_an_addition_with_another_model_is_refused(directory: Path, more: Path, other_model: Path) -> None:
    with pytest.raises(ManifestMismatch) as caught:
        add_to_index(more, directory, model=other_model, device="cpu", progress=False)

    assert caught.value.field == "weights"


def test_an_addition_to_what_is_no_index_is_a_clear_error(tmp_path: Path, more: Path) -> None:
    with pytest.raises(StoreError, match="vignette index build"):
        add_to_index(more, tmp_path / "index", device="cpu", progress=False)


def test_removed_rows_are_gone_with_their_files_and_the_others_stay(directory: Path) -> None:
    before = _opened(directory)
    gone = before.names[5]
    [picture] = before.collection.pictures([5])

    after = _remove(f"file_name={gone}", directory)

    assert after.names == [name for name in before.names if name != gone]
    assert np.array_equal(after.vectors, np.delete(before.vectors, 5, axis=0))
    assert not any(picture.data in shard.read_bytes() for shard in shards(after.generation))


def test_a_whole_folder_can_be_removed_by_a_condition(directory: Path) -> None:
    after = _remove("label=animals", directory)

    assert after.manifest.rows == 20
    assert {name.split("/")[0] for name in after.names} == {"food", "vehicles"}


def test_what_was_removed_comes_back_neither_by_build_nor_by_addition(
    small_source: Path, directory: Path, tmp_path: Path
) -> None:
    gone = _opened(directory).names[5]
    _remove(f"file_name={gone}", directory)
    renamed = tmp_path / "again"
    renamed.mkdir()
    shutil.copy(small_source / gone, renamed / "other-name.jpg")

    assert _add(renamed, directory).manifest.rows == 29
    assert gone not in _build(small_source, directory).names
    assert _add(small_source, directory).manifest.rows == 29


def test_what_was_removed_stays_out_also_when_the_manifest_is_damaged(small_source: Path, directory: Path) -> None:
    gone = _opened(directory).names[5]
    manifest = _remove(f"file_name={gone}", directory).generation / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"rows": 29', '"rows": 99'))

    assert gone not in _build(small_source, directory).names


def test_without_the_list_of_what_was_removed_nothing_is_built(small_source: Path, directory: Path) -> None:
    generation = _remove(f"file_name={_opened(directory).names[5]}", directory).generation
    (generation / "removed.json").unlink()
    (small_source / "new.png").write_bytes(encoded(gradient()))

    with pytest.raises(StoreError, match=r"removed\.json is missing"):
        _build(small_source, directory)


def test_copies_of_a_removed_picture_go_with_it(
    small_source: Path, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = _opened(directory).names[5]
    shutil.copy(small_source / gone, small_source / "copy.png")
    _build(small_source, directory)

    after = _remove(f"file_name={gone}", directory)

    assert "copy.png" not in after.names
    assert after.manifest.rows == 29
    assert "1 copy of these pictures" in capsys.readouterr().err


def test_a_build_says_which_pictures_of_the_index_it_leaves_out(
    small_source: Path, directory: Path, more: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _add(more, directory)

    assert _build(small_source, directory).manifest.rows == 30
    assert "6 pictures of the index, but not of" in capsys.readouterr().err


def test_an_addition_says_which_names_are_taken(
    directory: Path, more: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _add(more, directory)
    (more / "new0.png").write_bytes(encoded(gradient(77, 50)))

    assert _add(more, directory).manifest.rows == 37
    assert "1 picture has the name of another one" in capsys.readouterr().err


def test_an_unreadable_picture_is_reported_once_however_often_it_is_added(directory: Path, more: Path) -> None:
    (more / "bad.png").write_bytes(b"no picture")
    _add(more, directory)
    (more / "new9.png").write_bytes(encoded(gradient(70, 51)))

    assert _add(more, directory).manifest.unreadable == 1


@pytest.mark.parametrize(
    ("where", "error", "word"),
    [
        ("file_name=nothing.png", QueryError, "Nothing was removed"),
        ("colour=red", QueryError, "no field"),
        ("animals", QueryError, "label=animals"),
        ([], QueryError, "Say which rows"),
        ("file_name~.", StoreError, "every picture"),
    ],
)
def test_a_removal_that_cannot_be_meant_changes_nothing(
    directory: Path, where: str | list[str], error: type[Exception], word: str
) -> None:
    before = _opened(directory).manifest

    with pytest.raises(error, match=word):
        _remove(where, directory)

    assert _opened(directory).manifest == before


@pytest.mark.parametrize("action", ["add", "remove"])
def test_killed_at_any_write_a_change_goes_on_and_ends_the_same(
    action: str, directory: Path, more: Path, tmp_path: Path
) -> None:
    undisturbed = Path(shutil.copytree(directory, tmp_path / "undisturbed"))
    command = [sys.executable, "-m", "tests.search_core.killed_builds", action]
    subject = str(more) if action == "add" else "label=food"
    change: Callable[[str | Path, Path], Built] = _add if action == "add" else _remove  # type: ignore[assignment]
    expected = change(subject if action == "remove" else more, undisturbed)
    subprocess.run(
        [*command, subject, MODEL, tmp_path / "killed", str(SHARD), directory],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    killed = sorted((tmp_path / "killed").iterdir())
    assert len(killed) >= 16

    for one in killed:
        result = _opened(one)  # whatever is served is sound
        assert result.manifest.rows in (30, expected.manifest.rows)
        if result.manifest.rows == 30:
            result = change(subject if action == "remove" else more, one)
        assert np.array_equal(result.vectors, expected.vectors), one.name
        assert result.names == expected.names
        assert _without_plan(result.manifest) == _without_plan(expected.manifest)


async def test_under_load_additions_and_removals_never_mix_and_the_removed_never_come_back(
    directory: Path, tmp_path: Path
) -> None:
    removed: dict[str, int] = {}
    stop, answers = asyncio.Event(), []
    async with SearchEngine.open(directory, device="cpu") as engine:
        order = [engine.generation]

        async def ask(number: int) -> None:
            while not stop.is_set():
                oldest = engine.generation
                answers.append((oldest, await engine.search(Query(text=f"a cat {number}", k=40), NO_RULES)))

        async def change(function: Callable[..., Manifest], *arguments: object, **options: object) -> None:
            await asyncio.to_thread(function, *arguments, progress=False, **options)
            await engine.reload()
            order.append(engine.generation)
            await asyncio.sleep(0.2)

        asking = [asyncio.create_task(ask(number)) for number in range(32)]
        for number in range(3):
            folder = tmp_path / f"addition{number}"
            folder.mkdir()
            (folder / f"added{number}.png").write_bytes(encoded(gradient(90 + number)))
            await change(add_to_index, folder, directory, device="cpu")
            doomed = f"added{number - 1}.png" if number else _opened(directory).names[3]
            await change(remove_from_index, f"file_name={doomed}", directory)
            removed[doomed] = len(order) - 1
        stop.set()
        await asyncio.gather(*asking)

    assert len({result.generation for _, result in answers}) >= 4
    for oldest, result in answers:
        place = order.index(result.generation)
        assert place >= order.index(oldest)
        names = {hit.metadata["file_name"] for hit in result.hits}
        assert not {name for name, since in removed.items() if place >= since} & names


def _without_plan(manifest: Manifest) -> dict[str, object]:
    """A manifest without what differs between two directories: the generation's name, and the plan that holds it."""
    return {name: value for name, value in _without_names(manifest).items() if name != "plan"}


def test_the_generation_before_is_kept_until_the_next(directory: Path) -> None:
    before = IndexDirectory(directory).current()
    _remove("label=food", directory)
    assert before.is_dir()
    _remove("label=animals", directory)
    assert not before.is_dir()


@pytest.fixture
def unserved(directory: Path, more: Path) -> tuple[Built, Built]:
    """An addition killed when its generation was finished but not served yet: what is served, and what was made."""
    before, added = _opened(directory), _add(more, directory)
    (directory / "CURRENT").write_text(before.generation.name + "\n")
    return before, added


def test_an_addition_killed_before_its_last_step_is_served_without_embedding_again(
    unserved: tuple[Built, Built], directory: Path, more: Path, embedded: list[int]
) -> None:
    before, added = unserved

    assert _add(more, directory).manifest == added.manifest

    assert sum(embedded) == 0
    assert sorted(directory.glob("generation-*")) == [before.generation, added.generation]


def test_a_removal_killed_before_its_last_step_is_served(directory: Path) -> None:
    before, removed = _opened(directory), _remove("label=food", directory)
    (directory / "CURRENT").write_text(before.generation.name + "\n")

    assert _remove("label=food", directory).manifest == removed.manifest

    assert sorted(directory.glob("generation-*")) == [before.generation, removed.generation]


def test_another_change_after_such_a_kill_keeps_the_generation_that_was_served(
    unserved: tuple[Built, Built], directory: Path
) -> None:
    before, _ = unserved

    after = _remove("label=food", directory)

    assert after.manifest.rows == 20
    assert before.generation.is_dir()


def test_what_was_finished_but_is_damaged_is_made_again(
    unserved: tuple[Built, Built], directory: Path, more: Path
) -> None:
    _, added = unserved
    (added.generation / "index.faiss").unlink()

    after = _add(more, directory)

    assert after.generation != added.generation
    assert after.names == added.names
