"""A model's layers as a processor with bfloat16 runs them fastest: the same numbers in fewer and larger steps.

Beside the products of matrices, the forward pass of ViT-B/32 in bfloat16 spends a third of its time on what could be
done while a product's results are still at hand: an activation is three walks over the widest numbers of a layer, a sum
with what came before one more, and a convolution over patches that do not overlap turns its weights around at each
call. `lay_out` has oneDNN do these with the products. In turns with the plain layers, one thread, pictures in batches
of 16: 1.2 times as many a second.

All but the first token of a picture ends before the last block's second half, which nobody would look at.

Weights are rounded once, from float32; no number is less exact than in the plain layer, and `Encoder.load` measures
the drift of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

_BLOCKS = ("CLIPEncoderLayer", "SiglipEncoderLayer", "Siglip2EncoderLayer")
"""Classes of transformers whose forward pass is that of `_Block`: attention and two products, each after a norm."""

_FIRST_ONLY = ("CLIPModel", "CLIPVisionModelWithProjection")
"""Classes of transformers that read a picture off the first token of their `vision_model`: its last block need not
finish the others. Who wants those is found out by what its vectors become (`Encoder.load`)."""

_QUICK = 1.702
"""x sigmoid(1.702 x), with which CLIP was trained (Hendrycks and Gimpel 2016, "Gaussian Error Linear Units")."""

_ACTIVATIONS: Mapping[str, tuple[str, str, float]] = {
    "QuickGELUActivation": ("swish", "", _QUICK),
    "GELUActivation": ("gelu", "none", 1.0),
    "GELUTanh": ("gelu", "tanh", 1.0),
}
"""What oneDNN calls an activation of transformers, and what its input is multiplied by: `swish` is x sigmoid(x)."""


def can_lay_out() -> bool:
    """Whether this torch has oneDNN's products with something fused on."""
    return hasattr(torch.ops.mkldnn, "_linear_pointwise")


def lay_out(module: torch.nn.Module) -> None:
    """Replace the layers of a model in float32 by layers in bfloat16, in place.

    Subclasses of `torch.nn.Linear` and of `Conv2d` stay, since their owners may read their weights themselves.
    """
    for name, child in module.named_children():
        if _is_block(child):
            setattr(module, name, _Block(child))
        elif type(child) is torch.nn.Linear:
            setattr(module, name, _Product(child.weight, child.bias))
        elif type(child) is torch.nn.Conv2d and _is_of_patches(child):
            setattr(module, name, _Patches(child))
        else:
            lay_out(child)
    _end_early(module)


def _is_block(module: Any) -> bool:
    if type(module).__name__ not in _BLOCKS or type(module.mlp.activation_fn).__name__ not in _ACTIVATIONS:
        return False
    return all(isinstance(one.bias, torch.Tensor) for one in module.modules() if type(one) is torch.nn.Linear)


def _end_early(module: Any) -> None:
    blocks = module.vision_model.encoder.layers if type(module).__name__ in _FIRST_ONLY else []
    if len(blocks) and isinstance(blocks[-1], _Block):
        blocks[-1].first_only = True


class _Product(torch.nn.Module):
    """A linear layer whose weights lie in oneDNN's own order once, instead of being brought into it at each call.

    For a single prompt, whose few tokens make that the larger part of the work, the forward pass of ViT-B/32's text
    tower took 0.62 of the time (one thread), for a single picture 0.9.

    Args:
        weight: shape (outputs, inputs).
        bias: shape (outputs,), or None.
        activation: what follows, as oneDNN calls it, and its variant.
    """

    def __init__(
        self, weight: torch.Tensor, bias: torch.Tensor | None, activation: tuple[str, str] = ("none", "")
    ) -> None:
        super().__init__()
        self._packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach().to(torch.bfloat16), None)
        self._activation = activation
        self.weight = torch.empty(0, dtype=torch.bfloat16)  # whose precision owners ask for
        self.bias = None if bias is None else torch.nn.Parameter(bias.detach().to(torch.bfloat16), requires_grad=False)

    def forward(self, inputs: torch.Tensor, onto: torch.Tensor | None = None) -> torch.Tensor:
        """Outputs of the layer, shape (..., outputs), added to `onto` where that is given."""
        if onto is not None:
            added: torch.Tensor = torch.ops.mkldnn._linear_pointwise.binary(
                inputs, onto, self._packed, self.bias, "add"
            )
            return added
        name, variant = self._activation
        outputs: torch.Tensor = torch.ops.mkldnn._linear_pointwise(inputs, self._packed, self.bias, name, [], variant)
        return outputs


class _Block(torch.nn.Module):
    """One of `_BLOCKS`: queries, keys and values by one product; activation and sums within the products.

    Attributes:
        first_only: whether the states of the first token are all that is returned, shape (batch, 1, width).
    """

    def __init__(self, block: Any) -> None:
        super().__init__()
        attention, mlp = block.self_attn, block.mlp
        three = [attention.q_proj, attention.k_proj, attention.v_proj]
        name, variant, factor = _ACTIVATIONS[type(mlp.activation_fn).__name__]
        self.first_only = False
        self._heads = attention.num_heads
        self._before_attention, self._before_mlp = block.layer_norm1, block.layer_norm2
        self._asked = _Product(torch.cat([one.weight for one in three]), torch.cat([one.bias for one in three]))
        self._attended = _Product(attention.out_proj.weight, attention.out_proj.bias)
        self._up = _Product(mlp.fc1.weight * factor, mlp.fc1.bias * factor, (name, variant))
        self._down = _Product(mlp.fc2.weight / factor, mlp.fc2.bias)

    def forward(
        self,
        states: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        is_causal: bool = False,
        **_: Any,
    ) -> torch.Tensor:
        """States of each token, shape (batch, tokens, width)."""
        batch, tokens, width = states.shape
        asked = self._asked(self._before_attention(states)).view(batch, tokens, 3, self._heads, width // self._heads)
        queries, keys, values = asked.permute(2, 0, 3, 1, 4)
        if self.first_only:
            queries, states = queries[:, :, :1], states[:, :1].contiguous()
        causal = is_causal and attention_mask is None
        seen = torch.nn.functional.scaled_dot_product_attention(queries, keys, values, attention_mask, 0.0, causal)
        states = self._attended(seen.transpose(1, 2).flatten(2), states)
        risen: torch.Tensor = self._down(self._up(self._before_mlp(states)), states)
        return risen


def _is_of_patches(layer: torch.nn.Conv2d) -> bool:
    plain = layer.padding in ("valid", (0, 0)) and layer.dilation == (1, 1) and layer.groups == 1
    return plain and layer.kernel_size == layer.stride and layer.kernel_size != (1, 1)


class _Patches(torch.nn.Module):
    """A convolution over patches that do not overlap, as one product."""

    def __init__(self, layer: torch.nn.Conv2d) -> None:
        super().__init__()
        self._sides = layer.kernel_size
        self._product = _Product(layer.weight.flatten(1), layer.bias)
        self.weight = self._product.weight

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Shape (batch, channels, height, width) to (batch, outputs, rows, columns)."""
        down, across = self._sides
        batch, channels, height, width = pixels.shape
        high, wide = height // down, width // across
        whole = pixels[:, :, : high * down, : wide * across].reshape(batch, channels, high, down, wide, across)
        outputs: torch.Tensor = self._product(whole.permute(0, 2, 4, 1, 3, 5).flatten(3))
        return outputs.permute(0, 3, 1, 2)
