"""Layers for bfloat16 against the plain ones that they replace, of the real architectures."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, Siglip2VisionConfig, SiglipVisionConfig
from transformers.models.clip.modeling_clip import CLIPEncoderLayer
from transformers.models.siglip.modeling_siglip import SiglipEncoderLayer
from transformers.models.siglip2.modeling_siglip2 import Siglip2EncoderLayer

from search_core.layers import lay_out

WIDTH, TOKENS = 64, 9
Layer = Callable[[str], torch.nn.Module]


def clip(activation: str) -> torch.nn.Module:
    sizes = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_attention_heads": 4}
    config = CLIPTextConfig(**sizes, hidden_act=activation, attn_implementation="sdpa")
    return CLIPEncoderLayer(config)


def siglip(activation: str) -> torch.nn.Module:
    sizes = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_attention_heads": 4}
    return SiglipEncoderLayer(SiglipVisionConfig(**sizes, hidden_act=activation, attn_implementation="sdpa"))


def siglip2(activation: str) -> torch.nn.Module:
    sizes = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_attention_heads": 4}
    return Siglip2EncoderLayer(Siglip2VisionConfig(**sizes, hidden_act=activation, attn_implementation="sdpa"))


def larger(layer: torch.nn.Module) -> torch.nn.Module:
    """With weights and biases so large that each part of the layer shows in what comes out."""
    torch.manual_seed(0)
    for weights in layer.parameters():
        torch.nn.init.normal_(weights, std=0.3)
    return layer.eval()


def error(layer: torch.nn.Module, exact: torch.Tensor, inputs: torch.Tensor, **options: object) -> float:
    """The mean error against single precision, by the mean size of what comes out."""
    with torch.inference_mode():
        return float((layer(inputs.to(torch.bfloat16), **options).float() - exact).abs().mean() / exact.abs().mean())


def laid_out(layer: torch.nn.Module) -> torch.nn.Module:
    holder = torch.nn.Sequential(copy.deepcopy(layer))
    lay_out(holder)
    return holder.to(torch.bfloat16)[0]


@pytest.mark.parametrize(
    ("make", "activation"),
    [
        (clip, "quick_gelu"),
        (clip, "gelu"),
        (clip, "gelu_pytorch_tanh"),
        (siglip, "gelu_pytorch_tanh"),
        (siglip2, "gelu_pytorch_tanh"),
    ],
)
@pytest.mark.parametrize("look", ["at everything", "back", "at what is no padding"])
def test_a_block_gives_what_the_plain_one_does(make: Layer, activation: str, look: str) -> None:
    plain = larger(make(activation))
    anew = laid_out(plain)
    inputs, options = torch.randn(3, TOKENS, WIDTH), {}
    if look == "back":
        options["is_causal"] = True
        plain.self_attn.is_causal = True  # where SigLIP's looks for it
    if look == "at what is no padding":
        options["attention_mask"] = torch.ones(3, 1, TOKENS, TOKENS, dtype=torch.bool)
        options["attention_mask"][0, :, :, 4:] = False
    with torch.inference_mode():
        exact = plain(inputs, **({"attention_mask": None} | options))
    in_half = copy.deepcopy(plain).to(torch.bfloat16)

    assert type(anew) is not type(plain)
    of_plain = error(in_half, exact, inputs, **({"attention_mask": None} | options))
    assert error(anew, exact, inputs, **options) <= 1.25 * of_plain < 0.02


def test_a_block_does_not_look_ahead_when_it_looks_back_only() -> None:
    anew = laid_out(larger(clip("quick_gelu")))
    inputs = torch.randn(1, TOKENS, WIDTH).to(torch.bfloat16)
    changed = inputs.clone()
    changed[:, -1] = 0

    with torch.inference_mode():
        first, second = (anew(one, is_causal=True) for one in (inputs, changed))
        third = anew(changed)

    assert torch.equal(first[:, :-1], second[:, :-1])
    assert not torch.equal(third[:, :-1], second[:, :-1])


def clip_model() -> CLIPModel:
    sizes = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_hidden_layers": 2, "num_attention_heads": 4}
    model = CLIPModel(CLIPConfig(text_config=sizes, vision_config={**sizes, "image_size": 64, "patch_size": 16})).eval()
    for block in model.vision_model.encoder.layers:
        larger(block)
    return model


def test_a_picture_is_read_off_its_first_token_and_the_others_end_before() -> None:
    plain = clip_model()
    anew = laid_out(plain)
    pixels = torch.randn(3, 3, 64, 64)
    with torch.inference_mode():
        exact, made = plain.get_image_features(pixels), anew.get_image_features(pixels.to(torch.bfloat16))

    assert [block.first_only for block in anew.vision_model.encoder.layers] == [False, True]
    assert not any(block.first_only for block in anew.text_model.encoder.layers)
    assert made.last_hidden_state.shape == (3, 1, WIDTH)
    assert (made.pooler_output.float() - exact.pooler_output).abs().mean() < 0.02 * exact.pooler_output.abs().mean()


def test_a_picture_tower_alone_finishes_all_tokens_for_whoever_wants_them() -> None:
    plain = clip_model().vision_model
    anew = laid_out(plain)
    pixels = torch.randn(3, 3, 64, 64)
    with torch.inference_mode():
        exact, made = plain(pixels).last_hidden_state, anew(pixels.to(torch.bfloat16)).last_hidden_state

    assert made.shape == exact.shape
    assert (made.float() - exact).abs().mean() < 0.02 * exact.abs().mean()


def test_a_block_without_biases_is_kept_and_a_model_without_blocks_is_no_error() -> None:
    plain = larger(clip("quick_gelu"))
    plain.self_attn.q_proj.bias = None
    inputs = torch.randn(3, TOKENS, WIDTH)
    with torch.inference_mode():
        exact = plain(inputs, attention_mask=None)
    empty = clip_model()
    empty.vision_model.encoder.layers = torch.nn.ModuleList()

    assert error(laid_out(plain), exact, inputs, attention_mask=None) < 0.02
    assert not laid_out(empty).vision_model.encoder.layers


def test_whoever_asks_a_layer_for_its_precision_is_told() -> None:
    anew = laid_out(torch.nn.Linear(8, 4))

    assert anew.weight.dtype is torch.bfloat16


def test_a_block_with_another_activation_is_kept_and_its_products_are_not() -> None:
    plain = larger(clip("relu"))
    anew = laid_out(plain)
    inputs = torch.randn(3, TOKENS, WIDTH)
    with torch.inference_mode():
        exact = plain(inputs, attention_mask=None)

    assert type(anew) is CLIPEncoderLayer
    assert not isinstance(anew.mlp.fc1, torch.nn.Linear)
    assert error(anew, exact, inputs, attention_mask=None) < 0.02


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", [(32, 48), (39, 33)])
def test_a_convolution_over_patches_gives_the_same_numbers(bias: bool, size: tuple[int, int]) -> None:
    plain = torch.nn.Conv2d(3, 24, (16, 8), (16, 8), bias=bias)
    anew = laid_out(plain)
    pixels = torch.randn(2, 3, *size)
    with torch.inference_mode():
        exact = plain(pixels)

    assert not isinstance(anew, torch.nn.Conv2d)
    assert anew.weight.dtype is torch.bfloat16
    assert error(anew, exact, pixels) < 0.01


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 4, "stride": 2},
        {"kernel_size": 4, "stride": 4, "padding": 1},
        {"kernel_size": 4, "stride": 4, "groups": 2},
        {"kernel_size": 2, "stride": 2, "dilation": 2},
        {"kernel_size": 1, "stride": 1},
    ],
)
def test_any_other_convolution_stays(options: dict[str, int]) -> None:
    assert type(laid_out(torch.nn.Conv2d(2, 4, **options))) is torch.nn.Conv2d
