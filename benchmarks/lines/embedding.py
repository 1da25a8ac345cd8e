"""A folder of pictures to vectors: by `build_index`, by the walk-through, by batched `encode`; beside decoding and the
bare forward pass added up.

Every column has its model in memory before the clock starts. Ours ends with a finished index on disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks import bare, walkthrough
from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.model import make_model
from benchmarks.pictures import make_pictures
from benchmarks.timing import seconds

LINE = Line(
    name="embedding",
    what="embedding a folder, whole run",
    unit="pictures/s",
    columns=("ours", "walk_through", "batched_encode", "limit"),
    goals=(Goal(9, "walk_through", at_least=True), Goal(0.9, "limit", at_least=True)),
    on_gpu=("ours", "batched_encode", "limit"),
)

BATCH = 32
"""The default of `SentenceTransformer.encode`."""


def prepare(bench: Bench) -> None:
    """Make the model and the pictures."""
    make_model(bench.workspace / "model")
    make_pictures(bench.workspace / f"pictures-{bench.sizes.pictures}", bench.sizes.pictures)


def ours(bench: Bench) -> Figures:
    """`build_index`, from the folder to the published index; the encoder is loaded before and handed in."""
    from search_core.build import build_index
    from search_core.encoder import Encoder

    encoder = Encoder.load(make_model(bench.workspace / "model"), bench.device)
    files = _files(bench, bench.sizes.pictures)
    with (
        tempfile.TemporaryDirectory(dir=bench.workspace) as folder,
        patch.object(Encoder, "load", return_value=encoder),
    ):
        target = Path(folder) / "index"
        return _rate(len(files), lambda: build_index(files[0].parent, target, progress=False))


def walk_through(bench: Bench) -> Figures:
    """One `map` with `encode` for each example, and the Faiss index."""
    model, files = _warm(bench), _files(bench, bench.sizes.walk_through)
    with walkthrough.no_cache():

        def work() -> None:
            walkthrough.add_index(walkthrough.embed(walkthrough.load_pictures(files), model))

        return _rate(len(files), work)


def batched_encode(bench: Bench) -> Figures:
    """`encode` of a list of pictures that PIL opened."""
    from PIL import Image

    model, files = _warm(bench), _files(bench, min(bench.sizes.pictures, 4 * bench.sizes.walk_through))
    return _rate(len(files), lambda: model.encode([Image.open(path) for path in files], batch_size=BATCH))


def limit(bench: Bench) -> Figures:
    """Pictures a second, if the cores only decode and only compute, one after the other."""
    model = bare.BareModel(bench)
    forward = bare.pictures_per_second(model, bench.sizes.pictures)
    decoded = bare.decoded_per_second([path.read_bytes() for path in _files(bench, bench.sizes.pictures)])
    on_cpu = 1 / (1 / forward + 1 / decoded)
    value = on_cpu if bench.device == "cpu" else min(forward, decoded)  # a GPU computes while the cores decode
    return {"value": value, "forward": forward, "decoded": decoded}


def _files(bench: Bench, count: int) -> list[Path]:
    return make_pictures(bench.workspace / f"pictures-{bench.sizes.pictures}", bench.sizes.pictures)[:count]


def _warm(bench: Bench) -> Any:
    from PIL import Image

    model = walkthrough.load_model(make_model(bench.workspace / "model"), bench.device)
    model.encode(Image.new("RGB", (358, 461)))
    return model


def _rate(count: int, work: Callable[[], Any]) -> Figures:
    return {"value": count / seconds(work)}
