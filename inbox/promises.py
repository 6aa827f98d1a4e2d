"""Promises and payments that a client states: written down at once and as *declared*, whoever speaks; our confirmation is another matter.

A promise whose day has passed stays ``pending`` until somebody knows what came of it. Money takes days to show in a creditor's file: a
machine that called it broken the next morning would be wrong about those who paid, and would say so on a screen that an agent reads aloud.
Screens show it as overdue instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import is_currency

from base import audit
from base.db import Tx
from base.errors import Conflict, InvalidField, NotFound
from base.words import N_
from inbox.access import Reader, require_writer
from inbox.brakes import CouldBeOther, require_owed
from inbox.timeline import NewEntry, Thread, append, lock_thread, touch

PROMISE_STATES = ("pending", "kept", "broken", "cancelled")
DEFAULT_ZONE = "America/Bogota"
_FURTHEST = timedelta(days=366)
_OLDEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a client says of money: how much, on which day of their calendar, towards which debt (None: not said).

    `client_token` becomes the record's id: a second press records nothing. A `doubtful` amount is one that could be meant otherwise.
    `confirmed` is what an agent was asked about and said yes to: the `said` of this very amount, or it is asked again.
    """

    amount: Decimal
    currency: str
    on: date
    debt_id: UUID | None
    client_token: UUID
    channel: str | None = None
    confirmed: str = ""
    doubtful: bool = False

    @property
    def said(self) -> str:
        """How much towards what, as one word."""
        return f"{self.amount.normalize():f} {self.currency} {self.debt_id or ''}".strip()


async def record_promise(tx: Tx, reader: Reader, debtor: UUID, promise: Declared) -> UUID:
    """Write down that the client will pay by a day; returns the promise's id. The caller has proved that `reader` may see the debtor.

    Raises `InvalidField` for a day that has passed or is further than a year away, another one's debt, or a currency that is none,
    and until that was confirmed `MoreThanOwed` for more than is owed and `CouldBeOther` for a doubtful amount.
    """
    require_writer(reader)
    thread = await lock_thread(tx, debtor)
    if await _already(tx, "promise", thread, promise.client_token):
        return promise.client_token
    today = await today_of(tx, debtor)
    if promise.on < today:
        raise InvalidField("on", N_("Choose today or a later day."))
    if promise.on > today + _FURTHEST:
        raise InvalidField("on", N_("Choose a day within a year."))
    entry, creditor = await _append(tx, reader, thread, "promise", promise)
    await tx.run(
        "insert into promise (org_id, id, debtor_id, debt_id, creditor_id, amount, currency, due_on, state, channel, entry_id, agent_id, made_at,"
        " state_at) values (:org, :id, :debtor, :debt, :creditor, :amount, :currency, :on, 'pending', :channel, :entry, :agent, :now, :now)",
        channel=promise.channel,
        **_values(reader, thread, promise, entry, creditor),
    )
    await audit.record(tx, f"agent:{reader.agent_id}", "promise.recorded", debtor, promise=promise.client_token, entry=entry)
    return promise.client_token


async def record_payment(tx: Tx, reader: Reader, debtor: UUID, payment: Declared) -> UUID:
    """Write down that the client says they paid; it stays to be confirmed until the creditor's file shows it. Returns the payment's id.

    Raises `InvalidField` for a day to come or more than a year ago, another one's debt, or a currency that is none, and until that was
    confirmed `MoreThanOwed` for more than is owed and `CouldBeOther` for a doubtful amount.
    """
    require_writer(reader)
    thread = await lock_thread(tx, debtor)
    if await _already(tx, "payment", thread, payment.client_token):
        return payment.client_token
    today = await today_of(tx, debtor)
    if not today - _OLDEST <= payment.on <= today:
        raise InvalidField("on", N_("Choose today or an earlier day."))
    entry, creditor = await _append(tx, reader, thread, "payment", payment)
    await tx.run(
        "insert into payment (org_id, id, debtor_id, debt_id, creditor_id, amount, currency, paid_on, state, entry_id, agent_id, recorded_at)"
        " values (:org, :id, :debtor, :debt, :creditor, :amount, :currency, :on, 'declared', :entry, :agent, :now)",
        **_values(reader, thread, payment, entry, creditor),
    )
    await audit.record(tx, f"agent:{reader.agent_id}", "payment.declared", debtor, payment=payment.client_token, entry=entry)
    return payment.client_token


async def _already(tx: Tx, table: str, thread: Thread, token: UUID) -> bool:
    """Whether this was recorded by an earlier press. Raises `InvalidField` for a token that stands for something else."""
    owner = await tx.value(f"select debtor_id from {table} where org_id = :org and id = :id", id=token)
    if owner not in (None, thread.debtor_id):
        raise InvalidField("client_token", N_("the page is out of date; reload it"))
    return owner is not None


async def _append(tx: Tx, reader: Reader, thread: Thread, kind: str, declared: Declared) -> tuple[UUID, UUID | None]:
    """The line in the timeline, in the debt's portfolio; its words are told from the record, in each reader's language."""
    if not is_currency(declared.currency):
        raise InvalidField("currency", N_("Choose a currency."))
    creditor = await _creditor(tx, reader, thread, declared.debt_id)
    if declared.confirmed != declared.said:
        await require_owed(tx, reader, thread.debtor_id, declared.amount, declared.currency, declared.debt_id)
        if declared.doubtful:
            raise CouldBeOther
    entry = NewEntry(
        kind=kind, channel=declared.channel, agent_id=reader.agent_id, portfolio=creditor, detail={kind: declared.client_token}
    )
    await append(tx, thread, entry, card=True)
    return entry.id, creditor or thread.portfolio


async def _creditor(tx: Tx, reader: Reader, thread: Thread, debt: UUID | None) -> UUID | None:
    if debt is None:
        visible = [portfolio for portfolio in thread.portfolios if reader.sees_portfolio(portfolio)]
        return visible[0] if len(visible) == 1 else None
    found: UUID | None = await tx.value(
        "select creditor_id from debt where org_id = :org and id = :debt and debtor_id = :debtor"
        " and (:sees_all or creditor_id = any(cast(:portfolios as uuid[])))",
        debt=debt,
        debtor=thread.debtor_id,
        **reader.rights,
    )
    if found is None:
        raise InvalidField("debt", N_("this is not a debt of this client"))
    return found


def _values(reader: Reader, thread: Thread, declared: Declared, entry: UUID, creditor: UUID | None) -> dict[str, Any]:
    return {
        "id": declared.client_token,
        "debtor": thread.debtor_id,
        "debt": declared.debt_id,
        "creditor": creditor,
        "amount": declared.amount,
        "currency": declared.currency,
        "on": declared.on,
        "entry": entry,
        "agent": reader.agent_id,
    }


async def set_promise_state(tx: Tx, reader: Reader, debtor: UUID, promise: UUID, state: str) -> None:
    """What came of a promise: kept, broken, cancelled, or pending again where that was a slip. Raises `NotFound` and `InvalidField`.

    One that was cancelled cannot be kept afterwards, and one that was noted by mistake is none: `Conflict`; the client makes a new one.
    """
    require_writer(reader)
    if state not in PROMISE_STATES:
        raise InvalidField("state", N_("Choose what came of the promise."))
    thread = await lock_thread(tx, debtor)
    row = await tx.row(
        "select state, entry_id from promise where org_id = :org and id = :id and debtor_id = :debtor"
        " and (:sees_all or creditor_id is null or creditor_id = any(cast(:portfolios as uuid[])))",
        id=promise,
        debtor=debtor,
        **reader.rights,
    )
    if row is None:
        raise NotFound
    if row.state == state:
        return
    if row.state == "taken_back":
        raise Conflict(N_("This promise was undone. Record the new one."))
    if row.state == "cancelled" and state != "pending":
        raise Conflict(N_("This promise was cancelled. Record the new one."))
    await tx.run("update promise set state = :state, state_at = :now where org_id = :org and id = :id", id=promise, state=state)
    revision = await touch(tx, thread.conversation_id)
    await tx.run(
        "update entry set revision = :revision where org_id = :org and id = :id and conversation_id = :conversation",
        id=row.entry_id,
        revision=revision,
        conversation=thread.conversation_id,
    )
    await audit.record(tx, f"agent:{reader.agent_id}", "promise.settled", debtor, promise=promise, state=state, was=row.state)


async def today_of(tx: Tx, debtor: UUID) -> date:
    """The day in the client's own calendar."""
    zone: str | None = await tx.value("select zone from debtor where org_id = :org and id = :id", id=debtor)
    return day_in(zone, tx.now)


def day_in(zone: str | None, now: datetime) -> date:
    """The calendar day of a moment in a client's zone; without one, in that of most of our clients."""
    try:
        return now.astimezone(ZoneInfo(zone or DEFAULT_ZONE)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return now.astimezone(ZoneInfo(DEFAULT_ZONE)).date()
