"""Rules as data: what may be asked and what may be shown.

A `FilterSet` is an immutable snapshot that travels with each query: no lock, an edit counts from the next
query on, and every answer can name the hash of the rules it was made under. Words are matched here (`rule_set`);
what rules say of rows and meanings depends on the collection and the model (`binding`).

How to add a kind of rule: name it in `RuleKind`, say what it may do in `ACTIONS` and how its pattern is written in
`canonical_pattern`; then match it in `FilterSet.inspect_prompt` if it looks at prompts, or in `BoundFilters` if it
looks at rows, and add it to the tables in the tests of either.
"""

from search_core.filters.match import Match, Stage, Verdict
from search_core.filters.rule_set import FilterSet
from search_core.filters.rules import ACTIONS, LOOKING_AT_ROWS, Action, Concept, Rule, RuleKind
from search_core.filters.views import View
from search_core.filters.words import WordPattern

__all__ = [
    "ACTIONS",
    "LOOKING_AT_ROWS",
    "Action",
    "Concept",
    "FilterSet",
    "Match",
    "Rule",
    "RuleKind",
    "Stage",
    "Verdict",
    "View",
    "WordPattern",
]
