"""An index that does not fit is refused with the name of the field; a reader sees the old or the new generation."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from search_core import SearchEngine, store
from search_core.encoder import Encoder, EncoderFingerprint
from search_core.errors import ManifestMismatch, StoreError
from search_core.generation import open_generation, shards
from search_core.store import IndexDirectory, Manifest, check_encoder, read_manifest, write_manifest
from tests.conftest import MODEL


@pytest.fixture
def directory(sample_index: Path, tmp_path: Path) -> Path:
    """A copy of the sample index that a test may harm."""
    return Path(shutil.copytree(sample_index, tmp_path / "index"))


@pytest.fixture
def generation(directory: Path) -> Path:
    return IndexDirectory(directory).current()


FIELDS = [field.name for kind in (Manifest, EncoderFingerprint) for field in dataclasses.fields(kind)]
FIELDS.remove("encoder")  # its own fields stand in its place


@pytest.mark.parametrize("name", FIELDS)
async def test_one_changed_manifest_field_is_refused_by_its_name(directory: Path, generation: Path, name: str) -> None:
    _edit(generation, lambda values: values.update({name: _another(values[name])}))

    with pytest.raises(ManifestMismatch) as caught:
        async with SearchEngine.open(directory, device="cpu"):
            pass

    assert caught.value.field == name
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["rows", "weights", "created"])
def test_a_missing_manifest_field_is_refused_by_its_name(generation: Path, name: str) -> None:
    _edit(generation, lambda values: values.pop(name))

    with pytest.raises(ManifestMismatch) as caught:
        read_manifest(generation)

    assert caught.value.field == name


def test_an_index_of_an_earlier_format_is_refused_with_what_to_do(generation: Path) -> None:
    _edit(generation, lambda values: values.update(format=1, calibration={"text": [0.1, 0.2, 0.3]}))

    with pytest.raises(ManifestMismatch, match=r"format 1 is not 2\. Build it again\."):
        read_manifest(generation)


@pytest.mark.parametrize("change", [{"extra": "0"}, {"digests": "0"}])
def test_a_changed_list_of_digests_is_refused_by_its_name(generation: Path, change: dict[str, str]) -> None:
    _edit(generation, lambda values: values["digests"].update(change))

    with pytest.raises(ManifestMismatch) as caught:
        read_manifest(generation)

    assert caught.value.field == "digests"


def test_an_unknown_manifest_field_is_refused_by_its_name(generation: Path) -> None:
    _edit(generation, lambda values: values.update(extra=1))

    with pytest.raises(ManifestMismatch) as caught:
        read_manifest(generation)

    assert caught.value.field == "extra"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rows": 7}, "rows"),
        ({"source_fingerprint": "0" * 64}, "source_fingerprint"),
        ({"index_type": "hnsw"}, "index_type"),
        ({"metric": "L2"}, "metric"),
        ({"normalisation": "none"}, "normalisation"),
        ({"vector_dtype": "float32"}, "vector_dtype"),
        ({"recall": 0.9}, "recall"),
    ],
)
def test_a_manifest_that_was_written_anew_is_still_held_against_the_files(
    generation: Path, change: dict[str, Any], field: str
) -> None:
    write_manifest(generation, dataclasses.replace(read_manifest(generation), **change))

    with pytest.raises(ManifestMismatch) as caught:
        open_generation(generation, read_manifest(generation))

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weights": "0" * 64}, "weights"),
        ({"width": 7}, "width"),
        ({"dtype": "bfloat16"}, "dtype"),
        ({"revision": "abc"}, "revision"),
        ({"image_processor": "CLIPImageProcessor"}, "image_processor"),
        ({"processor": "0" * 64}, "processor"),
        ({"text_weights": "0" * 64}, "text_weights"),
    ],
)
def test_an_encoder_that_differs_is_refused_by_the_field(
    generation: Path, encoder: Encoder, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(ManifestMismatch) as caught:
        check_encoder(read_manifest(generation), dataclasses.replace(encoder.fingerprint, **change))

    assert caught.value.field == field


async def test_an_index_built_by_another_model_is_refused(directory: Path, other_model: Path) -> None:
    with pytest.raises(ManifestMismatch) as caught:
        async with SearchEngine.open(directory, model=other_model, device="cpu"):
            pass

    assert caught.value.field == "weights"


async def test_a_model_that_was_only_moved_is_accepted(directory: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(MODEL, tmp_path / "moved")
    async with SearchEngine.open(directory, model=moved, device="cpu") as engine:
        assert engine.manifest.rows > 0


def test_a_lost_shard_is_noticed(generation: Path) -> None:
    shards(generation)[1].unlink()

    with pytest.raises(ManifestMismatch) as caught:
        open_generation(generation, read_manifest(generation))

    assert caught.value.field == "rows"


def test_swapped_shards_are_noticed(generation: Path) -> None:
    first, second, *_ = shards(generation)
    first.rename(first.with_suffix(".aside"))
    second.rename(first)
    first.with_suffix(".aside").rename(second)

    with pytest.raises(ManifestMismatch) as caught:
        open_generation(generation, read_manifest(generation))

    assert caught.value.field == "source_fingerprint"


def test_a_damaged_shard_is_a_clear_error(generation: Path) -> None:
    shards(generation)[0].write_bytes(b"nonsense")

    with pytest.raises(StoreError, match="Build the index again"):
        open_generation(generation, read_manifest(generation))


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", "{", "\x00"])
def test_a_damaged_manifest_is_a_clear_error(generation: Path, content: str) -> None:
    (generation / "manifest.json").write_text(content)

    with pytest.raises(StoreError, match="missing or damaged"):
        read_manifest(generation)


@pytest.mark.parametrize("pointer", ["generation-000099", "", "../elsewhere", "/"])
def test_a_pointer_to_nowhere_is_a_clear_error(directory: Path, pointer: str) -> None:
    (directory / "CURRENT").write_text(pointer)

    with pytest.raises(StoreError, match="not there"):
        IndexDirectory(directory).current()


def test_a_folder_that_is_no_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="vignette index build"):
        IndexDirectory(tmp_path).current()


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    def half_written(path: Path) -> None:
        path.write_text("half")
        raise OSError("disk full")

    (tmp_path / "file").write_text("old")
    with pytest.raises(OSError, match="disk full"):
        store.write_whole(tmp_path / "file", half_written)

    assert (tmp_path / "file").read_text() == "old"


def _edit(generation: Path, change: Any) -> None:
    path = generation / "manifest.json"
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


def _another(value: Any) -> Any:
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, dict):
        return {**value, "text": [0.0, 0.0, 0.0]}
    return 1 if value is None else value + 1
