"""Lists of conversations: windows without totals, offsets or counters, read in one statement with the reader's rights."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from base.db import Tx
from inbox.access import MAY_SEE, Reader

WINDOW = 50
COUNT_CAP = 100
VIEWS = {
    "mine": "c.assigned_agent_id = :agent and c.state <> 'closed'",
    "unassigned": "c.state = 'open' and c.assigned_agent_id is null and c.last_inbound_position > 0",
    "team": "c.state = 'open' and c.position > 0",
    "triage": "c.state = 'triage'",
}


async def window(tx: Tx, reader: Reader, view: str) -> Sequence[Any]:
    """The newest conversations of a list. Raises KeyError for a list that does not exist."""
    return await tx.rows(
        "select c.id, c.revision, c.state, c.debtor_id, c.last_at, c.assigned_agent_id, c.last_inbound_position > c.read_position as unread,"
        " o.name as assignee, d.name_sealed, k.key_name, k.wrapped, e.text, e.kind, e.direction, e.channel, e.creditor_id as entry_portfolio,"
        " m.state as last_state"
        " from conversation c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
        " join person_key k on k.org_id = c.org_id and k.person_id = c.debtor_id"
        " left join agent o on o.org_id = c.org_id and o.id = c.assigned_agent_id"
        " left join entry e on e.org_id = c.org_id and e.id = c.last_entry_id"
        " left join message m on m.org_id = c.org_id and m.id = c.last_entry_id"
        f" where c.org_id = :org and {VIEWS[view]} and {MAY_SEE} order by c.last_at desc, c.id desc limit :limit",
        agent=reader.agent_id,
        limit=WINDOW,
        **reader.rights,
    )


async def counts(tx: Tx, reader: Reader, agents: Collection[UUID]) -> tuple[dict[str, int], dict[UUID, int]]:
    """How many each shared list holds, counted no further than `COUNT_CAP`, and how many open conversations each of these agents has.

    All of it with the rights of `reader`, in one statement.
    """
    parts = [
        f"(select count(*) from (select from conversation c where c.org_id = :org and {condition} and {MAY_SEE} limit :cap) capped) as {view}"
        for view, condition in VIEWS.items()
        if view != "mine"
    ]
    own = (
        "(select jsonb_object_agg(agent, number) from (select c.assigned_agent_id as agent, count(*) as number from conversation c"
        f" where c.org_id = :org and c.state <> 'closed' and c.assigned_agent_id = any(:agents) and {MAY_SEE} group by 1) each) as own"
    )
    row = await tx.row(f"select {', '.join([*parts, own])}", cap=COUNT_CAP, agents=list(agents), **reader.rights)
    shared = dict(row._mapping) if row else {}
    owned = shared.pop("own", None) or {}
    return shared, {agent: owned.get(str(agent), 0) for agent in agents}


def digest(rows: Sequence[Any], shared: Mapping[str, int], day: str) -> str:
    """A short name of exactly this window: its rows' ids and revisions in order, the numbers on the shared tabs, and the reader's day.

    The day is in it because rows tell times of today and dates of other days.
    """
    text = f"{day} " + ",".join(f"{row.id}:{row.revision}" for row in rows) + repr(sorted(shared.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def personal(shared_digest: str, own: int) -> str:
    """The name of what one agent sees: the shared window, and the number on their own tab."""
    return f"{shared_digest}.{own}"


async def page(
    tx: Tx, reader: Reader, *, state: str | None, assigned: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Any]:
    """A page of conversations for the API, newest first, after the keyset cursor `before`."""
    return await tx.rows(
        "select c.id, c.debtor_id, c.state, c.revision, c.assigned_agent_id, c.last_at, c.last_inbound_position > c.read_position as unread"
        f" from conversation c where c.org_id = :org and {MAY_SEE}"
        " and (cast(:state as text) is null or c.state = :state) and (cast(:assigned as uuid) is null or c.assigned_agent_id = :assigned)"
        " and (cast(:at as timestamptz) is null or (c.last_at, c.id) < (:at, cast(:id as uuid)))"
        " order by c.last_at desc, c.id desc limit :limit",
        state=state,
        assigned=assigned,
        at=before[0] if before else None,
        id=before[1] if before else None,
        limit=limit,
        **reader.rights,
    )
