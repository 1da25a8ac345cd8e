"""The report's sentences: what each figure means, how it was measured, and what it does not say."""

from __future__ import annotations

from search_core.describe import counted
from search_core.evaluation.figures import Figures
from search_core.evaluation.intervals import Estimate
from search_core.evaluation.markdown import code, escaped

_MODEL_CARD = "https://github.com/openai/CLIP/blob/main/model-card.md"


def opening(figures: Figures, figures_file: str) -> str:
    """Say what was tested, on what and when."""
    index = figures.index
    return f"""\
# In-domain test

{_classes(figures)} of {code(figures.labels)}, asked of an index of {counted(index["rows"], "picture")}, of which
{figures.labelled:,} belong to a class. Index built {_time(index["created"])}, tested {_time(figures.created)}.
All figures, unrounded: [{figures_file}](<{figures_file}>).

Why: the [CLIP model card]({_MODEL_CARD}) puts every deployed use out of scope, and advises against image search even
in a constrained environment unless the model was thoroughly tested in its domain, on a specific and fixed class
taxonomy, because its performance varies with the taxonomy. This is that test for one collection, one model and one
taxonomy. It informs the person who decides whether to open the room; it does not decide."""


def in_short(figures: Figures) -> str:
    """The main figures in three lines, for the terminal."""
    k, found = figures.k, figures.zero_shot
    lines = [
        f"{_classes(figures)}, {figures.labelled:,} of {counted(figures.index['rows'], 'picture')} labelled.",
        f"precision@{k} {_figure(figures.precision)}, recall@{k} {_figure(figures.recall)}, "
        f"mean average precision {_figure(figures.mean_average_precision)}",
    ]
    if found is not None:
        lines.append(f"zero-shot accuracy {_figure(found.accuracy)}")
    return "\n".join(lines)


def retrieval(figures: Figures) -> list[str]:
    """What people will see on their first page."""
    precision, recall, k = figures.precision, figures.recall, figures.k
    best = _mean([one.best_precision for one in figures.classes])
    blindly = _mean([one.chance for one in figures.classes])
    best_recall = _mean([one.best_recall for one in figures.classes])
    return [
        f"**The first page is {_percent(precision.value)} right** (95% interval {_range(precision)}): of {k} pictures "
        f"about {k * precision.value:.1f} show what was asked for, as a mean over the classes (precision@{k}). A "
        f"perfect search would reach {_percent(best)}, pictures drawn blindly {_percent(blindly)}.",
        f"It holds {_percent(recall.value)} of all there is to a class ({_range(recall)}; recall@{k}); a page of {k} "
        f"could hold {_percent(best_recall)}.",
        f"**Mean average precision {figures.mean_average_precision.value:.2f}** "
        f"({figures.mean_average_precision.low:.2f} to {figures.mean_average_precision.high:.2f}): 1 would mean that "
        f"all right pictures come before all others; blind order gives about {blindly:.2f}.",
    ]


def zero_shot(figures: Figures) -> list[str]:
    """How well the descriptions tell the classes apart."""
    found = figures.zero_shot
    if found is None:
        return ["Zero-shot accuracy was not measured: it needs two classes, and pictures that belong to one alone."]
    return [
        f"**{_percent(found.accuracy.value)} of the pictures are nearest to their own class's description** "
        f"({_range(found.accuracy)}; zero-shot accuracy); {_percent(found.balanced)} when each class counts the same. "
        f"Guessing blindly gives {_percent(found.chance)}, always naming the largest class {_percent(found.largest)}."
    ]


def near_identical(figures: Figures) -> list[str]:
    """How much of the collection repeats."""
    found = figures.near_identical
    if found is None:
        return ["There is but one picture, so none can be a duplicate."]
    return [
        f"{_percent(found.rate.value, 1)} of the pictures have a near-identical other ({_range(found.rate, 1)}). Those "
        "that search does not fold into one hit take places from others, and lift precision without showing more."
    ]


def skew(figures: Figures) -> list[str]:
    """What the skew probe found."""
    found = figures.skew
    if found is None:
        return ["Skew was not measured: no metadata column says which groups there are (`--skew-column`)."]
    beyond = [one for one in found.over_drawn if one.beyond_background]
    if not beyond:
        return [
            f"No value of {code(found.column)} is drawn by a prompt that names no group more often than its share, "
            f"chance and what unrelated prompts draw explain. With {found.depth} pictures a prompt, only strong skew "
            "shows."
        ]
    prompts = len({one.prompt for one in beyond})
    charged = len({one.prompt for one in beyond if one.kind == "charged"})
    return [
        f"**{prompts} of {len(found.prompts)} prompts that name no group draw some value of {code(found.column)} more "
        f"often than its share, chance and what unrelated prompts draw explain**; {charged} of these prompts "
        "judge whoever they fall on: look at those first. The clearest of all: "
        f"“{beyond[0].prompt}” draws {beyond[0].drawn} of {found.depth} pictures from “{escaped(beyond[0].value)}”, "
        f"where its share would be {beyond[0].expected:.1f}. Whether that is wrong is yours to judge."
    ]


def printed(figures: Figures) -> list[str]:
    """What print in pictures does."""
    found = figures.printed
    return [
        f"A picture of nothing but the printed name would stand on the first page of its own class for "
        f"{found.own_first_page} of {counted(found.classes, 'class', 'classes')}; a printed nonsense word does so for "
        f"{found.control_first_page:.1f} on average. The more these differ, the more the model reads, and the more a "
        "word in a picture counts for what it names."
    ]


READING_CLASSES = """\
Bars are the figures, thin lines their 95% intervals, light bars what a perfect search would reach: a class of two
pictures cannot fill a page of {k}, and a page of {k} cannot hold a class of two hundred. Crosses are what pictures
drawn blindly would give. Read the intervals before the bars: one page is few pictures."""

READING_CONFUSION = """\
Every picture that belongs to exactly one class was assigned to the class whose description is nearest to it. Each
line of the matrix is one true class. Classes that are often taken for each other will also stand on each other's
pages: sharpen their descriptions, or expect it."""

READING_NEAR_IDENTICAL = """\
Near-identical means a cosine of at least {threshold:.3f}. So close, or closer, were nine tenths of {copies} pictures of
this collection to a copy of themselves at three quarters the size, saved as a JPEG of quality 75. {examined:,} pictures
were compared with all others. Look at the pairs below: what the model cannot tell apart, people may."""

READING_SKEW = """\
Each prompt drew {depth} pictures. None names a group; the charged ones judge whoever they fall on. A value of {column}
is listed when it is drawn more often than its share of the collection and chance explain. “Unrelated prompts draw” says
how many come for prompts that no collection answers, and “beyond that” whether the prompt draws more than these and
chance explain; where it does not, the value is one that the model returns for anything. In the chart, cells beyond both
are boxed. Some findings are as they should be (“a person” may well draw pictures of people); an
accusation or a judgement that falls on one group is what to look for, in a column that names groups of people, places
or times (`--skew-column`)."""

NO_SKEW_COLUMN = """\
## What prompts draw that name no group

Not measured: the index has no column `label`, and none was named with `--skew-column`."""

READING_PRINTED = """\
Words were printed in black on white, and each such picture was ranked as if it stood in the collection: rank 1 would be
the first hit. Where a class's printed name ranks far better for that class than printed nonsense does, the model reads:
title pages, posters and captions will be taken for what they name, and anyone can pull a picture into a search, or
past a rule by meaning, with a pen."""

METHODS = """\
## How it was measured

- Each description is a query of its own, cleaned and encoded as people's prompts are; a class's figures are the means
  over its descriptions, and the overall figures are the means over the classes (macro average). Filters did not apply,
  and near-duplicates were counted one by one.
- precision@{k} and recall@{k}: the first {k} hits of the index as it is served. Average precision: the exact order of
  all pictures, equal scores by row. Definitions: Manning, Raghavan and Schütze, *Introduction to Information Retrieval*
  (2008), chapter 8.
- Intervals hold 95%. For a class's precision and recall: Wilson's score interval (1927; Brown, Cai and DasGupta, 2001),
  with as many trials as places that could be right. For its average precision: a bootstrap over the collection's
  pictures with Poisson frequencies (Hanley and MacGibbon, 2006), 1,000 samples, fewer for classes of more than 5,000
  pictures. For means over classes: a percentile bootstrap over the classes (Efron and Tibshirani, 1993), 1,000 samples.
  For accuracy and duplicates: Wilson. The random draws have a fixed seed: the same index and taxonomy give the same
  figures.
- Zero-shot: the nearest of the classes' mean descriptions (Radford et al., 2021, section 3.1.4).
- Skew: after So-B-IT (Hamidieh et al., *Identifying Implicit Social Biases in Vision-Language Models*, 2024), with our
  own word list; one-sided hypergeometric tests, Benjamini and Hochberg's (1995) correction at 5% over all of them;
  against the share in the collection, and again against the share among what unrelated prompts draw.
- Printed words: after Goh et al., *Multimodal Neurons in Artificial Neural Networks* (2021)."""

LIMITS = """\
## What it does not say

- A class is as good as its labels. A picture that shows a cat and is filed under food counts as wrong when found for
  “a cat”; where labels come from folders, part of the error is the folders'.
- A model that was trained on these very pictures does better on them than on any it has not seen.
- The descriptions are yours, and few. People type otherwise, in other languages, and with more in mind.
- The intervals say how the figures might vary with other pictures or other classes of the same kind. They say nothing
  about another collection or another model; after `index add` or a change of model, test again. With fewer than some
  ten classes the interval of a mean is too narrow.
- Pictures of one kind resemble each other, so a prompt that draws one draws its like. The skew test calls that more
  than chance, rightly, but chance is not the only innocent cause.
- The probe counts values of one metadata column. Groups that no column names, such as who is depicted, are not seen.
- No figure here looks for pictures that hurt. Look through the collection, and set the rules, before you open the room.
- Printed words were clean type on white. Handwriting, old type and words within a scene may attract more or less."""


def _classes(figures: Figures) -> str:
    return counted(len(figures.classes), "class", "classes")


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f}%"


def _range(estimate: Estimate, digits: int = 0) -> str:
    return f"{_percent(estimate.low, digits)} to {_percent(estimate.high, digits)}"


def _figure(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _time(created: str) -> str:
    """ISO 8601, UTC, as people write it."""
    return created[:16].replace("T", " ") + " UTC"


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
