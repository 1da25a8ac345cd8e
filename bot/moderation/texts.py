"""What moderators read, in Discord and at the terminal. The texts for everybody are in `bot.texts`."""

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
NOTE = "The sentence of context to show; only with the action note"
EXAMPLES = "Examples of a concept in words, separated by ; (its name if you leave them out)"
IMAGE = "An example picture, or the picture to act on"
RESULT = "The number of a result of your own last search: an example, or the picture to act on"
SENSITIVITY = "How much a concept matches: 0 as measured, 1 more, -1 less"
CHANNEL = "Hold in this channel only"
CHANNEL_TOGGLED = "A channel to add to those it holds in, or to take away if it is there"
EVERYWHERE = "Hold in the whole server again"
BYPASS = "A role that it does not hold for"
BYPASS_TOGGLED = "A role that it does not hold for; named again, it holds for that role too"
EXPIRES = "When it ends: in days (30), or on a date (2030-12-31)"
EXPIRES_OR_NEVER = "When it ends: in days (30), on a date (2030-12-31), or never"
RULE = "The rule: pick one, or type its number"
ON = "Whether it holds"
ONLY_KIND = "Rules of this kind only"
TEST_PROMPT = "A prompt to try"
TEST_IMAGE = "A picture to try"
TEST_RECENT = "Try the last 100 searches"
TEST_RULE = "Try with this rule switched on, though it may be off"
TEST_KIND = "Try with a rule that does not exist yet: its kind"
TEST_PATTERN = "Try with a rule that does not exist yet: its pattern"
SOURCE = "Where the rules come from"
FILE = "With the source file: JSON from an export, or a text file with a word a line"
IMPORT_REASON = "Why, for rules that bring no reason of their own"
SKIP_ERRORS = "Take over what can be used, although some of it cannot"
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
}
UNDID = "took back entry {entry}"
VIA_TERMINAL = "at the terminal"
OFF = "off"
ENDED = "ended {when}"
ENDS = "until {when}"
ONLY_IN = "only in {places}"
NOT_FOR = "not for {roles}"
NO_REASON = "no reason given"

ADDED = "Added. It counts from the next search on."
EDITED = "Changed. It counts from the next search on."
REMOVED = "Removed."
UNCHANGED = "Nothing to change was named."
SWITCHED = {True: "Switched on. It counts from the next search on.", False: "Switched off."}
UNDONE = "Taken back."
NO_RULES = "There are no rules. Begin with /filter add, or take the starter set over with /filter import."
NO_HISTORY = "No rule was ever changed."
NO_SUCH_RULE = "There is no rule {number}. See /filter list."
RULES_HEAD = "**Rules {first}-{last} of {total}**"
HISTORY_HEAD = "**Changes, newest first**"
PREVIOUS = "Previous"
NEXT = "Next"
MORE_LEFT = "… and {count} more."

SAYS_THE_SAME = "This rule says the same already. Change that one instead: {rule}"
SHORT_SUBSTRING = (
    "`*x*` with under four letters matches inside many innocent words: test it on the last 100 searches first."
)
BROAD = (
    "Of the last {asked} searches, this would refuse {refused} more ({share:.0%}). Nothing has been changed yet. "
    "Do you want that?"
)
CONFIRM = "Yes, do it"
CANCEL = "No, leave it"
CANCELLED = "Left as it was."
DRAFT_GONE = "That was decided already, or you have made another draft since. Please give the command again."

REASON_MISSING = "Say why: a rule needs a reason, which the other moderators read."
PATTERN_MISSING = "Say what the rule is to match: give a pattern."
EXPIRY_WRONG = "{written!r} is no time to end at. Write a number of days (30) or a date to come (2030-12-31)."
EXAMPLES_ONLY_FOR_CONCEPTS = "Only a concept has examples in words and a sensitivity."
PICTURE_ONLY_FOR = "Only a concept and a picture rule are made from a picture."
NOT_IN_COLLECTION = "That very file is not in the collection. Name it as a result of your last search instead."
NO_LAST_SEARCH = "You have made no search that I still know, or it has no result {number}. Search, then use its number."
NEEDS_INDEX = "That needs the collection and its model. Set VIGNETTE_INDEX, or give --index DIR."
CONCEPT_EDIT_NEEDS_CONCEPT = "Give the concept's examples with this kind of change."

PREVIEW_COUNT = "Of the collection, {count} pictures would fall under it ({share:.1%})."
PREVIEW_NOTHING = "No picture of the collection would fall under it."
PREVIEW_SHOWS = "Below: the clearest of them, then those that only just fall under it or only just do not."
TEST_REFUSED = "It would be refused."
TEST_ANSWERED = "It would be answered; {hidden} pictures would be hidden on the way to the first page."
TEST_COVERED = "{count} of the pictures on it would be under a spoiler."
TEST_NO_MATCH = "No rule matches."
TEST_MATCH = "{rule} matched in {stage}, {view}"
TEST_MATCHED = "{match}: {matched}"
TEST_SCORE = "{match}: {score:.2f}, from {threshold:.2f} on"
TEST_RECENT_HEAD = "Of the last {asked} searches, {refused} would be refused, and {touched} would lose pictures."
TEST_RECENT_NONE = "There are no searches to try it on."
TEST_DRAFT = "Tried with a rule that is not in force: {rule}"
PICTURE_ASKED = "a picture"
STAGES = {"prompt": "the prompt", "picture": "the posted picture", "result": "the results"}
VIEWS = {
    "clean": "as written",
    "skeleton": "with look-alike letters undone",
    "collapsed": "with spaced, repeated and swapped letters undone",
    "meaning": "by meaning",
}

IMPORTED = "{added} rules taken over, {skipped} left out that were there already."
IMPORT_LEFT_OUT = "{count} could not be used and were left out:"
IMPORT_STOPPED = "Nothing was taken over, since {count} could not be used. Mend them, or ask to skip errors:"
IMPORT_PROBLEM = "line {line}: {message}"
IMPORT_NAMED_PROBLEM = "{name}: {message}"
IMPORT_NOTHING = "There is no rule in it."
FILE_MISSING = "Attach the file that the rules are in."
FILE_TOO_BIG = "That file is too big: at most {limit:.0f} MB, please."
FILE_NOT_TEXT = "That file is not text in UTF-8. Save it again as plain text."
FILE_NOT_JSON = "That is no export of Vignette: {problem}."
AUTOMOD_REASON = "From the server's AutoMod rule {name}"
AUTOMOD_NOT_ALLOWED = "I may not read the server's AutoMod rules: I need the permission Manage Server."
AUTOMOD_REGEX = "{count} regular expressions are left out: they can hang the bot. Write them as words."
AUTOMOD_PRESET = "Discord's own word lists cannot be read, and are left out."
AUTOMOD_CHANNELS = "It spares some channels there; here it holds everywhere. Edit its rules to change that."
EXPORTED = "{count} rules."
EXPORTED_WORDS = "{count} of {total} rules are words."

TERMINAL_LINE = "#{id}"


HIDE = "Hide a picture and its copies, from the next search on"
UNHIDE = "Show a hidden picture again"
HIDE_PICTURE = "Type a part of its title or file name, and pick it"
HIDE_REASON = "Why; the other moderators read it"
HIDE_MENU = "Hide a picture…"
HIDE_WHICH = "Which picture is to be hidden?"
HIDE_TITLE = "Hide a picture"
HIDDEN_NOW = "Hidden from the next search on, with its copies: {title} (rule #{rule}). /unhide shows it again."
HIDDEN_ALREADY = "That picture is hidden already, by rule #{rule}."
SHOWN_AGAIN = "Shown again from the next search on: {title}. Rule #{rule} is gone."
NO_SUCH_PICTURE = "I find no such picture. Type a part of its title or file name, and pick one from the list."
SEVERAL_PICTURES = "Several pictures are called that. Pick one from the list."
NOT_HIDDEN = "No picture of that number is hidden. Pick one from the list."
NAMELESS = "a picture that is no longer in the collection"

REPORTS = "Reports that nobody has decided on yet, one at a time"
NO_REPORTS = "No report is open."
NO_MORE_REPORTS = "No further report is open."
NEXT_REPORT = "Next report"
REPORT_UNKNOWN = "There is no such report in this server."
REPORT_GONE = "That picture is no longer in the collection, so nothing can be measured by it. Hide or dismiss it."
CARD_HEADING = "Report {id}: {title}"
CARD_BY = "**Reported by** <@{reporter}> <t:{at}:R>"
CARD_ASKED = "**Search of** <@{asker}> in {place}"
CARD_PROMPT = "**Prompt** {prompt}"
CARD_PICTURE = "**Prompt** none: asked with a picture"
CARD_REASON = "**Reason** {reason}"
CARD_LINK = "<#{channel}> ({link})"
CARD_CHANNEL = "<#{channel}>, in private"
CARD_BAN = "**Ban** would keep out <@{asker}>, who asked."
CARD_NO_PICTURE = "The picture is no longer in the collection."
CARD_BUTTONS = {"hide": "Hide", "block": "Hide and block similar", "dismiss": "Dismiss", "ban": "Ban"}
CARD_OUTCOME = {
    "hidden": "**Hidden** by <@{who}> <t:{at}:R>.",
    "blocked": "**Hidden, and similar pictures with it,** by <@{who}> <t:{at}:R>.",
    "dismissed": "**Dismissed** by <@{who}> <t:{at}:R>.",
    "banned": "**<@{asker}> was banned** by <@{who}> <t:{at}:R>.",
}
CARD_TOLD = "The reporter was told."
CARD_NOT_TOLD = "The reporter could not be told: their direct messages are closed."
DECIDED_ALREADY = "That report was decided on already. {outcome}"
REPORT_REASON = "Report {id}: {reason}"
SIMILAR_TO = "similar to {title} ({sha256})"

AUDIT = "Who changed what, when and why"
AUDIT_USER = "Only what this person did"
AUDIT_RULE = "Only what was done to the rule of this number"
AUDIT_SINCE = "How far back: days (7) or a date (2026-09-01)"
AUDIT_EMPTY = "The log has no such entries."
AUDIT_OLDER = "Older"
AUDIT_HEADING = "### Audit log"
NOT_A_TIME = "Write days (7) or a date (2026-09-01)."

SETTINGS = "Where the bot answers, to whom, and how (moderators)"
SETTINGS_SHOW = "Show what is set"
SETTINGS_CHANNEL = "Set what holds in a channel, or everywhere else"
SETTINGS_ROLES = "Let only some roles use the bot"
SETTINGS_MODERATORS = "Set who moderates, and which channel is theirs"
SET_CHANNEL = "The channel; leave it out for what holds in the whole server"
SET_ALLOWED = "Whether the bot answers there at all"
SET_PRIVATE = "Whether only the asker sees an answer, unless they say otherwise"
SET_COUNT = "Most pictures on a page, 1 to 9; 0 for no limit of its own"
SET_SPOILERS = "Whether all pictures are under a spoiler"
SET_ROLE = "The role"
SET_ROLE_ON = "Whether its members may use the bot; with no role allowed, everybody may"
SET_MODERATES = "Whether its members moderate"
SET_MODERATORS_CHANNEL = "The channel where refusals and reports are told"
SET_NO_CHANNEL = "Use no moderators' channel any more"
SET_REASON = "Why; the other moderators read it"
SET = "Set. It counts from the next request on; /filter undo takes it back.\n{settings}"
NOTHING_SET = "Say what to set."
ROLE_AND_WHETHER = "Say whether its members moderate: fill in both role and moderates."
CHANNEL_IS_PUBLIC = (
    "everybody in this server can read that channel, and what is refused and reported must not be read by everybody"
)
CHANNEL_GONE = "it is gone"
CHANNEL_LACKS = "I lack permissions there: {permissions}"
CHANNEL_UNFIT = "Not set: {why}. Change that channel's permissions, or choose another."
SHOW_MODERATORS = "**Moderators** who manages the server{roles}"
SHOW_ROLES = "**May use it** {roles}"
SHOW_CHANNEL = "**Moderators' channel** {channel}"
SHOW_UNFIT = "{channel}, which is not used: {why}"
SHOW_PLACE = "**{place}** {settings}"
EVERYBODY = "everybody"
NO_CHANNEL = "none; reports wait under /reports"
WHOLE_SERVER = "Whole server"
AS_SERVER = "as the server"
ALLOWED = {True: "answers", False: "no answers"}
PRIVATELY = {True: "private by default", False: "public by default"}
COVERED = {True: "all under spoilers", False: "spoilers by the rules only"}
AT_MOST = "at most {count} on a page"
