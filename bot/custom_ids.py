"""Custom ids of buttons and selects: how they are written, and beside it how they are read.

A custom id carries everything its button needs after a restart. Discord allows 1 to 100 characters, unique in
the message.
"""

from __future__ import annotations

MAX_LENGTH = 100
"""Discord's limit."""

_SEARCH = r"(?P<search>[A-Za-z0-9_-]{8,24})"
_PAGE = r"(?P<page>[0-9]{1,4})"

NEAREST = "nearest"
PAGE_TEMPLATE = rf"vignette:(?P<way>previous|next|{NEAREST}):{_SEARCH}:{_PAGE}"
PICK_TEMPLATE = rf"vignette:pick:{_SEARCH}:{_PAGE}"

_ROW = r"(?P<row>[0-9]{1,9})"
_MESSAGE = r"(?P<message>[0-9]{1,20})"
_REPORT = r"(?P<report>[0-9]{1,12})"

REPORT_TEMPLATE = rf"vignette:report:{_SEARCH}:{_PAGE}"
REPORT_PICK_TEMPLATE = rf"vignette:report-pick:{_SEARCH}:{_MESSAGE}"
REPORT_ONE_TEMPLATE = rf"vignette:report-one:{_SEARCH}:{_ROW}:{_MESSAGE}"
REPORT_FORM_TEMPLATE = rf"vignette:report-why:{_SEARCH}:{_ROW}:{_MESSAGE}"
HIDE_PICK_TEMPLATE = rf"vignette:hide-pick:{_SEARCH}"
HIDE_ONE_TEMPLATE = rf"vignette:hide-one:{_SEARCH}:{_ROW}"
HIDE_FORM_TEMPLATE = rf"vignette:hide-why:{_SEARCH}:{_ROW}"
CARD_TEMPLATE = rf"vignette:card:(?P<what>hide|block|dismiss|ban|ban-anyway|leave):{_REPORT}"
OPEN_REPORTS_TEMPLATE = r"vignette:reports:(?P<after>[0-9]{1,12})"
AUDIT_TEMPLATE = (
    r"vignette:audit:(?P<before>[0-9]{1,12}):(?P<user>[0-9]{1,20}):(?P<rule>[0-9]{1,12}):(?P<since>[0-9]{1,12})"
)

RULES_TEMPLATE = r"vignette:rules:(?P<way>previous|next):(?P<kind>all|[a-z]{1,16}):(?P<page>[0-9]{1,4})"
PLAN_TEMPLATE = r"vignette:plan:(?P<answer>yes|no):(?P<token>[A-Za-z0-9_-]{8,24})"

SAVE_TEMPLATE = rf"vignette:save:{_SEARCH}:{_ROW}:{_MESSAGE}"
SHELF_TEMPLATE = rf"vignette:saved:(?P<way>previous|next):{_PAGE}"
SHELF_REMOVE_TEMPLATE = rf"vignette:saved-remove:{_PAGE}"
HISTORY_TEMPLATE = rf"vignette:history:(?P<way>previous|next):{_PAGE}"
HISTORY_PICK_TEMPLATE = rf"vignette:history-pick:{_PAGE}"
FORGET_TEMPLATE = r"vignette:forget:(?P<answer>yes|no)"
EXAMPLE_TEMPLATE = r"vignette:example:(?P<number>[0-9]{1,2})"

POST_TEMPLATE = rf"vignette:post:{_SEARCH}:{_PAGE}"
DELETE_TEMPLATE = rf"vignette:delete:{_SEARCH}"
AGAIN_TEMPLATE = rf"vignette:again:{_SEARCH}"
WHICH = "vignette:which"
WHICH_TEMPLATE = WHICH

SIMILAR = "similar"
DETAILS = "details"
PICK_VALUE = rf"(?P<what>{SIMILAR}|{DETAILS}):(?P<row>[0-9]{{1,9}})"


def page_id(way: str, search_id: str, page: int) -> str:
    """Name a button that shows page `page` (0-based) of a search; `way` keeps two of them apart."""
    return f"vignette:{way}:{search_id}:{page}"


def pick_id(search_id: str, page: int) -> str:
    """Name the select under page `page` of a search."""
    return f"vignette:pick:{search_id}:{page}"


def pick_value(what: str, row: int) -> str:
    """Name one choice of the select: `SIMILAR` or `DETAILS` of a row."""
    return f"{what}:{row}"


def report_id(search_id: str, page: int) -> str:
    """Name the button under an answer that begins a report."""
    return f"vignette:report:{search_id}:{page}"


def report_pick_id(search_id: str, message_id: int) -> str:
    """Name the select of the pictures that can be reported; the message is where they are shown, 0 in private."""
    return f"vignette:report-pick:{search_id}:{message_id}"


def report_one_id(search_id: str, row: int, message_id: int) -> str:
    """Name the button that reports one picture."""
    return f"vignette:report-one:{search_id}:{row}:{message_id}"


def report_form_id(search_id: str, row: int, message_id: int) -> str:
    """Name the form that asks why a picture is reported."""
    return f"vignette:report-why:{search_id}:{row}:{message_id}"


def hide_pick_id(search_id: str) -> str:
    """Name the select of the pictures that can be hidden."""
    return f"vignette:hide-pick:{search_id}"


def hide_one_id(search_id: str, row: int) -> str:
    """Name the button that hides one picture."""
    return f"vignette:hide-one:{search_id}:{row}"


def hide_form_id(search_id: str, row: int) -> str:
    """Name the form that asks why a picture is hidden."""
    return f"vignette:hide-why:{search_id}:{row}"


def card_id(what: str, report: int) -> str:
    """Name a button of a report's card: `hide`, `block`, `dismiss`, `ban`; below a warning: `ban-anyway`, `leave`."""
    return f"vignette:card:{what}:{report}"


def open_reports_id(after: int) -> str:
    """Name the button that shows the next open report after one."""
    return f"vignette:reports:{after}"


def audit_id(before: int, user: int, rule: int, since: int) -> str:
    """Name the button that shows older entries of the audit log; 0 stands for all."""
    return f"vignette:audit:{before}:{user}:{rule}:{since}"


def rules_id(way: str, kind: str, page: int) -> str:
    """Name a button that shows page `page` (0-based) of the rules of a kind, or of `all`."""
    return f"vignette:rules:{way}:{kind}:{page}"


def plan_id(answer: str, token: str) -> str:
    """Name a button that answers `yes` or `no` to a plan that waits."""
    return f"vignette:plan:{answer}:{token}"


def save_id(search_id: str, row: int, message_id: int) -> str:
    """Name the button that saves one picture."""
    return f"vignette:save:{search_id}:{row}:{message_id}"


def shelf_id(way: str, page: int) -> str:
    """Name a button that shows page `page` (0-based) of one's saved results, whoever presses it."""
    return f"vignette:saved:{way}:{page}"


def shelf_remove_id(page: int) -> str:
    """Name the select that removes saved results and stays on page `page`."""
    return f"vignette:saved-remove:{page}"


def history_id(way: str, page: int) -> str:
    """Name a button that shows page `page` (0-based) of one's history, whoever presses it."""
    return f"vignette:history:{way}:{page}"


def history_pick_id(page: int) -> str:
    """Name the select that asks a past search again."""
    return f"vignette:history-pick:{page}"


def forget_id(answer: str) -> str:
    """Name a button that says `yes` or `no` to the deletion of one's own data."""
    return f"vignette:forget:{answer}"


def example_id(number: int) -> str:
    """Name the button that runs one of the help's examples."""
    return f"vignette:example:{number}"


def post_id(search_id: str, page: int) -> str:
    """Name the button that posts page `page` of a private answer for everybody."""
    return f"vignette:post:{search_id}:{page}"


def again_id(search_id: str) -> str:
    """Name the button that draws other pictures by lot, under the conditions of a draw."""
    return f"vignette:again:{search_id}"


def delete_id(search_id: str) -> str:
    """Name the button that deletes the answer it stands under."""
    return f"vignette:delete:{search_id}"
