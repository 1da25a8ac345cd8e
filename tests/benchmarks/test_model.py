"""The model that is measured has CLIP's shape, and loads as CLIP does."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.model import MAX_TOKENS, make_model, merges, vocabulary
from benchmarks.prompts import prompts
from search_core.encoder import Encoder

SMALL = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return Encoder.load(make_model(tmp_path_factory.mktemp("clip"), SMALL), "cpu")


def test_the_vocabulary_has_the_size_of_clips_and_holds_every_merge() -> None:
    words, pairs = vocabulary(), list(merges())

    assert len(words) == 49_408
    assert len(set(pairs)) == len(pairs) == 48_894
    assert {part for pair in pairs for part in pair} <= set(words)


def test_the_model_loads_as_an_encoder_of_width_512(encoder: Encoder) -> None:
    vectors = encoder.encode_texts(["a ship", "a cat"])

    assert encoder.fingerprint.width == 512
    assert float(vectors[0] @ vectors[1]) < 0.999


def test_prompts_are_cut_at_77_tokens(encoder: Encoder) -> None:
    assert not encoder.is_truncated(" ".join(["cat"] * (MAX_TOKENS - 2)))
    assert encoder.is_truncated(" ".join(["cat"] * MAX_TOKENS))


def test_made_up_prompts_differ_and_fit(encoder: Encoder) -> None:
    made = prompts(5_000)

    assert len(set(made)) == 5_000
    assert made[100:110] == prompts(10, 100)
    assert not any(map(encoder.is_truncated, made[::500]))


def test_the_folder_is_made_once(tmp_path: Path) -> None:
    first = make_model(tmp_path / "model", SMALL)
    written = (first / "model.safetensors").stat().st_mtime_ns

    assert (make_model(tmp_path / "model", SMALL) / "model.safetensors").stat().st_mtime_ns == written
