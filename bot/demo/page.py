"""The chat as one HTML page that opens without a server: pictures inside, no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence

from bot.demo.chat import Block, Button, Buttons, Gallery, Said, Select, Shown

_MARKUP = re.compile(r"\\(?P<escaped>[^A-Za-z0-9\s])|`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*]+)\*")
FEW = 3
"""Fewer pictures than this are shown at their own size, not as squares of a grid."""

_FIRST_BYTES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}

_STYLE = """
:root { color-scheme: dark light; --back: #313338; --fore: #dbdee1; --soft: #a9b0b8; --box: #2b2d31; --edge: #3f4147;
        --accent: #7fa9c3; }
@media (prefers-color-scheme: light) {
  :root { --back: #fff; --fore: #2e3338; --soft: #5c6470; --box: #f2f3f5; --edge: #d4d7dc; --accent: #3f6f8d; } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem; background: var(--back); color: var(--fore);
       font: 16px/1.45 "gg sans", "Noto Sans", "Segoe UI", Helvetica, Arial, sans-serif }
h1 { font-size: 1.25rem; border-bottom: 1px solid var(--edge); padding-bottom: .75rem }
article { display: grid; grid-template-columns: 2.75rem 1fr; gap: 0 .9rem; margin: 1.4rem 0 }
.face { width: 2.75rem; height: 2.75rem; border-radius: 50%; background: var(--edge); display: grid;
        place-items: center; font-weight: 600 }
.bot .face { background: #4a6b80; color: #fff }
.name { font-weight: 600; margin-right: .5rem }
.tag, .private { font-size: .72rem; color: var(--soft) }
.tag { background: #5865f2; color: #fff; border-radius: 3px; padding: .05rem .3rem; margin-right: .5rem }
.box { background: var(--box); border: 1px solid var(--edge); border-left: 4px solid var(--accent);
       border-radius: 8px; padding: .8rem 1rem; margin-top: .35rem }
h2 { font-size: 1.08rem; margin: 0 0 .2rem; overflow-wrap: anywhere }
p { margin: 0 0 .1rem; overflow-wrap: anywhere }
code { background: var(--back); border: 1px solid var(--edge); border-radius: 4px; padding: .05rem .3rem }
.gallery { display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px; margin: .6rem 0; max-width: 25rem }
.gallery.few { grid-template-columns: minmax(0, 13rem) }
.gallery img { width: 100%; aspect-ratio: 1; object-fit: contain; background: #fff; border-radius: 6px; display: block }
.gallery.few img { aspect-ratio: auto }
.row { margin-top: .6rem; display: flex; gap: .5rem; flex-wrap: wrap }
button, select { font: inherit; font-size: .9rem; color: var(--fore); background: var(--edge); border: 0;
                 border-radius: 6px; padding: .4rem .9rem }
select { width: 100% } button:disabled { opacity: .45 }
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{messages}
</body>
</html>
"""


def render(title: str, chat: Sequence[Said], bot: str) -> str:
    """Write a chat as an HTML page.

    Args:
        title: the page's title.
        chat: what was said, in order.
        bot: the name under which the bot speaks.
    """
    messages = "\n".join(_message(said, is_bot=said.author == bot) for said in chat)
    return _PAGE.format(title=html.escape(title), style=_STYLE, messages=messages)


def markdown(text: str) -> str:
    """Write the few marks that the bot uses as HTML; everything else as it is."""
    return "".join(_line(line) for line in text.split("\n"))


def _message(said: Said, *, is_bot: bool) -> str:
    blocks = "".join(map(_block, said.blocks))
    css, letter = ("bot" if is_bot else "person"), html.escape(said.author[:1].upper())
    tag = '<span class="tag">BOT</span>' if is_bot else ""
    private = '<span class="private">only you can see this</span>' if said.private else ""
    name = html.escape(said.author)
    body = f'<div class="box">{blocks}</div>' if is_bot else blocks
    return (
        f'<article class="{css}"><div class="face" aria-hidden="true">{letter}</div>'
        f'<div><span class="name">{name}</span>{tag}{private}{body}</div></article>'
    )


def _block(block: Block) -> str:
    match block:
        case str():
            return markdown(block)
        case Select():
            options = "".join(f"<option>{html.escape(label)}</option>" for label in (block.placeholder, *block.options))
            return f'<div class="row"><select aria-label="{html.escape(block.placeholder)}">{options}</select></div>'
        case Buttons():
            return f'<div class="row">{"".join(map(_button, block.buttons))}</div>'
        case Gallery():
            few = " few" if len(block.pictures) < FEW else ""
            return f'<div class="gallery{few}">{"".join(map(_picture, block.pictures))}</div>'


def _button(button: Button) -> str:
    return f"<button type=button{' disabled' if button.disabled else ''}>{html.escape(button.label)}</button>"


def _picture(picture: Shown) -> str:
    kind = next((kind for start, kind in _FIRST_BYTES.items() if picture.data.startswith(start)), "png")
    data = base64.b64encode(picture.data).decode()
    alt = html.escape(picture.alt)
    return f'<img src="data:image/{kind};base64,{data}" alt="{alt}" title="{alt}">'


def _line(line: str) -> str:
    heading = line.startswith("### ")
    inside = _inline(line.removeprefix("### "))
    return f"<h2>{inside}</h2>" if heading else f"<p>{inside}</p>"


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
    tag, inside = ("b", mark["bold"]) if mark["bold"] else ("i", mark["italic"])
    return f"<{tag}>{_inline(inside)}</{tag}>"
