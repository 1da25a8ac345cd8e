"""A build loses no picture, shifts no vector, and goes on after any kill as if nothing had happened."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np
import pytest

from search_core import store
from search_core.build import build_index
from search_core.calibration import unrelated_prompts
from search_core.collection import Collection, KeptRow, count_rows, write_shard
from search_core.encoder import Encoder
from search_core.errors import EncoderError, SourceError, StoreError
from search_core.generation import open_generation, read_unreadable, shards
from search_core.imaging import decode
from search_core.making import _titles
from search_core.store import IndexDirectory, Manifest
from tests.conftest import MODEL, ROOT
from tests.search_core.pictures import SVG, encoded, gradient

SHARD = 4
"""Small, so that thirty pictures make eight shards."""


@dataclass(frozen=True)
class Built:
    """A finished index, opened."""

    manifest: Manifest
    generation: Path
    collection: Collection

    @property
    def vectors(self) -> np.ndarray:
        return np.concatenate(list(self.collection.vectors()))

    @property
    def names(self) -> list[str]:
        return [row["file_name"] for row in self.collection.metadata(range(len(self.collection)))]


def _opened(directory: Path) -> Built:
    generation = IndexDirectory(directory).current()
    manifest = store.read_manifest(generation)
    return Built(manifest, generation, open_generation(generation, manifest)[0])


def _build(source: Path, directory: Path, model: Path = MODEL) -> Built:
    build_index(source, directory, model=model, device="cpu", progress=False, shard_rows=SHARD)
    return _opened(directory)


def test_rows_are_the_files_in_order_with_their_bytes_metadata_and_vectors(
    small_source: Path, tmp_path: Path, encoder: Encoder
) -> None:
    built = _build(small_source, tmp_path / "index")

    files = sorted(path.relative_to(small_source).as_posix() for path in small_source.rglob("*.*g"))
    assert built.names == files
    assert built.manifest.rows == 30
    for picture, vector in zip(built.collection.pictures([0, 11, 29]), built.vectors[[0, 11, 29]], strict=True):
        assert picture.data == (small_source / picture.file_name).read_bytes()
        assert picture.metadata["title"]
        assert picture.metadata["label"] == picture.file_name.split("/")[0]
        expected = encoder.encode_images([decode(picture.data)])[0]
        assert float(vector.astype(np.float32) @ expected) > 0.999


def test_vectors_have_unit_length(small_source: Path, tmp_path: Path) -> None:
    built = _build(small_source, tmp_path / "index")

    assert np.allclose(np.linalg.norm(built.vectors.astype(np.float32), axis=1), 1.0, atol=2e-3)


def test_unreadable_pictures_are_named_with_a_reason_and_shift_no_other(small_source: Path, tmp_path: Path) -> None:
    whole = _build(small_source, tmp_path / "whole")
    cut = encoded(gradient(), "JPEG")[:700]
    bad = {"animals/a_cut.jpg": cut, "food/m_drawing.svg": SVG, "vehicles/zz_empty.png": b"", "first.gif": b"GIF89a"}
    for name, data in bad.items():
        (small_source / name).write_bytes(data)

    built = _build(small_source, tmp_path / "with-bad")

    reasons = {entry.file_name: entry.reason for entry in read_unreadable(built.generation)}
    assert set(reasons) == set(bad)
    assert "damaged" in reasons["animals/a_cut.jpg"]
    assert "empty" in reasons["vehicles/zz_empty.png"]
    assert built.manifest.unreadable == 4
    assert built.names == whole.names
    cosines = (built.vectors.astype(np.float32) * whole.vectors.astype(np.float32)).sum(axis=1)
    assert (cosines > 0.998).all()


def test_a_shard_of_unreadable_pictures_alone_is_passed_over(small_source: Path, tmp_path: Path) -> None:
    for number in range(SHARD + 1):
        (small_source / f"aaa{number}.png").write_bytes(b"no picture")

    built = _build(small_source, tmp_path / "index")

    assert (built.manifest.rows, built.manifest.unreadable) == (30, SHARD + 1)


def test_a_source_without_one_readable_picture_is_an_error_with_an_example(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"no picture")

    with pytest.raises(SourceError, match=r"a\.png: The file is no picture"):
        _build(tmp_path / "pictures", tmp_path / "index")
    with pytest.raises(StoreError, match="unfinished build"):
        IndexDirectory(tmp_path / "index").current()


def test_one_picture_is_a_collection(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(encoded(gradient()))

    assert _build(tmp_path / "pictures", tmp_path / "index").manifest.rows == 1


def test_an_unchanged_build_is_not_done_again(small_source: Path, tmp_path: Path) -> None:
    first = _build(small_source, tmp_path / "index")
    second = _build(small_source, tmp_path / "index")

    assert second.manifest == first.manifest
    assert second.generation == first.generation


def test_a_changed_source_makes_a_new_generation_and_the_one_before_is_kept(small_source: Path, tmp_path: Path) -> None:
    generations = [_build(small_source, tmp_path / "index").generation]
    for number in range(2):
        (small_source / f"new{number}.png").write_bytes(encoded(gradient(100 + number)))
        generations.append(_build(small_source, tmp_path / "index").generation)

    assert [path.name for path in generations] == [f"generation-{number:06d}" for number in (1, 2, 3)]
    assert [path.is_dir() for path in generations] == [False, True, True]
    assert _opened(tmp_path / "index").manifest.rows == 32


def test_another_model_makes_a_new_generation(small_source: Path, tmp_path: Path, other_model: Path) -> None:
    first = _build(small_source, tmp_path / "index")
    second = _build(small_source, tmp_path / "index", other_model)

    assert first.manifest.encoder.weights != second.manifest.encoder.weights
    assert not np.array_equal(first.vectors, second.vectors)


def test_killed_at_any_write_a_build_goes_on_and_ends_the_same(small_source: Path, tmp_path: Path) -> None:
    (small_source / "food" / "broken.png").write_bytes(b"no picture")
    undisturbed = _build(small_source, tmp_path / "undisturbed")
    command = [sys.executable, "-m", "tests.search_core.killed_builds", "build"]
    subprocess.run([*command, small_source, MODEL, tmp_path, str(SHARD)], cwd=ROOT, check=True, capture_output=True)
    killed = sorted([*tmp_path.glob("before-*"), *tmp_path.glob("after-*")])
    assert len(killed) >= 2 * 12  # plan, eight shards, index, report, manifest, pointer

    for directory in killed:
        _goes_on_and_ends_like(undisturbed, small_source, directory)


def test_killed_at_ten_random_moments_a_build_goes_on_and_ends_the_same(
    small_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = _build(small_source, tmp_path / "undisturbed")
    command = [sys.executable, "-m", "tests.search_core.killed_builds", "at-random"]
    subprocess.run([*command, small_source, MODEL, tmp_path, str(SHARD)], cwd=ROOT, check=True, capture_output=True)
    embedded: list[int] = []
    encode = Encoder.encode_images

    def counting(self: Encoder, images: list[object]) -> np.ndarray:
        embedded.append(len(images))
        return encode(self, images)  # type: ignore[arg-type]

    monkeypatch.setattr(Encoder, "encode_images", counting)

    for number in range(1, 11):
        directory = tmp_path / f"random-{number:02d}"
        standing = sum(map(count_rows, shards(_where_it_stands(directory))))
        embedded.clear()

        _goes_on_and_ends_like(undisturbed, small_source, directory)

        assert sum(embedded) == undisturbed.manifest.rows - standing


def _where_it_stands(directory: Path) -> Path:
    """What a killed build has left: an unfinished generation, or a finished one that may not be served yet."""
    finished = IndexDirectory(directory).generations()
    return finished[-1] if finished else directory / "building"


def _goes_on_and_ends_like(undisturbed: Built, source: Path, directory: Path) -> None:
    """Build again what was killed: the result is the same, and no shard that stood was embedded again."""
    written = {path.name: (path.stat().st_ino, _sha(path)) for path in shards(directory / "building")}

    built = _build(source, directory)

    assert np.array_equal(built.vectors, undisturbed.vectors), directory.name
    assert built.names == undisturbed.names
    assert read_unreadable(built.generation) == read_unreadable(undisturbed.generation)
    assert _without_names(built.manifest) == _without_names(undisturbed.manifest)
    kept = {path.name: (path.stat().st_ino, _sha(path)) for path in shards(built.generation)}
    assert written.items() <= kept.items()


def test_an_interrupted_build_of_another_source_is_not_mixed_in(small_source: Path, tmp_path: Path) -> None:
    directory = tmp_path / "index"
    _build(small_source, directory)
    IndexDirectory(directory).current().rename(directory / "building")  # as if killed just before the end
    (small_source / "animals").rename(small_source / "beasts")

    built = _build(small_source, directory)

    assert {name.split("/")[0] for name in built.names} == {"beasts", "food", "vehicles"}


def test_two_builds_at_once_are_refused(small_source: Path, tmp_path: Path) -> None:
    directory = tmp_path / "index"
    directory.mkdir()
    with filelock.FileLock(directory / ".lock"), pytest.raises(StoreError, match="Another build is at work"):
        _build(small_source, directory)


def test_a_place_that_cannot_be_written_is_a_clear_error(small_source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreError, match="cannot be written"):
        _build(small_source, tmp_path / "file")


def test_a_model_that_is_not_there_is_a_clear_error_and_leaves_nothing_behind(
    small_source: Path, tmp_path: Path
) -> None:
    with pytest.raises(EncoderError, match="no model folder"):
        _build(small_source, tmp_path / "index", tmp_path / "gone")

    assert not (tmp_path / "index").exists()


def test_the_source_may_vanish_after_the_build(small_source: Path, tmp_path: Path) -> None:
    _build(small_source, tmp_path / "index")
    shutil.rmtree(small_source)

    assert len(_opened(tmp_path / "index").collection.pictures(range(30))) == 30


def _without_names(manifest: Manifest) -> dict[str, object]:
    return {name: value for name, value in manifest.as_dict().items() if name not in ("generation", "created")}


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("kind", "recorded"), [("auto", "flat-fp16"), ("flat", "flat-fp16"), ("ivf", "ivf-fp16")])
def test_the_kind_of_index_and_its_measured_recall_stand_in_the_manifest(
    small_source: Path, tmp_path: Path, kind: str, recorded: str
) -> None:
    manifest = build_index(
        small_source, tmp_path / "index", model=MODEL, device="cpu", index=kind, progress=False, shard_rows=SHARD
    )

    assert manifest.index_type == recorded
    assert manifest.recall >= 0.99
    _opened(tmp_path / "index")


def test_another_kind_of_index_makes_a_new_generation_without_embedding_again(
    small_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _build(small_source, tmp_path / "index")
    monkeypatch.setattr(Encoder, "encode_images", lambda _, images: np.empty((0, before.vectors.shape[1])))

    build_index(small_source, tmp_path / "index", model=MODEL, device="cpu", index="ivf", progress=False)

    after = _opened(tmp_path / "index")
    assert after.manifest.index_type == "ivf-fp16"
    assert np.array_equal(after.vectors, before.vectors)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"title": ["A Cat", "", "a dog", "A Cat"], "label": ["x", "y", "z", "w"]}, ["a cat", "a dog"]),
        ({"label": ["animals", "plants"]}, ["animals", "plants"]),
        ({"title": ["...", "?"], "label": ["x", "y"]}, list(unrelated_prompts())),
        ({"year": ["1850"]}, list(unrelated_prompts())),
        ({"title": [f"title {n}" for n in range(10_000)]}, 256),
    ],
)
def test_recall_is_measured_with_the_collections_own_titles(
    columns: dict[str, list[str]], expected: list[str] | int, tmp_path: Path
) -> None:
    width, count = 4, len(next(iter(columns.values())))
    rows = [
        KeptRow({"file_name": str(n)} | {name: values[n] for name, values in columns.items()}, b"", 0)
        for n in range(count)
    ]
    write_shard(tmp_path / "shard", ["file_name", *columns], rows, np.ones((count, width)), [])

    titles = _titles(Collection([tmp_path / "shard"]))

    assert (len(titles) if isinstance(expected, int) else titles) == expected
