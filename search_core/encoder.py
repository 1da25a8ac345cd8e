"""Texts and images to unit vectors, and the fingerprint that says which encoder made them.

An `Encoder` wraps any `sentence-transformers` model that encodes both texts and images, such as
`clip-ViT-B-32`. It is not thread-safe (fast tokenizers are not: sentence-transformers#794); one worker owns it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search_core.errors import EncoderError
from search_core.families import PLAIN, TextRules, text_rules

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "clip-ViT-B-32"
IMAGE_BACKEND = "pil"
"""torchvision's and Pillow's image processors give slightly different vectors; Pillow's is always there."""

BATCH = 64
"""Items handed over at once: a GPU's forward pass is well filled then."""

_PROBE = "A photo, of 2 cats."
"""Has what rules for prompts change: capital letters, punctuation and few tokens."""

CPU_BATCH = 16
"""Items in one forward pass on a CPU, where larger ones fall out of its caches: ViT-B/32 gives 22.3 pictures/s in
batches of 16 and 19.8 in batches of 64 (float32, two cores), small convolutional towers differ by a factor of two."""


@dataclass(frozen=True, slots=True)
class EncoderFingerprint:
    """What must be equal for two encoders' vectors to be comparable.

    Attributes:
        model: the name or folder the model was loaded from.
        revision: the Hub commit, or None for a folder.
        weights: SHA-256 over names, shapes and float32 values of all weights.
        width: numbers in a vector.
        dtype: the precision of the forward pass.
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


class Encoder:
    """A text-and-image model with unit-length output. Make one with `Encoder.load`."""

    def __init__(
        self, model: SentenceTransformer, fingerprint: EncoderFingerprint, text_tower: SentenceTransformer | None = None
    ) -> None:
        self._model = model
        self._text_tower = text_tower or model
        self._rules = text_rules(_model_type(self._text_tower))
        self.fingerprint = fingerprint

    @classmethod
    def load(
        cls,
        model: str | Path = DEFAULT_MODEL,
        device: str = "auto",
        revision: str | None = None,
        text_model: str | Path | None = None,
    ) -> Encoder:
        """Load a model from a folder or from the Hugging Face Hub. Takes seconds; blocks.

        Args:
            model: a folder, or a Hub name such as `clip-ViT-B-32`.
            device: `auto` (a GPU where there is one), `cpu`, `cuda` or `cuda:1`.
            revision: a Hub commit, tag or branch.
            text_model: a separate text tower for the same space, such as `clip-ViT-B-32-multilingual-v1`.

        Raises:
            EncoderError: if it cannot be loaded, does not encode both texts and images, or reads prompts otherwise
                than its family was trained to.
        """
        name, device = _model_name(model), resolve_device(device)
        loaded = _load(name, device, revision)
        tower_name = None if text_model is None else _model_name(text_model)
        tower = None if tower_name is None else _load(tower_name, device, None)
        _check_modality(name, loaded, "image")
        _check_modality(tower_name or name, tower or loaded, "text")
        fingerprint = _fingerprint(name, loaded)
        if tower is not None:
            fingerprint = replace(
                fingerprint,
                processor=hash_processor(loaded, tower),
                text_model=tower_name,
                text_weights=hash_weights(tower.state_dict()),
            )
        encoder = cls(loaded, fingerprint, tower)
        encoder._check_known_answer()
        return encoder

    @property
    def device(self) -> str:
        """Where the model runs, such as `cpu` or `cuda:0`."""
        return str(self._model.device)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Encode prompts as text, whatever they look like.

        A bare string is never handed to `sentence-transformers`: it would fetch one that is a URL and open one
        that is a path.

        Returns:
            Unit vectors, shape (len(texts), width), float32.
        """
        prepared: list[Any] = [{"text": self._rules.prepare(text)} for text in texts]
        return self._encode(self._text_tower, prepared, processing_kwargs={"text": self._rules.tokenizer_options})

    def encode_images(self, images: Sequence[Image]) -> np.ndarray:
        """Encode decoded RGB images.

        Returns:
            Unit vectors, shape (len(images), width), float32.
        """
        return self._encode(self._model, list(images))

    def is_truncated(self, text: str) -> bool:
        """Whether the model's token limit (77 for CLIP) cuts this prompt."""
        limit = self._rules.length or self._text_tower.max_seq_length
        return limit is not None and self._tokens(self._rules.prepare(text)) > limit

    def _tokens(self, text: str) -> int:
        return len(self._text_tower.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def _encode(self, model: SentenceTransformer, inputs: list[Any], **options: Any) -> np.ndarray:
        if not inputs:
            return np.empty((0, self.fingerprint.width), np.float32)
        size = CPU_BATCH if self.device == "cpu" else BATCH
        vectors = model.encode(inputs, batch_size=size, show_progress_bar=False, convert_to_numpy=True, **options)
        return unit(vectors)

    def _check_known_answer(self) -> None:
        """Hold one prompt's vector against what the bare model gives for it, read as its family was trained to.

        A library that drops an option on the way to the tokenizer would otherwise cost most of the accuracy unseen.
        """
        probe = self.encode_texts([_PROBE])
        if probe.shape[1] != self.fingerprint.width:
            raise EncoderError(
                f"Text model {self.fingerprint.text_model} gives {probe.shape[1]} numbers and {self.fingerprint.model} "
                f"{self.fingerprint.width}. Choose the text tower that was made for it."
            )
        if self._rules is not PLAIN and float((probe @ _bare_answer(self._text_tower, self._rules).T).item()) < 0.999:
            raise EncoderError(
                f"{self.fingerprint.model} does not read prompts as its family was trained to. "
                "Install the versions that constraints.txt names."
            )


def _bare_answer(model: SentenceTransformer, rules: TextRules) -> np.ndarray:
    """The vector of `_PROBE` from the transformers model itself, without sentence-transformers between."""
    import torch

    tokens = model.tokenizer([rules.prepare(_PROBE)], return_tensors="pt", **rules.tokenizer_options)
    with torch.inference_mode():
        answer = model[0].auto_model.get_text_features(input_ids=tokens["input_ids"].to(model.device))
    return unit(getattr(answer, "pooler_output", answer).float().cpu().numpy())


def _model_type(model: SentenceTransformer) -> str | None:
    return getattr(getattr(model, "config", None), "model_type", None)


def _check_modality(name: str, model: SentenceTransformer, kind: str) -> None:
    if kind not in model.modalities:
        raise EncoderError(f"Model {name} encodes no {kind}s. Choose a CLIP-like model for texts and images.")


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scale rows to unit length, in float32 whatever the model's precision.

    Raises:
        EncoderError: if a row is zero or not finite; its direction means nothing.
    """
    exact = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(exact, axis=-1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        raise EncoderError("The model returned a vector that is zero or not finite. Its weights may be damaged.")
    vectors_of_length_one: np.ndarray = exact / lengths
    return vectors_of_length_one


def resolve_device(device: str) -> str:
    """Turn `auto` into `cuda` where torch sees a GPU, `cpu` otherwise; leave other names as they are.

    Raises:
        EncoderError: if a GPU is asked for and torch sees none.
    """
    if device == "cpu":
        return device
    import torch  # late: importing torch takes seconds

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise EncoderError("torch sees no GPU here. Use --device cpu, or install torch with support for your GPU.")
    return device


def _model_name(model: str | Path) -> str:
    path = Path(model).expanduser()
    if path.is_dir():
        return str(path.resolve())
    if isinstance(model, Path) or model.startswith(("/", ".", "~")):
        raise EncoderError(f"There is no model folder {model}. Give a folder, or a Hub name such as {DEFAULT_MODEL}.")
    return model


def _load(name: str, device: str, revision: str | None) -> SentenceTransformer:
    import torch  # late: these take seconds to import
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # our own bars say what is loaded
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    try:
        return SentenceTransformer(
            name,
            device=device,
            revision=revision,
            model_kwargs={"dtype": torch.float32},
            processor_kwargs={"backend": IMAGE_BACKEND},
        )
    except Exception as error:  # the libraries raise OSError, ValueError, RuntimeError, HTTP errors, ...
        raise EncoderError(
            f"Model {name} cannot be loaded on {device}: {_first_line(error)} "
            "Check the name or folder; a Hub model must be downloaded once while online."
        ) from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".") + "."


def _fingerprint(name: str, model: SentenceTransformer) -> EncoderFingerprint:
    width = model.get_embedding_dimension() or model.encode([{"text": "width"}]).shape[1]
    return EncoderFingerprint(
        model=name,
        revision=getattr(model[0].auto_model.config, "_commit_hash", None),
        weights=hash_weights(model.state_dict()),
        width=int(width),
        dtype=str(model.dtype).removeprefix("torch."),
        image_processor=type(_image_processor(model)).__name__,
        processor=hash_processor(model, model),
    )


def hash_weights(state: dict[str, torch.Tensor]) -> str:
    """SHA-256 over names, shapes and values of a state dict, the same on every device."""
    digest = hashlib.sha256()
    for key in sorted(state):
        tensor = state[key].detach().cpu().contiguous()
        digest.update(f"{key}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.numpy().tobytes())
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
