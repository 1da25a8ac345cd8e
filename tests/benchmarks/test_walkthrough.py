"""The walk-through that ours is measured beside is the real thing: on a small collection both find the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks import walkthrough
from search_core import FilterSet, Query, SearchEngine
from search_core.build import build_index
from tests.conftest import COLLECTION, MODEL

PROMPTS = ("an apple", "a dog", "a red car", "an ice cream")
PAGE = 5


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    wanted = [path for label in ("animals", "food", "vehicles") for path in sorted((COLLECTION / label).iterdir())[:8]]
    return [Path(shutil.copy2(path, folder / path.name)) for path in wanted]


async def test_both_find_the_same_pictures(files: list[Path], tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer.modules import Normalize

    # As published, vectors keep their lengths and distances are compared, so short vectors win. Of unit length, the
    # nearest are those of the highest cosine.
    model = walkthrough.load_model(MODEL)
    model.append(Normalize())
    with walkthrough.no_cache():
        pictures = walkthrough.add_index(walkthrough.embed(walkthrough.load_pictures(files), model))
    build_index(files[0].parent, tmp_path / "index", model=MODEL, device="cpu", progress=False)

    async with SearchEngine.open(tmp_path / "index", device="cpu") as engine:
        for prompt in PROMPTS:
            _, examples = walkthrough.search(pictures, model, prompt, PAGE)
            ours = await engine.search(Query(text=prompt, k=PAGE), FilterSet.empty())

            theirs = [Path(image.filename).name for image in examples["image"]]
            assert [hit.metadata["file_name"] for hit in ours.hits] == theirs
