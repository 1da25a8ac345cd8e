"""Moderation: people decide, while the bot runs, what may be asked and what may be shown.

`book` gives the rules that hold now; the other modules turn what moderators want into edits of the database.
"""
