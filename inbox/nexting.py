"""The next client: who has waited longest becomes the reader's, and two agents who ask at once never get the same one."""

from __future__ import annotations

from uuid import UUID

from base.db import Tx
from inbox import ownership
from inbox.access import MAY_SEE, Reader, require_writer
from inbox.lists import ORDERS, VIEWS


async def take_next(tx: Tx, reader: Reader) -> tuple[UUID, UUID] | None:
    """Take the longest-waiting conversation that nobody attends; returns its id and the event's, None where nobody waits.

    Somebody whom another worker or agent holds at this moment is passed over: whoever holds them is taking them, writing to them, or being
    written to, and what can be taken back at once is better than waiting in a row. Raises `Forbidden` for who only reads.
    """
    require_writer(reader)
    # Debtor and conversation are locked in one statement, as everywhere: what another agent took meanwhile is looked at again, and fits no more.
    row = await tx.row(
        "select c.id, c.debtor_id from conversation c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
        f" where c.org_id = :org and {VIEWS['unassigned']} and {MAY_SEE} order by {ORDERS['unassigned']} limit 1"
        " for no key update of d, c skip locked",
        **reader.rights,
    )
    if row is None:
        return None
    event = await ownership.claim(tx, reader, row.debtor_id)
    return None if event is None else (row.id, event)
