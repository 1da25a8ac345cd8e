"""The marks that the bot uses in its words, as HTML: what Discord makes of them, and everything else as it is."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from itertools import groupby

_MARKUP = re.compile(
    r"\\(?P<escaped>[^A-Za-z0-9\s])|`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*]+)\*"
    r"|<t:(?P<time>\d{1,11})(?::(?P<form>[tTdDfFR]))?>|\[(?P<words>[^\]]+)\]\(<?(?P<target>https?://[^)>\s]+)>?\)"
    r"|<(?P<address>https?://[^>\s]+)>"
)
_FORMS = {"t": "%H:%M", "T": "%H:%M:%S", "d": "%d/%m/%Y", "D": "%d %B %Y"}
_FULL = "%d %B %Y %H:%M"
"""Also for times that Discord counts from now: the page is read later."""

_TAGS = {"### ": "h2", "> ": "blockquote", "- ": "li", "": "p"}


def markdown(text: str) -> str:
    """Write the few marks that the bot uses as HTML; everything else as it is."""
    return "".join(_block(start, list(lines)) for start, lines in groupby(text.split("\n"), key=_start))


def _start(line: str) -> str:
    return next(start for start in _TAGS if line.startswith(start))


def _block(start: str, lines: list[str]) -> str:
    written = "".join(f"<{_TAGS[start]}>{_inline(line[len(start) :])}</{_TAGS[start]}>" for line in lines)
    return f"<ul>{written}</ul>" if start == "- " else written


def _inline(text: str) -> str:
    parts, end = [], 0
    for mark in _MARKUP.finditer(text):
        parts += [html.escape(text[end : mark.start()]), _marked(mark)]
        end = mark.end()
    return "".join([*parts, html.escape(text[end:])])


def _marked(mark: re.Match[str]) -> str:
    if mark["escaped"]:
        return html.escape(mark["escaped"])
    if mark["code"]:
        return f"<code>{html.escape(mark['code'])}</code>"
    if mark["time"]:
        return _time(int(mark["time"]), mark["form"])
    if mark["words"]:
        return _link(_inline(mark["words"]), mark["target"])
    if mark["address"]:
        return _link(html.escape(mark["address"]), mark["address"])
    tag, inside = ("b", mark["bold"]) if mark["bold"] else ("i", mark["italic"])
    return f"<{tag}>{_inline(inside)}</{tag}>"


def _time(seconds: int, form: str | None) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"<time>{moment.strftime(_FORMS.get(form or '', _FULL))}</time>"


def _link(inside: str, address: str) -> str:
    """Show a link without being one: the page leads nowhere."""
    return f'<span class="link" title="{html.escape(address)}">{inside}</span>'
