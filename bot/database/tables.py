"""The tables as they are now. Times are whole seconds since 1970, so that every database compares them alike.

A change here needs a migration (`migrations/versions`): a test compares the two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect

_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
"""PostgreSQL stores no NUL in a text, and neither database half a surrogate pair."""


class Prose(TypeDecorator[str]):
    """Text that people wrote; what a database cannot hold becomes `�`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: D102
        return None if value is None else _UNSTORABLE.sub("�", value)


_Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only a primary key that is written INTEGER."""

_Json = JSON(none_as_null=True)

metadata = MetaData()

searches = Table(
    "searches",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("prompt", Prose),
    Column("row", Integer),
    Column("vector", LargeBinary, nullable=False),
    Column("generation", String(64), nullable=False),
    Column("k", Integer, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("without", Prose),
    Column("conditions", Prose),
    Column("share", Float),
    Column("spoiler", Boolean),
    Column("compared", Prose),
    Column("axis", Prose),
    Column("drawn", _Json),
    Column("in_message", Boolean),
    Column("without_truncated", Boolean),
    Index("searches_by_age", "created"),
    Index("searches_of_guild", "guild_id", "created"),
    Index("searches_of_user", "user_id", "created"),
)

notes = Table(
    "notes",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Prose, nullable=False),
)

guilds = Table(
    "guilds",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    Column("settings", _Json),
    Column("settings_version", Integer, nullable=False),
)

rules = Table(
    "rules",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("guild_id", BigInteger, ForeignKey("guilds.id", name="rules_guild"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("pattern", Prose, nullable=False),
    Column("rule", _Json, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("guild_id", "kind", "pattern", name="rules_key"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("guild_id", BigInteger, ForeignKey("guilds.id", name="audit_guild"), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("via", String(16), nullable=False),
    Column("action", String(32), nullable=False),
    Column("rule_id", BigInteger),
    Column("before", _Json),
    Column("after", _Json),
    Column("reason", Prose, nullable=False),
    Column("undoes", _Id, ForeignKey("audit.id", name="audit_undoes")),
    Index("audit_of_guild", "guild_id", "id"),
    Index("audit_undone", "undoes"),
    sqlite_autoincrement=True,
)

reports = Table(
    "reports",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("reporter_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("message_id", BigInteger),
    Column("asker_id", BigInteger, nullable=False),
    Column("search_id", String(24), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("generation", String(64), nullable=False),
    Column("row", Integer, nullable=False),
    Column("title", Prose, nullable=False),
    Column("prompt", Prose),
    Column("reason", Prose, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("card_channel", BigInteger),
    Column("card_message", BigInteger),
    Column("state", String(16), nullable=False),
    Column("resolved_by", BigInteger),
    Column("resolved_at", BigInteger),
    Index("reports_of_guild", "guild_id", "id"),
    Index("reports_of_user", "reporter_id", "at"),
    sqlite_autoincrement=True,
)

refusals = Table(
    "refusals",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("prompt", Prose),
    Column("rule_ids", _Json, nullable=False),
    Column("views", _Json, nullable=False),
    Index("refusals_by_age", "at"),
    Index("refusals_of_guild", "guild_id", "id"),
    Index("refusals_of_user", "user_id", "at"),
    sqlite_autoincrement=True,
)

saved = Table(
    "saved",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("generation", String(64), nullable=False),
    Column("row", Integer, nullable=False),
    Column("title", Prose, nullable=False),
    Column("file_name", Prose, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("prompt", Prose),
    Column("collection", Prose, nullable=False),
    Column("revision", String(64), nullable=False),
    Column("model", Prose, nullable=False),
    Column("filter_hash", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("way", String(8)),
    Column("like_sha256", String(64)),
    Column("like_title", Prose),
    Column("spoiler", Boolean),
    UniqueConstraint("user_id", "guild_id", "sha256", name="saved_key"),
    sqlite_autoincrement=True,
)

history = Table(
    "history",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("search_id", String(24), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("prompt", Prose),
    Column("row", Integer),
    Column("at", BigInteger, nullable=False),
    Column("way", String(8)),
    Column("k", Integer),
    Column("without", Prose),
    Column("conditions", Prose),
    Column("compared", Prose),
    Column("axis", Prose),
    Index("history_of_user", "user_id", "guild_id", "id"),
    sqlite_autoincrement=True,
)

preferences = Table(
    "preferences",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(32), primary_key=True),
    Column("value", Prose, nullable=False),
)
