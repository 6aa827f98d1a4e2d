"""A promise or a payment noted by mistake: whoever noted it takes it back while nothing came of it. It stays in the timeline and says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict, NotFound
from base.ids import new_id
from base.words import N_
from inbox.access import Reader, require_writer
from inbox.moves import takes_over
from inbox.timeline import NewEntry, Thread, append, lock_thread, touch

Kind = Literal["promise", "payment"]
# A slip is seen on the day it was made; later only a supervisor says that it was one.
WITHIN: Final = timedelta(hours=24)
TAKEN_BACK: Final = "taken_back"
_WAITING: Final = frozenset({"pending", "declared"})
_NOTED_AT: Final = {"promise": "made_at", "payment": "recorded_at"}


def may_take_back(reader: Reader, state: str, by: UUID | None, at: datetime, now: datetime) -> bool:
    """Whether a reader may say that money was noted by mistake: its author within a day, or a supervisor, while nobody judged it."""
    return state in _WAITING and reader.writes and (takes_over(reader) or (by == reader.agent_id and now - at <= WITHIN))


async def take_back(tx: Tx, reader: Reader, debtor: UUID, kind: Kind, record: UUID) -> UUID | None:
    """Say that a promise or payment should not have been noted. Returns the id of the event that tells of it, None where it was said before.

    Raises `NotFound`, and `Conflict` where it was judged meanwhile, is a colleague's, or was noted longer ago than a slip is.
    """
    require_writer(reader)
    thread = await lock_thread(tx, debtor)
    row = await tx.row(
        f"select state, entry_id, agent_id, creditor_id, {_NOTED_AT[kind]} as noted_at from {kind}"
        " where org_id = :org and id = :id and debtor_id = :debtor"
        " and (:sees_all or creditor_id is null or creditor_id = any(cast(:portfolios as uuid[])))",
        id=record,
        debtor=debtor,
        **reader.rights,
    )
    if row is None:
        raise NotFound
    if row.state == TAKEN_BACK:
        return None
    _require(tx, reader, row)
    return await _tell(tx, reader, thread, kind, record, row)


def _require(tx: Tx, reader: Reader, row: Any) -> None:  # noqa: ANN401 - a promise's or payment's row
    if row.state not in _WAITING:
        raise Conflict(N_("It cannot be undone: what came of it was noted already."))
    if not may_take_back(reader, row.state, row.agent_id, row.noted_at, tx.now):
        late = row.agent_id == reader.agent_id
        raise Conflict(
            N_("It was noted more than a day ago. Ask a supervisor to undo it.")
            if late
            else N_("Only whoever noted it, or a supervisor, can undo it.")
        )


async def _tell(tx: Tx, reader: Reader, thread: Thread, kind: Kind, record: UUID, row: Any) -> UUID:  # noqa: ANN401 - see _require
    stamp = ", state_at = :now" if kind == "promise" else ""
    await tx.run(f"update {kind} set state = '{TAKEN_BACK}'{stamp} where org_id = :org and id = :id", id=record)
    revision = await touch(tx, thread.conversation_id)
    await tx.run(
        "update entry set revision = :revision where org_id = :org and id = :id and conversation_id = :conversation",
        id=row.entry_id,
        revision=revision,
        conversation=thread.conversation_id,
    )
    event = new_id()
    detail = {"event": "undone", "of": str(record), "what": f"{kind}_noted"}
    told = NewEntry(kind="event", id=event, agent_id=reader.agent_id, portfolio=row.creditor_id, detail=detail)
    await append(tx, thread, told)
    await _last_word(tx, thread, row.entry_id)
    fact = {kind: record, "entry": row.entry_id, "event": event, "was": row.state}
    await audit.record(tx, f"agent:{reader.agent_id}", f"{kind}.taken_back", thread.debtor_id, **fact)
    return event


async def _last_word(tx: Tx, thread: Thread, entry: UUID | None) -> None:
    """In lists the client's row shows what was said before, not money of which nothing is left."""
    await tx.run(
        "update conversation set last_entry_id = (select e.id from entry e where e.org_id = :org and e.conversation_id = :conversation"
        " and e.kind <> 'event' and e.id <> :entry and not exists (select from promise p where p.org_id = e.org_id and p.entry_id = e.id"
        f" and p.state = '{TAKEN_BACK}') and not exists (select from payment y where y.org_id = e.org_id and y.entry_id = e.id"
        f" and y.state = '{TAKEN_BACK}') order by e.received_at desc, e.position desc limit 1)"
        " where org_id = :org and id = :conversation and last_entry_id = :entry",
        conversation=thread.conversation_id,
        entry=entry,
    )
