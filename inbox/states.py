"""The states of a message. They move only upwards, in one function; proof of arrival outranks a claim of failure."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from base import audit
from base.db import Tx


class State(StrEnum):
    """Where a message stands; `RANKS` orders them."""

    RECEIVED = "received"
    QUEUED = "queued"
    CANCELLED = "cancelled"
    WITHHELD = "withheld"
    UNCONFIRMED = "unconfirmed"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"


RANKS = {
    State.QUEUED: 0,
    State.CANCELLED: 10,
    State.WITHHELD: 10,
    State.UNCONFIRMED: 20,
    State.SENT: 30,
    State.FAILED: 35,
    State.DELIVERED: 40,
    State.READ: 50,
    State.RECEIVED: 100,
}


async def advance(
    tx: Tx, message: UUID, state: State, *, token: int | None = None, code: str | None = None, reason: str | None = None
) -> int | None:
    """Move a message up to `state` and its timeline entry to a new revision; returns that revision, or None where it did not rise.

    The caller holds the debtor's lock. With `token`, only the worker that holds the message's current claim may move it. The error belongs to
    the state: what arrived after all has none. What a person had found out about an unconfirmed message is overruled by what says the contrary:
    the entry is flagged (`detail.overruled`).
    """
    row = await tx.row(
        "with m as (update message set state = :state, rank = :rank, state_at = :now,"
        " error_code = cast(:code as text), error_reason = cast(:reason as text)"
        " where org_id = :org and id = :id and rank < :rank and (cast(:token as bigint) is null or token = :token) returning conversation_id, debtor_id,"
        " (ruling = 'arrived' and :state = 'failed' or ruling = 'not_arrived' and :state in ('delivered', 'read')) is true as overruled),"
        " c as (update conversation set revision = revision + 1 where org_id = :org and id = (select conversation_id from m) returning revision),"
        " e as (update entry set revision = (select revision from c),"
        " detail = case when (select overruled from m) then detail || '{\"overruled\": true}' else detail end"
        " where org_id = :org and id = :id and exists (select from c))"
        " select c.revision, m.overruled, m.debtor_id from c, m",
        id=message,
        state=state.value,
        rank=RANKS[state],
        code=code,
        reason=reason,
        token=token,
    )
    if row is None:
        return None
    if row.overruled:
        await audit.record(tx, "system:states", "message.ruling_overruled", row.debtor_id, message=message, state=state.value)
    revision: int = row.revision
    return revision


async def revise(tx: Tx, message: UUID) -> None:
    """A new revision of a message's entry, where something of it changed but not its state. The caller holds the debtor's lock."""
    await tx.run(
        "with c as (update conversation set revision = revision + 1 where org_id = :org and id = (select conversation_id from entry"
        " where org_id = :org and id = :id) returning revision)"
        " update entry set revision = (select revision from c) where org_id = :org and id = :id",
        id=message,
    )
