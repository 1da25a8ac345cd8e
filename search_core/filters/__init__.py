"""Rules as data: what may be asked and what may be shown.

A `FilterSet` is an immutable snapshot that travels with each query: no lock, an edit counts from the next
query on, and every answer can name the hash of the rules it was made under.

How to add a kind of rule: write a frozen dataclass with the two methods of `Rule` and a `kind` of its own, and
add it to the table in `tests/search_core/test_filters.py`.
"""

from search_core.filters.rule_set import FilterSet
from search_core.filters.rules import PictureRule, Rule, WordRule

__all__ = ["FilterSet", "PictureRule", "Rule", "WordRule"]
