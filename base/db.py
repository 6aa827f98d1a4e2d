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
from sqlalchemy import TextClause, make_url, text
from sqlalchemy.engine import Row
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from base.clock import Clock
from base.crypto import Cipher, PersonCipher
from base.errors import Raced, Unavailable

_CONNECTION_LOST = ("08", "57P0", "53")
_RACES = ("40001", "40P01")
# What connecting raises, before SQLAlchemy has a connection whose errors it could translate; and a pool with nothing left to give.
_OUT_OF_REACH = (ConnectionError, TimeoutError, PoolExhausted, PostgresError, DriverError)


class Tx:
    """One transaction: its session, the organisation it works for, the moment it began, and the topics it changed."""

    def __init__(self, session: AsyncSession, org: UUID, now: datetime, cipher: Cipher) -> None:
        self.session = session
        self.org = org
        self.now = now
        self.cipher = cipher
        self.topics: set[str] = set()
        self.bell = False

    async def rows(self, sql: str, **values: Any) -> Sequence[Row[Any]]:  # noqa: ANN401 - whatever a column takes or holds
        """All rows of one statement. ``:org`` and ``:now`` are always bound."""
        result = await self.session.execute(_statement(sql), {"org": self.org, "now": self.now, **values})
        return result.all()

    async def row(self, sql: str, **values: Any) -> Row[Any] | None:
        """The first row, or None."""
        found = await self.rows(sql, **values)
        return found[0] if found else None

    async def value(self, sql: str, **values: Any) -> Any:  # noqa: ANN401 - whatever a column takes or holds
        """The first column of the first row, or None."""
        row = await self.row(sql, **values)
        return row[0] if row else None

    async def run(self, sql: str, **values: Any) -> int:  # noqa: ANN401 - whatever a column takes or holds
        """Run one statement for its effect; returns the number of rows it touched."""
        result = await self.session.execute(_statement(sql), {"org": self.org, "now": self.now, **values})
        return int(result.rowcount)  # type: ignore[attr-defined]

    async def run_many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one statement once per row."""
        if rows:
            await self.session.execute(_statement(sql), [{"org": self.org, "now": self.now, **row} for row in rows])

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
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

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
            async with self._sessions() as session, session.begin():
                yield Tx(session, self.org, self.clock.now(), self.cipher)
        except DBAPIError as error:
            if is_down(error):
                raise Unavailable("The database does not answer. Try again in a moment.") from error
            if _sqlstate(error) in _RACES:
                raise Raced("Two transactions met, and the database chose the other one.") from error
            raise
        except _OUT_OF_REACH as error:
            raise Unavailable("The database does not answer. Try again in a moment.") from error

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def connect(url: str, pool_size: int = 10) -> AsyncEngine:
    """An engine over asyncpg for a plain ``postgresql://`` URL. It reconnects by itself after a restart of the server."""
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    return create_async_engine(
        parsed,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"timeout": 5},
    )


def is_down(error: DBAPIError) -> bool:
    """Whether an error says that the server or the connection is gone, rather than that a statement was wrong."""
    code = _sqlstate(error)
    return error.connection_invalidated or isinstance(error, InterfaceError) or code.startswith(_CONNECTION_LOST)


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", "") or "")


@lru_cache(maxsize=1000)
def _statement(sql: str) -> TextClause:
    return text(sql)
