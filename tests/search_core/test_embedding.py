"""Embedding shares the cores out among its threads, and gives them back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from search_core.build import build_index
from search_core.embedding import MAX_WORKERS, _threads
from tests.conftest import MODEL


def _cores_of_a_new_thread() -> int:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.get_num_threads).result()


def test_each_thread_computes_on_its_share_of_the_cores() -> None:
    for cores, share in ((1, 1), (2, 1), (MAX_WORKERS, 1), (4 * MAX_WORKERS, 4)):
        with _threads(cores) as pool:
            assert pool.submit(torch.get_num_threads).result() == share


def test_after_a_build_torch_has_all_cores_again(small_source: Path, tmp_path: Path) -> None:
    before = torch.get_num_threads(), _cores_of_a_new_thread()

    build_index(small_source, tmp_path / "index", model=MODEL, device="cpu", progress=False)

    assert (torch.get_num_threads(), _cores_of_a_new_thread()) == before
