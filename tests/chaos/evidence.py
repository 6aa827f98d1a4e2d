"""Gathers what the checker compares: the history, the carrier's durable record over HTTP, and the database by plain statements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import asyncpg

from tests.chaos.checker import Evidence, Row
from tests.chaos.history import read_history
from tests.chaos.http import client

_MESSAGES = (
    "select m.id, m.direction, m.state, m.rank, m.carrier_id, m.conversation_id, m.debtor_id, m.attempt_at, m.attempts, m.error_code,"
    " m.error_reason, m.token, e.text, e.revision, e.position from message m join entry e on e.org_id = m.org_id and e.id = m.id order by m.id"
)
_POSITIONS = "select conversation_id, count(*) as number, max(position) as highest, max(revision) as newest from entry group by 1"
# Servers may complain of being killed.
_SERVERS = ("postgres", "redis")


async def gather(history: Path, logs: Path, simulator: str, database: str, *, ledger: tuple[int, str]) -> Evidence:
    """Read everything once, after quiet."""
    connection = await asyncpg.connect(database)
    try:

        async def rows(sql: str) -> list[Row]:
            return [dict(row) for row in await connection.fetch(sql)]

        audit = await rows("select seq, body, leaf from audit_entry order by seq")
        for row in audit:
            row["fact"] = json.loads(row["body"])
        return Evidence(
            history=read_history(history),
            accepted=await _record(simulator, "accepted"),
            inbound=await _record(simulator, "inbound"),
            callbacks=await _record(simulator, "callbacks"),
            messages=await rows(_MESSAGES),
            conversations=await rows("select id, position, revision, state from conversation"),
            positions=await rows(_POSITIONS),
            events=await rows("select kind, external_id, state from carrier_event"),
            quarantine=await rows("select id, door, reason from quarantine"),
            raw_flags=await connection.fetchval("select count(*) from raw_event where flag = 'other body'"),
            audit=audit,
            complaints=[(log.stem, said) for log in sorted(logs.glob("*.log")) if log.stem not in _SERVERS for said in _complaints(log)],
            ledger_code=ledger[0],
            ledger_says=ledger[1],
        )
    finally:
        await connection.close()


def _complaints(log: Path) -> list[str]:
    """Traces and errors, each once, by their last line."""
    found: list[str] = []
    trace = False
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if '"level": "error"' in line:
            found.append(line[-700:])
        elif line.startswith("Traceback"):
            trace = True
        elif trace and line[:1].strip() and not line.startswith(("During", "The above", "+", "|")):
            found.append(line[:500])
            trace = False
    return list(dict.fromkeys(found))


async def _record(simulator: str, name: str) -> list[Row]:
    """One of the carrier's records, all pages of it."""
    found: list[Row] = []
    after: int | None = 0
    async with client(simulator, 30) as http:
        while after is not None:
            page: dict[str, Any] = (await http.get(f"/_simulator/{name}", params={"after": after, "limit": 1000})).json()
            found += page[name]
            after = page["next"]
    return found
