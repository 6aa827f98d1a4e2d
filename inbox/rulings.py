"""Rulings: what became of an unconfirmed message, as a person found out. It is evidence, and a carrier's later word overrules it."""

from __future__ import annotations

from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict
from base.words import N_
from inbox.access import Reader, access_message, require_writer
from inbox.states import State, revise
from inbox.timeline import lock_message

ARRIVED, NOT_ARRIVED = "arrived", "not_arrived"


async def rule_arrival(tx: Tx, reader: Reader, message: UUID, arrived: bool) -> None:
    """Note whether an unconfirmed message arrived; the last word of a person counts, until the carrier tells.

    The state stays `unconfirmed`, and the contact still counts: nobody saw it leave or not. Raises `NotFound` for strangers, `Forbidden` for
    roles that only read, `Conflict` where the carrier has told meanwhile.
    """
    require_writer(reader)
    await access_message(tx, reader, message)
    thread = await lock_message(tx, message)
    ruling = ARRIVED if arrived else NOT_ARRIVED
    row = await tx.row("select state, ruling from message where org_id = :org and id = :id", id=message)
    if row is None or row.state != State.UNCONFIRMED:
        raise Conflict(N_("The carrier has told meanwhile what became of this message."))
    if row.ruling == ruling:
        return
    await tx.run(
        "update message set ruling = :ruling, ruled_by = :agent, ruled_at = :now where org_id = :org and id = :id",
        id=message,
        ruling=ruling,
        agent=reader.agent_id,
    )
    await revise(tx, message)
    tx.changed(thread.topic)
    await audit.record(tx, f"agent:{reader.agent_id}", "message.ruled", thread.debtor_id, message=message, ruling=ruling)
