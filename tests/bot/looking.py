"""Looking at the demo's page as a person does: what of it can be seen in a real browser, and what is wrong with it.

The page has no script of its own. A copy of it gets one that measures, and the rest is read off the photograph.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from bot.demo.browser import Theme, photograph
from bot.demo.chat import Button, Buttons, Said, Shown
from bot.plots import contrast

WIDTH, HEIGHT = 800, 2_400
"""A page of one answer."""

ENOUGH_CONTRAST = 4.5
"""For words of ordinary size (WCAG 2.2, 1.4.3); what cannot be pressed is excepted there."""

_GRAIN = 12
"""A picture is compared with what stands on the page in as many patches each way: scalers differ in the details."""

_ALIKE = 9.0
"""Mean difference of the patches, of 255. Measured: up to 4 for the right picture, 18 for another drawing on white."""

_SMALLEST = 40
"""Pixels each way that a picture must have to be seen."""

_MEASURE = """
<script>
addEventListener("load", () => {
  const parts = colour => (colour.match(/[0-9.]+/g) || []).map(Number);
  const box = each => { const b = each.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] };
  const seen = each => {
    const [x, y, w, h] = box(each);
    return w > 0 && h > 0 && each.checkVisibility({opacityProperty: true, visibilityProperty: true}) &&
      [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].every(([across, down]) => {
        const top = document.elementFromPoint(x + across * w, y + down * h);
        return top === each || each.contains(top);
      });
  };
  const ground = each => {
    for (; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour.length === 3) return colour;
    }
    return [255, 255, 255];
  };
  const worded = each => [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  const measured = {
    images: [...document.images].map(each => ({alt: each.alt, natural: [each.naturalWidth, each.naturalHeight],
      box: box(each), seen: seen(each)})),
    buttons: [...document.querySelectorAll("button")].map(each => ({label: each.textContent, disabled: each.disabled,
      seen: seen(each)})),
    words: [...document.body.querySelectorAll("*:not(script, option, button:disabled)")].filter(worded).map(each => ({
      text: each.textContent.trim().slice(0, 40), colour: parts(getComputedStyle(each).color), ground: ground(each)})),
  };
  const out = document.createElement("script");
  out.type = "application/json";
  out.id = "measured";
  out.textContent = JSON.stringify(measured).replaceAll("<", "\\\\u003c");
  document.body.append(out);
});
</script>
"""

Measured = dict[str, list[dict[str, Any]]]


def faults(browser: str, page: str, chat: Sequence[Said], folder: Path, theme: Theme = Theme.DARK) -> list[str]:
    """Open a page in a browser, and say what a person would miss of the chat that it is to show."""
    measured, sight = _look(browser, page, folder, theme)
    shown = [picture for said in chat for picture in said.pictures]
    pressed = [
        button for said in chat for block in said.blocks if isinstance(block, Buttons) for button in block.buttons
    ]
    return [
        *_faults_of_pictures(measured["images"], shown, sight),
        *_faults_of_buttons(measured["buttons"], pressed),
        *_faults_of_words(measured["words"]),
    ]


def _look(browser: str, page: str, folder: Path, theme: Theme) -> tuple[Measured, Image.Image]:
    file, picture = folder / "page.html", folder / "page.png"
    file.write_text(page.replace("</body>", f"{_MEASURE}</body>"), encoding="utf-8")
    dom = photograph(browser, file.as_uri(), picture, width=WIDTH, height=HEIGHT, theme=theme)
    assert dom is not None, f"{browser} shows no page"
    found = re.search(r'<script type="application/json" id="measured">(.*?)</script>', dom, re.DOTALL)
    assert found is not None, dom[-2_000:]
    measured: Measured = json.loads(found[1])
    with Image.open(picture) as opened:
        return measured, opened.convert("RGB")


def _faults_of_pictures(images: list[dict[str, Any]], shown: Sequence[Shown], sight: Image.Image) -> Iterator[str]:
    if len(images) != len(shown):
        yield f"{len(images)} pictures instead of {len(shown)}"
    for image, picture in zip(images, shown, strict=False):
        name = f"picture “{picture.alt}”"
        if image["alt"] != picture.alt:
            yield f"{name} is described as “{image['alt']}”"
        if not all(image["natural"]):
            yield f"{name} is broken"
        elif min(image["box"][2:]) < _SMALLEST:
            yield f"{name} is too small to be seen"
        elif not image["seen"]:
            yield f"{name} is covered"
        elif (difference := _difference(picture, image["box"], sight)) > _ALIKE:
            yield f"{name} has other colours on the page, by {difference:.0f}"


def _difference(picture: Shown, box: list[float], sight: Image.Image) -> float:
    """How far the colours of a picture are from those where it stands on the photograph, 0 to 255."""
    x, y, width, height = box
    there = sight.crop((round(x), round(y), round(x + width), round(y + height)))
    with Image.open(io.BytesIO(picture.data)) as opened:
        image = ImageOps.pad(opened.convert("RGB"), there.size, color="white")
    patches = [np.asarray(each.resize((_GRAIN, _GRAIN), Image.Resampling.BOX), float) for each in (there, image)]
    return float(np.abs(patches[0] - patches[1]).mean())


def _faults_of_buttons(found: list[dict[str, Any]], pressed: Sequence[Button]) -> Iterator[str]:
    there, expected = ([(b["label"], b["disabled"]) for b in found], [(b.label, b.disabled) for b in pressed])
    if there != expected:
        yield f"the buttons are {there} instead of {expected}"
    for button in found:
        if not button["seen"]:
            yield f"the button “{button['label']}” is not to be seen"


def _faults_of_words(words: list[dict[str, Any]]) -> Iterator[str]:
    if not words:
        yield "there are no words"
    for each in words:
        reached = contrast(_blended(each["colour"], each["ground"]), _hex(each["ground"]))
        if reached < ENOUGH_CONTRAST:
            yield f"the words “{html.unescape(each['text'])}” are not legible: contrast {reached:.1f}"


def _blended(colour: list[float], ground: list[float]) -> str:
    opaque = colour[3] if len(colour) > 3 else 1.0
    return _hex([opaque * over + (1 - opaque) * under for over, under in zip(colour[:3], ground, strict=True)])


def _hex(colour: Sequence[float]) -> str:
    return "#" + "".join(f"{round(part):02X}" for part in colour[:3])
