"""Alembic's folder: `env.py` runs the steps in `versions`, from an empty database to the tables as they are now.

How to add a step: change `tables.py`; write `versions/rNNNN_what_it_does.py` with `revision`, `down_revision` and
`upgrade`; the tests compare what the steps make with the tables, on both databases, and go up from each step before.
There is no way down: restore the backup that was made before.
"""
