"""The next client: who has waited longest becomes the reader's, and two agents who ask at once never get the same one."""

from __future__ import annotations

from uuid import UUID

from base.db import Tx
from inbox import ownership
from inbox.access import MAY_SEE, Reader, require_writer
from inbox.lists import ORDERS, VIEWS, scope_of

# A press is repeated within moments: further back in a timeline its claim need not be looked for.
_RECENT = 20


async def take_next(tx: Tx, reader: Reader, token: UUID | None = None) -> tuple[UUID, UUID] | None:
    """Take the longest-waiting conversation that nobody attends; returns its id and the event's, None where nobody waits.

    `token` names one press: asked again after an answer that was lost, it gives the same client.

    Somebody whom another worker or agent holds at this moment is passed over: whoever holds them is taking them, writing to them, or being
    written to, and what can be taken back at once is better than waiting in a row. Raises `Forbidden` for who only reads.
    """
    require_writer(reader)
    if token is not None and (taken := await _taken(tx, reader, token)) is not None:
        return taken
    # Debtor and conversation are locked in one statement, as everywhere: what another agent took meanwhile is looked at again, and fits no more.
    row = await tx.row(
        "select c.id, c.debtor_id from conversation c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
        f" where c.org_id = :org and {VIEWS['unassigned']} and {MAY_SEE} order by {ORDERS['unassigned']} limit 1"
        " for no key update of d, c skip locked",
        **scope_of(reader),
    )
    if row is None:
        return None
    event = await ownership.claim(tx, reader, row.debtor_id, token)
    return None if event is None else (row.id, event)


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
