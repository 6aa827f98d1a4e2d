"""Quiet: nothing waits, the reconciler has walked past the end of the load, and nothing has changed for as long as screens may lag."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from tests.chaos.http import client

# Screens must equal a fresh render this long after the last change (seconds).
CONVERGED_AFTER = 5.0
_POLL = 0.25
_STAND = """
select (select count(*) from message where direction = 'out' and state = 'queued') as queued,
  (select count(*) from audit_pending) as unsealed,
  (select coalesce(sum(revision), 0)::bigint from conversation) as revisions,
  (select count(*) from carrier_event) as events,
  (select coalesce(sum(rank), 0)::bigint from message) as ranks,
  (select extract(epoch from max(until)) from carrier_walk) as walked
"""


@dataclass(frozen=True, slots=True)
class Quiet:
    """How it ended: seconds waited, when something last changed, and what still moved (nothing, if all is well)."""

    seconds: float
    changed: float
    restless: dict[str, Any]


async def until_quiet(
    database: str, simulator: str, *, let_come: float, patience: float, converged_after: float = CONVERGED_AFTER
) -> Quiet:
    """Wait for quiet, at most `patience` seconds."""
    began = time.time()
    changed, last, idle_since, stand = began, None, None, {}
    while time.time() - began < patience:
        stand = await _stand(database, simulator)
        now = time.time()
        mark = tuple(stand[name] for name in ("revisions", "events", "ranks", "queued"))
        if mark != last:
            changed, last = now, mark
        idle_since = (idle_since or now) if stand["under_way"] == 0 else None
        # Rows younger than `let_come` are left to their webhooks: a walk counts once it began that long after the last word was posted.
        walked = idle_since is not None and float(stand["walked"] or 0) > max(idle_since + let_come, changed)
        still = now - changed >= converged_after and not stand["queued"] and not stand["unsealed"]
        if walked and still:
            return Quiet(now - began, changed, {})
        await asyncio.sleep(_POLL)
    return Quiet(time.time() - began, changed, stand)


async def _stand(database: str, simulator: str) -> dict[str, Any]:
    connection = await asyncpg.connect(database, timeout=30)
    try:
        row = dict(await connection.fetchrow(_STAND))
    finally:
        await connection.close()
    with contextlib.suppress(httpx.HTTPError):
        async with client(simulator, 30) as http:
            row["under_way"] = (await http.get("/_simulator/health")).json()["under_way"]
    return {"under_way": -1, **row}
