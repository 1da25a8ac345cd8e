"""The fingerprint that says which encoder made a vector: model, weights, tokenizer, image processor."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer


@dataclass(frozen=True, slots=True)
class EncoderFingerprint:
    """What must be equal for two encoders' vectors to be comparable.

    Attributes:
        model: the name or folder the model was loaded from.
        revision: the Hub commit, or None for a folder.
        weights: SHA-256 over names, shapes and float32 values of all weights.
        width: numbers in a vector.
        dtype: the precision of the forward pass; it may differ, see `precision`.
        image_processor: the class that turns pictures into the model's input.
        processor: SHA-256 over the tokenizer and the settings of the image processor.
        text_model: the name or folder of a separate text tower, or None.
        text_weights: SHA-256 of its weights, or None.
    """

    model: str
    revision: str | None
    weights: str
    width: int
    dtype: str
    image_processor: str
    processor: str
    text_model: str | None = None
    text_weights: str | None = None

    @property
    def space(self) -> str:
        """Names the space that its vectors lie in: the digest of all weights that make them."""
        return self.weights if self.text_weights is None else f"{self.weights}+{self.text_weights}"

    def with_weights(self, weights: str, text_weights: str | None = None) -> EncoderFingerprint:
        """The same with the digests of the weights, and of a text tower's."""
        return replace(self, weights=weights, text_weights=text_weights)


def take_fingerprint(
    name: str, model: SentenceTransformer, tower_name: str | None = None, tower: SentenceTransformer | None = None
) -> EncoderFingerprint:
    """Take the fingerprint of a model, and of a text tower beside it, as they were loaded: in float32.

    The digests of the weights, which take most of the time, are left open (`hash_weights`, `with_weights`).
    """
    width = model.get_embedding_dimension() or model.encode([{"text": "width"}]).shape[1]
    return EncoderFingerprint(
        model=name,
        revision=getattr(model[0].auto_model.config, "_commit_hash", None),
        weights="",
        width=int(width),
        dtype=str(model.dtype).removeprefix("torch."),
        image_processor=type(_image_processor(model)).__name__,
        processor=hash_processor(model, tower or model),
        text_model=tower_name,
        text_weights=None,
    )


def hash_weights(state: dict[str, torch.Tensor]) -> str:
    """SHA-256 over names, shapes and values of a state dict, the same on every device."""
    digest = hashlib.sha256()
    for key in sorted(state):
        tensor = state[key].detach().cpu().contiguous()
        digest.update(f"{key}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.reshape(-1).numpy().data)
    return digest.hexdigest()


def hash_processor(model: SentenceTransformer, text_tower: SentenceTransformer) -> str:
    """SHA-256 over what stands between a prompt or a picture and the weights: another token is another vector."""
    settings = _image_processor(model).to_dict()
    tokenizer = text_tower.tokenizer
    backend = getattr(tokenizer, "backend_tokenizer", None)
    words = backend.to_str() if backend is not None else json.dumps(tokenizer.get_vocab(), sort_keys=True)
    parts = (json.dumps(settings, sort_keys=True, default=str), words, str(text_tower.max_seq_length))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _image_processor(model: SentenceTransformer) -> Any:
    return getattr(model.processor, "image_processor", model.processor)
