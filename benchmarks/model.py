"""A CLIP ViT-B/32 in its exact shape with random weights: as fast and as large as the real one, and made locally.

What a model costs depends on its shape and on the lengths of its inputs, not on what its weights say. The tokenizer
has CLIP's size too (49,408 tokens, 77 of them a prompt at most); its merges are made up, so that a word of English
falls into a few more pieces than CLIP's own would give.
"""

from __future__ import annotations

import json
import string
from itertools import chain, islice, product
from pathlib import Path
from typing import Any

MAX_TOKENS = 77
MERGES = 48_894
"""CLIP's: 49,408 tokens less 256 bytes, 256 bytes that end a word, and two marks."""

START, END = "<|startoftext|>", "<|endoftext|>"
_END_OF_WORD = "</w>"
_SEED = 0
_LOW_BYTES = (range(0x21, 0x7F), range(0xA1, 0xAD), range(0xAE, 0x100))


def make_model(folder: Path, smaller: dict[str, int] | None = None) -> Path:
    """Make the model in a folder that `sentence-transformers` loads, once; takes about ten seconds.

    Args:
        folder: where it is to be.
        smaller: settings of both towers for a model that is no ViT-B/32, such as `num_hidden_layers`.
    """
    if not (folder / "modules.json").is_file():
        _save_clip(folder, smaller or {})
        _describe(folder)
    return folder


def _save_clip(folder: Path, settings: dict[str, int]) -> None:
    import torch
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(_SEED)
    ids = {"bos_token_id": 49_406, "eos_token_id": 49_407, "pad_token_id": 49_407}
    # The defaults of `CLIPConfig` are those of ViT-B/32.
    model = CLIPModel(CLIPConfig(text_config=settings | ids, vision_config=settings))
    model.save_pretrained(folder)
    _processor().save_pretrained(folder)


def _processor() -> Any:
    from transformers import CLIPImageProcessorPil, CLIPProcessor, CLIPTokenizer

    words = CLIPTokenizer(vocab=vocabulary(), merges=list(merges()), model_max_length=MAX_TOKENS)
    return CLIPProcessor(CLIPImageProcessorPil(), words)


def _describe(folder: Path) -> None:
    """Write what `sentence-transformers` reads beside a transformers model; last, as the mark of a whole folder."""
    modality = {
        kind: {"method": f"get_{kind}_features", "method_output_name": "pooler_output"} for kind in ("text", "image")
    }
    settings = {
        "transformer_task": "feature-extraction",
        "modality_config": modality,
        "module_output_name": "sentence_embedding",
    }
    (folder / "sentence_bert_config.json").write_text(json.dumps(settings), encoding="utf-8")
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"}
    (folder / "modules.json").write_text(json.dumps([module]), encoding="utf-8")


def vocabulary() -> dict[str, int]:
    """Tokens and their numbers, in CLIP's order: bytes, bytes that end a word, merged pairs, marks."""
    letters = byte_letters()
    ending = [letter + _END_OF_WORD for letter in letters]
    tokens = [*letters, *ending, *("".join(pair) for pair in merges()), START, END]
    return {token: number for number, token in enumerate(tokens)}


def byte_letters() -> list[str]:
    """The printable letter that stands for each of the 256 bytes in byte-level tokenizers."""
    printable = list(chain(*_LOW_BYTES))
    return [chr(byte) for byte in printable] + [chr(256 + n) for n in range(256 - len(printable))]


def merges() -> islice[tuple[str, str]]:
    """Pairs to merge, the earliest first: two letters, then three, then four, within a word and at its end."""
    letters = string.ascii_lowercase
    two = ["".join(pair) for pair in product(letters, repeat=2)]
    ends = ("", _END_OF_WORD)
    pairs = chain(product(letters, letters), product(letters, (x + _END_OF_WORD for x in letters)))
    triples = ((pair, letter + end) for end in ends for pair, letter in product(two, letters))
    quadruples = ((first, second + _END_OF_WORD) for first, second in product(two, two))
    return islice(chain(pairs, triples, quadruples), MERGES)
