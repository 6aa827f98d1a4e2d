"""Refusing: a colleague's unseen answer stops a send; of what the gate stops, the verdict is kept, and the timeline says so once in a while."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict
from base.words import N_
from compliance.gate import Contact
from compliance.rules import Objection
from inbox.access import Reader
from inbox.timeline import NewEntry, Thread, append

# Ten presses against one rule are one line.
_ONE_LINE_PER = timedelta(minutes=15)


async def note_refusal(tx: Tx, reader: Reader, thread: Thread, contact: Contact, verdict: UUID, objection: Objection) -> None:
    """Write a refusal into the ledger and, where no line of the last quarter of an hour says the same, into the timeline."""
    said = await tx.value(
        "select id from entry where org_id = :org and conversation_id = :conversation and received_at > :since and kind = 'event'"
        " and detail ->> 'event' = 'refused' and detail ->> 'rule' = :rule and channel = :channel limit 1",
        conversation=thread.conversation_id,
        since=tx.now - _ONE_LINE_PER,
        rule=objection.rule,
        channel=contact.channel,
    )
    if said is None:
        detail = {"event": "refused", "rule": objection.rule, "reason": objection.sentence, "variables": dict(objection.variables)}
        entry = NewEntry(kind="event", channel=contact.channel, agent_id=reader.agent_id, detail=detail, portfolio=contact.portfolio)
        await append(tx, thread, entry)
    await audit.record(
        tx,
        f"agent:{reader.agent_id}",
        "message.refused",
        thread.debtor_id,
        rule=objection.rule,
        verdict=verdict,
        message=contact.message_id,
    )


async def look_at_colleagues(tx: Tx, reader: Reader, thread: Thread, seen: int | None) -> None:
    """A colleague's answer that the writer has not seen stops the send; the client's own next words never do, nor what never left."""
    if seen is None:
        return
    row = await tx.row(
        "select a.name from entry e join agent a on a.org_id = e.org_id and a.id = e.agent_id"
        " join message m on m.org_id = e.org_id and m.id = e.id and m.state not in ('cancelled', 'withheld') where e.org_id = :org"
        " and e.conversation_id = :conversation and e.first_revision > :seen and e.kind = 'message' and e.direction = 'out' and e.agent_id <> :agent limit 1",
        conversation=thread.conversation_id,
        seen=seen,
        agent=reader.agent_id,
    )
    if row is not None:
        raise Conflict(N_("%(name)s has answered meanwhile. Read it, then send again if it still fits."), name=row.name)
