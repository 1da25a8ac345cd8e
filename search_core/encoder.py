"""Texts and images to unit vectors.

An `Encoder` wraps any `sentence-transformers` model that encodes both texts and images, such as `clip-ViT-B-32`. Texts
belong to one thread (fast tokenizers are not thread-safe: sentence-transformers#794); pictures may come from several.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search_core.errors import EncoderError
from search_core.families import PLAIN, TextRules, text_rules
from search_core.fingerprint import EncoderFingerprint, hash_processor, hash_weights, take_fingerprint
from search_core.pixels import reader
from search_core.precision import MIN_COSINE, choose_dtype, lower, place, wait_briefly

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image
    from sentence_transformers import SentenceTransformer

__all__ = ["DEFAULT_MODEL", "Encoder", "EncoderFingerprint", "hash_processor", "hash_weights", "resolve_device", "unit"]

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "clip-ViT-B-32"
IMAGE_BACKEND = "pil"
"""torchvision's and Pillow's image processors give slightly different vectors; Pillow's is always there."""

BATCH = 64
"""Items handed over at once: a GPU's forward pass is well filled then."""

CPU_BATCH = 16
"""Pictures in one forward pass on a CPU, where larger ones fall out of its caches: ViT-B/32 gives 22.3 pictures/s in
batches of 16 and 19.8 in batches of 64 (float32, two cores), small convolutional towers differ by a factor of two."""

REMEMBERED_TEXTS = 1_024
"""Prompts whose vectors are kept, 2 MB at width 512: people ask the same things, and an index its own titles."""

MARKS = 4
"""Tokens at most that are no part of a prompt's letters, such as start and end; no token is less than a letter."""

_PROBE = "A photo, of 2 cats."
"""Has what rules for prompts change: capital letters, punctuation and few tokens."""


class Encoder:
    """A text-and-image model with unit-length output. Make one with `Encoder.load`."""

    def __init__(
        self, model: SentenceTransformer, fingerprint: EncoderFingerprint, text_tower: SentenceTransformer | None = None
    ) -> None:
        self._model = model
        self._text_tower = text_tower or model
        self._rules = text_rules(_model_type(self._text_tower))
        self._remembered: OrderedDict[str, np.ndarray] = OrderedDict()
        self._reader = reader(model)
        self._on_gpu = threading.Lock()
        self._device = str(model.device)
        self.fingerprint = fingerprint

    @classmethod
    def load(
        cls,
        model: str | Path = DEFAULT_MODEL,
        device: str = "auto",
        revision: str | None = None,
        text_model: str | Path | None = None,
        precision: str = "auto",
    ) -> Encoder:
        """Load a model from a folder or from the Hugging Face Hub. Takes seconds; blocks.

        Args:
            model: a folder, or a Hub name such as `clip-ViT-B-32`.
            device: `auto` (a GPU where there is one), `cpu`, `cuda` or `cuda:1`.
            revision: a Hub commit, tag or branch.
            text_model: a separate text tower for the same space, such as `clip-ViT-B-32-multilingual-v1`.
            precision: one of `precision.PRECISIONS`; `auto` is the fastest that keeps the vectors.

        Raises:
            EncoderError: if it cannot be loaded, does not encode both texts and images, or reads prompts otherwise
                than its family was trained to.
        """
        wait_briefly()
        name, device = _model_name(model), resolve_device(device)
        loaded = _load(name, device, revision)
        tower_name = None if text_model is None else _model_name(text_model)
        tower = None if tower_name is None else _load(tower_name, device, None)
        _check_modality(name, loaded, "image")
        _check_modality(tower_name or name, tower or loaded, "text")
        encoder = cls(loaded, take_fingerprint(name, loaded, tower_name, tower), tower)
        with ThreadPoolExecutor(1) as beside:  # the digests take as long as the rest, and see the weights as they were
            digests = [beside.submit(hash_weights, one.state_dict()) for one in (loaded, tower) if one is not None]
            encoder._check_known_answer()
            kept = encoder._lower(choose_dtype(precision, device, loaded))
        encoder.fingerprint = encoder.fingerprint.with_weights(*(one.result() for one in digests))
        if kept:
            return encoder
        logger.info("%s stays in float32: in %s its vectors drift", name, encoder.fingerprint.dtype)
        return cls.load(model, device, revision, text_model, "float32")

    @property
    def device(self) -> str:
        """Where the model runs, such as `cpu` or `cuda:0`."""
        return self._device

    @property
    def batch(self) -> int:
        """Pictures that are best encoded at once."""
        return CPU_BATCH if self.device == "cpu" else BATCH

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Encode prompts as text, whatever they look like; the last ones are remembered.

        A bare string is never handed to `sentence-transformers`: it would fetch one that is a URL and open one
        that is a path.

        Returns:
            Unit vectors, shape (len(texts), width), float32.
        """
        if not texts:
            return np.empty((0, self.fingerprint.width), np.float32)
        known = {text: self._remembered[text] for text in texts if text in self._remembered}
        fresh = sorted({text for text in texts if text not in known}, key=lambda text: (len(text), text))
        for start in range(0, len(fresh), BATCH):  # of like length, because each is filled up to the longest
            part = fresh[start : start + BATCH]
            known |= zip(part, self._encode_anew(part), strict=True)
        self._remember(known)
        return np.stack([known[text] for text in texts])

    def encode_images(self, images: Sequence[Image]) -> np.ndarray:
        """Encode decoded RGB images. Safe from several threads.

        Returns:
            Unit vectors, shape (len(images), width), float32.
        """
        parts = [images[start : start + self.batch] for start in range(0, len(images), self.batch)]
        vectors = [self._forward(self._model, self._features(list(part))) for part in parts]
        return np.concatenate([np.empty((0, self.fingerprint.width), np.float32), *vectors])

    def is_truncated(self, text: str) -> bool:
        """Whether the model's token limit (77 for CLIP) cuts this prompt."""
        limit = self._rules.length or self._text_tower.max_seq_length
        if limit is None or (text.isascii() and len(text) + MARKS <= limit):
            return False
        return self._tokens(self._rules.prepare(text)) > limit

    def _tokens(self, text: str) -> int:
        return len(self._text_tower.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def _encode_anew(self, texts: Sequence[str]) -> np.ndarray:
        prepared = [{"text": self._rules.prepare(text)} for text in texts]
        options = {"text": self._rules.tokenizer_options}
        prompt = _prompt(self._text_tower)
        features = self._text_tower.preprocess(prepared, prompt=prompt, processing_kwargs=options)
        return self._forward(self._text_tower, features)

    def _features(self, images: list[Image]) -> dict[str, Any]:
        if self._reader is not None:
            return self._reader(images)
        features: dict[str, Any] = self._model.preprocess(images, prompt=_prompt(self._model))
        return features

    def _forward(self, model: SentenceTransformer, features: dict[str, Any]) -> np.ndarray:
        """One forward pass; what `SentenceTransformer.encode` does, but for its walk over all modules at each call."""
        import torch

        with torch.inference_mode(), contextlib.nullcontext() if self.device == "cpu" else self._on_gpu:
            vectors = model(place(features, self._dtype, self.device))["sentence_embedding"]
            return unit(vectors.float().cpu().numpy())

    @property
    def _dtype(self) -> torch.dtype:
        import torch

        dtype: torch.dtype = getattr(torch, self.fingerprint.dtype)
        return dtype

    def _remember(self, vectors: dict[str, np.ndarray]) -> None:
        for text, vector in vectors.items():
            self._remembered[text] = vector
            self._remembered.move_to_end(text)
        while len(self._remembered) > REMEMBERED_TEXTS:
            self._remembered.popitem(last=False)

    def _lower(self, dtype: torch.dtype) -> bool:
        """Compute in a lower precision from now on; say whether the vectors are still the same (`MIN_COSINE`)."""
        name = str(dtype).removeprefix("torch.")
        if name == self.fingerprint.dtype:
            return True
        exact = self._known_vectors()
        self._remembered.clear()
        self.fingerprint = replace(self.fingerprint, dtype=name)
        try:
            for model in {id(one): one for one in (self._model, self._text_tower)}.values():
                lower(model, dtype, self.device)
            return bool((self._known_vectors() * exact).sum(axis=1).min() >= MIN_COSINE)
        except Exception as error:  # numbers overflow, or a layer cannot be turned, whatever a library says then
            logger.debug("In %s: %s", name, error)
            return False

    def _known_vectors(self) -> np.ndarray:
        """The vectors of a text and of a picture, shape (2, width)."""
        from PIL import Image

        picture = Image.linear_gradient("L").convert("RGB")
        return np.concatenate([self.encode_texts([_PROBE]), self.encode_images([picture])])

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


def _prompt(model: SentenceTransformer) -> str | None:
    """What a model has before each input."""
    return model.prompts.get(model.default_prompt_name) if model.default_prompt_name else None


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
