"""How Alembic reaches the database: with the migrator's role, one transaction per migration, never waiting long for a lock."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text

import compliance.models
import debts.models
import inbox.desk_models
import inbox.models
import staff.models
from base.db import connect
from base.models import metadata

ROOMS = (compliance.models, debts.models, inbox.desk_models, inbox.models, staff.models)


def migrate(connection: Connection) -> None:
    """Run what is missing."""
    connection.execute(text("set lock_timeout = '2s'"))
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata(), transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    """Connect and migrate."""
    engine = connect(context.config.attributes["url"])
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
