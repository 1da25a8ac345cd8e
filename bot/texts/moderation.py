"""What moderators read about reports, hidden pictures, the audit log and settings."""

from __future__ import annotations

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
CARD_BY = "**Reported by** {reporter} <t:{at}:R>"
CARD_ASKED = "**Search of** {asker} in {place}"
CARD_NOBODY = "somebody who had their data deleted"
CARD_PROMPT = "**Prompt** {prompt}"
CARD_PICTURE = "**Prompt** none: asked with a picture, or drawn by lot"
CARD_REASON = "**Reason** {reason}"
CARD_LINK = "<#{channel}> ({link})"
CARD_CHANNEL = "<#{channel}>, in private"
CARD_BAN = "**Ban** would keep out {asker}, who asked."
CARD_NO_PICTURE = "The picture is no longer in the collection."
CARD_BUTTONS = {"hide": "Hide", "block": "Hide and block similar", "dismiss": "Dismiss", "ban": "Ban"}
CARD_OUTCOME = {
    "hidden": "**Hidden** by {who} <t:{at}:R>.",
    "blocked": "**Hidden, and similar pictures with it,** by {who} <t:{at}:R>.",
    "dismissed": "**Dismissed** by {who} <t:{at}:R>.",
    "banned": "**{asker} was banned** by {who} <t:{at}:R>.",
}
CARD_TOLD = "The reporter was told."
CARD_NOT_TOLD = "The reporter could not be told: their direct messages are closed."
BAN_MANAGES = "<@{person}> manages this server. A ban does not keep them out, as long as they do."
BAN_MODERATES = "<@{person}> moderates here by a role. The ban keeps them out of the bot, moderating included."
BAN_UNKNOWN = "Whether <@{person}> moderates here could not be asked of Discord."
BAN_NOT_LOOKED_UP = "Whether {count} more of them moderate was not asked."
BAN_ANYWAY = "Ban anyway"
CHANGED_MEANWHILE = "Somebody changed the rules at the same moment. Please decide again."
DECIDED_ALREADY = "That report was decided on already. {outcome}"
REPORT_ASKER_GONE = (
    "Who made that search had their data deleted, so I no longer know whom to ban. If you do, add a rule of the kind "
    "person."
)
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
SET_COUNT = "Most pictures on a page, 1 to 10; 0 for no limit of its own"
SET_SPOILERS = "Whether all pictures are under a spoiler"
SET_ROLE = "The role"
SET_ROLE_ON = "Whether its members may use the bot; with no role allowed, everybody may"
SET_MODERATES = "Whether its members moderate"
SET_MODERATORS_CHANNEL = "The channel where refusals and reports are told"
SET_NO_CHANNEL = "Use no moderators' channel any more"
SET_WATCH = "Whether pictures that are posted there are answered without being asked about"
SET_REASON = "Why; the other moderators read it"
SET = "Set. It counts from the next request on; /filter undo takes it back.\n{settings}"
NOTHING_SET = "Say what to set."
SET_ALREADY = "That is set already: there is nothing to change."
ROLE_AND_WHETHER = "Say whether its members moderate: fill in both role and moderates."
CHANNEL_IS_PUBLIC = (
    "everybody in this server can read that channel, and what is refused and reported must not be read by everybody"
)
MORE_LEFT = "… and {count} more."
CHANNEL_GONE = "it is gone"
CHANNEL_LACKS = "I lack permissions there: {permissions}"
PERMISSIONS = {
    "view_channel": "view channel",
    "send_messages": "send messages",
    "embed_links": "embed links",
    "attach_files": "attach files",
}
CHANNEL_UNFIT = "Not set: {why}. Change that channel's permissions, or choose another."
SHOW_MODERATORS = "Moderators"
SHOW_ROLES = "May use it"
SHOW_CHANNEL = "Moderators' channel"
WHO_MANAGES = "who manages the server{roles}"
SHOW_UNFIT = "{channel}, which is not used: {why}"
EVERYBODY = "everybody"
NO_CHANNEL = "none; reports wait under /reports"
WHOLE_SERVER = "Whole server"
ALLOWED = {True: "answers", False: "no answers"}
PRIVATELY = {True: "private by default", False: "public by default"}
WATCHED = {True: "posted pictures are answered", False: "answers when asked"}
WATCH_NEEDS = (
    "**Posted pictures are not answered yet:** Discord does not show me what messages hold. That takes its "
    "message-content intent. The people who run me switch *Message Content Intent* on in the developer portal (my "
    "application, page *Bot*), set VIGNETTE_WATCH=1, and start me again."
)
COVERED = {True: "all under spoilers", False: "spoilers by the rules only"}
AT_MOST = "at most {count} on a page"
NOTHING_OF_ITS_OWN = "nothing set"
NONE = "none"
CHANGED_MODERATORS = "roles that moderate: {roles} ({before} before)"
CHANGED_ROLES = "roles that may use it: {roles} ({before} before)"
CHANGED_ROOM = "moderators' channel: {channel} ({before} before)"
CHANGED_PLACE = "{place}: {settings} ({before} before)"

SEVERAL_NAMED = "Several pictures are called that. Nothing is hidden; say more of the name:"
SEVERAL_HIDDEN = "Several hidden pictures are called that. Nothing is shown again; give the number of one:"
PERHAPS_MORE = "… and perhaps more."
HIDDEN_TERMINAL = (
    "Hidden from the next search on, with its copies: {title} (rule #{rule}). To show it again: vignette unhide {rule}"
)
HIDDEN_LINE = "#{rule} {title}"
NOTHING_HIDDEN = "No picture is hidden by a rule of its own."
SET_TERMINAL = "Set. It counts from the next request on; vignette filters undo takes it back."
REASON_MISSING = "Say why: the other moderators read it."
ROLE_AND_WHETHER_TERMINAL = "Say whether its members moderate: --role and --moderates go together."
ROOM_UNCHECKED = (
    "Whether there is such a channel, and whether it is the moderators' alone, cannot be seen from here: the bot uses "
    "it only if so, and /settings show in Discord says it."
)
WATCH_NEEDS_TERMINAL = (
    "Posted pictures are answered only by a bot that is started with VIGNETTE_WATCH=1 and has Discord's "
    "message-content intent."
)
REPORT_LINE = "#{id} · {at} · {title} · {state} · {reason}"
REPORT_STATES = {
    "open": "open",
    "hidden": "hidden",
    "blocked": "hidden, and similar pictures with it",
    "dismissed": "dismissed",
    "banned": "who had asked was banned",
}
SHEET_BY = "Reported by"
SHEET_ASKED = "Search of"
SHEET_PROMPT = "Prompt"
SHEET_REASON = "Reason"
SHEET_FILE = "SHA-256"
SHEET_STATE = "State"
NOTHING_ASKED = "none: asked with a picture"
IN_PRIVATE = "in private in {place}"
AT_THE_TERMINAL = "an operator at the terminal"
TERMINAL_OUTCOME = {
    "hidden": "Hidden by {who}, {at}.",
    "blocked": "Hidden, and similar pictures with it, by {who}, {at}.",
    "dismissed": "Dismissed by {who}, {at}.",
    "banned": "{asker} was banned by {who}, {at}.",
}
BAN_UNCHECKED = (
    "A ban does not keep out who manages the server; who moderates by a role is kept out of moderating, too. Which of "
    "it this person does, only Discord knows."
)
REPORTER_UNTOLD = (
    "The reporter was not told: only the bot in Discord can write to them. The report's card shows the decision once "
    "somebody presses one of its buttons."
)
