"""The same picture saved again is found; other pictures that merely resemble each other are not."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
from PIL import Image

from search_core.duplicates import MAX_BITS, MAX_BUCKET, Duplicates, difference_hash, find_duplicates
from search_core.encoder import unit
from search_core.imaging import decode
from search_core.index import FlatIndex
from tests.conftest import COLLECTION
from tests.search_core.pictures import encoded

WIDTH = 8


def _index(*vectors: list[float]) -> FlatIndex:
    padded = [vector + [0.0] * (WIDTH - len(vector)) for vector in vectors]
    return FlatIndex.build([unit(np.array(padded))], WIDTH)


def _sample(count: int) -> list[Image.Image]:
    paths = sorted(path for path in COLLECTION.rglob("*.*") if path.suffix in (".png", ".jpg"))
    return [decode(path.read_bytes()) for path in random.Random(0).sample(paths, count)]


def _saved_again(image: Image.Image, how: str) -> Image.Image:
    if how == "as JPEG":
        return Image.open(io.BytesIO(encoded(image, "JPEG", quality=60)))
    return image.resize((max(9, image.width // 2), max(9, image.height // 2)), Image.Resampling.LANCZOS)


@pytest.mark.parametrize("how", ["as JPEG", "at half the size"])
def test_a_picture_that_was_saved_again_keeps_its_hash_within_the_bits_allowed(how: str) -> None:
    images = _sample(60)

    changed = [(difference_hash(image) ^ difference_hash(_saved_again(image, how))).bit_count() for image in images]

    assert np.mean([bits <= MAX_BITS for bits in changed]) >= 0.9


def test_different_pictures_have_different_hashes() -> None:
    hashes = [difference_hash(image) for image in _sample(60)]

    far = [(one ^ other).bit_count() > MAX_BITS for n, one in enumerate(hashes) for other in hashes[:n]]

    assert np.mean(far) > 0.98


def test_the_hash_compares_neighbouring_pixels_from_the_top_left() -> None:
    brighter = Image.fromarray(np.tile(np.arange(9, dtype=np.uint8) * 20, (8, 1)))

    assert difference_hash(brighter) == (1 << 64) - 1
    assert difference_hash(brighter.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) == 0


@pytest.mark.parametrize(
    ("hashes", "vectors", "groups", "reason"),
    [
        ([5, 5], ([1.0], [1.0]), ((0, 1),), "equal in both"),
        ([0, 0b111], ([1.0], [1.0]), ((0, 1),), "three bits apart"),
        ([0, 1 << 63 | 1 << 40 | 1 << 20], ([1.0], [1.0]), ((0, 1),), "three bits apart, in three bands"),
        ([0, 0b1111], ([1.0], [1.0]), (), "four bits apart"),
        ([5, 5], ([1.0], [0.0, 1.0]), (), "an equal hash, but another picture"),
        ([0, 2**64 - 1], ([1.0], [1.0]), (), "an equal vector, but another hash"),
        ([0, 1, 3, 7, 15], ([1.0],) * 5, ((0, 1, 2, 3, 4),), "a chain is one group"),
        ([9, 0, 9, 0], ([1.0], [0.0, 1.0]) * 2, ((0, 2), (1, 3)), "two groups"),
        ([7], ([1.0],), (), "one row"),
    ],
)
def test_groups(
    hashes: list[int], vectors: tuple[list[float], ...], groups: tuple[tuple[int, ...], ...], reason: str
) -> None:
    assert find_duplicates(np.array(hashes, np.uint64), _index(*vectors)).groups == groups, reason


def test_a_crowd_of_equal_hashes_is_still_grouped_and_not_compared_pair_by_pair() -> None:
    count = MAX_BUCKET * 20

    found = find_duplicates(np.full(count, 3, np.uint64), FlatIndex.build([unit(np.ones((count, WIDTH)))], WIDTH))

    assert found.groups == (tuple(range(count)),)


def test_a_row_knows_the_others_of_its_group() -> None:
    duplicates = Duplicates(((1, 4, 9), (2, 3)))

    assert duplicates.others(4) == (1, 9)
    assert duplicates.others(7) == ()
    assert duplicates.numbers(np.array([3, 2, 9, 7, 10])).tolist() == [1, 1, 0, -1, -1]
    assert len(duplicates) == 2


def test_a_collection_without_near_duplicates_says_so_of_every_row() -> None:
    assert Duplicates().numbers(np.array([0, 5])).tolist() == [-1, -1]
    assert Duplicates().groups == ()


def test_the_groups_are_those_of_comparing_every_row_with_every_other() -> None:
    drawn = np.random.default_rng(0)
    count = 600
    hashes = drawn.integers(0, 2**64, 40, np.uint64)[drawn.integers(0, 40, count)]
    for _ in range(2):
        hashes ^= np.uint64(1) << drawn.integers(0, 64, count, np.uint64)
    vectors = np.eye(WIDTH, dtype=np.float32)[drawn.integers(0, WIDTH, count)]

    found = find_duplicates(hashes, FlatIndex.build([vectors], WIDTH))

    alike = (np.bitwise_count(hashes[:, np.newaxis] ^ hashes) <= MAX_BITS) & (vectors @ vectors.T > 0.5)
    reached = alike
    for _ in range(10):  # a chain is shorter than 2 to the tenth
        reached = reached.astype(np.float32) @ reached.astype(np.float32) > 0
    groups = {tuple(np.flatnonzero(row).tolist()) for row in reached}
    assert set(found.groups) == {group for group in groups if len(group) > 1}
    assert len(found) > 30
