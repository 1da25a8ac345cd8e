"""What led to a result: two prompts, the lot, a picture in a message; and what narrowed the searches of a history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_OF_SEARCHES = ("without", "conditions", "k")


def upgrade() -> None:
    """Add the columns, and let the history take over what is known of each search today."""
    for table, columns in (
        ("searches", _new_in_searches()),
        ("history", _new_in_history()),
        ("saved", _new_in_saved()),
    ):
        for column in columns:
            op.add_column(table, column)
    _take_over()


def _new_in_searches() -> list[sa.Column[object]]:
    return [
        sa.Column("compared", sa.Text),
        sa.Column("axis", sa.Text),
        sa.Column("drawn", sa.JSON),
        sa.Column("in_message", sa.Boolean),
        sa.Column("without_truncated", sa.Boolean),
    ]


def _new_in_history() -> list[sa.Column[object]]:
    return [
        sa.Column("way", sa.String(8)),
        sa.Column("k", sa.Integer),
        sa.Column("without", sa.Text),
        sa.Column("conditions", sa.Text),
        sa.Column("compared", sa.Text),
        sa.Column("axis", sa.Text),
    ]


def _new_in_saved() -> list[sa.Column[object]]:
    return [
        sa.Column("way", sa.String(8)),
        sa.Column("like_sha256", sa.String(64)),
        sa.Column("like_title", sa.Text),
        sa.Column("spoiler", sa.Boolean),
    ]


def _take_over() -> None:
    history = sa.table("history", *map(sa.column, ("id", "search_id", "way", *_OF_SEARCHES)))
    searches = sa.table("searches", *map(sa.column, ("id", "prompt", "row", "vector", *_OF_SEARCHES)))
    connection = op.get_bind()
    wanted = sa.select(history.c.id.label("number"), searches).join(searches, searches.c.id == history.c.search_id)
    for row in connection.execute(wanted).mappings().all():
        values = {name: row[name] for name in _OF_SEARCHES} | {"way": _way(row)}
        connection.execute(sa.update(history).where(history.c.id == row["number"]).values(**values))


def _way(row: sa.RowMapping) -> str:
    """How it was made, by what was written then: what ranks nothing has a vector of zeros."""
    if row["row"] is not None:
        return "result"
    if any(bytes(row["vector"])):
        return "search"
    return "lot" if row["prompt"] is None else "timeline"
