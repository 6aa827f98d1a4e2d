"""The states of a message. They move only upwards, in one function; proof of arrival outranks a claim of failure."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

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
    the state: what arrived after all has none.
    """
    revision: int | None = await tx.value(
        "with m as (update message set state = :state, rank = :rank, state_at = :now,"
        " error_code = cast(:code as text), error_reason = cast(:reason as text)"
        " where org_id = :org and id = :id and rank < :rank and (cast(:token as bigint) is null or token = :token) returning conversation_id),"
        " c as (update conversation set revision = revision + 1 where org_id = :org and id = (select conversation_id from m) returning revision),"
        " e as (update entry set revision = (select revision from c) where org_id = :org and id = :id and exists (select from c))"
        " select revision from c",
        id=message,
        state=state.value,
        rank=RANKS[state],
        code=code,
        reason=reason,
        token=token,
    )
    return revision
