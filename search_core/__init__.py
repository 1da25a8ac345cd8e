"""Vignette's search core: everything that knows images, vectors and rules, and nothing of Discord.

The names below are all that `bot` uses. They are imported on first use, so that `import search_core` costs
milliseconds and a child process that only decodes pictures never loads torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search_core.about import About as About
    from search_core.about import LastTest as LastTest
    from search_core.build import build_index as build_index
    from search_core.engine import SearchEngine as SearchEngine
    from search_core.errors import BusyError as BusyError
    from search_core.errors import ClosedError as ClosedError
    from search_core.errors import DecoderHung as DecoderHung
    from search_core.errors import EncoderError as EncoderError
    from search_core.errors import InputError as InputError
    from search_core.errors import LoadingError as LoadingError
    from search_core.errors import ManifestMismatch as ManifestMismatch
    from search_core.errors import PictureError as PictureError
    from search_core.errors import PromptError as PromptError
    from search_core.errors import QueryError as QueryError
    from search_core.errors import RefusedError as RefusedError
    from search_core.errors import RuleError as RuleError
    from search_core.errors import SettingsError as SettingsError
    from search_core.errors import SourceError as SourceError
    from search_core.errors import StaleConcept as StaleConcept
    from search_core.errors import StoreError as StoreError
    from search_core.errors import VignetteError as VignetteError
    from search_core.fields import Field as Field
    from search_core.fields import FieldKind as FieldKind
    from search_core.fields import year_field as year_field
    from search_core.filters import ACTIONS as ACTIONS
    from search_core.filters import Action as Action
    from search_core.filters import Concept as Concept
    from search_core.filters import FilterSet as FilterSet
    from search_core.filters import Match as Match
    from search_core.filters import Rule as Rule
    from search_core.filters import RuleKind as RuleKind
    from search_core.filters import Stage as Stage
    from search_core.filters import Verdict as Verdict
    from search_core.filters import View as View
    from search_core.filters import WordPattern as WordPattern
    from search_core.filters.starter import Draft as Draft
    from search_core.filters.starter import starter_rules as starter_rules
    from search_core.lots import Draw as Draw
    from search_core.naming import Names as Names
    from search_core.previews import Preview as Preview
    from search_core.query import Closeness as Closeness
    from search_core.query import Hit as Hit
    from search_core.query import Inspection as Inspection
    from search_core.query import Kind as Kind
    from search_core.query import Mixture as Mixture
    from search_core.query import Query as Query
    from search_core.query import SearchResult as SearchResult
    from search_core.query import StoredPicture as StoredPicture
    from search_core.sheet import contact_sheet as contact_sheet
    from search_core.store import Manifest as Manifest
    from search_core.timeline import Example as Example
    from search_core.timeline import Timeline as Timeline

_HOMES = {
    "about": ("About", "LastTest"),
    "build": ("build_index",),
    "engine": ("SearchEngine",),
    "errors": (
        "BusyError", "ClosedError", "DecoderHung", "EncoderError", "InputError", "LoadingError",
        "ManifestMismatch", "PictureError", "PromptError", "QueryError", "RefusedError", "RuleError",
        "SettingsError", "SourceError", "StaleConcept", "StoreError", "VignetteError",
    ),
    "fields": ("Field", "FieldKind", "year_field"),
    "filters": (
        "ACTIONS", "Action", "Concept", "FilterSet", "Match", "Rule", "RuleKind", "Stage", "Verdict", "View",
        "WordPattern",
    ),
    "filters.starter": ("Draft", "starter_rules"),
    "lots": ("Draw",),
    "naming": ("Names",),
    "previews": ("Preview",),
    "query": ("Closeness", "Hit", "Inspection", "Kind", "Mixture", "Query", "SearchResult", "StoredPicture"),
    "sheet": ("contact_sheet",),
    "store": ("Manifest",),
    "timeline": ("Example", "Timeline"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - a list of strings, made from the table above


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
