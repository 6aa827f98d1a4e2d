"""Counts the SQL statements of one operation, and shows how PostgreSQL would run them. What runs in the background anyway is left out."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

# What a task is called that answers a request, listens to a live socket, looks again for live sockets, or is the test itself.
REQUEST, LISTENING, LOOK, HERE = "run_asgi", "_read", "_look", "here"

STOPPED_EARLY = 0.1


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it went to the driver. `work` is what its task is called, `task` and `unit` number its task and its transaction."""

    sql: str
    parameters: Any
    work: str
    task: int
    unit: int


@dataclass
class Counted:
    """The statements of everything that began while the counting lasted."""

    statements: list[Statement] = field(default_factory=list)

    def of(self, *works: str) -> list[Statement]:
        """The statements of these kinds of task."""
        return [one for one in self.statements if one.work in works]

    def told(self) -> str:
        """One line per statement, for the message of a failed test."""
        return "\n".join(f"{one.work} {one.task}, transaction {one.unit}: {one.sql[:200]}" for one in self.statements)


@contextlib.contextmanager
def counting(*engines: AsyncEngine) -> Iterator[Counted]:
    """Count what tasks run that begin from now on, and the caller; heartbeats and rounds began earlier and go on uncounted.

    ``BEGIN`` and ``COMMIT`` are not statements here; the transactions are numbered instead.
    """
    counted = Counted()
    here = asyncio.current_task()
    before = asyncio.all_tasks() - {here}
    tasks: list[asyncio.Task[Any]] = []
    units: dict[int, int] = {}

    def on_begin(connection: Connection) -> None:
        units[id(connection)] = max(units.values(), default=0) + 1

    def on_execute(connection: Connection, _cursor: object, sql: str, parameters: object, _context: object, _many: bool) -> None:
        task = asyncio.current_task()
        if task is None or task in before:
            return
        if task not in tasks:
            tasks.append(task)
        work = HERE if task is here else str(getattr(task.get_coro(), "__name__", "?"))
        counted.statements.append(Statement(sql, parameters, work, tasks.index(task), units[id(connection)]))

    with contextlib.ExitStack() as listening:
        for engine in engines:
            for name, heard in (("begin", on_begin), ("before_cursor_execute", on_execute)):
                event.listen(engine.sync_engine, name, heard)
                listening.callback(event.remove, engine.sync_engine, name, heard)
        yield counted


async def plan_of(engine: AsyncEngine, one: Statement) -> dict[str, Any]:
    """PostgreSQL's plan for a counted statement with the parameters it had; nothing is run."""
    async with engine.connect() as connection:
        found = (await connection.exec_driver_sql(f"explain (format json) {one.sql}", one.parameters)).scalar_one()
        await connection.rollback()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def scanned_whole(plan: dict[str, Any]) -> set[str]:
    """The tables that a plan reads from end to end; a scan that a limit stops early is none of them."""
    parts = plan.get("Plans", [])
    if plan["Node Type"] == "Limit" and plan["Total Cost"] < parts[0]["Total Cost"] * STOPPED_EARLY:
        parts = parts[0].get("Plans", [])
    here = {str(plan["Relation Name"])} if plan["Node Type"] == "Seq Scan" else set()
    return here.union(*(scanned_whole(part) for part in parts))
