"""Migrations on opening: whatever an earlier release left becomes the tables as they are now, in one transaction."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import inspect, text
from sqlalchemy.schema import SchemaItem

from bot.database.tables import metadata
from search_core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alembic.config import Config
    from sqlalchemy import Connection

    from bot.database.connections import Connections

_FOLDER = Path(__file__).with_name("migrations")

STEPS = tuple(sorted(path.stem[1:5] for path in (_FOLDER / "versions").glob("r[0-9]*_*.py")))
"""The numbers of the steps, oldest first, taken from their files' names: Alembic takes half a second to import, and an
opened database mostly needs no step."""

HEAD = STEPS[-1]

_UNNUMBERED = "0001"
"""What a database is at that has tables but no number: the first release wrote none."""

_POSTGRES_LOCK = 0x7669676E  # "vign"
"""Held while migrating, so that two bots that start at once do not both do it."""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""Alembic keeps the migration under way in a global: one at a time in this process."""


async def migrate(connections: Connections) -> None:
    """Bring a database to `HEAD`.

    Raises:
        StoreError: if a newer release has written it.
    """
    async with connections.reading() as connection:
        if await connection.run_sync(read_version) == HEAD:
            return
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()), connections.writing() as connection:
        if not connections.sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _POSTGRES_LOCK})
        await connection.run_sync(upgrade)


def read_version(connection: Connection) -> str | None:
    """Read the number of the step a database is at, or None if it is empty.

    Raises:
        StoreError: if a newer release has written it.
    """
    tables = inspect(connection)
    if not tables.has_table("alembic_version"):
        return _UNNUMBERED if tables.has_table("searches") else None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if found is not None and found not in STEPS:
        raise StoreError(
            f"The database was last opened by a newer release of Vignette (it is at {found}, this one knows {HEAD}). "
            "Install that release, or restore a backup that was made before."
        )
    return found


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the steps that are missing, in the transaction that is open.

    Raises:
        StoreError: if a newer release has written the database.
    """
    from alembic import command

    config, found = _config(connection), read_version(connection)
    if found == _UNNUMBERED and not inspect(connection).has_table("alembic_version"):
        command.stamp(config, _UNNUMBERED)
    command.upgrade(config, to)


def differences(connection: Connection) -> list[str]:
    """Name what differs between the database's tables and those in `tables.py`; tables of others are left alone."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    ours = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
    found = compare_metadata(MigrationContext.configure(connection, opts=ours), metadata)
    return [_words(each[0] if isinstance(each, list) else each) for each in found]


def _words(difference: Sequence[object]) -> str:
    return " ".join(str(getattr(part, "name", part)) for part in difference if isinstance(part, (str, SchemaItem)))


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
