"""The database: one pool, one unit of work, one transaction, opened at the edge. Nothing below this file commits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from asyncpg import InterfaceError as DriverError
from asyncpg import PostgresError
from sqlalchemy import event, make_url, text
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import CursorResult, Row
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from base.clock import Clock
from base.crypto import Cipher, PersonCipher
from base.errors import Raced, Unavailable

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call] # as SQLAlchemy has it
_PREPARED = 500
_CONNECTION_LOST = ("08", "57P0", "53")
_RACES = ("40001", "40P01")
_OUT_OF_REACH = (ConnectionError, TimeoutError, PoolExhausted, DriverError)


class Tx:
    """One transaction: its connection, the organisation it works for, the moment it began, and the topics it changed."""

    def __init__(self, connection: AsyncConnection, org: UUID, now: datetime, cipher: Cipher) -> None:
        self.connection = connection
        self.org = org
        self.now = now
        self.cipher = cipher
        self.topics: set[str] = set()
        self.bell = False

    async def rows(self, sql: str, **values: Any) -> Sequence[Row[Any]]:  # noqa: ANN401 - whatever a column takes or holds
        """All rows of one statement. ``:org`` and ``:now`` are always bound."""
        return (await self._execute(sql, values)).all()

    async def row(self, sql: str, **values: Any) -> Row[Any] | None:  # noqa: ANN401 - whatever a column takes
        """The first row, or None."""
        found = await self.rows(sql, **values)
        return found[0] if found else None

    async def value(self, sql: str, **values: Any) -> Any:  # noqa: ANN401 - whatever a column takes or holds
        """The first column of the first row, or None."""
        row = await self.row(sql, **values)
        return row[0] if row else None

    async def run(self, sql: str, **values: Any) -> int:  # noqa: ANN401 - whatever a column takes or holds
        """Run one statement for its effect; returns the number of rows it touched."""
        return (await self._execute(sql, values)).rowcount

    async def run_many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one statement once per row."""
        if rows:
            statement, names = _prepared(sql)
            await self.connection.exec_driver_sql(statement, [self._values(names, row) for row in rows])

    async def _execute(self, sql: str, values: Mapping[str, Any]) -> CursorResult[Any]:
        statement, names = _prepared(sql)
        return await self.connection.exec_driver_sql(statement, self._values(names, values))

    def _values(self, names: tuple[str, ...], values: Mapping[str, Any]) -> tuple[Any, ...]:
        given = {"org": self.org, "now": self.now, **values}
        return tuple(given[name] for name in names)

    def changed(self, topic: str) -> None:
        """Remember that screens watching `topic` should look again after the commit."""
        self.topics.add(topic)

    def ring(self) -> None:
        """Remember that the worker has something to deliver after the commit."""
        self.bell = True

    async def new_person_key(self, person: UUID) -> PersonCipher:
        """Make, store and return the key of a new person."""
        key_name, wrapped = self.cipher.new_person_key(self.org, person)
        await self.run(
            "insert into person_key (org_id, person_id, key_name, wrapped, created_at) values (:org, :person, :key_name, :wrapped, :now)",
            person=person,
            key_name=key_name,
            wrapped=wrapped,
        )
        return self.cipher.person(self.org, person, key_name, wrapped)

    def person(self, person: UUID, key_name: str | None, wrapped: bytes | None) -> PersonCipher:
        """The cipher of a person whose key row was read."""
        return self.cipher.person(self.org, person, key_name, wrapped)

    def index(self, field: str, normalised: str) -> bytes:
        """The blind index of one value."""
        return self.cipher.blind_index(self.org, field, normalised)


class Database:
    """The pool of connections of one process, and the organisation it serves."""

    def __init__(self, url: str, clock: Clock, cipher: Cipher, *, pool_size: int = 10) -> None:
        self.engine = connect(url, pool_size)
        self.clock = clock
        self.cipher = cipher
        self.org = UUID(int=0)

    async def open(self) -> None:
        """Learn which organisation this installation serves. Raises `Unavailable` before the first migration."""
        async with self.transaction() as tx:
            org = await tx.value("select id from organisation order by created_at limit 1")
        if org is None:
            raise Unavailable("The database has no organisation yet. Run `trato migrate` first.")
        self.org = org

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """One unit of work: commits at the end, rolls back on any error. Raises `Unavailable` when the database is down."""
        try:
            async with self.engine.begin() as connection:
                yield Tx(connection, self.org, self.clock.now(), self.cipher)
        except DBAPIError as error:
            if is_down(error):
                raise Unavailable("The database does not answer. Try again in a moment.") from error
            if _sqlstate(error) in _RACES:
                raise Raced("Two transactions met, and the database chose the other one.") from error
            raise
        except PostgresError as error:  # raised while connecting, before there is a connection whose errors SQLAlchemy could translate
            if not str(error.sqlstate or "").startswith(_CONNECTION_LOST):
                raise
            raise Unavailable("The database does not answer. Try again in a moment.") from error
        except _OUT_OF_REACH as error:
            raise Unavailable("The database does not answer. Try again in a moment.") from error

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def connect(url: str, pool_size: int = 10) -> AsyncEngine:
    """An engine over asyncpg for a plain ``postgresql://`` URL. It reconnects by itself after a restart of the server."""
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        hide_parameters=True,
        connect_args={"timeout": 5, "prepared_statement_cache_size": _PREPARED},
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
    """A restart of the server closes its old connections, and the driver knows; a ping would cost three round trips each time."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError("The server closed this connection.")


def is_down(error: DBAPIError) -> bool:
    """Whether an error says that the server or the connection is gone, rather than that a statement was wrong."""
    code = _sqlstate(error)
    return error.connection_invalidated or isinstance(error, InterfaceError) or code.startswith(_CONNECTION_LOST)


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", "") or "")


@lru_cache(maxsize=1000)
def _prepared(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement as the driver takes it, and the names of its values in their order."""
    compiled = text(sql).compile(dialect=_DIALECT)
    return compiled.string, tuple(compiled.positiontup or ())
