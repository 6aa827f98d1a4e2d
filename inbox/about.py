"""What stands about a client beside their timeline, read at once: what they promised and paid, who stands beside their accounts, what colleagues
noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from base.db import Tx
from inbox.access import Reader
from inbox.mistakes import may_take_back
from inbox.parties import PARTIES
from inbox.promises import day_in

MOST_NOTES = 3
MOST_MONEY = 50
_SEEN = "(:sees_all or {0}.creditor_id is null or {0}.creditor_id = any(cast(:portfolios as uuid[])))"


@dataclass(frozen=True, slots=True)
class Told:
    """Money that a client spoke of: a promise due on a day, or a payment made on one. `overdue` goes by the client's own calendar; `undoable`
    where this reader may say that it was noted by mistake."""

    id: UUID
    amount: Decimal
    currency: str
    on: date
    state: str
    creditor: str | None
    overdue: bool
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody beside one of the client's debts; their name is sealed with their own key. `conversation_id` is None for whom the reader may not
    open."""

    role: str
    debtor_id: UUID
    name_sealed: bytes | None
    key_name: str
    wrapped: bytes
    conversation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Noted:
    """A colleague's note."""

    id: UUID
    text: str
    agent: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class About:
    """Each of the portfolios that the reader sees: promises that wait first, by their day; then the last day first."""

    promises: Sequence[Told]
    payments: Sequence[Told]
    parties: Sequence[Beside]
    notes: Sequence[Noted]


async def about(tx: Tx, reader: Reader, row: Any) -> About:  # noqa: ANN401 - a row of access_conversation
    """Everything of one client, in one statement."""
    found = await tx.row(
        f"select ({_PROMISES}) as promises, ({_PAYMENTS}) as payments,"
        f" (select json_agg(x) from ({PARTIES}) x) as parties, (select json_agg(x) from ({_NOTES}) x) as notes",
        debtor=row.debtor_id,
        conversation=row.id,
        most=MOST_MONEY,
        most_notes=MOST_NOTES,
        **reader.rights,
    )
    if found is None:
        raise LookupError("a statement without FROM gave no row")
    today = day_in(row.zone, tx.now)
    return About(
        [_told(one, today, reader, tx.now) for one in found.promises or ()],
        [_told(one, today, reader, tx.now) for one in found.payments or ()],
        [_beside(one) for one in found.parties or ()],
        [_noted(one) for one in found.notes or ()],
    )


# Amounts leave as text: as numbers of JSON they would come back as floats.
_MONEY = (
    "select json_agg(x) from (select p.id, cast(p.amount as text) as amount, p.currency, p.{day} as on, p.state, r.name as creditor, p.agent_id,"
    " p.{at} as at from {table} p"
    " left join creditor r on r.org_id = p.org_id and r.id = p.creditor_id"
    " where p.org_id = :org and p.debtor_id = :debtor and {seen} order by {first}p.{day} desc, p.id desc limit :most) x"
)
_PROMISES = _MONEY.format(
    table="promise",
    day="due_on",
    at="made_at",
    first="p.state <> 'pending', case when p.state = 'pending' then p.due_on end, ",
    seen=_SEEN.format("p"),
)
_PAYMENTS = _MONEY.format(table="payment", day="paid_on", at="recorded_at", first="", seen=_SEEN.format("p"))
_NOTES = (
    "select e.id, e.text, e.received_at, a.name as agent from entry e left join agent a on a.org_id = e.org_id and a.id = e.agent_id"
    f" where e.org_id = :org and e.conversation_id = :conversation and e.kind = 'note' and {_SEEN.format('e')}"
    " order by e.received_at desc, e.position desc limit :most_notes"
)


def _told(one: dict[str, Any], today: date, reader: Reader, now: datetime) -> Told:
    on, state, by = date.fromisoformat(one["on"]), one["state"], UUID(one["agent_id"]) if one["agent_id"] else None
    undoable = may_take_back(reader, state, by, datetime.fromisoformat(one["at"]), now)
    overdue = state == "pending" and on < today
    return Told(UUID(one["id"]), Decimal(one["amount"]), one["currency"], on, state, one["creditor"], overdue, undoable)


def _beside(one: dict[str, Any]) -> Beside:
    conversation = one["conversation_id"]
    return Beside(
        role=one["role"],
        debtor_id=UUID(one["debtor_id"]),
        name_sealed=_bytes(one["name_sealed"]) if one["name_sealed"] else None,
        key_name=one["key_name"],
        wrapped=_bytes(one["wrapped"]),
        conversation_id=UUID(conversation) if conversation else None,
    )


def _bytes(text: str) -> bytes:
    """What PostgreSQL writes of bytes: ``\\x`` and hexadecimal digits."""
    return bytes.fromhex(text.removeprefix("\\x"))


def _noted(one: dict[str, Any]) -> Noted:
    return Noted(UUID(one["id"]), one["text"] or "", one["agent"], datetime.fromisoformat(one["received_at"]))
