"""Scores are put into words by the collection's own background, not by fixed cuts.

Below the first few tests, figures of the sample collection and model: shares of what is called "not close" and the like
among random collections and prompts that the calibration never saw.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from search_core.background import Background
from search_core.calibration import FEW_ROWS, SHARES, Calibration, calibrate, measure, unrelated_prompts
from search_core.encoder import Encoder, unit
from search_core.imaging import decode
from search_core.index import FlatIndex
from search_core.query import Closeness, Mixture
from search_core.text import clean
from tests.search_core.calibrated import NONSENSE, Sample, Small, composed, read_sample, stored_pictures

ALONG = np.array([1.0, 0.0], np.float32)
EVEN = Background(np.arange(2), np.array([[-0.5, 0.0], [0.5, 0.0]], np.float32))
"""Its scores along the first axis have the mean 0."""

WORDS, PICTURE = Mixture(0.0), Mixture(1.0)
CLOSE = 2
"""The number of "close" among the words; above it is "very close", below it are the looser ones."""

SIZES = (1, 5, 20, 50, 100)


def _scales(words: list[float], picture: list[float], without: list[float]) -> dict[str, list[list[float]]]:
    """Scales whose level is 0 for all: three thresholds each, straight between words and picture."""
    plain = [[0.0, 0.0, *(((1 - share) * np.array(words) + share * np.array(picture)).tolist())] for share in SHARES]
    return {"plain": plain, "without": [[0.0, 0.0, *without]] * len(SHARES)}


@pytest.fixture(scope="module")
def sample(sample_index: Path, encoder: Encoder) -> Sample:
    return read_sample(sample_index, encoder)


@pytest.fixture(scope="module")
def whole(sample: Sample) -> Small:
    return sample.subset(np.arange(len(sample.pictures)))


# ------------------------------------------------------------ how a score gets its word


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (-1.0, Closeness.FAR),
        (0.19, Closeness.FAR),
        (0.2, Closeness.LOOSE),
        (0.39, Closeness.LOOSE),
        (0.4, Closeness.CLOSE),
        (0.6, Closeness.VERY_CLOSE),
        (1.0, Closeness.VERY_CLOSE),
    ],
)
def test_a_score_is_called_by_the_last_threshold_it_reaches(score: float, expected: Closeness) -> None:
    calibration = Calibration(EVEN, _scales([0.2, 0.4, 0.6], [9, 9, 9], [9, 9, 9]))

    assert calibration.closeness(np.array([score]), ALONG, WORDS) == [expected]


@pytest.mark.parametrize(
    ("mixture", "expected"),
    [
        (WORDS, (0.2, 0.4, 0.6)),
        (PICTURE, (0.4, 0.8, 1.0)),
        (Mixture(0.5), (0.3, 0.6, 0.8)),
        (Mixture(0.1), (0.22, 0.44, 0.64)),
        (Mixture(0.0, without=True), (0.1, 0.2, 0.3)),
        (Mixture(0.7, without=True), (0.1, 0.2, 0.3)),
    ],
)
def test_a_mixture_has_the_scale_of_its_share_and_of_its_subtraction(
    mixture: Mixture, expected: tuple[float, float, float]
) -> None:
    calibration = Calibration(EVEN, _scales([0.2, 0.4, 0.6], [0.4, 0.8, 1.0], [0.1, 0.2, 0.3]))

    assert calibration.scale(mixture)[2:] == pytest.approx(expected)


def test_the_same_picture_is_very_close_whatever_the_collection_is_like() -> None:
    calibration = Calibration(EVEN, _scales([1.1, 1.2, 1.3], [1.1, 1.2, 1.3], [1.1, 1.2, 1.3]))

    assert calibration.closeness(np.array([1.0, 0.9]), ALONG, PICTURE) == [Closeness.VERY_CLOSE, Closeness.FAR]
    assert calibration.closeness(np.array([1.0]), ALONG, WORDS) == [Closeness.FAR]


def test_no_scores_give_no_words() -> None:
    calibration = Calibration(EVEN, _scales([1, 2, 3], [1, 2, 3], [1, 2, 3]))

    assert calibration.closeness(np.array([]), ALONG, WORDS) == []


def test_the_unrelated_prompts_are_many_distinct_and_clean_and_none_is_tested_with() -> None:
    prompts = unrelated_prompts()

    assert len(prompts) >= 30
    assert len(set(prompts)) == len(prompts)
    assert all(clean(prompt) == prompt for prompt in prompts)
    assert set(prompts).isdisjoint(NONSENSE)


@pytest.mark.parametrize("rows", [1, 2, FEW_ROWS - 1, FEW_ROWS])
@pytest.mark.parametrize("prompts", [1, 2, 5])
def test_the_smallest_collections_can_be_calibrated(rows: int, prompts: int) -> None:
    index = FlatIndex.build([unit(np.random.default_rng(0).normal(size=(rows, 32)))], 32)

    scales = calibrate(index, unit(np.eye(32)[:prompts]))

    assert np.shape(scales["plain"]) == np.shape(scales["without"]) == (len(SHARES), 5)
    assert np.isfinite([scales["plain"], scales["without"]]).all()


def test_a_calibration_takes_some_hundred_searches_more_than_its_sample_of_rows(whole: Small) -> None:
    counting = _Counting(whole.index)

    calibrate(counting, unit(np.eye(384)[:40]))

    assert counting.searches <= 1_250


class _Counting(FlatIndex):
    """An index that counts what it is asked."""

    def __init__(self, index: FlatIndex) -> None:
        super().__init__(index._index)
        self.searches = 0

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        self.searches += len(queries)
        return super().search(queries, k)


# ------------------------------------------------------------ collections of any size


@pytest.mark.parametrize("size", SIZES)
def test_nonsense_is_mostly_not_close_and_the_collections_titles_are(sample: Sample, size: int) -> None:
    collections = sample.subsets(size)

    nonsense = np.concatenate([one.steps(sample.nonsense, WORDS) for one in collections])
    titles = np.concatenate([one.steps(sample.titles[one.rows], WORDS) for one in collections])

    assert np.mean(nonsense == 0) >= 0.85
    assert np.mean(nonsense >= CLOSE) <= 0.03
    assert np.mean(titles >= CLOSE) >= 0.9
    assert np.mean(titles == 0) <= 0.02


@pytest.mark.parametrize("size", SIZES)
def test_pictures_that_nothing_here_is_like_are_mostly_not_close(sample: Sample, size: int) -> None:
    steps = [one.steps(_strangers(sample, one), PICTURE) for one in sample.subsets(size)]

    assert np.mean(np.concatenate(steps) == 0) >= 0.75
    assert np.mean(np.concatenate(steps) >= CLOSE) <= 0.1


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_of_the_collection_posted_again_is_very_close(sample: Sample, size: int) -> None:
    steps = np.concatenate([one.steps(sample.pictures[one.rows], PICTURE) for one in sample.subsets(size)])

    assert (steps == 3).all()


def test_a_picture_saved_anew_is_very_close_or_close(
    sample: Sample, sample_index: Path, encoder: Encoder, whole: Small
) -> None:
    rows = np.arange(0, len(sample.pictures), 40)
    posted = encoder.encode_images([_saved_anew(data) for data in stored_pictures(sample_index, rows)])

    for collection in (sample.subset(rows), whole):
        steps = collection.steps(posted, PICTURE)
        assert np.mean(steps == 3) >= 0.8
        assert (steps >= CLOSE).all()


@pytest.mark.parametrize("label", ["animals", "food", "tools", "people", "vehicles"])
def test_in_a_collection_of_one_theme_its_titles_are_close_and_nonsense_is_not(sample: Sample, label: str) -> None:
    collection = sample.subset(np.flatnonzero(sample.labels == label))

    assert np.mean(collection.steps(sample.titles[collection.rows], WORDS) == 3) >= 0.85
    assert np.mean(collection.steps(sample.nonsense, WORDS) == 0) >= 0.85


def test_half_the_rows_have_a_close_neighbour_and_few_none_at_all(sample: Sample, whole: Small) -> None:
    steps = whole.steps(sample.pictures, PICTURE, whole.rows)

    assert np.mean(steps >= CLOSE) == pytest.approx(0.5, abs=0.06)
    assert np.mean(steps == 0) <= 0.05


def _strangers(sample: Sample, collection: Small) -> np.ndarray:
    """Up to sixty pictures whose cosine with each of a collection's rows is below 0.35: another motif altogether."""
    nearest = (sample.pictures @ sample.pictures[collection.rows].T).max(axis=1)
    rows = np.random.default_rng(0).permutation(np.flatnonzero(nearest < 0.35))
    return sample.pictures[rows[:60]]


def _saved_anew(data: bytes) -> Image.Image:
    file = io.BytesIO()
    decode(data).save(file, "JPEG", quality=60)
    return decode(file.getvalue())


# ------------------------------------------------------------ words and a picture


def test_without_a_share_for_the_picture_the_scale_is_that_of_words_and_with_all_that_of_a_picture(
    sample: Sample, whole: Small
) -> None:
    assert whole.calibration.scale(Mixture(0.0)) == measure(
        whole.index, whole.calibration.background, sample.unrelated, WORDS
    )
    assert whole.calibration.scale(Mixture(1.0)) == measure(
        whole.index, whole.calibration.background, sample.unrelated, PICTURE
    )


@pytest.mark.parametrize("without", [False, True])
@pytest.mark.parametrize("share", [0.1, 0.15, 0.35, 0.4, 0.6, 0.65, 0.85, 0.9])
def test_between_the_measured_shares_the_scale_is_what_a_measurement_there_gives(
    sample: Sample, whole: Small, share: float, without: bool
) -> None:
    mixture = Mixture(share, without)

    measured = measure(whole.index, whole.calibration.background, sample.unrelated, mixture)

    assert whole.calibration.scale(mixture)[2:] == pytest.approx(measured[2:], abs=0.04)


def test_words_that_add_nothing_leave_a_picture_loosely_related_and_words_that_fit_bring_it_close(
    sample: Sample, whole: Small
) -> None:
    prompts = sample.nonsense[np.arange(len(whole.rows)) % len(sample.nonsense)]

    nonsense = whole.steps(composed(prompts, sample.pictures, None, 0.5), Mixture(0.5), whole.rows)
    fitting = whole.steps(composed(sample.titles, sample.pictures, None, 0.5), Mixture(0.5), whole.rows)

    assert np.mean(nonsense >= CLOSE) <= 0.12
    assert np.mean(fitting >= CLOSE) >= 0.5


def test_the_less_share_a_picture_has_the_more_nonsense_beside_it_is_heard(sample: Sample, whole: Small) -> None:
    prompts = sample.nonsense[np.arange(len(whole.rows)) % len(sample.nonsense)]

    far = [
        np.mean(whole.steps(composed(prompts, sample.pictures, None, share), Mixture(share), whole.rows) == 0)
        for share in (0.1, 0.25, 0.5, 0.75, 0.9)
    ]

    assert far == sorted(far, reverse=True)
    assert far[0] >= 0.8
    assert far[-1] <= 0.1


# ------------------------------------------------------------ several prompts, and without some


@pytest.mark.parametrize("geometry", ["as it is", "as in CLIP"])
@pytest.mark.parametrize("size", [20, 100, 966])
def test_a_subtraction_by_itself_makes_nothing_closer_or_less_close(sample: Sample, geometry: str, size: int) -> None:
    sample = sample.as_in_clip() if geometry == "as in CLIP" else sample
    [collection] = sample.subsets(size, number=1)
    away = sample.nonsense[np.arange(size) % len(sample.nonsense)]

    alone = collection.steps(sample.titles[collection.rows], WORDS)
    without = collection.steps(composed(sample.titles[collection.rows], None, away, 0.5), Mixture(0.0, without=True))

    assert np.mean(without >= CLOSE) == pytest.approx(np.mean(alone >= CLOSE), abs=0.05)
    assert np.mean(without) == pytest.approx(np.mean(alone), abs=0.25)
    assert (np.abs(without - alone) <= 1).all()


@pytest.mark.parametrize("geometry", ["as it is", "as in CLIP"])
@pytest.mark.parametrize("size", [20, 100, 966])
def test_nonsense_without_other_nonsense_is_mostly_not_close(sample: Sample, geometry: str, size: int) -> None:
    sample = sample.as_in_clip() if geometry == "as in CLIP" else sample
    queries = composed(sample.nonsense, None, np.roll(sample.nonsense, 5, axis=0), 0.5)

    steps = np.concatenate([one.steps(queries, Mixture(0.0, without=True)) for one in sample.subsets(size, number=3)])

    assert np.mean(steps == 0) >= 0.85


def test_a_picture_without_what_it_does_not_show_is_as_close_as_the_picture(sample: Sample, whole: Small) -> None:
    away = sample.nonsense[np.arange(len(whole.rows)) % len(sample.nonsense)]

    alone = whole.steps(sample.pictures, PICTURE, whole.rows)
    without = whole.steps(composed(None, sample.pictures, away, 0.5), Mixture(1.0, without=True), whole.rows)

    assert np.mean(without) == pytest.approx(np.mean(alone), abs=0.1)


@pytest.mark.parametrize("geometry", ["as it is", "as in CLIP"])
@pytest.mark.parametrize("prompts", [2, 4, 8])
def test_the_mean_of_several_prompts_that_mean_nothing_is_not_close_on_the_scale_of_one(
    sample: Sample, geometry: str, prompts: int
) -> None:
    sample = sample.as_in_clip() if geometry == "as in CLIP" else sample
    rng = np.random.default_rng(prompts)
    chosen = [rng.choice(sample.nonsense, prompts, replace=False) for _ in range(60)]
    queries = unit(np.stack([vectors.mean(axis=0) for vectors in chosen]))

    for size in (20, 100, 966):
        steps = np.concatenate([one.steps(queries, WORDS) for one in sample.subsets(size, number=4)])
        assert np.mean(steps == 0) >= 0.85


def test_several_prompts_for_one_thing_are_closer_than_most_of_them_and_no_closer_than_the_best(
    encoder: Encoder, whole: Small
) -> None:
    things = ["a cat", "a bicycle", "an apple", "a guitar", "a sailing ship", "a hammer", "a dog", "a house", "a tree"]
    forms = ["{}", "a picture of {}", "{} as clip art", "a drawing of {}"]
    by_form = np.stack([encoder.encode_texts([form.format(thing) for thing in things]) for form in forms])

    alone = [np.mean(whole.steps(vectors, WORDS)) for vectors in by_form]
    together = whole.steps(unit(by_form.mean(axis=0)), WORDS)

    assert (together >= CLOSE).all()
    assert np.mean(alone) <= np.mean(together) <= max(alone)
