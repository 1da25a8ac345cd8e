"""All texts that people read in Discord, in one place.

What everybody reads is in this file; the other rooms have a file each: `keeping`, `filters` (the moderators' rules),
`moderation` (reports, hidden pictures, audit log, settings). `locales` holds the commands' texts in other languages;
see `bot.translation`. Errors of the search bring their own sentences (see `search_core.errors`).
"""

from __future__ import annotations

from search_core import Closeness

SEARCH = "Search the picture collection in words"
SEARCH_PROMPT = "What the picture shows, for example: a steam engine"
SEARCH_COUNT = "Pictures on a page, 1 to 10 (9 if you leave it out)"
SEARCH_WITHOUT = "What the pictures are not to show, for example: a storm"
SEARCH_IMAGE = "A picture that they are to be like, beside the words"
SEARCH_YEARS = "A year or a span of years, for example: 1850, 1850-1870 or 1850-"
SEARCH_WHERE = 'Only some: label=animals; several with ; between; with a ; inside: place="London; Paris"'
PRIVATE = "Whether only you see the answer"
SIMILAR = "Find pictures similar to one that you post"
SIMILAR_IMAGE = "A PNG, JPEG, WebP or GIF picture"
SIMILAR_MENU = "Find similar images"

SIMILAR_PROMPT = "What they are to show as well, for example: in the snow"
RESULTS_FOR = "Results for {prompt}"
SIMILAR_AND = "Pictures similar to the one you posted, and to {prompt}"
WITHOUT = "without {without}"
WHERE = "where {where}"
YEARS_UNREADABLE = "Write a year or a span of years, such as 1850 or 1850-1870; 1850- is since 1850, -1870 until 1870."
YEARS_BACKWARDS = "The first year of a span comes first, such as 1850-1870."
YEARS_NONE = (
    "No field of this collection holds years, so I cannot search by them. The option where takes conditions on the "
    "fields that there are; it offers them while you type."
)
SIMILAR_TO_POSTED = "Pictures similar to the one you posted"
SIMILAR_TO_MESSAGE = "Pictures similar to the one in that message"
SIMILAR_TO_RESULT = "Pictures similar to {title}"
DETAILS_OF = "Details of {title}"
MORE_FIELDS = "… and {count} more, for which there is no room."
SENT_SMALLER = "Shown smaller here: the collection's own has {width} x {height} pixels."
PAGE = "Page {number}"

BEST_ARE = {
    Closeness.VERY_CLOSE: "The best of these are very close.",
    Closeness.CLOSE: "The best of these are close.",
    Closeness.LOOSE: "Nothing fits closely; these are loosely related.",
    Closeness.FAR: "Nothing is close; these are only the nearest there are.",
}
CLOSENESS = {
    Closeness.VERY_CLOSE: "very close",
    Closeness.CLOSE: "close",
    Closeness.LOOSE: "loosely related",
    Closeness.FAR: "not close",
}
FURTHER_ARE = {
    Closeness.LOOSE: "These are further away; they are loosely related.",
    Closeness.FAR: "These are further away; none of them is close.",
}
NOTE = "> {note}"
COUNT_REDUCED = "In this channel a page shows at most {pictures}."
HIDDEN = "{count} hidden by this server's rules."
TRUNCATED = "The prompt was longer than the model reads; its end was not used."
TRUNCATED_WITHOUT = "What the pictures are not to show was longer than the model reads; its end was not used."
WITHOUT_EMPTY = "The option without holds no words. Name what the pictures are not to show, or leave it out."
COMPARE_EMPTY = "The option compare holds no words. Describe what to draw beside the first prompt, or leave it out."
PRIVATE_BY_ROLE = (
    "Only you see this, because your roles may show you more than others here. With private:False everybody sees it, "
    "under the rules for everybody."
)
FIRST_OF_SEVERAL = "The message holds several pictures; this is for the first."

NOTHING_CLOSE_TEXT = (
    "Nothing in the collection comes close. Try fewer and plainer words, or the name of one thing that is drawn."
)
NOTHING_CLOSE_PICTURE = (
    "Nothing in the collection comes close. Try a picture that shows one thing, large and on a plain ground."
)
NOTHING_CLOSE_THERE = (
    "Nothing that fulfils the conditions comes close. Try wider ones, or the name of one thing that is drawn."
)
NOTHING_FULFILS = "No picture that may be shown fulfils the conditions. Look at `where` and `years` again."
NOTHING_LEFT = "There are no pictures here."
SHOW_NEAREST = "Show the nearest anyway"

NEARLY_EQUAL = "and {count} nearly equal"
POST = "Post here"
POST_NOT_YOURS = "Only the one who asked can post this answer."
POST_NOT_PERMITTED = "You may not write in this channel, and so I do not post here for you."
DELETE = "Delete"
AGAIN = "Draw again"
DELETE_NOT_YOURS = "Only the one who asked and the moderators can delete this answer."
DELETE_FAILED = (
    "Discord did not delete the answer. Please try again; who has Manage Messages here can delete it in Discord, too."
)
DELETE_TOO_OLD = (
    "I no longer know whose answer this is: its search is too old, or was deleted. The moderators can delete it."
)
SOURCE = "Source"
WHICH_PICTURE = "That message holds several pictures. Which one do you mean?"
WHICH_PICK = "The picture"
WHICH_OPTION = "Picture {number}"
WHICH_GONE = "That picture is no longer there. Use the menu on the message again, please."

LAYOUT = "How pictures are laid out for you"
LAYOUT_STYLE = "One by one, or all on one sheet with their titles"
LAYOUTS = {"gallery": "gallery: the pictures themselves", "sheet": "contact sheet: one picture with titles"}
LAYOUT_SET = {
    "gallery": "From now on your answers show the pictures themselves.",
    "sheet": "From now on your answers show one contact sheet with titles. The details of a result show it whole.",
}
ALT_SHEET = "Contact sheet of {counted}. {pictures}"
SHEET_NAME = "contact-sheet"

PREVIOUS = "Previous"
NEXT = "Next"
PICK = "Result … similar pictures, or details"
PICK_SIMILAR = "Result {number}: similar pictures"
PICK_DETAILS = "Result {number}: details"

ALT_BY = "by {creator}"
ALT_CATEGORY = "category {category}"
UNTITLED = "Untitled"
FIELDS = {"file_name": "file"}

REPORT = "Report a picture"
SAVE_THIS = "Save"
SAVED_THIS = "Saved"
REPORT_THIS = "Report"
HIDE_THIS = "Hide"
REPORT_WHICH = "Which picture do you want to report to the moderators?"
REPORT_PICK = "The picture"
REPORT_TITLE = "Report a picture"
REPORT_WHY = "What is wrong with it?"
REPORT_HINT = "The moderators read this, and that it was you"
REPORTED = "Thank you. The moderators have your report, and I will tell you what they decide."
REPORT_KEPT = (
    "Thank you. Your report is kept, and the moderators find it under /reports. I will tell you what they decide."
)
REPORTED_ALREADY = "You have reported that picture already, and the moderators have not decided yet."
TOO_MANY_REPORTS = "That is a lot of reports. Please report further ones in {minutes} min."
NOTHING_TO_PICK = "I find no pictures of mine in that message."
NOT_MY_CHOICE = "That choice is not one of mine. Please pick from the list."
TOLD_REPORTER = {
    "hidden": "The moderators of {server} hid the picture that you reported: {title}. Thank you.",
    "blocked": "The moderators of {server} hid the picture that you reported, and similar ones: {title}. Thank you.",
    "dismissed": "The moderators of {server} looked at the picture that you reported and let it stay: {title}.",
    "banned": "The moderators of {server} acted on your report of a picture: {title}. Thank you.",
}

NO_PICTURE_IN_MESSAGE = "That message holds no picture that I can read. I look for PNG, JPEG, WebP and GIF."
REPLIED_TO_UNSEEN = (
    "I find no picture in your message, and Discord did not show me one in the message that you answer. Right-click "
    "that message, then Apps, Find similar images."
)
MENTION_WITHOUT_PICTURE = (
    "Mention me in a message that holds a picture, and I look for similar ones. To search in words, use /search."
)
NOT_ANSWERED_HERE = "I do not answer that in public. Ask with /search or /similar, and I tell you why, for you alone."
SEARCH_UNKNOWN = "I no longer have the search behind this answer: it is too old, or was deleted. Please ask again."
GENERATION_CHANGED = (
    "The collection was rebuilt since this answer was made, so its numbers now mean other pictures. Please ask again."
)
PICTURE_HIDDEN = "This picture may no longer be shown here."
PICTURE_TOO_BIG = "That picture is too big: {size} MB. At most {limit:.0f} MB, please."
DOWNLOAD_FAILED = "Discord did not hand over the picture. It may have been deleted; please post it again."
DOWNLOAD_SLOW = "Discord took too long to hand over the picture. Please try again."

NOTICE_REFUSED = "Refused: <@{user}> in <#{channel}> asked {prompt}. Rules: {rules}."
NOTICE_PICTURE = "with a picture"
NOTICE_NO_RULE = "a hidden picture"

TOO_FAST = "That was a lot at once. Ask again in {seconds} s."
SERVER_TOO_FAST = "This whole server has asked a lot just now. Ask again in {seconds} s."
NO_DIRECT_MESSAGES = "I work in the server's channels only, not in direct messages."
FOR_MODERATORS = "That is for this server's moderators."
BANNED = (
    "You may not use Vignette in this server. The moderators can tell you why. What is kept about you, /privacy shows "
    "and deletes all the same."
)
ROLE_MISSING = "Vignette is open to some roles of this server only, and you have none of them. Ask a moderator."
NOT_IN_THIS_CHANNEL = "Vignette does not answer in this channel. Please use it in another one."

BUSY = "Too many searches are waiting just now. Please try again in a few seconds."
DATABASE_BUSY = (
    "Somebody else is writing in my database and does not come to an end, so I could not. Nothing was changed; please "
    "try again in a moment."
)
RULES_UNREADABLE = (
    "I cannot read this server's rules just now, and without them I show nothing. Please try again later; if it stays "
    "so, tell the people who run me."
)
RULES_UNFIT = (
    "One of this server's rules does not fit the present model, and so I search nothing. Please tell the moderators."
)
PRESENCE_LOADING = "Loading the model"
PRESENCE_READY = "Ask me with /search"
LOADING = "I have just started, and the model and the index are still loading. Please try again in a moment."
NOT_LOADED = "Model and index were not loaded."
STILL_LOADING = (
    "I have just started, and the model and the index are still loading. Your answer comes when they are there."
)
SEARCHING = "Searching …"
DRAWING = "Drawing the plot …"
TURNING = "Turning the page …"
DRAWING_LOTS = "Drawing pictures by lot …"
LOOKING_UP = "Looking it up …"
ONE_MOMENT = "One moment …"
PACKING = "Putting the file together …"
FETCHING = "Fetching the picture and searching …"
QUEUED = "{doing} (in a queue with {others})"
CLOSED = "Vignette is restarting. Please try again in a minute."
DISCORD_FAILED = "Discord did not take the answer. Please try again."
NOT_PERMITTED = "I lack a permission here. I need View Channel, Send Messages, Embed Links and Attach Files."
COMMAND_CHANGED = "This command has changed. Please reload Discord (Ctrl-R), or try again in a minute."
TAKEN_BACK = "…"
UNEXPECTED = "Something went wrong on my side. Please try again; if it stays so, tell the people who run me."
WITH_ID = "{sentence} (error {id})"

TIMELINE = "How strongly the collection answers a prompt over the years, as a plot"
TIMELINE_PROMPT = "What the pictures show, for example: a steam engine"
TIMELINE_COMPARE = "A second prompt, drawn beside the first"
TIMELINE_FIELD = "A field of numbers for the axis; the years if you leave it out"
RANDOM = "Pictures drawn by lot, for a way into the collection"
RANDOM_WHERE = "Only some of them, for example: label=animals or year=1850..1870"

TIMELINE_OF = "{prompt} over the years"
TIMELINE_ALONG = "{prompt} along {column}"
TIMELINE_COMPARED = "{prompt} and {other}"
TIMELINE_PEAK = (
    "{prompt}: most in {span}, where {close} of {pictures} is close; {share} over all.",
    "{prompt}: most in {span}, where {close} of {pictures} are close; {share} over all.",
)
TIMELINE_ONE = (
    "{prompt}: {close} of {pictures} is close ({share}).",
    "{prompt}: {close} of {pictures} are close ({share}).",
)
TIMELINE_ALL_IN_YEAR = "All are from {span}, so there is no course to see."
TIMELINE_ALL_AT = "All have the same {column}, {span}, so there is no course to see."
TIMELINE_NONE = "{prompt}: none of {pictures} is close."
TIMELINE_ONLY_LOOSE = "The examples are only loosely related."
TIMELINE_LOOSE_OF = "The examples of {prompt} are only loosely related."
TIMELINE_LETTER = "In the plot, {letter} is {prompt}."
TIMELINE_LEFT_OUT = "Not on the axis: {parts}."
TIMELINE_WITHOUT = "{count} without a number in {column}"
TIMELINE_FAR_OFF = ("whose number lies far off", "whose numbers lie far off")
TIMELINE_EXAMPLE = "**{number}\\.** {title} · {value} · *{closeness}*"
PLOT_TITLE = "Share of pictures that are close, by {column}"
PLOT_BAND = "Shaded: 95% interval."
PLOT_WHISKERS = "Uprights: 95% interval."
PLOT_BARS = "Bars: how many pictures."
PLOT_FEW = "Hollow: fewer than {count}."
PLOT_BEYOND = "Arrow: above the axis."
PLOT_COUNTS = "pictures\nup to {count}"
PLOT_NAME = "timeline"
ALT_TIMELINE = "Line chart along {column}, from {first} to {last}: the share of pictures that are close."
ALT_SERIES = (
    "{prompt}: highest in {span}, {share} ({close} of {rows}, 95% interval {low} to {high}); {overall} over all "
    "({all_close} of {all_rows})."
)
ALT_SERIES_NONE = "{prompt}: none of {pictures} is close."
ALT_EXAMPLES = "Example pictures: {examples}."

RANDOM_HEADING = "Drawn by lot"
RANDOM_HEADING_WHERE = "Drawn by lot, where {where}"
RANDOM_AMONG = "From {pictures}."
RANDOM_NONE = "No picture fulfils that."
RANDOM_ALL_HIDDEN = "No picture may be shown here under this server's rules."
