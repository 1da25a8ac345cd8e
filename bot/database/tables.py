"""The tables. Times are whole seconds since 1970, so that every database compares them alike."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

searches = Table(
    "searches",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("prompt", Text),
    Column("row", Integer),
    Column("vector", LargeBinary, nullable=False),
    Column("generation", String(64), nullable=False),
    Column("k", Integer, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Index("searches_by_age", "created"),
)

notes = Table(
    "notes",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
