"""The one error tree. Every message names the thing, what is wrong with it, and what to do next.

VignetteError
 ├─ InputError            what a person sent cannot be used; the message is fit to be shown to them
 │   ├─ PromptError       an empty or over-long prompt
 │   ├─ PictureError      bytes that are not a picture we accept
 │   │   └─ DecoderHung   a decoder took too long or died, and was killed
 │   ├─ QueryError        the parts of a query do not fit together
 │   └─ RuleError         a filter rule cannot be used as it is written
 │       └─ StaleConcept  a concept was made with another model
 ├─ RefusedError          the filters refuse the query; the message never repeats it
 ├─ BusyError             the queue is full; try again shortly
 ├─ ClosedError           the engine was closed while the query waited
 │   └─ LoadingError      the engine still loads model and index; try again shortly
 ├─ SourceError           a collection's source is missing, empty or malformed
 ├─ EncoderError          a model cannot be loaded or is no text-and-image encoder
 ├─ StoreError            an index directory is missing, half-built, locked or damaged
 │   └─ ManifestMismatch  a manifest field does not fit the encoder or the files; `.field` names it
 └─ SettingsError         the bot's settings are missing or wrong
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search_core.filters import Match


class VignetteError(Exception):
    """Base of every error that Vignette raises on purpose."""


class InputError(VignetteError):
    """What a person sent cannot be used. The message may be shown to them as it is."""


class PromptError(InputError):
    """A prompt is empty or too long."""


class PictureError(InputError):
    """Bytes are not a picture within the accepted formats and limits."""


class DecoderHung(PictureError):
    """The decoding process took too long or died, and was replaced."""


class QueryError(InputError):
    """The parts of a query do not fit together."""


class RuleError(InputError):
    """A filter rule cannot be used as it is written."""


class StaleConcept(RuleError):
    """A concept was made with another model, so nobody can say what it matches.

    Attributes:
        rules: numbers of the rules it concerns.
    """

    def __init__(self, message: str, rules: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.rules = tuple(rules)


class RefusedError(VignetteError):
    """The filters refuse the query. Neither message nor repr contains the prompt.

    Attributes:
        matches: which rules refuse it, and where; for moderators' eyes only.
    """

    def __init__(self, message: str, matches: Sequence[Match] = ()) -> None:
        super().__init__(message)
        self.matches = tuple(matches)


class BusyError(VignetteError):
    """The queue of waiting queries is full."""


class ClosedError(VignetteError):
    """The engine is not open."""


class LoadingError(ClosedError):
    """The engine is not open yet: it still loads model and index."""


class SourceError(VignetteError):
    """A collection's source is missing, empty or malformed."""


class EncoderError(VignetteError):
    """A model cannot be loaded, or does not encode both texts and images."""


class StoreError(VignetteError):
    """An index directory is missing, half-built, locked or damaged."""


class ManifestMismatch(StoreError):
    """A manifest field does not fit the encoder or the files beside it.

    Attributes:
        field: the manifest field that differs.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SettingsError(VignetteError):
    """The bot's settings are missing or wrong."""
