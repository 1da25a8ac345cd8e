"""Searches that were narrowed: what to stay away from, conditions, the picture's share, and a spoiler."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; searches from before have nothing in them."""
    for column in (
        sa.Column("without", sa.Text),
        sa.Column("conditions", sa.Text),
        sa.Column("share", sa.Float),
        sa.Column("spoiler", sa.Boolean),
    ):
        op.add_column("searches", column)
