"""What must survive a restart: the searches behind buttons, and small notes to ourselves.

How to add a table: define it in `tables.py`, give it a module of its own here with plain functions that take a
connection, and wrap them in a method of `Database` that opens one transaction.
"""

from bot.database.database import Database
from bot.database.searches import SavedSearch

__all__ = ["Database", "SavedSearch"]
