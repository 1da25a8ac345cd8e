"""A build that has nothing to do says so at once, without the model; anything that may change the result loads it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search_core.build import UNCHANGED, add_to_index, build_index, remove_from_index
from search_core.encoder import Encoder
from search_core.store import IndexDirectory, Manifest
from search_core.unchanged import make_request, model_stamp
from tests.conftest import MODEL, ROOT
from tests.search_core.pictures import encoded, gradient

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class _Loaded(Exception):
    """The model would have been loaded."""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODEL, tmp_path / "model"))


@pytest.fixture
def built(small_source: Path, model: Path, tmp_path: Path) -> Manifest:
    return _build(small_source, tmp_path / "index", model)


def _build(source: Path, directory: Path, model: Path, **options: Any) -> Manifest:
    return build_index(source, directory, model=model, device="cpu", progress=False, **options)


@pytest.fixture
def no_model(built: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, loading a model shows."""

    def load(*_arguments: object) -> None:
        raise _Loaded

    monkeypatch.setattr(Encoder, "load", load)


def test_the_same_command_again_imports_neither_torch_nor_faiss(
    built: Manifest, small_source: Path, model: Path, tmp_path: Path
) -> None:
    program = (
        "import sys; from bot.cli import main; code = main(sys.argv[1:]);"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'faiss', 'datasets'} & set(sys.modules);"
        "print(code, sorted(heavy))"
    )
    arguments = ["index", "build", small_source, tmp_path / "index", "--model", model, "--device", "cpu", "--quiet"]

    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    assert done.stdout.splitlines()[-1] == "0 []"
    assert "30 pictures indexed" in done.stdout
    assert UNCHANGED in done.stderr
    assert IndexDirectory(tmp_path / "index").current().name == "generation-000001"


@pytest.mark.usefixtures("no_model")
def test_the_manifest_is_that_of_the_index(built: Manifest, small_source: Path, model: Path, tmp_path: Path) -> None:
    assert _build(small_source, tmp_path / "index", model) == built


def _touched(model: Path, _: Path) -> dict[str, Any]:
    weights = next(model.rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes())
    return {}


def _swapped_with_old_times(model: Path, _: Path) -> dict[str, Any]:
    weights = next(model.rglob("*.safetensors"))
    before, data = weights.stat(), bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    return {}


def _new_file(model: Path, _: Path) -> dict[str, Any]:
    (model / "new.json").write_text("{}")
    return {}


def _linked_folder(model: Path, _: Path) -> dict[str, Any]:
    (model / "linked").symlink_to(MODEL, target_is_directory=True)
    return {}


def _new_picture(_: Path, source: Path) -> dict[str, Any]:
    (source / "new.png").write_bytes(encoded(gradient()))
    return {}


CHANGES: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    "a weight written again": _touched,
    "a weight changed and its time set back": _swapped_with_old_times,
    "a file more in the model": _new_file,
    "a folder in the model that is a link": _linked_folder,
    "a picture more": _new_picture,
    "another kind of index": lambda _, __: {"index": "flat"},
    "other shards": lambda _, __: {"shard_rows": 7},
    "a text tower": lambda model, _: {"text_model": model},
    "a text tower on the Hub": lambda _, __: {"text_model": "clip-ViT-B-32-multilingual-v1"},
}


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize("change", CHANGES)
def test_what_may_change_the_result_loads_the_model(
    change: str, small_source: Path, model: Path, tmp_path: Path
) -> None:
    options = CHANGES[change](model, small_source)

    with pytest.raises(_Loaded):
        _build(small_source, tmp_path / "index", model, **options)


@pytest.mark.parametrize("content", [None, b"", b"{}", b'["x", "y"]', b"\xff"])
@pytest.mark.usefixtures("no_model")
def test_without_a_sound_note_the_model_is_loaded(
    content: bytes | None, small_source: Path, model: Path, tmp_path: Path
) -> None:
    note = tmp_path / "index" / "asked.json"
    note.unlink() if content is None else note.write_bytes(content)

    with pytest.raises(_Loaded):
        _build(small_source, tmp_path / "index", model)


def test_after_an_addition_or_a_removal_the_index_is_another(
    built: Manifest, small_source: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "new.png").write_bytes(encoded(gradient()))
    added = add_to_index(tmp_path / "more", tmp_path / "index", device="cpu", progress=False)
    assert _build(small_source, tmp_path / "index", model).generation not in (built.generation, added.generation)

    remove_from_index("label=food", tmp_path / "index", progress=False)
    monkeypatch.setattr(Encoder, "load", lambda *_arguments: (_ for _ in ()).throw(_Loaded))
    with pytest.raises(_Loaded):
        _build(small_source, tmp_path / "index", model)


def test_a_build_that_loaded_the_model_to_find_nothing_changed_says_so_and_need_not_the_next_time(
    built: Manifest, small_source: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "index" / "asked.json").unlink()

    assert _build(small_source, tmp_path / "index", model) == built

    assert UNCHANGED in capsys.readouterr().err
    assert json.loads((tmp_path / "index" / "asked.json").read_text())[1] == built.generation


def test_a_model_on_the_hub_stands_still_at_a_commit_alone() -> None:
    assert model_stamp("owner/name", COMMIT) not in (None, model_stamp("owner/other", COMMIT))
    assert [model_stamp("owner/name", revision) for revision in (None, "main", "v1.0", COMMIT[:12])] == [None] * 4
    assert make_request("listing", "owner/name", "main", None) is None
    assert make_request("listing", "owner/name", COMMIT, None) != make_request("other", "owner/name", COMMIT, None)


def test_a_folder_that_takes_its_weights_from_elsewhere_cannot_be_told(model: Path) -> None:
    assert model_stamp(model, None) is not None
    (model / "adapter_config.json").write_text("{}")

    assert model_stamp(model, None) is None
