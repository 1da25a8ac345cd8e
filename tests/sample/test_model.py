"""The shipped model loads as any CLIP of sentence-transformers does, and finds what its card says it finds."""

from __future__ import annotations

import warnings
from pathlib import Path

import evaluate_model as measure
import numpy as np
import openclipart
import pytest
import torch
from PIL import Image
from sentence_transformers import SentenceTransformer

MEGABYTE = 1_000_000
# A sixth of the collection tells a broken model as well as all of it does, in a sixth of the time.
EVERY = 6


@pytest.fixture(scope="session")
def model(sample: Path) -> measure.Model:
    return measure.Model(sample / "model")


@pytest.fixture(scope="session")
def collection(model: measure.Model, sample: Path) -> measure.Collection:
    return measure.Collection(model, sample / "collection")


def test_it_takes_at_most_25_megabytes(sample: Path) -> None:
    assert sum(path.stat().st_size for path in (sample / "model").iterdir()) <= 25 * MEGABYTE


def test_it_loads_with_no_options_and_no_warnings(sample: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = SentenceTransformer(str(sample / "model"), device="cpu")
    assert next(plain.parameters()).dtype == torch.float32
    assert plain.max_seq_length == 77


def test_texts_and_pictures_share_one_space(model: measure.Model) -> None:
    texts, images = model.texts(["a cat", "a dog"]), model.images([Image.new("RGB", (300, 200), "red")])
    assert (texts.shape, images.shape) == ((2, 384), (1, 384))
    assert texts.dtype == images.dtype == np.float32


def test_one_item_and_a_list_give_the_same_vector(model: measure.Model) -> None:
    one = model.sentences.encode({"text": "a sailing ship"}, normalize_embeddings=True)
    many = model.texts(["a sailing ship", "a much longer prompt about something else entirely"])
    assert one.shape == (384,)
    assert one @ many[0] == pytest.approx(1.0, abs=1e-4)


def test_a_picture_of_any_mode_and_shape_has_a_vector(model: measure.Model) -> None:
    pictures = [
        Image.new("L", (30, 300)),
        Image.new("P", (10, 10)),
        Image.new("RGBA", (640, 64)),
        Image.new("RGB", (1, 1)),
    ]
    assert np.isfinite(model.images(pictures)).all()


def test_a_prompt_that_looks_like_an_address_stays_text(model: measure.Model) -> None:
    assert model.texts(["http://127.0.0.1:9/picture.png"]).shape == (1, 384)


def test_a_very_long_prompt_is_cut_and_still_has_a_vector(model: measure.Model) -> None:
    assert np.isfinite(model.texts(["ship " * 500])).all()


def test_case_makes_no_difference(model: measure.Model) -> None:
    lower, upper = model.texts(["steam engine", "STEAM Engine"])
    assert lower @ upper == pytest.approx(1.0, abs=1e-5)


def test_titles_find_their_pictures(model: measure.Model, collection: measure.Collection) -> None:
    assert measure.collection_recall(model, collection) >= 0.90


@pytest.mark.parametrize("name", measure.CHANGES)
def test_changed_pictures_find_themselves(model: measure.Model, collection: measure.Collection, name: str) -> None:
    assert measure.refound(model, collection, measure.CHANGES[name], EVERY) >= 0.95


def test_everyday_words_find_a_fitting_picture(model: measure.Model, collection: measure.Collection) -> None:
    figures = measure.everyday_words(model, collection)
    assert figures["asked"] >= 60
    assert figures["answered"] >= 0.9, figures["without_answer"]


def test_unrelated_prompts_score_clearly_lower(model: measure.Model, collection: measure.Collection) -> None:
    best = measure.best_cosines(model, collection)
    assert best["unrelated"]["median"] < best["fitting"]["p5"]


def test_titles_find_pictures_that_training_never_saw(model: measure.Model) -> None:
    try:
        art = openclipart.OpenClipart().require()
    except openclipart.MissingPackages as error:
        pytest.skip(f"the held-out pictures are not here: {error}")
    assert measure.heldout_recall(model, art) >= 0.50
