"""Rules as data: what each kind looks at, what it may do, and how it is written down.

A rule says what it matches (`kind` and `pattern`), what then happens (`action`), where and for whom it holds, and why
it is there. It is a plain, frozen value: `rule_set` gathers rules into the snapshot that a query is answered under.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import numpy as np

from search_core.errors import RuleError
from search_core.filters import checks
from search_core.filters.words import WordPattern
from search_core.text import clean, plain
from search_core.where import Condition

MAX_PATTERN = 200
"""Longer than any phrase in the lists that moderators keep, and short enough to be shown whole."""

MAX_REASON = 400
MAX_NOTE = 300
"""A context sentence stands above the pictures, with up to nine lines of titles below it."""

MAX_EXAMPLES = 32
"""Examples of a concept: each costs a product with every row that is looked at."""


class RuleKind(StrEnum):
    """What a rule looks at."""

    WORD = "word"
    """Prompts that hold a word or phrase, written as in Discord's AutoMod: `cat`, `cat*`, `*cat`, `*cat*`."""
    ALLOW = "allow"
    """A word or phrase that frees what word rules match inside it."""
    CONCEPT = "concept"
    """Prompts, posted pictures and results whose meaning is near to a concept's examples."""
    PICTURE = "picture"
    """One picture of the collection, by the SHA-256 of its file, and its near-duplicates."""
    SOURCE = "source"
    """Rows whose metadata fulfil a condition: a book, a year, a label."""
    PERSON = "person"
    """A person who may not use the bot, by user id. The search core has nothing to do with these."""


class Action(StrEnum):
    """What happens where a rule matches."""

    REFUSE = "refuse"
    """The query is not answered; a concept's results are hidden too."""
    HIDE = "hide"
    """Rows are not shown; others take their place."""
    SPOILER = "spoiler"
    """Pictures are shown under a spoiler; for a matching prompt, all of them."""
    NOTE = "note"
    """Pictures are shown with a sentence of context."""
    LOG = "log"
    """Nothing but an entry in the log."""
    ALLOW = "allow"
    """Only for the kind of the same name."""


ACTIONS: Mapping[RuleKind, tuple[Action, ...]] = {
    RuleKind.WORD: (Action.REFUSE, Action.SPOILER, Action.NOTE, Action.LOG),
    RuleKind.ALLOW: (Action.ALLOW,),
    RuleKind.CONCEPT: (Action.REFUSE, Action.HIDE, Action.SPOILER, Action.NOTE, Action.LOG),
    RuleKind.PICTURE: (Action.HIDE, Action.SPOILER, Action.NOTE, Action.LOG),
    RuleKind.SOURCE: (Action.HIDE, Action.SPOILER, Action.NOTE, Action.LOG),
    RuleKind.PERSON: (Action.REFUSE,),
}
"""What a rule of each kind may do; the first is the default."""

LOOKING_AT_ROWS = frozenset({RuleKind.CONCEPT, RuleKind.PICTURE, RuleKind.SOURCE})
"""Kinds that look at the collection's pictures."""


@dataclass(frozen=True, eq=False)
class Concept:
    """A meaning, as examples in a model's space.

    Attributes:
        texts: the examples in words, cleaned.
        pictures: SHA-256 of the example rows' files, 64 hexadecimal digits each.
        vectors: unit vectors of the examples, shape (examples, width), float32: texts, then pictures of the
            collection, then posted pictures, of which nothing else is kept.
        thresholds: cosines from which a prompt, a posted picture and a result match each example, shape (examples, 3).
        weights: digest of the model's weights (`EncoderFingerprint.weights`); vectors mean nothing to another model.
        sensitivity: what the thresholds were made with; 0 is as calibrated, more matches more, in standard deviations.
    """

    texts: tuple[str, ...]
    pictures: tuple[str, ...]
    vectors: np.ndarray
    thresholds: np.ndarray
    weights: str
    sensitivity: float = 0.0

    def __post_init__(self) -> None:
        examples = len(self.vectors)
        if examples < max(1, len(self.texts) + len(self.pictures)) or self.thresholds.shape != (examples, 3):
            raise RuleError("A concept needs at least one example, and three thresholds for each.")

    @property
    def space(self) -> tuple[str, int]:
        """The model and the width of its vectors: only what shares both can be compared."""
        return self.weights, self.vectors.shape[1]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that decides what it matches."""
        parts = json.dumps([self.texts, self.pictures, self.weights, self.sensitivity])
        numbers = np.asarray(self.vectors, "<f4").tobytes() + np.asarray(self.thresholds, "<f4").tobytes()
        return hashlib.sha256(parts.encode() + numbers).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Concept) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain JSON values; vectors as base64 of little-endian float32."""
        return {
            "texts": list(self.texts),
            "pictures": list(self.pictures),
            "vectors": base64.b64encode(np.asarray(self.vectors, "<f4").tobytes()).decode("ascii"),
            "thresholds": np.asarray(self.thresholds, float).tolist(),
            "weights": self.weights,
            "sensitivity": self.sensitivity,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote.

        Raises:
            RuleError: if it is not that.
        """
        try:
            thresholds = checks.thresholds(values["thresholds"])
            if len(thresholds) > MAX_EXAMPLES:
                raise RuleError(f"The concept has {len(thresholds)} examples. Leave {MAX_EXAMPLES} at most.")
            return cls(
                checks.texts("texts", values["texts"]),
                checks.texts("pictures", values["pictures"]),
                checks.unit_vectors(values["vectors"], len(thresholds)),
                thresholds,
                checks.text("weights", values["weights"]),
                checks.finite("sensitivity", values.get("sensitivity", 0.0)),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise RuleError("The concept is incomplete or damaged. Export it again, or add it anew.") from error


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Make one with `Rule.of`, which writes the pattern in its one form.

    Attributes:
        kind, pattern: what it matches: a word in AutoMod's syntax, a concept's name, a file's SHA-256, a condition on
            metadata, a user id.
        action: what then happens.
        reason: why it is there, for moderators.
        note: the sentence of context; only with `Action.NOTE`.
        concept: only with `RuleKind.CONCEPT`.
        enabled: whether it holds.
        channels: the channels it holds in; none means the whole server.
        bypass_roles: roles it does not hold for.
        expires: when it ends, in seconds since 1970, or None.
        id, version: its number in the database and how often it was written; 0 and 0 before it is stored.

    Raises:
        RuleError: if the parts do not fit together; the message says what to change.
    """

    kind: RuleKind
    pattern: str
    action: Action
    reason: str = ""
    note: str = ""
    concept: Concept | None = None
    enabled: bool = True
    channels: frozenset[int] = frozenset()
    bypass_roles: frozenset[int] = frozenset()
    expires: int | None = None
    id: int = 0
    version: int = 0

    def __post_init__(self) -> None:
        if self.action not in ACTIONS[self.kind]:
            possible = ", ".join(ACTIONS[self.kind])
            raise RuleError(f"A {self.kind} rule cannot {self.action}. Choose one of: {possible}.")
        if (self.kind is RuleKind.CONCEPT) != (self.concept is not None):
            raise RuleError("A concept rule needs its examples, and only a concept rule has them.")
        if bool(self.note) != (self.action is Action.NOTE):
            raise RuleError("The action note needs a sentence to show, and only that action has one.")
        for what, text, limit in (("reason", self.reason, MAX_REASON), ("note", self.note, MAX_NOTE)):
            if len(text) > limit:
                raise RuleError(f"The {what} is too long: at most {limit} characters, please.")

    @classmethod
    def of(cls, kind: RuleKind | str, pattern: str, action: Action | str | None = None, **parts: Any) -> Self:
        """Make a rule from what a person wrote.

        Args:
            kind: one of `RuleKind`.
            pattern: what it matches, as people write it.
            action: one of `ACTIONS[kind]`; None takes the first.
            parts: any other attribute.

        Raises:
            RuleError: naming what cannot be used and what to write instead.
        """
        try:
            kind = RuleKind(kind)
            action = ACTIONS[kind][0] if action is None else Action(action)
        except ValueError as error:
            raise RuleError(f"{error}. Kinds: {', '.join(RuleKind)}. Actions: {', '.join(Action)}.") from None
        return cls(kind, canonical_pattern(kind, pattern), action, **parts)

    @property
    def key(self) -> tuple[str, str]:
        """Kind and pattern: two rules with the same key say the same thing."""
        return self.kind.value, self.pattern

    def holds(self, channel: int | None, roles: frozenset[int], now: float) -> bool:
        """Whether it holds in a channel, for somebody with these roles, at a time in seconds since 1970.

        A rule for some channels holds where the channel is not known, too.
        """
        return (
            self.enabled
            and (self.expires is None or now < self.expires)
            and (not self.channels or channel is None or channel in self.channels)
            and not (self.bypass_roles & roles)
        )

    def changed(self, **parts: Any) -> Self:
        """Return it with some attributes replaced; the pattern is written in its one form again."""
        if "pattern" in parts:
            parts["pattern"] = canonical_pattern(parts.get("kind", self.kind), parts["pattern"])
        return replace(self, **parts)

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain JSON values, without number and version."""
        return {
            "kind": self.kind.value,
            "pattern": self.pattern,
            "action": self.action.value,
            "reason": self.reason,
            "note": self.note,
            "concept": None if self.concept is None else self.concept.to_dict(),
            "enabled": self.enabled,
            "channels": sorted(self.channels),
            "bypass_roles": sorted(self.bypass_roles),
            "expires": self.expires,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], id: int = 0, version: int = 0) -> Self:  # noqa: A002
        """Read what `to_dict` wrote.

        Raises:
            RuleError: if it is not that.
        """
        try:
            concept = values.get("concept")
            return cls.of(
                values["kind"],
                checks.text("pattern", values["pattern"]),
                values.get("action"),
                reason=checks.text("reason", values.get("reason", "")),
                note=checks.text("note", values.get("note", "")),
                concept=None if concept is None else Concept.from_dict(concept),
                enabled=checks.switch("enabled", values.get("enabled", True)),
                channels=checks.ids("channels", values.get("channels", ())),
                bypass_roles=checks.ids("bypass_roles", values.get("bypass_roles", ())),
                expires=checks.moment("expires", values.get("expires")),
                id=id,
                version=version,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RuleError(f"That is no rule: {type(error).__name__} {error}. It needs kind and pattern.") from None


def canonical_pattern(kind: RuleKind, written: str) -> str:
    """Write a pattern in its one form, so that equal rules look equal.

    Raises:
        RuleError: if it is no pattern of this kind; the message shows one.
    """
    if len(written) > MAX_PATTERN:
        raise RuleError(f"The pattern is too long: at most {MAX_PATTERN} characters, please.")
    match kind:
        case RuleKind.WORD | RuleKind.ALLOW:
            return str(WordPattern.parse(written))
        case RuleKind.CONCEPT:
            return plain(clean(written))
        case RuleKind.PICTURE:
            return _fitting(r"[0-9a-f]{64}", written.strip().lower(), "the SHA-256 of a file, 64 hexadecimal digits")
        case RuleKind.SOURCE:
            return str(Condition.parse(written))
        case RuleKind.PERSON:
            return _fitting(r"[1-9][0-9]{14,19}", written.strip(" <@!>"), "a user id, 15 to 20 digits")


def _fitting(expression: str, written: str, what: str) -> str:
    if not re.fullmatch(expression, written):
        raise RuleError(f"{written!r} is not {what}.")
    return written
