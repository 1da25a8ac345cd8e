"""Fixtures of the search core's tests."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from search_core import SearchEngine
from search_core.encoder import Encoder
from tests.conftest import COLLECTION, MODEL
from tests.search_core.outside import OutsideWorld


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder.load(MODEL, "cpu")


@pytest.fixture(scope="session")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample model with one weight changed: the same shape, but vectors that must not be mixed."""
    import torch
    from safetensors.torch import load_file, save_file

    folder = tmp_path_factory.mktemp("other") / "model"
    shutil.copytree(MODEL, folder)
    [path] = folder.rglob("*.safetensors")
    weights = load_file(path)
    name = next(name for name in weights if name.endswith("visual_projection.weight"))
    weights[name] = weights[name] + torch.ones((), dtype=weights[name].dtype)
    save_file(weights, path, metadata={"format": "pt"})
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine(sample_index: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(sample_index, device="cpu") as opened:
        yield opened


@pytest.fixture
def small_source(tmp_path: Path) -> Path:
    """Thirty pictures of the sample collection in three folders, with the metadata of the collection."""
    folder = tmp_path / "pictures"
    for label in ("animals", "food", "vehicles"):
        (folder / label).mkdir(parents=True)
        for path in sorted((COLLECTION / label).iterdir())[:10]:
            shutil.copy2(path, folder / label / path.name)
    lines = (COLLECTION / "metadata.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines[1:] if (folder / line.partition(",")[0].strip('"')).is_file()]
    (folder / "metadata.csv").write_text(lines[0] + "".join(kept), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def _outside_world() -> OutsideWorld:
    return OutsideWorld()


@pytest.fixture
def outside_world(_outside_world: OutsideWorld, encoder: Encoder) -> Iterator[OutsideWorld]:
    """Watch files and sockets for the length of a test; the encoder has been loaded and used before."""
    encoder.encode_texts(["warm up"])
    with _outside_world.watching():
        yield _outside_world
