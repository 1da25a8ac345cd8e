"""What moderators read about rules, in Discord and at the terminal."""

from __future__ import annotations

from search_core.filters import Action, RuleKind

FILTER = "Rules for what may be asked and shown (moderators)"
ADD = "Add a rule; it counts from the next search on"
EDIT = "Change a rule; what you leave out stays as it is"
REMOVE = "Remove a rule"
ENABLE = "Switch a rule on or off"
LIST = "List the rules, for you alone"
SHOW = "Tell everything about a rule; of a concept, what would fall under it"
TEST = "What would happen and why: to a prompt, to a picture, to the last 100 searches"
HISTORY = "Who changed which rule when, and why"
IMPORT = "Take rules over from a file, from the server's AutoMod, or from the starter set"
EXPORT = "Get all rules as a file"
UNDO = "Take the last change back"

KIND = "What the rule looks at"
PATTERN = "A word (cat, cat*, *cat, *cat*), a concept's name, year=1850, a user, a file's SHA-256"
ACTION = "What then happens; the kind's first if you leave it out"
REASON = "Why; the other moderators read it"
NEW_REASON = "Why; in place of the rule's reason"
REMOVE_REASON = "Why; for the log"
NOTE = "The sentence of context to show; only with the action note"
EXAMPLES = "Examples of a concept in words, separated by ; (its name if you leave them out)"
IMAGE = "An example picture, or the picture to act on"
RESULT = "The number of a result of your own last search: an example, or the picture to act on"
SENSITIVITY = "How much a concept matches: 0 as measured, 1 more, -1 less"
CHANNEL = "Hold in this channel only"
CHANNEL_TOGGLED = "A channel to add to those it holds in, or to take away if it is there"
EVERYWHERE = "Hold in the whole server again"
LAST_CHANNEL = (
    "It holds in {channel} alone, so without that channel it would hold in the whole server. If you want that, give "
    "`everywhere:True` in place of the channel; to move it, add the other channel first."
)
BYPASS = "A role that it does not hold for"
BYPASS_TOGGLED = "A role that it does not hold for; named again, it holds for that role too"
EXPIRES = "When it ends: in days (30), or on a date (2030-12-31)"
EXPIRES_OR_NEVER = "When it ends: in days (30), on a date (2030-12-31), or never"
RULE = "The rule: pick one, or type its number"
ON = "Whether it holds"
ONLY_KIND = "Rules of this kind only"
TEST_PROMPT = "A prompt to try"
TEST_IMAGE = "A picture to try"
TEST_RECENT = "Try the last 100 searches, each where it was made"
TEST_CHANNEL = "Try the prompt or picture as if asked in this channel; in this one here if you leave it out"
TEST_RULE = "Try with this rule switched on, though it may be off"
TEST_KIND = "Try with a rule that does not exist yet: its kind"
TEST_PATTERN = "Try with a rule that does not exist yet: its pattern"
SOURCE = "Where the rules come from"
FILE = "With the source file: JSON from an export, or a text file with a word a line"
IMPORT_REASON = "Why, for rules that bring no reason of their own"
SKIP_ERRORS = "Take over what can be used, although some of it cannot"
IMPORT_ON = "Whether the rules hold at once; if you leave it out, as they say (the starter set: off)"
SOURCES = {"file": "a file", "automod": "the server's AutoMod", "starter": "the starter set"}
FORMATS = {"json": "JSON, with everything", "words": "only the words"}
FORMAT = "JSON with everything, or only the words, a line each"

KINDS = {
    RuleKind.WORD: "word or phrase",
    RuleKind.ALLOW: "allowed word or phrase",
    RuleKind.CONCEPT: "concept: what is meant",
    RuleKind.PICTURE: "one picture and its copies",
    RuleKind.SOURCE: "source: a condition on metadata",
    RuleKind.PERSON: "person",
}
ACTIONS = {
    Action.REFUSE: "refuse to answer",
    Action.HIDE: "hide the pictures",
    Action.SPOILER: "show under a spoiler",
    Action.NOTE: "show with a sentence of context",
    Action.LOG: "only log it",
}

CHANGED = {
    "rule.add": "added",
    "rule.edit": "changed",
    "rule.remove": "removed",
    "settings.change": "changed the settings",
    "report.resolve": "decided a report",
    "database.restore": "restored a backup",
}
DECIDED_REPORT = "decided report {report}, {decision}"
DECIDED = {
    "hidden": "hid the picture",
    "blocked": "hid the picture and similar ones",
    "dismissed": "dismissed it",
    "banned": "banned who had asked",
}
UNDID = "took back entry {entry}"
NOBODY = "somebody who had their data deleted"
VIA_TERMINAL = "at the terminal"
OFF = "off"
ENDED = "ended {when}"
ENDS = "until {when}"
ONLY_IN = "only in {places}"
NOT_FOR = "not for {roles}"
NO_REASON = "no reason given"
HAS_NOTE = "note: {note}"
HAS_EXAMPLE = "example: {example}"
HAS_PICTURES = "example: {pictures}"
HAS_SENSITIVITY = "sensitivity {sensitivity:g}"
ANOTHER = "another {name}"
WAS = "{name} was {value}"
WERE = {
    "channels": "only in {value} before",
    "bypass_roles": "not for {value} before",
    "expires": "until {value} before",
}
WAS_NOTHING = {
    "channels": "everywhere before",
    "bypass_roles": "for every role before",
    "expires": "without an end before",
    "note": "without a note before",
}
WAS_ENABLED = {True: "on before", False: "off before"}
HEADED = "**{}** {}"
TERMINAL_HEADED = "{}: {}"
CHANNEL_ID = "channel {}"
ROLE_ID = "role {}"
USER_ID = "user {}"
LISTING = "/filter list"
SWITCHING_ON = "`/filter enable rule:{} on:True`"
PROLONGING = "`/filter edit rule:{} expires:never`"
SHOWING = "`/filter show rule:{}`"
TERMINAL_SHOWING = "vignette filters show {} --preview"
TERMINAL_LISTING = "vignette filters list"
TERMINAL_SWITCHING_ON = "vignette filters enable {}"
TERMINAL_PROLONGING = "vignette filters edit {} --expires never"

ADDED = "Added. It counts from the next search on."
EDITED = "Changed. It counts from the next search on."
REMOVED = "Removed."
UNCHANGED = "The rule says that already: there is nothing to change."
SWITCHED = {True: "Switched on. It counts from the next search on.", False: "Switched off."}
UNDONE = "Taken back."
UNDONE_OF = "The change was made by {who}, {when}."
TERMINAL_OPERATOR = "an operator at the terminal"
NO_RULES = "There are no rules. Begin with /filter add, or take the starter set over with /filter import."
NO_HISTORY = "No rule was ever changed."
NO_SUCH_RULE = "There is no rule {number}. See {list}."
OF_THAT_NUMBER = "of that number"
RULES_HEAD = "**Rules {first}-{last} of {total}**"
HISTORY_HEAD = "**Changes, newest first**"
PREVIOUS = "Previous"
NEXT = "Next"
MORE_LEFT = "… and {count} more."

SAYS_THE_SAME = "This rule says the same already. Change that one instead: {rule}"
SLEEPS = "There is such a rule already, but it does not hold now: {rule}"
REVIVE = "To have it hold again as it is: {ways}."
AND = " and "
REPLACE_IT = "Or the new rule takes its place, under the same number."
BROAD = "Of the last {asked} searches, this would refuse {refused} more ({share:.0%})."
UNMEASURED = "How many of the last searches this would refuse could not be told. {why}"
DO_YOU_WANT_THAT = "Nothing has been changed yet. Do you want that?"
CONFIRM = "Yes, do it"
CANCEL = "No, leave it"
CONFIRMED = "Done. It counts from the next search on."
CANCELLED = "Left as it was."
DRAFT_GONE = "That was decided already, or you have made another draft since. Please give the command again."

REASON_MISSING = "Say why: a rule needs a reason, which the other moderators read."
PATTERN_MISSING = "Say what the rule is to match: give a pattern."
EXPIRY_OUT_OF_RANGE = "It cannot end then: expires is a whole number of seconds since 1970, up to the year 9999."
FAR_FUTURE = "far future"
EXPIRY_WRONG = "{written!r} is no time to end at. Write a number of days (30) or a date to come (2030-12-31)."
EXAMPLES_ONLY_FOR_CONCEPTS = "Only a concept has examples in words and a sensitivity."
PICTURE_ONLY_FOR = "Only a concept and a picture rule are made from a picture."
NOT_IN_COLLECTION = "That very file is not in the collection. Name it as a result of your last search instead."
NO_LAST_SEARCH = "You have made no search that I still know, or it has no result {number}. Search, then use its number."
NEEDS_INDEX = "That needs the collection and its model. Set VIGNETTE_INDEX, or give --index DIR."
POSTED_EXAMPLE = (
    "One of its examples is a posted picture, of which nothing but its meaning was kept, so its examples cannot be "
    "changed. Remove the rule and add it anew."
)
TOO_MANY_EXAMPLES = "A concept has at most {limit} examples in words."
KIND_WRONG = "Say what kind of rule it is: {kinds}."
SENSITIVITY_WRONG = "The sensitivity lies between -{limit:g} and {limit:g}."

FIELD_UNKNOWN = (
    "The collection has no field {column}, so a rule about it matches nothing. It has these, the likeliest first: "
    "{fields}."
)
NO_FIELDS = "The collection has no field {column}, nor any other, so a rule about it matches nothing."
FIELDS_UNKNOWN = "Whether the collection has the field that a rule is about could not be checked: {why}"

PREVIEW_COUNT = "Of the collection, {pictures} would fall under it ({share:.1%})."
PREVIEW_ESTIMATE = "Of the collection, about {pictures} would fall under it ({share:.1%})."
PREVIEW_SEE = "{said} See {showing}."
PREVIEW_NOTHING = "No picture of the collection would fall under it."
PREVIEW_SHOWS = "Below: the clearest of them, then those that only just fall under it or only just do not."
PREVIEW_SHOWS_CLEAR = "Below: some of them."
TEST_REFUSED = "it would be refused"
TEST_ANSWERED = "it would be answered as it is"
TEST_CHANGED = "it would be answered, with {changes}"
TEST_HIDDEN = "{pictures} hidden on the way to the end of the first page"
TEST_ALL_COVERED = "every picture under a spoiler"
TEST_COVERED = "{pictures} of the first page under a spoiler"
TEST_NOTED = "a sentence of context"
TEST_TIMES = "{line} ({times} times)"
TEST_NO_MATCH = "No rule matches."
TEST_MATCH = "{rule} matched in {stage}, {view}"
TEST_MATCHED = "{match}: {matched}"
TEST_SCORE = "{match}: {score:.2f}, from {threshold:.2f} on"
TEST_ELSEWHERE = "Passed over, since it does not hold in this channel: {rule}"
TEST_BANNED = "{rule}: who it keeps out made {searches} of these"
TEST_RECENT_HEAD = (
    "Of the last {asked}, {refused} would be refused, {hidden} would lose pictures, {covered} would have "
    "pictures covered, and {noted} would come with a sentence of context."
)
TEST_RECENT_PLACES = "Each of the last searches is tried in the channel where it was made."
TEST_RECENT_NONE = "There are no searches to try it on."
TEST_DRAFT = "Tried with a rule that is not in force: {rule}"
TEST_IN_FORCE = "Tried with the rules in force, this one among them: {rule}"
TRIED_NOTE = "(the note would stand here)"
RULE_HEAD = "Rule {number}"
DRAFT_HEAD = "A rule that is not in force"
PICTURE_ASKED = "a picture"
STAGES = {"prompt": "the prompt", "picture": "the posted picture", "result": "the results"}
VIEWS = {
    "clean": "as written",
    "skeleton": "with look-alike letters undone",
    "collapsed": "with gaps, joined words, repeats and signs for letters undone",
    "meaning": "by meaning",
    "row": "by its file or its metadata",
}

IMPORTED = "{added} taken over."
IMPORT_KNOWN = "{skipped} left out: there already."
IMPORT_ASLEEP = "Not in force among them, being off or past their end: {rules}. See {listing}."
IMPORT_LEFT_OUT = "Left out, since they could not be used: {count}."
IMPORT_STOPPED = "Nothing was taken over, since {count} could not be used. Mend them, or ask to skip errors:"
IMPORT_PROBLEM = "{place}: {message}"
LINE_PLACE = "line {number}"
RULE_PLACE = "rule {number}"
AUTOMOD_PLACE = "AutoMod rule {name}"
IMPORT_NOTHING = "There is no rule in that file."
IMPORT_REASON_MISSING = (
    "Say why: give a reason, which the other moderators read. It holds for each rule without its own."
)
AUTOMOD_NOTHING = "The server's AutoMod has no words of its own that could be taken over."
FILE_MISSING = "Attach the file that the rules are in."
FILE_TOO_BIG = "That file is too big: at most {limit:.0f} MB, please."
FILE_GONE = "Discord did not hand over the file. Please attach it again."
FILE_NOT_TEXT = "That file is not text in UTF-8. Save it again as plain text."
FILE_NOT_JSON = "That is no export of Vignette: {problem}."
NOT_JSON = "it begins like JSON, and is none"
NO_FORMAT = "its format is not {format}"
NO_LIST = "it holds no list of rules"
OTHER_VERSION = "another release wrote it"
TOO_MANY_RULES = "That is too much at once: at most {limit} rules in a file, please."
AUTOMOD_REASON = "From the server's AutoMod rule {name}"
AUTOMOD_NOT_ALLOWED = "I may not read the server's AutoMod rules: I need the permission Manage Server."
REGULAR_EXPRESSIONS = "regular expression is", "regular expressions are"
AUTOMOD_REGEX = "AutoMod rule {name}: {expressions} left out: they can hang the bot."
AUTOMOD_PRESET = "AutoMod rule {name}: Discord's own word lists cannot be read, and are left out."
AUTOMOD_CHANNELS = "AutoMod rule {name}: some channels are spared there; here its words hold everywhere."
EXPORTED = "{count}."
EXPORTED_WORDS = "{count} of {total} rules are words."

GUILD_NOT_SERVED = "Server {guild} is not among VIGNETTE_GUILD_IDS, so the bot does not serve it. Is the number right?"
NAME_THE_GUILD = "Name the server: --guild ID, or its id alone in VIGNETTE_GUILD_IDS."
NO_RULES_TERMINAL = "There are no rules. Begin with: vignette filters add --help"
FILE_OR_STARTER = "Name a FILE, or give --starter."
STARTER_IS_NO_FILE = "There is no file {file}. The starter set is taken over with: vignette filters import --starter"
SAY_YES = "To do it, add --yes."
