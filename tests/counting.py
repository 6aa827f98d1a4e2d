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


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it went to the driver, with its parameters; `work` names the task that ran it, `unit` its transaction."""

    sql: str
    parameters: Any
    work: str
    task: int
    unit: int


@dataclass
class Counted:
    """The statements of everything that began while the counting lasted."""

    statements: list[Statement] = field(default_factory=list)

    def per_task(self, work: str) -> list[int]:
        """How many statements each task of a kind ran, the most first; ``run_asgi`` are requests, ``_look`` live looks."""
        return self._numbers([one.task for one in self.statements if one.work == work])

    def per_unit(self, work: str) -> list[int]:
        """How many statements each transaction of a kind of task ran, the most first."""
        return self._numbers([one.unit for one in self.statements if one.work == work])

    def units(self, work: str) -> int:
        """In how many transactions a kind of task ran them."""
        return len({one.unit for one in self.statements if one.work == work})

    def told(self) -> str:
        """One line per statement, for the message of a failed test."""
        return "\n".join(f"{one.work}#{one.task} tx {one.unit}: {one.sql[:150]}" for one in self.statements)

    @staticmethod
    def _numbers(names: list[int]) -> list[int]:
        return sorted((names.count(name) for name in set(names)), reverse=True)


@contextlib.contextmanager
def counting(engine: AsyncEngine) -> Iterator[Counted]:
    """Count what is run through `engine` by tasks that begin from now on, and by the caller's own; heartbeats and rounds go on uncounted."""
    counted, units = Counted(), iter(range(1, 1_000_000))
    here = asyncio.current_task()
    before = asyncio.all_tasks() - {here}
    begun: dict[int, int] = {}

    def on_begin(connection: Connection) -> None:
        begun[id(connection)] = next(units)

    def on_execute(connection: Connection, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: bool) -> None:
        task = asyncio.current_task()
        if task is None or task in before:
            return
        work = "here" if task is here else str(getattr(task.get_coro(), "__name__", "?"))
        counted.statements.append(Statement(sql, parameters, work, id(task), begun[id(connection)]))

    event.listen(engine.sync_engine, "begin", on_begin)
    event.listen(engine.sync_engine, "before_cursor_execute", on_execute)
    try:
        yield counted
    finally:
        event.remove(engine.sync_engine, "begin", on_begin)
        event.remove(engine.sync_engine, "before_cursor_execute", on_execute)


async def plan_of(engine: AsyncEngine, one: Statement) -> dict[str, Any]:
    """PostgreSQL's plan for a counted statement with the parameters it had; nothing is run."""
    async with engine.connect() as connection:
        found = (await connection.exec_driver_sql(f"explain (format json) {one.sql}", one.parameters)).scalar_one()
        await connection.rollback()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def scanned_whole(plan: dict[str, Any]) -> set[str]:
    """The tables that a plan reads from end to end."""
    here = {str(plan["Relation Name"])} if plan["Node Type"] in ("Seq Scan", "Parallel Seq Scan") else set()
    return here.union(*(scanned_whole(part) for part in plan.get("Plans", ())))
