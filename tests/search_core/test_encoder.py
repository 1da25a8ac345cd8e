"""The encoder gives unit vectors, takes every string as text, and is known by its fingerprint."""

from __future__ import annotations

import dataclasses
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from search_core import encoder as encoder_module
from search_core.encoder import Encoder, hash_weights, resolve_device, unit
from search_core.errors import EncoderError
from tests.conftest import MODEL
from tests.search_core.outside import OutsideWorld
from tests.search_core.pictures import gradient

LOOKS_LIKE_SOMETHING_ELSE = [
    "http://127.0.0.1:9/cat.png",
    "https://example.org/cat.jpg",
    "file:///etc/passwd",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "/etc/hostname",
    "cat.png",
]


def test_vectors_of_texts_and_images_share_one_space_of_unit_vectors(encoder: Encoder) -> None:
    texts = encoder.encode_texts(["a cat", "a ship"])
    images = encoder.encode_images([gradient()])

    assert texts.shape == (2, encoder.fingerprint.width)
    assert images.shape == (1, encoder.fingerprint.width)
    assert texts.dtype == images.dtype == np.float32
    assert np.allclose(np.linalg.norm(np.concatenate([texts, images]), axis=1), 1.0, atol=1e-6)


def test_nothing_in_gives_nothing_out(encoder: Encoder) -> None:
    assert encoder.encode_texts([]).shape == (0, encoder.fingerprint.width)
    assert encoder.encode_images([]).shape == (0, encoder.fingerprint.width)


@pytest.mark.parametrize("prompt", LOOKS_LIKE_SOMETHING_ELSE)
def test_a_prompt_stays_text_and_nothing_is_fetched_or_opened(
    encoder: Encoder, prompt: str, outside_world: OutsideWorld
) -> None:
    vector = encoder.encode_texts([prompt])

    assert outside_world.touched == []
    assert vector.shape == (1, encoder.fingerprint.width)


def test_the_path_of_a_real_picture_is_encoded_as_its_letters(
    encoder: Encoder, tmp_path: Path, outside_world: OutsideWorld
) -> None:
    path = tmp_path / "red.png"
    gradient().save(path)
    outside_world.touched.clear()

    as_text = encoder.encode_texts([str(path)])

    assert outside_world.touched == []
    assert not np.allclose(as_text, encoder.encode_images([gradient()]), atol=0.1)


def test_a_batch_gives_what_single_calls_give(encoder: Encoder) -> None:
    texts = ["a cat", "a very long description of a ship with many sails on a stormy sea", "dog"]

    together = encoder.encode_texts(texts)

    assert np.allclose(together, np.concatenate([encoder.encode_texts([text]) for text in texts]), atol=1e-5)


def test_a_prompt_that_was_asked_before_gives_the_same_vector_without_the_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = Encoder.load(MODEL, "cpu")
    passes: list[int] = []
    forward = Encoder._encode_anew
    monkeypatch.setattr(Encoder, "_encode_anew", lambda self, texts: passes.append(len(texts)) or forward(self, texts))

    first = encoder.encode_texts(["a cat", "a ship", "a cat"])
    again = encoder.encode_texts(["a ship", "a horse", "a cat"])

    assert passes == [2, 1]
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(again[[0, 2]], first[[1, 0]])


def test_only_the_last_prompts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "REMEMBERED_TEXTS", 2)
    encoder = Encoder.load(MODEL, "cpu")

    for prompt in ("a cat", "a ship", "a cat", "a horse"):
        encoder.encode_texts([prompt])

    assert list(encoder._remembered) == ["a cat", "a horse"]


def test_pictures_from_several_threads_give_what_one_thread_gives(encoder: Encoder) -> None:
    pictures = [gradient().rotate(angle) for angle in range(0, 360, 15)]
    alone = [encoder.encode_images([picture]) for picture in pictures]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda picture: encoder.encode_images([picture]), pictures))

    assert np.allclose(np.concatenate(alone), np.concatenate(together), atol=1e-5)


def test_a_prompt_over_the_token_limit_is_known(encoder: Encoder) -> None:
    assert encoder.is_truncated("ship " * 100)
    assert not encoder.is_truncated("ship " * 20)
    # A token for each sign, and two for start and end: 77 fit.
    assert [encoder.is_truncated("!" * signs) for signs in (73, 74, 75, 76)] == [False, False, False, True]


def test_the_fingerprint_is_the_same_each_time(encoder: Encoder) -> None:
    assert Encoder.load(MODEL, "cpu").fingerprint == encoder.fingerprint


def test_the_fingerprint_changes_with_one_weight(encoder: Encoder, other_model: Path) -> None:
    other = Encoder.load(other_model, "cpu").fingerprint

    assert other.weights != encoder.fingerprint.weights
    assert dataclasses.replace(other, weights="", model="") == dataclasses.replace(
        encoder.fingerprint, weights="", model=""
    )


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("tokenizer.json", '"cat":', '"zzcat":'),
        ("processor_config.json", '"image_mean"', '"image_mean": [0.1, 0.1, 0.1], "ignored"'),
    ],
)
def test_the_fingerprint_changes_with_the_tokenizer_and_the_image_processor(
    encoder: Encoder, tmp_path: Path, file: str, old: str, new: str
) -> None:
    changed = Path(shutil.copytree(MODEL, tmp_path / "model"))
    text = (changed / file).read_text(encoding="utf-8")
    assert old in text
    (changed / file).write_text(text.replace(old, new), encoding="utf-8")

    other = Encoder.load(changed, "cpu").fingerprint

    assert other.weights == encoder.fingerprint.weights
    assert other.processor != encoder.fingerprint.processor


def test_the_pillow_image_processor_is_pinned(encoder: Encoder) -> None:
    assert encoder.fingerprint.image_processor.endswith("Pil")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": torch.zeros(2, 3)}, {"a": torch.zeros(3, 2)}),
        ({"a": torch.zeros(2)}, {"b": torch.zeros(2)}),
        ({"a": torch.zeros(2)}, {"a": torch.ones(2)}),
        ({"a": torch.zeros(2)}, {"a": torch.zeros(2, dtype=torch.int32)}),
    ],
)
def test_weights_are_hashed_with_names_shapes_and_types(
    one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]
) -> None:
    assert hash_weights(one) != hash_weights(other)


@pytest.mark.parametrize("bad", [[[0.0, 0.0]], [[np.nan, 1.0]], [[np.inf, 1.0]]])
def test_a_vector_without_direction_is_an_error(bad: list[list[float]]) -> None:
    with pytest.raises(EncoderError, match="zero or not finite"):
        unit(np.array(bad))


@pytest.mark.parametrize("model", ["./gone", "/gone", "~/gone", Path("gone")])
def test_a_model_folder_that_is_not_there_is_a_clear_error(model: str | Path) -> None:
    with pytest.raises(EncoderError, match="no model folder"):
        Encoder.load(model, "cpu")


def test_a_hub_model_that_cannot_be_reached_is_a_clear_error() -> None:
    with pytest.raises(EncoderError, match="downloaded once while online"):
        Encoder.load("nobody/no-such-model", "cpu")


def test_a_model_for_texts_alone_is_refused(tmp_path: Path) -> None:
    words = Tokenizer(WordLevel({"[PAD]": 0, "[UNK]": 1}, unk_token="[UNK]"))
    PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]").save_pretrained(tmp_path / "bert")
    config = BertConfig(vocab_size=2, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    BertModel(config).save_pretrained(tmp_path / "bert")
    model = SentenceTransformer(modules=[Transformer(str(tmp_path / "bert")), Pooling(16)])
    model.save(str(tmp_path / "text"))

    with pytest.raises(EncoderError, match="encodes no images"):
        Encoder.load(tmp_path / "text", "cpu")


def test_auto_means_a_gpu_where_there_is_one() -> None:
    assert resolve_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    assert resolve_device("cpu") == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_a_clear_error() -> None:
    with pytest.raises(EncoderError, match="no GPU"):
        resolve_device("cuda:1")


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "5000"}),
        ({"OMP_WAIT_POLICY": "ACTIVE"}, {"OMP_WAIT_POLICY": "ACTIVE"}),
        ({"GOMP_SPINCOUNT": "7"}, {"GOMP_SPINCOUNT": "7"}),
    ],
)
def test_threads_wait_briefly_unless_somebody_said_otherwise(
    chosen: dict[str, str], expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.setenv(name, "")  # so that it is as before after the test
        monkeypatch.delenv(name)
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(EncoderError):
        Encoder.load("./gone", "cpu")

    found = {name: os.environ[name] for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT") if name in os.environ}
    assert found == expected
