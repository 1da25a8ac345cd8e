"""What some families of models want done to a prompt before they read it.

SigLIP was trained on lower-case captions without punctuation, each filled up to 64 tokens; read otherwise, accuracy
collapses (mteb#1424; Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training"; Tschannen et al. 2025, "SigLIP
2"). CLIP and its like take prompts as they are.

How to add a family: add its transformers `model_type` to `RULES`, and a case to `tests/search_core/test_families.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PUNCTUATION = re.compile(r"[^\w\s]|_")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class TextRules:
    """How a family reads prompts.

    Attributes:
        bare: lower case and no punctuation.
        length: tokens that every prompt is filled up to and cut at; None leaves both to the model's own settings.
    """

    bare: bool = False
    length: int | None = None

    def prepare(self, text: str) -> str:
        """Write a prompt as the family read captions in training; never empty."""
        if not self.bare:
            return text
        return _SPACES.sub(" ", _PUNCTUATION.sub(" ", text.lower())).strip() or text

    @property
    def tokenizer_options(self) -> dict[str, Any]:
        """What the tokenizer is called with."""
        if self.length is None:
            return {}
        # No mask: in training the model looked at the padding, too.
        return {"padding": "max_length", "max_length": self.length, "truncation": True, "return_attention_mask": False}


PLAIN = TextRules()
_SIGLIP = TextRules(bare=True, length=64)
RULES: Mapping[str, TextRules] = {"siglip": _SIGLIP, "siglip2": _SIGLIP}


def text_rules(model_type: str | None) -> TextRules:
    """The rules for a transformers `model_type`."""
    return RULES.get(model_type or "", PLAIN)
