"""What people read about the things they keep, about themselves and about the collection."""

from __future__ import annotations

SAVED = "What you saved"
SAVED_LIST = "Show what you saved, for you alone"
SAVED_REMOVE = "Remove a result that you saved"
SAVED_EXPORT = "Take what you saved along, as a file that only you see"
SAVED_WHICH = "The picture: type a part of its title"
SAVED_FORMAT = "A table alone, or with the pictures"
SAVED_FORMATS = {"csv": "CSV: a table", "zip": "ZIP: pictures, table and provenance"}
SAVED_HEADING = "What you saved"
SAVED_COUNT = "{which} of {total}, the newest first."
SAVED_SPAN = "{first} to {last}"
SAVED_NONE = "You have saved nothing here. Pick the details of a result from the list under an answer, and press Save."
SAVED_LINE = "**{number}\\.** {title} · saved <t:{at}:d>"
SAVED_FROM = " · for {prompt}"
SAVED_FROM_TIMELINE = " · from the timeline of {prompt}"
SAVED_FROM_LOT = " · drawn by lot"
SAVED_FROM_LOT_AMONG = " · drawn by lot, {conditions}"
SAVED_FROM_RESULT = " · similar to {title}"
SAVED_ANOTHER = "another result"
SAVED_SAME = "{title} (number {number} of your list)"
SAVED_HIDDEN_LINE = "**{number}\\.** *hidden by this server's rules*"
SAVED_GONE_LINE = "**{number}\\.** {title} · *no longer in the collection*"
SAVED_HIDDEN = "A hidden picture"
SAVED_HIDDEN_NUMBER = "A hidden picture, number {number}"
SAVED_REMOVE_PICK = "Remove …"
SAVED_REMOVE_OPTION = "Remove number {number}"
SAVED_REMOVED = "Removed: {title}."
SAVED_NOT_FOUND = "You have not saved that here, or not any more. /saved list shows what there is."
SAVED_SEVERAL = "That fits {count} of what you saved: {titles}. Pick one from the list that comes while you type."
SAVED_AND_MORE = "and {count} more"
SAVED_FULL = "You have saved {limit} results here, which is as many as there can be. Export them and remove some."

EXPORTED = "Saved results: {count}."
EXPORTED_HIDDEN = (
    "more is left out, because this server's rules hide it now.",
    "more are left out, because this server's rules hide them now.",
)
EXPORTED_GONE = (
    "is no longer in the collection: the table lists it as gone, without a picture.",
    "are no longer in the collection: the table lists them as gone, without a picture.",
)
EXPORTED_SMALLER = ("picture was made smaller to fit.", "pictures were made smaller to fit.")
EXPORTED_PARTS = "The pictures come in {count} files, because Discord takes no larger ones."
EXPORTED_PART = "Part {number} of {count}."
EXPORT_TOO_BIG = "The table alone is larger than Discord takes. Remove some of what you saved, and export it again."
EXPORT_NONE = "There is nothing to export. Pick the details of a result from the list under an answer, and press Save."

README_CUT = "Values longer than {limit} characters are cut, with … at the end."
README = """\
Saved results from Vignette
===========================

Exported {date} (UTC){part}.

{counts}

What is here
------------
saved.csv    one line for each saved result; UTF-8. Its column "picture" names the file in this archive{elsewhere}.
pictures/    the files as they lie in the collection; where saved.csv says "smaller", a smaller copy.

A cell that a spreadsheet would read as a formula begins with an apostrophe. {cut}

How they were found
-------------------
{provenance}

To cite
-------
{citation}

What a result means
-------------------
{meaning}Rights in the pictures are those of the collection: see the columns metadata.* of the table.
"""
README_RANKED = """\
The pictures were ranked by a model that compares pictures with words or with each other. That a picture was found for
a prompt says that the model sees a likeness; it is no statement about what the picture shows.
"""
README_DRAWN = """\
What was drawn by lot was ranked by nothing: any other picture that could be shown, and that fulfilled the conditions,
might as well have come.
"""
README_PART = ", part {number} of {count}"
README_ELSEWHERE = ", or is in another of the {count} parts"
README_GROUP = """\
- Collection: {collection}
  Revision: {revision} ({generation})
  Model: {model}
  Rules (filter hash): {filter_hash}
  Saved: {since} to {until}, {results}
  Asked: {prompts}"""
README_PICTURE = "(a posted picture)"
README_AND_PICTURE = "{prompt} (and a posted picture)"
README_TIMELINE = "{prompt} (a timeline)"
README_LOT = "(drawn by lot)"
README_LOT_AMONG = "(drawn by lot, {conditions})"
README_RESULT = "(similar to a result: {title})"
README_MORE = "… and {count} more, in saved.csv"
CITATION = (
    "{collection}, revision {revision}. Retrieved with Vignette {version} using the model {model}; exported {date}."
)
CITATION_DRAWN = "{collection}, revision {revision}. Drawn by lot with Vignette {version}; exported {date}."

HISTORY = "Your own searches, kept only if you want that"
HISTORY_ON = "Keep a history of your searches from now on"
HISTORY_OFF = "Keep no history any more, and delete what was kept"
HISTORY_SHOW = "Show your history, for you alone"
HISTORY_CLEAR = "Delete your history in this server, and go on keeping one"
HISTORY_IS_ON = (
    "From now on I keep a history of your searches: when, and what you asked in words. Posted pictures are not kept. "
    "Only you see it, with /history show; /history off ends it and deletes it."
)
HISTORY_IS_OFF = (
    "From now on I keep no history of your searches; deleted: {searches}. Apart from that, each search is kept for "
    "{days} days for the buttons under its answer; /privacy show tells more, and /privacy delete deletes them too."
)
HISTORY_CLEARED = "Deleted from your history in this server: {searches}. I go on keeping one; /history off ends it."
HISTORY_CLEARED_OFF = "Deleted from your history in this server: {searches}. I keep none."
HISTORY_HEADING = "Your history"
HISTORY_NONE = "Your history in this server is empty."
HISTORY_NOT_KEPT = "I keep no history of your searches. /history on begins one, from then on."
HISTORY_LINE = "**{number}\\.** {what} · <t:{at}:R>"
HISTORY_PICTURE = "with a posted picture"
HISTORY_ROW = "similar to a result"
HISTORY_BY_LOT = "drawn by lot"
HISTORY_TIMELINE = "timeline of {prompts}"
HISTORY_BARE = "What narrowed this search was not kept at that time; asked again is the prompt alone."
AND = " and "
HISTORY_PICK = "Ask again …"
HISTORY_OPTION = "Ask number {number} again"
HISTORY_GONE = "That search is no longer in your history."
HISTORY_TOO_OLD = (
    "That search was made with a picture, and is too old: I no longer have what it asked. Please ask again."
)

PRIVACY = "What is kept about you, and how to have it deleted"
PRIVACY_SHOW = "Show all that is kept about you"
PRIVACY_DELETE = "Delete what is kept about you, everywhere"
PRIVACY_HEADING = "**What I keep about you, in all servers that I serve**"
PRIVACY_NOTHING = "Nothing."
PRIVACY_FILE = "The file holds all of it, word for word."
PRIVACY_TABLES = {
    "searches": (
        "**Searches: {count}**: who, where, when, the prompt and its numbers for the model. Each is kept {days} days, "
        "for the buttons under its answer, and so that moderators can try a new rule on recent searches."
    ),
    "saved": "**Saved results: {count}**, until you remove them.",
    "history": "**Searches in your history: {count}**, until you clear it or switch it off.",
    "preferences": "**Preferences: {count}**.",
    "refusals": "**Refused searches: {count}**, with prompt: the moderators read them. Each is kept {days} days.",
    "reports": "**Reports: {count}**, made or decided on by you; their prompts are kept {days} days.",
    "audit": "**Entries in the moderators' log: {count}**, of what you changed.",
    "rules": "**Rules about you: {count}**: a ban names you by your number.",
    "notes": "**Notes: {count}**, on what waits for your answer, or when moderators were last told of a refusal.",
}
PRIVACY_NOT_LISTED = (
    "Reports that others made of an answer to you hold your number and prompt. They are the moderators', and not "
    "listed here; deleting takes you out of them too. Never kept: the pictures that you post. The log on the bot's "
    "machine holds your number with the kind and time of a request, but no prompt. Messages in Discord are Discord's "
    "to keep."
)
PRIVACY_ASK = (
    "This deletes, in all servers that I serve: your searches (the buttons under their answers stop working), your "
    "saved results, your history and your preferences.\n"
    "Your number and your prompts go from the moderators' records as well: from refusals, from reports, and, if you "
    "moderate, from the log of changes. The records themselves stay, with what you gave as a reason, as of somebody "
    "who had their data deleted.\n"
    "It does not delete: a ban, which would lift it, nor the moderators' log of it; messages in Discord; backups that "
    "the people who run me made before; what others saved from your public answers, which names the prompt but not "
    "you.\nIt cannot be undone. /saved export takes along what you saved."
)
PRIVACY_YES = "Delete it all"
PRIVACY_NO = "Keep it"
PRIVACY_DELETED = "Done. Nothing is left about you in my database{except_for}."
PRIVACY_EXCEPT = " but the ban"
PRIVACY_KEPT = "Nothing was deleted."

ABOUT = "What this collection is, and what the bot can and cannot do"
ABOUT_HEADING = "About this collection"
ABOUT_ROWS = "**{title}:** {pictures}; index built <t:{at}:D>, revision `{revision}`."
ABOUT_SOURCE = "**Source:** <{url}>"
ABOUT_CITATION = "**To cite:** {citation}"
ABOUT_COLUMNS = "**Fields:** {columns}."
ABOUT_RANGE = "{name} ({minimum} to {maximum})"
ABOUT_VALUES = "{name} ({values})"
ABOUT_MORE_COLUMNS = "and {count} more"
ABOUT_MODEL = (
    "**The model** is {model}. It turns pictures and words into numbers that lie close together where it sees a "
    "likeness. It finds things, scenes and manners of drawing. It is poor at counting, at who stands left of whom, at "
    "negation, at small print and at names that few pictures taught it. It looks at each picture whole; it does not "
    "read captions, and knows nothing of how a picture came about. What it learned from carries prejudices, and so do "
    "old books: what comes first is no statement about people or things."
)
ABOUT_SCOPE = (
    "**Out of scope.** The [CLIP model card](<https://github.com/openai/CLIP/blob/main/model-card.md>) rules out every "
    "deployed use, and image search in a closed room too unless it was tested there on a fixed set of classes. "
    "Surveillance and face recognition are out of scope always. Nor is it made for languages other than English, "
    "unless the people who run me chose a model that is."
)
ABOUT_TEST = (
    "**In-domain test** of <t:{at}:D> ({classes} of {labels}): the first page was {precision:.0%} right "
    "(95% interval {low:.0%} to {high:.0%}); of {pictures} about {right:.1f} showed what was asked for."
)
ABOUT_TEST_OLD = "Since then the pictures or the model have changed, so it may no longer hold."
ABOUT_NO_TEST = (
    "**In-domain test:** none is known to me. Nobody has measured how often this collection and this model answer "
    "rightly; take results as a way in, and count nothing by them."
)

HELP = "How to ask, with examples to press"
HELP_HEADING = "How to ask"
HELP_BODY = """\
- `/search` finds pictures by words: one thing or scene, plainly said, works best.
- `/similar`, or *Apps*, *Find similar images* on a message: pictures like one that you have.
- Mention me with a picture, and I answer with similar ones.
- `/random` draws pictures by lot; `/timeline` shows when the collection has how much of something.
- Under an answer: turn the page, go on from a result, see its details, save it, report it.
- `/saved` keeps results and takes them along; `/history` keeps your searches, if you want that.
- `/privacy` shows and deletes what is kept about you; `/about` tells what the collection is.

Press an example; only you see the answer."""
HELP_EXAMPLES = ("a sailing ship", "a bird on a branch", "a castle", "a musical instrument", "fruit on a plate")
HELP_UNKNOWN = "That example is no longer there. /help shows the present ones."
