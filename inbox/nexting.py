"""The next client: who has waited longest of the reader's own and of those without an owner, who become theirs; no two agents get the same one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from base.db import Tx
from inbox import ownership
from inbox.access import MAY_SEE, Reader, require_writer
from inbox.lists import ORDERS, VIEWS, scope_of

# A press is repeated within moments: further back in a timeline its claim need not be looked for.
_RECENT = 20
_WAITS = f"({VIEWS['mine']} and c.waiting_since is not null or {VIEWS['unassigned']})"
# One statement's worth of "who waits longer than this one"; where that one waits for nothing, nobody comes after it.
_AFTER = (
    "(c.waiting_since, c.id) > (select c.waiting_since, c.id from conversation c where c.org_id = :org and c.id = cast(:here as uuid)"
    f" and {MAY_SEE})"
)
_FROM_THE_START = "c.id is distinct from cast(:here as uuid)"


async def take_next(tx: Tx, reader: Reader, token: UUID | None = None, here: UUID | None = None) -> tuple[UUID, UUID | None] | None:
    """The longest-waiting conversation that is the reader's or nobody's, and in the latter case is taken; None where nobody else waits.

    Returns its id, and the event's where it was taken. `here` is the one that is open: it is not given, and the next one is who has waited
    less long than it, then who waits longest again; so pressed again and again it comes by everybody, whether they were answered or not.
    `token` names one press: asked again after an answer that was lost, it gives the same client.

    Somebody whom another worker or agent holds at this moment is passed over: whoever holds them is taking them, writing to them, or being
    written to, and what can be taken back at once is better than waiting in a row. Raises `Forbidden` for who only reads.
    """
    require_writer(reader)
    if token is not None and (taken := await _taken(tx, reader, token)) is not None:
        return taken
    row = (here and await _first(tx, reader, here, _AFTER)) or await _first(tx, reader, here, _FROM_THE_START)
    if row is None:
        return None
    if row.assigned_agent_id == reader.agent_id:
        return row.id, None
    return row.id, await ownership.claim(tx, reader, row.debtor_id, token)


async def _first(tx: Tx, reader: Reader, here: UUID | None, place: str) -> Any:  # noqa: ANN401 - a row, or None
    """Debtor and conversation are locked in one statement, as everywhere: what another agent took meanwhile is looked at again, and fits no more."""
    return await tx.row(
        "select c.id, c.debtor_id, c.assigned_agent_id from conversation c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
        f" where c.org_id = :org and {_WAITS} and {place} and {MAY_SEE} order by {ORDERS['unassigned']} limit 1"
        " for no key update of d, c skip locked",
        here=here,
        agent=reader.agent_id,
        **scope_of(reader),
    )


async def _taken(tx: Tx, reader: Reader, token: UUID) -> tuple[UUID, UUID] | None:
    """Whom this press took already, among the reader's own clients."""
    row = await tx.row(
        "select c.id, e.id as event from conversation c join entry e on e.org_id = c.org_id and e.conversation_id = c.id"
        " and e.position > c.position - :recent and e.kind = 'event' and e.detail ->> 'token' = :token"
        f" where c.org_id = :org and c.assigned_agent_id = :agent and {MAY_SEE} limit 1",
        agent=reader.agent_id,
        token=str(token),
        recent=_RECENT,
        **reader.rights,
    )
    return (row.id, row.event) if row else None
