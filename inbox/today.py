"""What one agent did on this day of theirs: read from the day's own rows, which their ids keep together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from base.db import Tx
from inbox.access import Reader


@dataclass(frozen=True, slots=True)
class Today:
    """How many clients an agent answered today, and how many conversations they closed."""

    answered: int
    closed: int


async def done_today(tx: Tx, reader: Reader) -> Today:
    """The reader's day so far, by their clock."""
    row = await tx.row(
        "select count(distinct conversation_id) filter (where kind = 'message' and direction = 'out') as answered,"
        " count(distinct conversation_id) filter (where kind = 'event' and detail ->> 'event' = 'closed') as closed"
        " from entry where org_id = :org and id >= :first and agent_id = :agent",
        first=_first_id(tx.now, reader.zone),
        agent=reader.agent_id,
    )
    return Today(row.answered, row.closed) if row else Today(0, 0)


def _first_id(now: datetime, zone: str) -> UUID:
    """The least id that an entry of today can have. Ids are made by this computer's clock, also where the product's own was moved."""
    try:
        local = now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        local = now
    begun = local - local.replace(hour=0, minute=0, second=0, microsecond=0)
    milliseconds = int((time.time() - begun.total_seconds()) * 1000)
    return UUID(int=milliseconds << 80)
