"""Moderating from the terminal: the same services as in Discord, and an audit log that names the terminal."""
