"""Half precision where the machine has it, and only where the vectors stay what they are."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.model import make_model
from search_core import encoder as encoder_module
from search_core.encoder import Encoder
from search_core.precision import MIN_COSINE, MIN_PARAMETERS, choose_dtype, has_bfloat16, lower, place
from tests.conftest import MODEL
from tests.search_core.pictures import gradient

SMALL_CLIP = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}
LARGE = torch.nn.Linear(MIN_PARAMETERS // 1_000, 1_000, device="meta")
SMALL = torch.nn.Linear(10, 10)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("clip"), SMALL_CLIP)


@pytest.fixture
def with_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})


@pytest.fixture
def without_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_f": True})


@pytest.mark.parametrize(
    ("precision", "device", "model", "dtype"),
    [
        ("auto", "cpu", LARGE, torch.bfloat16),
        ("auto", "cpu", SMALL, torch.float32),
        ("auto", "cuda", LARGE, torch.float16),
        ("auto", "cuda:1", SMALL, torch.float32),
        ("float32", "cuda", LARGE, torch.float32),
        ("bfloat16", "cpu", SMALL, torch.bfloat16),
    ],
)
@pytest.mark.usefixtures("with_bfloat16")
def test_the_precision_follows_device_and_size(
    precision: str, device: str, model: torch.nn.Module, dtype: torch.dtype
) -> None:
    assert choose_dtype(precision, device, model) is dtype


@pytest.mark.usefixtures("without_bfloat16")
def test_a_processor_that_would_imitate_bfloat16_stays_in_float32() -> None:
    assert choose_dtype("auto", "cpu", LARGE) is torch.float32


def test_an_unknown_precision_is_an_error() -> None:
    with pytest.raises(ValueError, match="auto, float32, bfloat16, float16"):
        choose_dtype("int8", "cpu", SMALL)


@pytest.mark.parametrize(
    ("capabilities", "has"),
    [
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"avx512_bf16": False, "avx2": True}, False),
        ({}, False),
    ],
)
def test_bfloat16_is_an_instruction_of_the_processor(capabilities: dict[str, bool], has: bool) -> None:
    assert has_bfloat16(capabilities) is has


@pytest.mark.parametrize("rows", [1, 13, 200])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_laid_out_anew_gives_the_same_numbers(rows: int, bias: bool) -> None:
    plain = torch.nn.Sequential(torch.nn.Linear(64, 32, bias=bias)).to(torch.bfloat16)
    laid_out = torch.nn.Sequential(torch.nn.Linear(64, 32, bias=bias))
    laid_out.load_state_dict(plain.float().state_dict())
    plain = plain.to(torch.bfloat16)
    lower(laid_out, torch.bfloat16, "cpu")
    inputs = torch.randn(rows, 64).to(torch.bfloat16)

    with torch.inference_mode():
        expected, actual = plain(inputs).float(), laid_out(inputs).float()

    assert actual.shape == expected.shape
    assert torch.allclose(actual, expected, atol=2e-2)


def test_layers_whose_weights_their_owner_reads_stay_as_they_are() -> None:
    attention = torch.nn.MultiheadAttention(16, 2)
    lower(attention, torch.bfloat16, "cpu")
    inputs = torch.randn(3, 1, 16).to(torch.bfloat16)

    assert attention.out_proj.weight.dtype is torch.bfloat16
    assert attention(inputs, inputs, inputs)[0].shape == (3, 1, 16)


def test_inputs_take_on_the_models_precision_and_numbers_of_tokens_do_not() -> None:
    features = {"pixel_values": torch.ones(1, 3), "input_ids": torch.ones(1, 3, dtype=torch.int64), "modality": "text"}

    placed = place(features, torch.bfloat16, "cpu")

    assert placed["pixel_values"].dtype is torch.bfloat16
    assert placed["input_ids"].dtype is torch.int64
    assert placed["modality"] == "text"


def test_vectors_in_half_precision_point_where_those_of_float32_do(clip: Path) -> None:
    exact, lowered = (Encoder.load(clip, "cpu", precision=name) for name in ("float32", "bfloat16"))
    texts, pictures = ["a cat", "an old ship in a storm"], [gradient(), gradient().rotate(90)]

    assert lowered.fingerprint.dtype == "bfloat16"
    assert dataclasses.replace(lowered.fingerprint, dtype="float32") == exact.fingerprint
    for one, other in (
        (exact.encode_texts(texts), lowered.encode_texts(texts)),
        (exact.encode_images(pictures), lowered.encode_images(pictures)),
    ):
        assert other.dtype == np.float32
        assert (one * other).sum(axis=1).min() >= MIN_COSINE


def test_a_model_whose_vectors_drift_stays_in_float32() -> None:
    # The sample's small convolutional tower keeps a cosine of 0.978 in bfloat16.
    assert Encoder.load(MODEL, "cpu", precision="bfloat16").fingerprint.dtype == "float32"


def test_what_overflows_in_half_precision_stays_in_float32(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overflow(model: torch.nn.Module, dtype: torch.dtype, device: str) -> None:
        lower(model, dtype, device)
        for weights in model.parameters():
            weights.data.fill_(torch.inf)

    monkeypatch.setattr(encoder_module, "lower", overflow)

    assert Encoder.load(clip, "cpu", precision="bfloat16").fingerprint.dtype == "float32"


def test_a_model_of_which_a_layer_cannot_be_turned_stays_in_float32(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_way(model: torch.nn.Module, dtype: torch.dtype, device: str) -> None:
        lower(model, dtype, device)
        raise IndexError("tuple index out of range")

    monkeypatch.setattr(encoder_module, "lower", half_way)
    encoder = Encoder.load(clip, "cpu", precision="bfloat16")

    assert encoder.fingerprint.dtype == "float32"
    assert np.allclose(
        encoder.encode_texts(["a cat"]), Encoder.load(clip, "cpu", precision="float32").encode_texts(["a cat"])
    )
