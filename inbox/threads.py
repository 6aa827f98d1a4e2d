"""Threads: a person and their conversation under one lock, in one order everywhere: debtor, conversation, message."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base.crypto import PersonCipher
from base.db import Tx
from base.errors import NotFound, Raced


@dataclass(frozen=True, slots=True)
class Thread:
    """A debtor whose row is locked, with their conversation as it was at that moment."""

    debtor_id: UUID
    conversation_id: UUID
    revision: int
    state: str
    portfolios: list[UUID]
    creditor_id: UUID | None
    assigned_agent_id: UUID | None
    person: PersonCipher

    @property
    def topic(self) -> str:
        """What screens that show this conversation watch."""
        return conversation_topic(self.conversation_id)

    @property
    def portfolio(self) -> UUID | None:
        """The portfolio that a new entry belongs to: the claimed one, else the only one; None where that is open."""
        return self.creditor_id or (self.portfolios[0] if len(self.portfolios) == 1 else None)


def conversation_topic(conversation: UUID) -> str:
    """The topic of one conversation."""
    return f"conversation:{conversation}"


async def lock_thread(tx: Tx, debtor: UUID) -> Thread:
    """Lock a debtor (always before conversation and message) and read the conversation. Raises `NotFound`.

    The conversation is locked with the debtor: a statement that had to wait for the debtor alone would show the conversation as it was before.
    Raises `Raced` for a person who was merged into another since the caller found them: asked again, the doors give the one who is kept.
    """
    row = await tx.row(f"{_THREAD} where d.org_id = :org and d.id = :debtor for no key update of d, c", debtor=debtor)
    if row is None:
        raise NotFound
    if row.merged_into is not None:
        raise Raced("This client was merged into another one at the same moment.")
    return _thread(tx, row)


async def lock_threads(tx: Tx, debtors: Collection[UUID]) -> dict[UUID, Thread]:
    """Several debtors with their conversations, locked in the order of their ids, so that two who want the same ones never wait in a ring.

    Also people who were merged are there: their conversations say so by their state. Raises `NotFound` where one is missing.
    """
    rows = await tx.rows(
        f"{_THREAD} where d.org_id = :org and d.id = any(cast(:debtors as uuid[])) order by d.id for no key update of d, c",
        debtors=list(debtors),
    )
    if {row.debtor_id for row in rows} != set(debtors):
        raise NotFound
    return {row.debtor_id: _thread(tx, row) for row in rows}


async def lock_message(tx: Tx, message: UUID) -> Thread:
    """As `lock_thread`, for the person whose timeline a message stands in at this moment, whoever that was when it was claimed.

    The message is locked last, in the same statement: one that moved with a merge, while we waited, fits no more, and is asked for again.
    """
    for _ in range(_TRIES):
        row = await tx.row(
            f"{_THREAD} join message m on m.org_id = c.org_id and m.conversation_id = c.id and m.debtor_id = d.id"
            " where d.org_id = :org and m.id = :message for no key update of d, c, m",
            message=message,
        )
        if row is not None:
            return _thread(tx, row)
    if await tx.value("select id from message where org_id = :org and id = :message", message=message) is None:
        raise NotFound
    raise Raced("This message moved to another timeline, and moved again.")


_TRIES = 3
_THREAD = (
    "select d.id as debtor_id, d.merged_into, c.id, c.revision, c.state, c.portfolios, c.creditor_id, c.assigned_agent_id, k.key_name, k.wrapped"
    " from debtor d join conversation c on c.org_id = d.org_id and c.debtor_id = d.id"
    " join person_key k on k.org_id = d.org_id and k.person_id = d.id"
)


def _thread(tx: Tx, row: Any) -> Thread:  # noqa: ANN401 - a row of `_THREAD`
    person = tx.person(row.debtor_id, row.key_name, row.wrapped)
    return Thread(row.debtor_id, row.id, row.revision, row.state, row.portfolios, row.creditor_id, row.assigned_agent_id, person)
