"""Rules, settings, the audit log, reports and refusals; searches are found by server and by person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables, and two indexes on the searches."""
    op.create_index("searches_of_guild", "searches", ["guild_id", "created"])
    op.create_index("searches_of_user", "searches", ["user_id", "created"])
    _make_guilds()
    _make_rules()
    _make_audit()
    _make_reports()
    _make_refusals()


def _make_guilds() -> None:
    op.create_table(
        "guilds",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("settings", sa.JSON),
        sa.Column("settings_version", sa.Integer, nullable=False),
    )


def _make_rules() -> None:
    op.create_table(
        "rules",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, sa.ForeignKey("guilds.id", name="rules_guild"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("pattern", sa.Text, nullable=False),
        sa.Column("rule", sa.JSON, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("guild_id", "kind", "pattern", name="rules_key"),
        sqlite_autoincrement=True,
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, sa.ForeignKey("guilds.id", name="audit_guild"), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("via", sa.String(16), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("rule_id", sa.BigInteger),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("undoes", _ID, sa.ForeignKey("audit.id", name="audit_undoes")),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_of_guild", "audit", ["guild_id", "id"])
    op.create_index("audit_undone", "audit", ["undoes"])


def _make_reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("reporter_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("asker_id", sa.BigInteger, nullable=False),
        sa.Column("search_id", sa.String(24), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("generation", sa.String(64), nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("card_channel", sa.BigInteger),
        sa.Column("card_message", sa.BigInteger),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("resolved_by", sa.BigInteger),
        sa.Column("resolved_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("reports_of_guild", "reports", ["guild_id", "id"])
    op.create_index("reports_of_user", "reports", ["reporter_id", "at"])


def _make_refusals() -> None:
    op.create_table(
        "refusals",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("prompt", sa.Text),
        sa.Column("rule_ids", sa.JSON, nullable=False),
        sa.Column("views", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("refusals_by_age", "refusals", ["at"])
    op.create_index("refusals_of_guild", "refusals", ["guild_id", "id"])
    op.create_index("refusals_of_user", "refusals", ["user_id", "at"])
