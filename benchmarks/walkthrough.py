"""What people do now, step by step as the walk-through "Image search with datasets" (Hugging Face, 2022) has it:

`load_dataset("imagefolder")`, one `map` that calls `model.encode` on each example, `add_faiss_index`, and
`get_nearest_examples` with an encoded prompt. Written anew from that description, for the libraries' present versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

COLUMN = "embeddings"


def load_model(folder: Path, device: str = "cpu") -> Any:
    """Load the model as sentence-transformers does by default."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device=device, processor_kwargs={"backend": "pil"})


def load_pictures(files: Sequence[Path]) -> Any:
    """Load pictures by name; given a folder alone, `imagefolder` takes some file names for names of splits."""
    from datasets import load_dataset

    return load_dataset("imagefolder", data_files={"train": [str(path) for path in files]}, split="train")


def embed(pictures: Any, model: Any) -> Any:
    """Add each picture's vector as a column, one example after the other."""
    return pictures.map(lambda example: {COLUMN: model.encode(example["image"], show_progress_bar=False)})


def add_index(pictures: Any, vectors: np.ndarray | None = None) -> Any:
    """Add a Faiss index of the vectors, in memory.

    Args:
        pictures: with the column `COLUMN`, or without, where `vectors` are given.
        vectors: one for each row, float32; they give the same index without a column of the data set.
    """
    if vectors is None:
        return pictures.add_faiss_index(column=COLUMN)
    pictures.add_faiss_index_from_external_arrays(vectors, index_name=COLUMN)
    return pictures


def search(pictures: Any, model: Any, prompt: str, k: int = 9) -> tuple[np.ndarray, dict[str, list[Any]]]:
    """Ask in words; scores are distances, and pictures are decoded."""
    scores, examples = pictures.get_nearest_examples(COLUMN, model.encode(prompt, show_progress_bar=False), k=k)
    return scores, examples


@contextmanager
def no_cache() -> Iterator[None]:
    """Have `map` compute, whatever an earlier run kept, and keep its results to this run."""
    from datasets import disable_caching, disable_progress_bars, enable_caching

    disable_caching()
    disable_progress_bars()
    try:
        yield
    finally:
        enable_caching()
