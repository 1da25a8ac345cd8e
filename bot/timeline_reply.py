"""A timeline as one Discord message: the plot, what it says in a sentence, and its examples to pick from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot import texts
from bot.gallery import MAX_TITLE_SHOWN, title_of
from bot.markdown import code_span, plain, shown
from bot.plots import Numbered, legible, number_of, plot_name, sound, span_of
from bot.question import MAX_PROMPT_SHOWN
from bot.reply import Controls, Pick, Reply
from bot.uploads import MAX_ALT, Upload
from search_core import Closeness
from search_core.describe import counted

if TYPE_CHECKING:
    from search_core import Timeline
    from search_core.evaluation.intervals import Estimate
    from search_core.timeline import Series

MAX_ALT_PROMPT, MAX_ALT_TITLE = 100, 30
"""Letters: with two prompts and twelve examples the alt text stays within Discord's limit, or loses its last titles."""

MAX_COMPARED_SHOWN = MAX_PROMPT_SHOWN // 2
MAX_NOTES = 3

_SMALL = 0.1
"""Below ten per cent a share is told with a decimal."""


def compose_timeline(
    timeline: Timeline,
    prompts: Sequence[str],
    plot: bytes,
    examples: Sequence[Sequence[Numbered]],
    search_id: str,
    *,
    covered: bool,
    private: bool = False,
    notes: Sequence[str] = (),
) -> Reply:
    """Make the reply.

    Args:
        timeline: what the engine found.
        prompts: as they were typed, one for each series.
        plot: the picture of it, a PNG.
        examples: those of each series, numbered.
        search_id: the search that picks from the examples belong to.
        covered: whether the plot goes under a spoiler.
        private: whether only the asker sees it.
        notes: sentences of context that the rules want shown, beside those of the timeline and its examples.
    """
    every = [each for some in examples for each in some]
    upload = Upload(f"{texts.PLOT_NAME}.png", plot, alt_of(timeline, prompts, every), covered)
    of_examples = (note for each in every for note in each.example.notes)
    context = list(dict.fromkeys([*notes, *timeline.notes, *of_examples]))[:MAX_NOTES]
    lines = [*_reading(timeline, prompts), *_remarks(timeline, prompts), *map(_note, context)]
    return Reply(
        heading=_heading(timeline, prompts),
        body="\n".join(lines),
        pictures=(upload,),
        list="\n".join(map(_line, every)),
        controls=Controls(search_id, picks=_picks(every), delete=not private),
    )


def _picks(examples: Sequence[Numbered]) -> tuple[Pick, ...]:
    """What can be picked: each picture once, by its first number, though it may be an example of both prompts."""
    first = {each.example.row: _pick(each) for each in reversed(examples)}
    return tuple(sorted(first.values(), key=lambda pick: pick.number))


def alt_of(timeline: Timeline, prompts: Sequence[str], examples: Sequence[Numbered]) -> str:
    """Tell the figures of the plot to those who do not see it."""
    first, last = timeline.bins[0], timeline.bins[-1]
    axis = texts.ALT_TIMELINE.format(
        column=shown(timeline.column, MAX_ALT_TITLE),
        first=number_of(first.low),
        last=span_of(last, whole=timeline.whole).rpartition("–")[2],
    )
    told = [axis, *_told(timeline, prompts)]
    if examples:
        named = ", ".join(f"{each.number}. {_title(each, MAX_ALT_TITLE)}, {_value(each)}" for each in examples)
        told.append(texts.ALT_EXAMPLES.format(examples=named))
    return shown(" ".join(told), MAX_ALT)


def peak(timeline: Timeline, series: Series) -> int:
    """The bin where a prompt is strongest beyond doubt: where the lower end of the interval is highest.

    A bin of a few pictures is taken only where no other holds a close one.
    """
    says = sound(timeline)

    def strength(place: int) -> tuple[bool, float]:
        return bool(says[place] and series.close[place]), _low(series.shares[place])

    return max(range(len(series.shares)), key=strength)


def percent(share: float) -> str:
    """Write a share as people say it."""
    return f"{share:.1%}" if 0 < share < _SMALL else f"{share:.0%}"


def _low(share: Estimate | None) -> float:
    return -1.0 if share is None else share.low


def _heading(timeline: Timeline, prompts: Sequence[str]) -> str:
    asked = code_span(prompts[0], MAX_PROMPT_SHOWN)
    if len(prompts) > 1:
        one, other = (code_span(prompt, MAX_COMPARED_SHOWN) for prompt in prompts)
        asked = texts.TIMELINE_COMPARED.format(prompt=one, other=other)
    if timeline.years:
        return texts.TIMELINE_OF.format(prompt=asked)
    return texts.TIMELINE_ALONG.format(prompt=asked, column=plain(timeline.column, MAX_TITLE_SHOWN))


def _reading(timeline: Timeline, prompts: Sequence[str]) -> Iterator[str]:
    """What the plot shows, a sentence for each prompt."""
    for series, prompt in zip(timeline.series, prompts, strict=True):
        name = code_span(prompt, MAX_COMPARED_SHOWN)
        place = peak(timeline, series)
        if not sum(series.close):
            yield texts.TIMELINE_NONE.format(prompt=name, pictures=counted(_count(timeline), "picture"))
            continue
        if len(timeline.bins) == 1:
            yield texts.TIMELINE_ONE[series.close[place] != 1].format(
                prompt=name,
                close=series.close[place],
                pictures=counted(timeline.bins[place].rows, "picture"),
                share=percent(series.overall.value),
            )
            continue
        yield texts.TIMELINE_PEAK[series.close[place] != 1].format(
            prompt=name,
            span=span_of(timeline.bins[place], whole=timeline.whole),
            close=series.close[place],
            pictures=counted(timeline.bins[place].rows, "picture"),
            share=percent(series.overall.value),
        )


def _remarks(timeline: Timeline, prompts: Sequence[str]) -> Iterator[str]:
    column = plain(timeline.column, MAX_TITLE_SHOWN)
    left_out = [
        (texts.TIMELINE_WITHOUT.format(count=timeline.without_number, column=column), timeline.without_number),
        (counted(timeline.far_off, *texts.TIMELINE_FAR_OFF), timeline.far_off),
    ]
    parts = [words for words, count in left_out if count]
    remarks = [
        _all_at_one(timeline),
        *_letters(prompts),
        *_loose(timeline, prompts),
        texts.TIMELINE_LEFT_OUT.format(parts=", ".join(parts)) if parts else "",
        texts.HIDDEN.format(count=timeline.hidden) if timeline.hidden else "",
        texts.TRUNCATED if any(series.truncated for series in timeline.series) else "",
    ]
    if any(remarks):
        yield " ".join(filter(None, remarks))


def _all_at_one(timeline: Timeline) -> str:
    """Say that there is one place on the axis only, if so."""
    if len(timeline.bins) > 1:
        return ""
    span = span_of(timeline.bins[0], whole=timeline.whole)
    if timeline.years:
        return texts.TIMELINE_ALL_IN_YEAR.format(span=span)
    return texts.TIMELINE_ALL_AT.format(column=plain(timeline.column, MAX_TITLE_SHOWN), span=span)


def _letters(prompts: Sequence[str]) -> Iterator[str]:
    """Which letter of the plot stands for which prompt, of those that the plot cannot write."""
    for number, prompt in enumerate(prompts):
        if not legible(prompt):
            yield texts.TIMELINE_LETTER.format(
                letter=plot_name(prompt, number), prompt=code_span(prompt, MAX_COMPARED_SHOWN)
            )


def _loose(timeline: Timeline, prompts: Sequence[str]) -> Iterator[str]:
    """Say whose examples are only loosely related, if not all are."""
    shown_for = [(prompt, series) for prompt, series in zip(prompts, timeline.series, strict=True) if series.examples]
    loose = [
        prompt for prompt, series in shown_for if any(each.closeness is Closeness.LOOSE for each in series.examples)
    ]
    if loose and len(loose) == len(shown_for):
        yield texts.TIMELINE_ONLY_LOOSE
    else:
        yield from (texts.TIMELINE_LOOSE_OF.format(prompt=code_span(one, MAX_COMPARED_SHOWN)) for one in loose)


def _told(timeline: Timeline, prompts: Sequence[str]) -> Iterator[str]:
    """The figures of each course, in words."""
    for series, prompt in zip(timeline.series, prompts, strict=True):
        name, rows = f"“{shown(prompt, MAX_ALT_PROMPT)}”", _count(timeline)
        place = peak(timeline, series)
        share = series.shares[place]
        if not sum(series.close) or share is None:
            yield texts.ALT_SERIES_NONE.format(prompt=name, pictures=counted(rows, "picture"))
            continue
        yield texts.ALT_SERIES.format(
            prompt=name,
            span=span_of(timeline.bins[place], whole=timeline.whole),
            share=percent(share.value),
            low=percent(share.low),
            high=percent(share.high),
            close=series.close[place],
            rows=timeline.bins[place].rows,
            overall=percent(series.overall.value),
            all_close=sum(series.close),
            all_rows=rows,
        )


def _count(timeline: Timeline) -> int:
    return sum(piece.rows for piece in timeline.bins)


def _note(note: str) -> str:
    return texts.NOTE.format(note=plain(note, MAX_PROMPT_SHOWN))


def _title(one: Numbered, limit: int) -> str:
    return shown(title_of(one.example.metadata), limit)


def _value(one: Numbered) -> str:
    return number_of(one.example.value)


def _line(one: Numbered) -> str:
    title = plain(_title(one, MAX_TITLE_SHOWN), MAX_TITLE_SHOWN)
    closeness = texts.CLOSENESS[one.example.closeness]
    return texts.TIMELINE_EXAMPLE.format(number=one.number, title=title, value=_value(one), closeness=closeness)


def _pick(one: Numbered) -> Pick:
    return Pick(one.number, one.example.row, _title(one, MAX_TITLE_SHOWN))
