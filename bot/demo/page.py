"""The chat as one HTML page that opens without a server: pictures inside, no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

from bot.demo.chat import LINK, Attached, Block, Button, Buttons, Gallery, Said, Select, Shown
from bot.demo.marks import markdown

_BUTTON_STYLES = {1: "primary", 3: "success", 4: "danger", LINK: "link"}

_FIRST_BYTES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}

_STYLE = r"""
:root { color-scheme: dark light; --back: #313338; --fore: #dbdee1; --soft: #a9b0b8; --box: #2b2d31; --edge: #3f4147;
        --accent: #7fa9c3; }
@media (prefers-color-scheme: light) {
  :root { --back: #fff; --fore: #2e3338; --soft: #5c6470; --box: #f2f3f5; --edge: #d4d7dc; --accent: #3f6f8d; } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem; background: var(--back); color: var(--fore);
       font: 16px/1.45 "gg sans", "Noto Sans", "Segoe UI", Helvetica, Arial, sans-serif }
h1 { font-size: 1.25rem; border-bottom: 1px solid var(--edge); padding-bottom: .75rem }
article { display: grid; grid-template-columns: 2.75rem 1fr; gap: 0 .9rem; margin: 1.2rem 0 }
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
.gallery { display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px; margin: .6rem 0; max-width: 28rem }
figure { margin: 0; position: relative; overflow: hidden; border-radius: 6px; background: #fff }
.gallery img { width: 100%; aspect-ratio: 1; object-fit: contain; display: block }
.gallery.alone { display: flex; max-width: 34rem }
.gallery.alone img { width: auto; max-width: 100%; max-height: 350px; aspect-ratio: auto }
.covered img { filter: blur(24px) }
.covered::after { content: "SPOILER"; position: absolute; inset: 0; display: grid; place-items: center; color: #fff;
                  background: #1e1f22d9; font-weight: 600; letter-spacing: .05em }
.file { background: var(--back); border: 1px solid var(--edge); border-radius: 6px; padding: .6rem .9rem;
        margin-top: .5rem; max-width: 27rem; overflow-wrap: anywhere }
ul { margin: .1rem 0; padding-left: 1.3rem }
blockquote { margin: .15rem 0; padding-left: .7rem; border-left: 4px solid var(--edge); color: var(--soft) }
time { background: var(--edge); border-radius: 3px; padding: 0 .2rem }
.link { color: var(--accent); overflow-wrap: anywhere }
small { color: var(--soft) }
.row { margin-top: .6rem; display: flex; gap: .5rem; flex-wrap: wrap }
button, select { font: inherit; font-size: .9rem; color: var(--fore); background: var(--edge); border: 0;
                 border-radius: 6px; padding: .4rem .9rem }
button { color: var(--fore) } button.primary { background: #4752c4; color: #fff }
button.success { background: #1d6a3a; color: #fff } button.danger { background: #b3262b; color: #fff }
button.link::after { content: " \2197" }
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
            alone = " alone" if len(block.pictures) == 1 else ""
            return f'<div class="gallery{alone}">{"".join(map(_picture, block.pictures))}</div>'
        case Attached():
            return f'<div class="file">{html.escape(block.name)} <small>{_size(block.size)}</small></div>'


def _button(button: Button) -> str:
    style = f' class="{_BUTTON_STYLES[button.style]}"' if button.style in _BUTTON_STYLES else ""
    return f"<button type=button{style}{' disabled' if button.disabled else ''}>{html.escape(button.label)}</button>"


def _picture(picture: Shown) -> str:
    kind = next((kind for start, kind in _FIRST_BYTES.items() if picture.data.startswith(start)), "png")
    data = base64.b64encode(picture.data).decode()
    alt = html.escape(picture.alt)
    cover = ' class="covered"' if picture.covered else ""
    return f'<figure{cover}><img src="data:image/{kind};base64,{data}" alt="{alt}" title="{alt}"></figure>'


def _size(count: int) -> str:
    return f"{count / 1024**2:.1f} MB" if count >= 1024**2 else f"{count / 1024:.1f} KB"
